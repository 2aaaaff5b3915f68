"""What is to be told to Slack: messages, each of which stands once, and the rows that ask for them to be put.

A message knows its place (channel, parent) and, once posted, its ts. An outbox row says "put this message": post
it when it has no ts, else update it. Rows hold no text: what is said is rendered when it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.db import moment_or_none, new_id, stamp, stamp_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db import Db, Row

CANNOT_ASK = "outcome unknown, and Slack cannot be asked"
"""What the reason of a message in doubt starts with while nobody can look for it."""
UPDATES = "updates"
"""The lane of changes to what is posted already: Slack counts them for the workspace, not for a channel."""
AT_LEISURE = -1
"""The urgency of what goes when nothing else waits in its lane."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something the bot says; `posted_to` is the channel's id as Slack answered it."""

    id: int
    public_id: str
    kind: str
    subject: int
    channel: str
    parent: int | None
    ts: str | None
    posted_to: str | None


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


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that is asked for, as `put` has it."""

    kind: str
    subject: int
    channel: str
    now: datetime
    parent: int | None = None
    urgent: bool = False
    public_id: str | None = None
    not_before: datetime | None = None
    waits_for: int | None = None


def put(  # noqa: PLR0913  # what, about what, where, when
    db: Db,
    kind: str,
    subject: int,
    channel: str,
    now: datetime,
    *,
    parent: int | None = None,
    urgent: bool = False,
    public_id: str | None = None,
    not_before: datetime | None = None,
    waits_for: int | None = None,
) -> int:
    """Ask for a message to be put, once however often it is asked while it waits; return the message's id.

    One that links to another waits for it, unless that is given up.
    """
    asked = Asked(kind, subject, channel, now, parent, urgent, public_id, not_before, waits_for)
    return put_all(db, [asked])[0]


def put_all(db: Db, asked: Sequence[Asked]) -> list[int]:
    """Ask for several messages to be put, in their order, and return their ids."""
    messages = db.insert_all(
        "messages (public_id, kind, subject, channel, parent, waits_for)",
        [
            (
                each.public_id or new_id("m", each.now),
                each.kind,
                each.subject,
                each.channel,
                each.parent,
                each.waits_for,
            )
            for each in asked
        ],
        """on conflict (kind, subject) do update
             set channel = case when ts is null then excluded.channel else channel end
           returning kind, subject, id, ts""",
    )
    known = {(kind, subject): (message_id, ts) for kind, subject, message_id, ts in messages}
    rows = []
    for each in asked:
        message_id, ts = known[each.kind, each.subject]
        lane = UPDATES if ts else each.channel
        rows.append((message_id, lane, int(each.urgent), stamp(each.now), stamp_or_none(each.not_before)))
    _queue(db, rows)
    return [row[0] for row in rows]


def _queue(db: Db, rows: Sequence[tuple[int, str, int, str, str | None]]) -> None:
    """Ask for messages that there are: each by its id, in which lane, how urgent, since when and not before when."""
    into = "outbox (message_id, lane, urgent, queued_at, not_before)"
    db.insert_all(into, rows, "on conflict (message_id) where state = 'queued' do nothing")


def message_of(db: Db, kind: str, subject: int) -> Message | None:
    """Return the message about a subject, posted or not."""
    row = db.row("select * from messages where kind = :kind and subject = :subject", kind=kind, subject=subject)
    return None if row is None else _message(row)


def refresh(db: Db, kind: str, subject: int, now: datetime) -> None:
    """Ask for a message that exists to be brought up to date; nothing is asked for one that does not."""
    found = message_of(db, kind, subject)
    if found is not None:
        _queue(db, [(found.id, UPDATES if found.ts else found.channel, 0, stamp(now), None)])


def wait_no_longer(db: Db, kind: str, subject: int) -> None:
    """Let a message go that was to wait for more to say."""
    db.execute(
        """update outbox set not_before = null where state = 'queued' and attempts = 0 and message_id in (
             select id from messages where kind = :kind and subject = :subject)""",
        kind=kind,
        subject=subject,
    )


def put_again(db: Db, message_id: int, now: datetime, *, urgency: int = 1) -> None:
    """Ask for a posted message to be brought up to date."""
    _queue(db, [(message_id, UPDATES, urgency, stamp(now), None)])


def _message(row: Row) -> Message:
    return Message(
        row["id"],
        row["public_id"],
        row["kind"],
        row["subject"],
        row["channel"],
        row["parent"],
        row["ts"],
        row["posted_to"],
    )


def may_stand(db: Db, message: Message) -> bool:
    """Tell whether a message stands in Slack, or may stand there for all that is known."""
    doubted = "select 1 from outbox where message_id = :id and state = 'unknown'"
    return message.ts is not None or db.value(doubted, id=message.id) is not None


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
        _message(message),
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
        lane=UPDATES,
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


def figures(db: Db) -> Row:
    """Return how many rows are in each state, and queued_at of the oldest that is not failed."""
    counts = {row["state"]: row["n"] for row in db.rows("select state, count(*) as n from outbox group by state")}
    oldest = db.value("select min(queued_at) from outbox where state <> 'failed'")
    return {**counts, "oldest": moment_or_none(oldest)}
