"""Who looks after which company."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.db import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.db import Db, Row


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be given a callback, be mentioned under its card, or both, once they are known to act on it."""

    response_id: int
    public_id: str
    user: str
    gives: bool
    mentions: bool
    since: datetime


def put(db: Db, key: str, company: str, owner: str) -> bool:
    """Remember who looks after a company, known by its folded name; False when that was known."""
    return bool(
        db.execute(
            """insert into owners (company_key, company, owner) values (:key, :company, :owner)
               on conflict (company_key) do update set company = excluded.company, owner = excluded.owner
                 where owner <> excluded.owner or company <> excluded.company""",
            key=key,
            company=company,
            owner=owner,
        )
    )


def of_company(db: Db, key: str) -> str | None:
    """Return who looks after a company, None where nobody is known to."""
    found: str | None = db.value("select owner from owners where company_key = :key", key=key)
    return found


def listing(db: Db) -> list[Row]:
    """Return company and owner of each, by company."""
    return db.rows("select company, owner from owners order by company_key")


def wish(  # noqa: PLR0913  # whom, for which, since when, and for what
    db: Db, response_id: int, user: str, now: datetime, *, gives: bool, mentions: bool
) -> None:
    """Keep who is named for a response until it is known whether they may act on its card."""
    db.execute(
        """insert into wished_owners (response_id, user, gives, mentions, since)
           values (:id, :user, :gives, :mentions, :now) on conflict do nothing""",
        id=response_id,
        user=user,
        gives=int(gives),
        mentions=int(mentions),
        now=stamp(now),
    )


def wishes(db: Db, most: int, about: Collection[str] | None = None) -> list[Wish]:
    """Return wishes, of all responses or of those with these public ids, first those asked about longest ago."""
    rows = db.rows(
        """select w.*, r.public_id from wished_owners w join responses r on r.id = w.response_id
           where :about is null or r.public_id in (select value from json_each(:about))
           order by coalesce(w.asked_at, ''), w.response_id, w.user limit :most""",
        about=None if about is None else json.dumps(list(about)),
        most=most,
    )
    return [
        Wish(
            row["response_id"],
            row["public_id"],
            row["user"],
            bool(row["gives"]),
            bool(row["mentions"]),
            moment(row["since"]),
        )
        for row in rows
    ]


def asked(db: Db, wish: Wish, now: datetime) -> None:
    """Note that Slack did not tell whether somebody may act on a card: others are asked about first."""
    db.execute(
        "update wished_owners set asked_at = :now where response_id = :id and user = :user",
        id=wish.response_id,
        user=wish.user,
        now=stamp(now),
    )


def strike(db: Db, wish: Wish) -> bool:
    """Take a wish away; False when it was no longer there."""
    return bool(
        db.execute(
            "delete from wished_owners where response_id = :id and user = :user", id=wish.response_id, user=wish.user
        )
    )
