"""What is to be told to Slack: messages, each of which stands once, and the rows that ask for them to be put.

A message knows its place (channel, parent) and, once posted, its ts. An outbox row says "put this message": post
it when it has no ts, else update it. Rows hold no text: what is said is rendered when it is sent.
"""

from __future__ import annotations

import json
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
        "messages",
        [
            {
                "public_id": each.public_id or new_id("m", each.now),
                "kind": each.kind,
                "subject": each.subject,
                "channel": each.channel,
                "parent": each.parent,
                "waits_for": each.waits_for,
            }
            for each in asked
        ],
        """on conflict (kind, subject) do update
             set channel = case when ts is null then excluded.channel else channel end
           returning kind, subject, id, ts""",
    )
    known = {(kind, subject): (message_id, ts) for kind, subject, message_id, ts in messages}
    ids = [known[each.kind, each.subject][0] for each in asked]
    rows = []
    for each in asked:
        message_id, ts = known[each.kind, each.subject]
        lane = UPDATES if ts else each.channel
        rows.append(_row(message_id, lane, each.now, urgent=int(each.urgent), not_before=each.not_before))
    _queue(db, rows)
    return ids


def _row(message_id: int, lane: str, now: datetime, *, urgent: int = 0, not_before: datetime | None = None) -> Row:
    """Return a row of the outbox, which asks for a message."""
    return {
        "message_id": message_id,
        "lane": lane,
        "urgent": urgent,
        "queued_at": stamp(now),
        "not_before": stamp_or_none(not_before),
    }


def _queue(db: Db, rows: Sequence[Row]) -> None:
    """Ask for messages that there are; each that is asked for already keeps its place."""
    db.insert_all("outbox", rows, "on conflict (message_id) where state = 'queued' do nothing")


def message_of(db: Db, kind: str, subject: int) -> Message | None:
    """Return the message about a subject, posted or not."""
    row = db.row("select * from messages where kind = :kind and subject = :subject", kind=kind, subject=subject)
    return None if row is None else message(row)


def refresh(db: Db, kind: str, subject: int, now: datetime) -> None:
    """Ask for a message that exists to be brought up to date; nothing is asked for one that does not."""
    refresh_all(db, kind, [subject], now)


def refresh_all(db: Db, kind: str, subjects: Sequence[int], now: datetime) -> None:
    """Ask for those of several messages of a kind that exist to be brought up to date, in the order they were made."""
    found = db.rows(
        """select id, channel, ts from messages
           where kind = :kind and subject in (select value from json_each(:subjects)) order by id""",
        kind=kind,
        subjects=json.dumps(subjects),
    )
    _queue(db, [_row(row["id"], UPDATES if row["ts"] else row["channel"], now) for row in found])


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
    _queue(db, [_row(message_id, UPDATES, now, urgent=urgency)])


def message(row: Row) -> Message:
    """Return a row of the messages' table."""
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


def figures(db: Db) -> Row:
    """Return how many rows are in each state, and queued_at of the oldest that is not failed."""
    counts = {row["state"]: row["n"] for row in db.rows("select state, count(*) as n from outbox group by state")}
    oldest = db.value("select min(queued_at) from outbox where state <> 'failed'")
    return {**counts, "oldest": moment_or_none(oldest)}
