"""Callbacks and their history in the store; every move is one conditional update that the database decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot import moves
from bot.model import UNANSWERED, Callback, Outcome, State
from bot.moves import By
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.moves import Move
    from storage.db import Db, Row


_UNANSWERED = ", ".join(f"'{outcome}'" for outcome in UNANSWERED)
WHOLE = f"""callbacks.*,
  (select count(*) from calls where calls.response_id = callbacks.response_id) as calls,
  (select count(*) from calls
   where calls.response_id = callbacks.response_id and calls.outcome in ({_UNANSWERED})
     and calls.at >= coalesce(callbacks.reopened_at, '')
     and calls.id > coalesce((select max(id) from calls other where other.response_id = callbacks.response_id
                                and other.outcome not in ({_UNANSWERED})), 0)) as attempts"""
"""What `callback` reads of a row: a callback, how many calls it has, and how many since the last that was answered."""


def open_all(db: Db, opened: Sequence[tuple[int, datetime, datetime]]) -> None:
    """Open callbacks, each told by the id of its response, when it is opened and when it is due."""
    told = [(response_id, stamp(now), stamp(due_at)) for response_id, now, due_at in opened]
    db.insert_all(
        "callbacks",
        [{"response_id": about, "state": "open", "opened_at": at, "due_at": due_at} for about, at, due_at in told],
    )
    db.insert_all("history", [{"response_id": about, "at": at, "action": "opened"} for about, at, _ in told])


def of_response(db: Db, response_id: int) -> Callback | None:
    """Return the callback of a response, if it asks for one."""
    row = db.row(
        f"""select {WHOLE} from callbacks
           where response_id = coalesce((select callback_of from responses where responses.id = :id), :id)""",
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
        attempts=row["attempts"],
        preferred_time=row["preferred_time"],
        first_claimed_at=moment_or_none(row["first_claimed_at"]),
        stale_at=moment_or_none(row["stale_at"]),
    )


def withdraw(db: Db, response_id: int) -> bool:
    """Take the callback of a response away again that nobody holds, has called on, or has other answers in it."""
    return _changed(
        db,
        """delete from callbacks where response_id = :id and state = 'open'
             and not exists (select 1 from calls where calls.response_id = callbacks.response_id)
             and not exists (select 1 from responses where callback_of = callbacks.response_id)""",
        id=response_id,
    )


def take(db: Db, response_id: int, user: str, now: datetime) -> bool:
    """Give an open callback to `user`; False when it is not open (any more)."""
    return _changed(
        db,
        f"""update callbacks set state = 'claimed', holder = :user, claimed_at = :now, snoozed_until = null,
             warned_at = null, stale_at = null,
             first_claimed_at = coalesce(first_claimed_at, :now)
           where {_may(moves.CLAIM)}""",
        id=response_id,
        user=user,
        now=stamp(now),
    )


def give(db: Db, response_id: int, user: str, now: datetime, *, was: str | None) -> bool:
    """Give a callback that `was` holds (None: nobody) to `user`; False when that is no longer so."""
    return _changed(
        db,
        f"""update callbacks set state = 'claimed', holder = :user, claimed_at = :now, snoozed_until = null,
             warned_at = null, stale_at = null,
             first_claimed_at = coalesce(first_claimed_at, :now)
           where {_may(moves.ASSIGN)} and holder is not distinct from :was""",
        id=response_id,
        user=user,
        was=was,
        now=stamp(now),
    )


def let_go(db: Db, response_id: int, holder: str) -> bool:
    """Open a callback again that `holder` holds; False when it is not theirs (any more)."""
    return _changed(
        db,
        f"""update callbacks set state = 'open', holder = null, claimed_at = null, call_again_at = null,
             snoozed_until = null, stale_at = null
           where {_may(moves.RELEASE)}""",
        id=response_id,
        user=holder,
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
        f"""update callbacks set state = 'closed', holder = null, claimed_at = null, closed_at = :now,
             closed_by = :user, outcome = :outcome, dismissed = :dismissed, call_again_at = null, snoozed_until = null
           where {_may(moves.DISMISS)}""",
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
        f"""update callbacks set state = case when :holder is null then 'open' else 'claimed' end, holder = :holder,
             claimed_at = case when :holder is null then null else :now end, due_at = :due, closed_at = null,
             closed_by = null, outcome = null, dismissed = null, reminded_at = null, escalated_at = null,
             warned_at = null, called_out_at = null, stale_at = null, reopened_at = :now
           where {_may(moves.REOPEN)}""",
        id=response_id,
        holder=holder,
        due=stamp(due_at),
        now=stamp(now),
    )


def set_due(db: Db, response_id: int, due_at: datetime) -> bool:
    """Move the due time of a callback that is not closed; what becomes more urgent is no longer put aside."""
    return _changed(
        db,
        """update callbacks set due_at = :due, reminded_at = null, escalated_at = null,
             warned_at = null, called_out_at = null, stale_at = null,
             snoozed_until = case when :due < due_at then null else snoozed_until end
           where response_id = :id and state <> 'closed'""",
        id=response_id,
        due=stamp(due_at),
    )


def called(db: Db, response_id: int, now: datetime, call_again_at: datetime | None) -> None:
    """Remember that a call was made, and when the next one is promised."""
    db.execute(
        """update callbacks set first_called_at = coalesce(first_called_at, :now), call_again_at = :again,
             snoozed_until = null, warned_at = null, stale_at = null
           where response_id = :id""",
        id=response_id,
        now=stamp(now),
        again=stamp_or_none(call_again_at),
    )


def prefer(db: Db, response_id: int, preferred_time: str | None) -> None:
    """Keep when the customer wants to be called, in a colleague's words."""
    db.execute(
        "update callbacks set preferred_time = :time where response_id = :id", id=response_id, time=preferred_time
    )


