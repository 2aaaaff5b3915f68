"""Single values that the store remembers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db import Db


def put(db: Db, name: str, value: str) -> None:
    """Remember a value."""
    db.execute(
        """insert into settings (name, value) values (:name, :value)
           on conflict (name) do update set value = excluded.value""",
        name=name,
        value=value,
    )


def get(db: Db, name: str) -> str | None:
    """Return a remembered value."""
    found: str | None = db.value("select value from settings where name = :name", name=name)
    return found
