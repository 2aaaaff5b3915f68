"""Messages on their way to Slack: taken lane by lane, then sent, put off, in doubt, or set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage import outbox
from storage.db import moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db, Row
    from storage.outbox import Message


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the outbox, taken for sending or for a look; `thread` is the parent's ts."""

    id: int
    lane: str
    state: str
    attempts: int
    attempted_at: datetime | None
    settled_at: datetime | None
    message: Message
    thread: str | None


def take(db: Db, now: datetime, closed: frozenset[str]) -> list[Task]:
    """Take the next row of every lane that is free, mark each `sending`, and return them.

    A lane is not free while one of its rows is being sent or holds it, while it is paused, or when it is in
    `closed`. A row waits for its time, for its parent to be posted, and for another row of its message to end.
    """
    taken = [row["id"] for lane in lanes(db) if lane not in closed and (row := _next_of(db, lane, now))]
    for task_id in taken:
        db.execute(
            """update outbox set state = 'sending', attempts = attempts + 1, attempted_at = :now, not_before = null,
                 reason = null
               where id = :id""",
            id=task_id,
            now=stamp(now),
        )
    return [task for task_id in taken if (task := by_id(db, task_id))]


def lanes(db: Db) -> list[str]:
    """Return the lanes in which anything waits; one step in the index for each, however long they are."""
    found: list[str] = []
    lane = db.value("select min(lane) from outbox where state <> 'failed'")
    while lane is not None:
        found.append(lane)
        lane = db.value("select min(lane) from outbox where state <> 'failed' and lane > :lane", lane=lane)
    return found


def _next_of(db: Db, lane: str, now: datetime) -> Row | None:
    busy = db.value(
        """select 1 where exists (
             select 1 from outbox
             where lane = :lane and state in ('sending', 'unknown') and (state = 'sending' or holds_lane = 1))
           or exists (select 1 from lanes where lane in (:lane, '*') and paused_until > :now)""",
        lane=lane,
        now=stamp(now),
    )
    if busy:
        return None
    return db.row(
        """select o.id from outbox o join messages m on m.id = o.message_id
           where o.lane = :lane and o.state <> 'failed' and o.state = 'queued'
             and (o.not_before is null or o.not_before <= :now)
             and (m.parent is null or exists (select 1 from messages p where p.id = m.parent and p.ts is not null))
             and (m.waits_for is null or exists (select 1 from messages p where p.id = m.waits_for and p.ts is not null)
               or not exists (select 1 from outbox x where x.message_id = m.waits_for and x.state <> 'failed'))
             and not exists (
               select 1 from outbox x where x.message_id = o.message_id and x.state in ('sending', 'unknown'))
           order by o.urgent desc, o.id limit 1""",
        lane=lane,
        now=stamp(now),
    )


def by_id(db: Db, task_id: int) -> Task | None:
    """Return one row of the outbox with its message."""
    row = db.row("select * from outbox where id = :id", id=task_id)
    if row is None:
        return None
    message = db.row("select * from messages where id = :id", id=row["message_id"])
    assert message is not None  # noqa: S101  # a foreign key holds it
    thread = None
    if message["parent"] is not None:
        thread = db.value("select ts from messages where id = :id", id=message["parent"])
    return Task(
        row["id"],
        row["lane"],
        row["state"],
        row["attempts"],
        moment_or_none(row["attempted_at"]),
        moment_or_none(row["settled_at"]),
        outbox.message(message),
        thread,
    )


def sent(db: Db, task: Task, ts: str, posted_to: str, now: datetime) -> None:
    """The message stands in Slack: remember where, and let its row and its earlier failures go."""
    db.execute(
        """update messages set ts = :ts, posted_to = :posted_to, posted_at = coalesce(posted_at, :now), put_at = :now
           where id = :id""",
        id=task.message.id,
        ts=ts,
        posted_to=posted_to,
        now=stamp(now),
    )
    db.execute(
        "delete from outbox where id = :id or (message_id = :message and state = 'failed')",
        id=task.id,
        message=task.message.id,
    )
    db.execute(
        "update outbox set lane = :lane where message_id = :message and state = 'queued'",
        lane=outbox.UPDATES,
        message=task.message.id,
    )


def again(db: Db, task: Task, not_before: datetime | None, reason: str) -> None:
    """It was certainly not sent: queue it again at its old place, in place of a newer row that asks the same."""
    db.execute(
        "delete from outbox where message_id = :message and state = 'queued' and id <> :id",
        message=task.message.id,
        id=task.id,
    )
    db.execute(
        """update outbox set state = 'queued', not_before = :not_before, holds_lane = 0, reason = :reason
           where id = :id""",
        id=task.id,
        not_before=stamp_or_none(not_before),
        reason=reason,
    )


def doubt(  # noqa: PLR0913  # all that decides about the next look
    db: Db, task: Task, look_at: datetime, settled_at: datetime, reason: str, *, holds_lane: bool
) -> None:
    """Nobody knows whether it was sent: look for it at `look_at`, believe an absence from `settled_at` on."""
    db.execute(
        """update outbox set state = 'unknown', not_before = :look_at, settled_at = :settled_at,
             holds_lane = :holds_lane, reason = :reason
           where id = :id""",
        id=task.id,
        look_at=stamp(look_at),
        settled_at=stamp(settled_at),
        holds_lane=int(holds_lane),
        reason=reason,
    )


def fail(db: Db, task: Task, reason: str) -> None:
    """Slack will never take it as it is: set it aside, in place of an earlier failure of it; the lane goes on."""
    db.execute(
        "delete from outbox where message_id = :message and state = 'failed' and id <> :id",
        message=task.message.id,
        id=task.id,
    )
    db.execute(
        "update outbox set state = 'failed', reason = :reason, holds_lane = 0 where id = :id",
        id=task.id,
        reason=reason,
    )


def drop_task(db: Db, task: Task) -> None:
    """There is nothing to say any more: forget the row."""
    db.execute("delete from outbox where id = :id", id=task.id)


def in_doubt(db: Db, now: datetime) -> list[Task]:
    """Return the rows whose outcome is unknown and that are due for a look."""
    rows = db.rows(
        "select id from outbox where state = 'unknown' and not_before <= :now order by not_before, id limit 200",
        now=stamp(now),
    )
    return [task for row in rows if (task := by_id(db, row["id"]))]


def interrupted(db: Db) -> list[Task]:
    """Return the rows that a process which is gone left in the middle of sending."""
    rows = db.rows("select id from outbox where state = 'sending' order by id")
    return [task for row in rows if (task := by_id(db, row["id"]))]


def next_moment(db: Db, now: datetime) -> datetime | None:
    """Return when a row or a lane that waits for its time is due, None when none does."""
    value = db.value(
        """select min(t) from (
             select min(not_before) as t from outbox where state in ('queued', 'unknown') and not_before > :now
             union all select min(paused_until) from lanes where paused_until > :now)""",
        now=stamp(now),
    )
    return moment_or_none(value)