def snooze(db: Db, response_id: int, user: str, until: datetime) -> bool:
    """Put a callback aside until a time; False when it is closed or someone else's."""
    return _changed(
        db,
        f"""update callbacks set snoozed_until = :until
           where {_may(moves.SNOOZE)}""",
        id=response_id,
        user=user,
        until=stamp(until),
    )


def wake_now(db: Db, response_id: int, user: str) -> bool:
    """End a snooze before its time; False when there is none, or the callback is someone else's."""
    return _changed(
        db,
        f"update callbacks set snoozed_until = null where {_may(moves.WAKE)} and snoozed_until is not null",
        id=response_id,
        user=user,
    )


_BY = {
    By.ANYONE: "",
    By.HOLDER: " and holder = :user",
    By.NOBODY_ELSE: " and (holder is null or holder = :user)",
}


def _may(move: Move) -> str:
    """Return the condition under which a move finds its callback: the states it starts from, and whose it may be."""
    states = ", ".join(f"'{state}'" for state in move.start)
    return f"response_id = :id and state in ({states}){_BY[move.by]}"


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


def remark(db: Db, event_id: int, response_id: int, text: str) -> None:
    """Keep what somebody wrote with a move, beside the history: words may be erased, the history never is."""
    db.execute(
        "insert into remarks (event_id, response_id, text) values (:event, :id, :text)",
        event=event_id,
        id=response_id,
        text=text,
    )


def history(db: Db, response_id: int) -> list[Row]:
    """Return what happened to a response's callback, oldest first: at, actor, action, details, remark."""
    rows = db.rows(
        """select at, actor, action, details, r.text as remark
           from history h left join remarks r on r.event_id = h.id where h.response_id = :id order by h.id""",
        id=response_id,
    )
    return [{**row, "at": moment(row["at"]), "details": json.loads(row["details"])} for row in rows]


def event(db: Db, event_id: int) -> Row | None:
    """Return one entry of the history, with what was written with it as `remark`."""
    row = db.row(
        "select h.*, r.text as remark from history h left join remarks r on r.event_id = h.id where h.id = :id",
        id=event_id,
    )
    return None if row is None else {**row, "at": moment(row["at"]), "details": json.loads(row["details"])}


def figures(db: Db) -> Row:
    """Return how many callbacks are in each state, and when the oldest that nobody holds was opened."""
    counts = {row["state"]: row["n"] for row in db.rows("select state, count(*) as n from callbacks group by state")}
    oldest = db.value("select min(opened_at) from callbacks where state = 'open'")
    return {**counts, "oldest": moment_or_none(oldest)}
