"""What time does to callbacks: found and marked in one statement each, so that nothing is done twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.model import category
from storage.db import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.model import Category
    from storage.db import Db, Row

_IN_SIGHT = "(snoozed_until is null or snoozed_until <= :now)"
_NO_CALL = """case when call_again_at is null then not exists (
  select 1 from calls where calls.response_id = callbacks.response_id and calls.at >= callbacks.claimed_at)
  else call_again_at <= :now end"""
"""No call since the claim; where the last one promised another, none by that time."""
FREE_SINCE = """max(coalesce(reopened_at, opened_at), coalesce((
  select max(at) from history h
  where h.response_id = callbacks.response_id and h.action in ('released', 'lapsed', 'called')), ''))"""
"""Since when nobody has held an open callback: the last call on one is the one that handed it over."""


def wake(db: Db, now: datetime) -> list[Row]:
    """End every snooze whose time has come; return response_id and holder of each."""
    return db.rows(
        """update callbacks set snoozed_until = null where snoozed_until <= :now and state <> 'closed'
           returning response_id, holder""",
        now=stamp(now),
    )


def overdue_unheld(  # noqa: PLR0913  # of which, with which mark, since when
    db: Db, now: datetime, categories: Collection[Category], mark: str, since: str, by: datetime
) -> list[int]:
    """Mark, and return, the open callbacks of these categories whose time `since` is past and that bear no mark yet.

    `mark` is reminded_at since due_at, escalated_at since reminded_at, or called_out_at since nobody holds it.
    Of the answers that share a callback the worst decides; what is put aside is left in peace.
    """
    scores = [score for score in range(11) if category(score) in categories]
    rows = db.rows(
        f"""update callbacks set {mark} = :now
            where state = 'open' and state <> 'closed' and {since} <= :by and {mark} is null and {_IN_SIGHT}
              and (select min(r.score) from responses r
                   where r.id = callbacks.response_id or r.callback_of = callbacks.response_id)
                in (select value from json_each(:scores))
            returning response_id""",
        now=stamp(now),
        by=stamp(by),
        scores=json.dumps(scores),
    )
    return sorted(row["response_id"] for row in rows)


def stale(db: Db, now: datetime, claimed_by: datetime) -> list[int]:
    """Mark, and return, the claims that are due, were made by a time, and whose call is not logged."""
    rows = db.rows(
        f"""update callbacks set stale_at = :now
            where state = 'claimed' and state <> 'closed' and due_at <= :now and claimed_at <= :by
              and stale_at is null and {_IN_SIGHT} and {_NO_CALL}
            returning response_id""",
        now=stamp(now),
        by=stamp(claimed_by),
    )
    return sorted(row["response_id"] for row in rows)


def lapse(db: Db, now: datetime, warned_by: datetime) -> list[int]:
    """Take back, and return, the claims whose warning was of no avail; that they are due is said with it."""
    rows = db.rows(
        f"""update callbacks set state = 'open', holder = null, claimed_at = null, call_again_at = null,
              stale_at = null, warned_at = null, reminded_at = coalesce(reminded_at, :now)
            where state = 'claimed' and state <> 'closed' and stale_at <= :by and {_IN_SIGHT} and {_NO_CALL}
            returning response_id""",
        now=stamp(now),
        by=stamp(warned_by),
    )
    return sorted(row["response_id"] for row in rows)


def unwarned(db: Db, now: datetime, claimed_by: datetime, until: datetime) -> list[Row]:
    """Return what is held since a time, falls due by another, and of which its holder has not been reminded.

    Each has response_id, holder and `at`: when the next call was promised, else when the callback is due.
    """
    rows = db.rows(
        f"""select response_id, holder, coalesce(call_again_at, due_at) as at from callbacks
            where state = 'claimed' and state <> 'closed' and warned_at is null and claimed_at <= :claimed_by
              and coalesce(call_again_at, due_at) <= :until and {_IN_SIGHT}
            order by at, response_id""",
        now=stamp(now),
        claimed_by=stamp(claimed_by),
        until=stamp(until),
    )
    return [{**row, "at": moment(row["at"])} for row in rows]


def warned(db: Db, ids: Iterable[int], now: datetime) -> None:
    """Mark that the holders of these callbacks have been reminded."""
    at = stamp(now)
    db.many("update callbacks set warned_at = ? where response_id = ?", [(at, each) for each in ids])


def said_last(db: Db, action: str, place: str) -> datetime | None:
    """Return when something was last said of many in a place."""
    at = db.value("select max(at) from round_ups where place = :place and action = :action", place=place, action=action)
    return None if at is None else moment(at)


def cards(db: Db, ids: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return message id and channel of the cards of these responses, for those that have one."""
    rows = db.rows(
        """select subject, id, channel from messages
           where kind = 'card' and subject in (select value from json_each(:ids))""",
        ids=json.dumps(list(ids)),
    )
    return {row["subject"]: (row["id"], row["channel"]) for row in rows}


def record_all(db: Db, ids: Iterable[int], now: datetime, action: str) -> None:
    """Append one thing that time did to the history of many."""
    at = stamp(now)
    db.many("insert into history (response_id, at, action) values (?, ?, ?)", [(each, at, action) for each in ids])


def round_up(db: Db, action: str, place: str, ids: Iterable[int], now: datetime) -> int:
    """Remember of whom one message tells, and return its id."""
    round_up_id = db.insert(
        "insert into round_ups (action, place, at) values (:action, :place, :at)",
        action=action,
        place=place,
        at=stamp(now),
    )
    db.many("insert into rounded_up (round_up, response_id) values (?, ?)", [(round_up_id, each) for each in ids])
    return round_up_id


def round_up_by_id(db: Db, round_up_id: int) -> Row | None:
    """Return what one message tells of many: action, place and at."""
    return db.row("select * from round_ups where id = :id", id=round_up_id)


def rounded_up(db: Db, round_up_id: int) -> list[Row]:
    """Return what one message tells of, the worst first: response_id, state, holder, and where its card stands."""
    return db.rows(
        """select u.response_id, c.state, c.holder, m.posted_to as channel, m.ts
           from rounded_up u join callbacks c on c.response_id = u.response_id
           join responses r on r.id = u.response_id
           left join messages m on m.kind = 'card' and m.subject = u.response_id
           where u.round_up = :id order by r.score, coalesce(c.call_again_at, c.due_at), u.response_id""",
        id=round_up_id,
    )
