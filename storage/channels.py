"""Which channel a name stands for, as Slack once answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db import Db


def id_of(db: Db, name: str) -> str | None:
    """Return the id that Slack once answered for a channel's name."""
    value: str | None = db.value("select id from channels where name = :name", name=name)
    return value


def known(db: Db) -> list[tuple[str, str]]:
    """Return all names with the ids that they stand for."""
    return [(row["name"], row["id"]) for row in db.rows("select name, id from channels")]


def remember(db: Db, name: str, channel_id: str) -> None:
    """Keep a channel's id beside its name."""
    db.execute(
        "insert into channels (name, id) values (:name, :id) on conflict (name) do update set id = excluded.id",
        name=name,
        id=channel_id,
    )


def forget(db: Db, name: str) -> None:
    """Ask Slack again which channel bears this name."""
    db.execute("delete from channels where name = :name", name=name)
