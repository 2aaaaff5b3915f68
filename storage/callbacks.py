"""Callbacks and their history in the store; every move is one conditional update that the database decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.model import Callback, Category, Outcome, State, category
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db, Row


def open_for(db: Db, response_id: int, now: datetime, due_at: datetime) -> None:
    """Open the callback of a response."""
    db.execute(
        """insert into callbacks (response_id, state, opened_at, due_at) values (:id, 'open', :now, :due)""",
        id=response_id,
        now=stamp(now),
        due=stamp(due_at),
    )


def of_response(db: Db, response_id: int) -> Callback | None:
    """Return the callback of a response, if it asks for one."""
    row = db.row(
        """select *, (select count(*) from calls where calls.response_id = callbacks.response_id) as calls
           from callbacks where response_id = :id""",
        id=response_id,
    )
    return None if row is None else callback(row)


def callback(row: Row) -> Callback:
    """Return a row of the callbacks' table as the type the rest of the bot knows."""
    return Callback(
        id=row["response_id"],
        state=State(row["state"]),
        opened_at=moment(row["opened_at"]),
        due_at=moment(row["due_at"]),
        holder=row["holder"],
        claimed_at=moment_or_none(row["claimed_at"]),
        call_again_at=moment_or_none(row["call_again_at"]),
        snoozed_until=moment_or_none(row["snoozed_until"]),
        closed_at=moment_or_none(row["closed_at"]),
        closed_by=row["closed_by"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        dismissed=row["dismissed"],
        calls=row["calls"],
    )


def take(db: Db, response_id: int, user: str, now: datetime) -> bool:
    """Give an open callback to `user`; False when it is not open (any more)."""
    return _changed(
        db,
        """update callbacks set state = 'claimed', holder = :user, claimed_at = :now, snoozed_until = null,
             first_claimed_at = coalesce(first_claimed_at, :now)
           where response_id = :id and state = 'open'""",
        id=response_id,
        user=user,
        now=stamp(now),
    )


def give(db: Db, response_id: int, user: str, now: datetime, *, was: str | None) -> bool:
    """Give a callback that `was` holds (None: nobody) to `user`; False when that is no longer so."""
    return _changed(
        db,
        """update callbacks set state = 'claimed', holder = :user, claimed_at = :now, snoozed_until = null,
             first_claimed_at = coalesce(first_claimed_at, :now)
           where response_id = :id and state <> 'closed' and holder is not distinct from :was""",
        id=response_id,
        user=user,
        was=was,
        now=stamp(now),
    )


def let_go(db: Db, response_id: int, holder: str) -> bool:
    """Open a callback again that `holder` holds; False when it is not theirs (any more)."""
    return _changed(
        db,
        """update callbacks set state = 'open', holder = null, claimed_at = null, call_again_at = null,
             snoozed_until = null
           where response_id = :id and holder = :holder""",
        id=response_id,
        holder=holder,
    )


def close(  # noqa: PLR0913  # a closing is all of this at once
    db: Db,
    response_id: int,
    user: str,
    now: datetime,
    *,
    outcome: Outcome | None = None,
    dismissed: str | None = None,
) -> bool:
    """Close a callback that is nobody's or the user's own; False when someone else holds it or it is closed."""
    return _changed(
        db,
        """update callbacks set state = 'closed', holder = null, claimed_at = null, closed_at = :now,
             closed_by = :user, outcome = :outcome, dismissed = :dismissed, call_again_at = null, snoozed_until = null
           where response_id = :id and state <> 'closed' and (holder is null or holder = :user)""",
        id=response_id,
        user=user,
        now=stamp(now),
        outcome=outcome,
        dismissed=dismissed,
    )


def reopen(db: Db, response_id: int, due_at: datetime, *, holder: str | None = None, now: datetime) -> bool:
    """Open a closed callback again with a new due time, for `holder` or for anybody; False when it is not closed."""
    return _changed(
        db,
        """update callbacks set state = case when :holder is null then 'open' else 'claimed' end, holder = :holder,
             claimed_at = case when :holder is null then null else :now end, due_at = :due, closed_at = null,
             closed_by = null, outcome = null, dismissed = null, reminded_at = null, escalated_at = null
           where response_id = :id and state = 'closed'""",
        id=response_id,
        holder=holder,
        due=stamp(due_at),
        now=stamp(now),
    )


def set_due(db: Db, response_id: int, due_at: datetime) -> bool:
    """Move the due time of a callback that is not closed."""
    return _changed(
        db,
        """update callbacks set due_at = :due, reminded_at = null, escalated_at = null
           where response_id = :id and state <> 'closed'""",
        id=response_id,
        due=stamp(due_at),
    )


def called(db: Db, response_id: int, now: datetime, call_again_at: datetime | None) -> None:
    """Remember that a call was made, and when the next one is promised."""
    db.execute(
        """update callbacks set first_called_at = coalesce(first_called_at, :now), call_again_at = :again,
             snoozed_until = null
           where response_id = :id""",
        id=response_id,
        now=stamp(now),
        again=stamp_or_none(call_again_at),
    )


def snooze(db: Db, response_id: int, user: str, until: datetime) -> bool:
    """Put a callback aside until a time; False when it is closed or someone else's."""
    return _changed(
        db,
        """update callbacks set snoozed_until = :until
           where response_id = :id and state <> 'closed' and (holder is null or holder = :user)""",
        id=response_id,
        user=user,
        until=stamp(until),
    )


def wake(db: Db, now: datetime) -> list[Row]:
    """End every snooze whose time has come; return response_id and holder of each."""
    return db.rows(
        """update callbacks set snoozed_until = null where snoozed_until <= :now and state <> 'closed'
           returning response_id, holder""",
        now=stamp(now),
    )


def _changed(db: Db, sql: str, **values: object) -> bool:
    return db.execute(sql, **values) == 1


def record(  # who did what to which, when and how
    db: Db, response_id: int, now: datetime, actor: str | None, action: str, **details: object
) -> int:
    """Append to the history and return the entry's id; details hold ids, times and words of ours alone."""
    return db.insert(
        """insert into history (response_id, at, actor, action, details)
           values (:id, :at, :actor, :action, :details)""",
        id=response_id,
        at=stamp(now),
        actor=actor,
        action=action,
        details=json.dumps(details) if details else "{}",
    )


def history(db: Db, response_id: int) -> list[Row]:
    """Return what happened to a response's callback, oldest first: at, actor, action, details."""
    rows = db.rows("select at, actor, action, details from history where response_id = :id order by id", id=response_id)
    return [{**row, "at": moment(row["at"]), "details": json.loads(row["details"])} for row in rows]


def event(db: Db, event_id: int) -> Row | None:
    """Return one entry of the history."""
    row = db.row("select * from history where id = :id", id=event_id)
    return None if row is None else {**row, "at": moment(row["at"]), "details": json.loads(row["details"])}


def unheld(db: Db, now: datetime, limit: int) -> list[int]:
    """Return the responses whose callback nobody holds, most urgent first, what is put aside at the end."""
    rows = db.rows(
        """select response_id from callbacks
           where state = 'open' and state <> 'closed'
           order by snoozed_until is not null and snoozed_until > :now, due_at, response_id limit :limit""",
        now=stamp(now),
        limit=limit,
    )
    return [row["response_id"] for row in rows]


def held_by(db: Db, user: str, limit: int) -> list[int]:
    """Return the responses whose callback `user` holds, most urgent first."""
    rows = db.rows(
        "select response_id from callbacks where holder = :user order by due_at, response_id limit :limit",
        user=user,
        limit=limit,
    )
    return [row["response_id"] for row in rows]


def overdue_unheld(db: Db, now: datetime, mark: str, since: str, by: datetime) -> list[int]:
    """Mark, and return, the open callbacks of detractors whose time `since` is past and that bear no such mark yet.

    `mark` is reminded_at since due_at, or escalated_at since reminded_at; what is put aside is left in peace.
    """
    worst = [score for score in range(11) if category(score) is Category.DETRACTOR]
    rows = db.rows(
        f"""update callbacks set {mark} = :now
            where state = 'open' and state <> 'closed' and due_at <= :by and {since} <= :by and {mark} is null
              and (snoozed_until is null or snoozed_until <= :now)
              and exists (select 1 from responses where id = response_id and score <= :worst)
            returning response_id""",
        now=stamp(now),
        by=stamp(by),
        worst=max(worst),
    )
    return sorted(row["response_id"] for row in rows)


def figures(db: Db) -> Row:
    """Return how many callbacks are in each state, and when the oldest that nobody holds was opened."""
    counts = {row["state"]: row["n"] for row in db.rows("select state, count(*) as n from callbacks group by state")}
    oldest = db.value("select min(opened_at) from callbacks where state = 'open'")
    return {**counts, "oldest": moment_or_none(oldest)}
