"""Forgetting a person: in the store, on cards, in threads and digests; their scores stay, without them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.cards.privacy import Concerned
from bot.numbers import link
from storage import callbacks, erasures, forgotten, outbox, settings
from storage.db import BOT_RUNS, READ_JUST_NOW, beside, bot_runs, scrub_alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.model import Subject
    from storage.db import Db
    from storage.erasures import Erasure, Place, Reply

SETTLED_WITHIN = 45.0
"""Seconds for which a command waits for the bot, which looks every ten."""
PUT_WITHIN = 10.0
"""Seconds for which it waits for the bot to put what stands in Slack."""


class NotScrubbed(Exception):  # noqa: N818  # it says how the store is
    """The rows are gone, but traces of them may be left in the store's file; the message says why."""


def concerned(db: Db, subject: Subject) -> Concerned:
    """Return what forgetting a person would concern, for whoever is asked once more."""
    ids, calls = _of(db, subject)
    kept = {
        (table, row["id"])
        for email in addresses(db, subject, ids)
        for table, rows in forgotten.kept_with(db, email).items()
        for row in rows
    }
    return Concerned(len(ids), len(calls), len(forgotten.messages_about(db, ids, calls)), len(kept))


def _of(db: Db, subject: Subject) -> tuple[list[int], list[int]]:
    """Return the responses of a person, and the calls about them or in which they were passed on."""
    ids = forgotten.of_subject(db, subject)
    passed_on = (call for email in addresses(db, subject, ids) for call in forgotten.referred(db, email))
    return ids, sorted({*forgotten.calls_of(db, ids), *passed_on})


def addresses(db: Db, subject: Subject, ids: Sequence[int]) -> list[str]:
    """Return by which addresses a person's deliveries are found: theirs are all that a source's id goes with."""
    return [subject.email] if subject.email else forgotten.addresses(db, ids)


def forget(db: Db, subject: Subject, actor: str | None, now: datetime) -> Erasure:
    """Erase a person; ask for every message that showed them to be put anew, and for the store to be scrubbed."""
    ids, call_ids = _of(db, subject)
    messages, threads = forgotten.messages_about(db, ids, call_ids), forgotten.threads_of(db, ids)
    bodies = sum(forgotten.drop_kept(db, email) for email in addresses(db, subject, ids))
    for response_id in ids:
        forgotten.erase(db, response_id, now)
        callbacks.record(db, response_id, now, actor, "forgotten")
    for call_id in call_ids:
        forgotten.erase_referral(db, call_id)
    for message_id in messages:
        outbox.put_again(db, message_id, now)
    erasure = erasures.add(
        db, now, actor=actor, responses=len(ids), messages=len(messages), bodies=bodies, threads=threads
    )
    return _found(db, erasure)


def under_way(db: Db) -> list[Erasure]:
    """Return the erasures of which a trace may be left, or colleagues' replies are still to be looked for."""
    return erasures.under_way(db)


def scrubbed(db: Db, ids: Sequence[int], now: datetime) -> None:
    """Note that file and write-ahead log hold no trace any more."""
    erasures.scrubbed(db, ids, now)


def replied(db: Db, erasure: Erasure, looked: int, found: Sequence[Reply], now: datetime) -> None:
    """Note what colleagues wrote themselves into so many threads more.

    Once all are looked through, whoever asked for it in Slack is told, to have it deleted by hand.
    """
    now_is = erasures.replied(db, erasure.id, looked, found)
    if now_is and now_is.actor and now_is.replies:
        outbox.put(db, "erased", erasure.id, now_is.actor, now, urgent=True)


def settled(store: Path, erasure: int) -> Erasure:
    """Wait until no trace of an erasure is left in the store, and return how it stands then; raise NotScrubbed.

    The bot that runs on the store scrubs it, and asks Slack for colleagues' replies; without one it is scrubbed here.
    """
    until = time.monotonic() + SETTLED_WITHIN
    while True:
        with beside(store) as db:
            traces = [each.id for each in erasures.under_way(db) if each.scrubbed_at is None]
        why_not = scrub_alone(store)
        with beside(store) as db:
            if why_not is None:
                erasures.scrubbed(db, traces, datetime.now(UTC))
            found = _found(db, erasure)
        late = time.monotonic() > until
        if found.scrubbed_at is not None and (why_not is None or late or found.replies is not None):
            return found
        if late or why_not not in {None, BOT_RUNS, READ_JUST_NOW}:
            raise NotScrubbed(why_not)
        time.sleep(0.5)


def put(store: Path, erasure: Erasure) -> int | None:
    """Wait a little for the running bot to put every message without whom an erasure concerned.

    Returns how many are still to be put then; None where no bot runs.
    """
    until = time.monotonic() + PUT_WITHIN
    while bot_runs(store):
        with beside(store) as db:
            left = erasures.to_put(db, erasure)
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.2)
    return None


def links(db: Db, places: Sequence[Place | Reply]) -> list[str]:
    """Return the addresses of messages, or of replies in their threads; in words where the workspace is not known."""
    workspace = settings.get(db, "workspace_url")
    found = []
    for channel, ts, *thread in places:
        address = link(workspace, channel, ts) or f"{channel} {ts}"
        found.append(f"{address}?thread_ts={thread[0]}&cid={channel}" if thread and workspace else address)
    return found


def _found(db: Db, erasure: int) -> Erasure:
    found = erasures.by_id(db, erasure)
    assert found is not None  # noqa: S101  # erasures are never deleted
    return found
