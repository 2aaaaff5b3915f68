"""Referrals in the store: whom a customer passed on in a call, and who of sales has taken it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.referred import Referral, Referred
from storage.db import moment_or_none, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db


def add(db: Db, call_id: int) -> None:
    """Let whom a call tells of be somebody's to take."""
    db.execute("insert into referrals (call_id) values (:id)", id=call_id)


def by_call(db: Db, call_id: int) -> Referral | None:
    """Return what became of the referral of a call, if there is one."""
    row = db.row(
        """select f.*, c.response_id from referrals f join calls c on c.id = f.call_id where f.call_id = :id""",
        id=call_id,
    )
    if row is None:
        return None
    times = {name: moment_or_none(row[name]) for name in ("claimed_at", "closed_at")}
    return Referral(row["call_id"], row["response_id"], Referred(row["state"]), row["holder"], **times)


def take(db: Db, call_id: int, user: str, now: datetime) -> bool:
    """Give a referral that nobody has to `user`; False when somebody was first."""
    return _changed(
        db,
        """update referrals set state = 'claimed', holder = :user, claimed_at = :now
           where call_id = :id and state = 'open'""",
        id=call_id,
        user=user,
        now=stamp(now),
    )


def let_go(db: Db, call_id: int, user: str) -> bool:
    """Let a referral be anybody's again; False when `user` does not have it (any more)."""
    return _changed(
        db,
        """update referrals set state = 'open', holder = null, claimed_at = null
           where call_id = :id and state = 'claimed' and holder = :user""",
        id=call_id,
        user=user,
    )


def close(db: Db, call_id: int, user: str, end: Referred, now: datetime) -> bool:
    """Close a referral as won or lost; False when `user` does not have it (any more)."""
    return _changed(
        db,
        """update referrals set state = :end, closed_at = :now
           where call_id = :id and state = 'claimed' and holder = :user""",
        id=call_id,
        user=user,
        end=end,
        now=stamp(now),
    )


def _changed(db: Db, sql: str, **values: object) -> bool:
    return db.execute(sql, **values) == 1
