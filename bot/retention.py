"""Retention: once a night, what has been kept for long enough goes, a little at a time, so that nobody waits for it."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from bot import periods
from bot.counted import counted
from storage import callbacks, erasures, forgotten, outbox, retention

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.config import Settings
    from bot.settings.retaining import Retention
    from storage.db import Db
    from storage.erasures import Erasure

HOUR = time(3)
BATCH = 50
"""Answers in one transaction: some milliseconds, in which a delivery waits."""
NIGHTS = 30
"""Nights of which it is told what they did."""


def due(db: Db, settings: Settings, now: datetime) -> date | None:
    """Return the local day whose retention is to be done by now: from three in the morning on, until it is through."""
    chosen = settings.retention
    day = periods.local_day(now, settings.timezone)
    if chosen.raw_bodies_days is None and chosen.personal_data_days is None:
        return None
    if now < periods.at(day, HOUR, settings.timezone) or erasures.through(db, day):
        return None
    return day


def step(db: Db, chosen: Retention, day: date, now: datetime) -> Erasure:
    """Erase a batch of what is kept for too long; the day's erasure is through when there was nothing left."""
    begun = erasures.of_day(db, day, now)
    bodies = 0
    if chosen.raw_bodies_days is not None:
        bodies = retention.drop_bodies(db, now - timedelta(days=chosen.raw_bodies_days), BATCH)
    ids = old(db, chosen, now, BATCH)
    if not bodies and not ids:
        erasures.finish(db, begun.id, now)
    else:
        messages = forgotten.messages_about(db, ids, forgotten.calls_of(db, ids))
        threads = forgotten.threads_of(db, ids)
        for response_id in ids:
            forgotten.erase(db, response_id, now)
            callbacks.record(db, response_id, now, None, "forgotten")
        for message_id in messages:
            outbox.put_again(db, message_id, now, urgency=outbox.AT_LEISURE)
        erasures.more(db, begun, responses=len(ids), messages=len(messages), bodies=bodies, threads=threads)
    return erasures.of_day(db, day, now)


def old(db: Db, chosen: Retention, now: datetime, most: int) -> list[int]:
    """Return answers whose person is kept for too long, oldest first."""
    if chosen.personal_data_days is None:
        return []
    return retention.persons(db, now - timedelta(days=chosen.personal_data_days), most)


def told(db: Db, chosen: Retention, now: datetime) -> str:
    """Return how long what is kept, what went last and what goes next, for `npsbot doctor`."""
    lengths = {"raw deliveries": chosen.raw_bodies_days, "persons": chosen.personal_data_days}
    says = ", ".join(f"{what} for {counted(days, 'day') if days else 'good'}" for what, days in lengths.items())
    done = erasures.last_of_a_day(db)
    if done is not None:
        went = (
            f"{counted(done.bodies, 'delivery', 'deliveries')} and the persons of {counted(done.responses, 'answer')}"
        )
        says += f"; on {done.day} {went} went"
    if left := sum(len(night.replies or ()) for night in nights(db)):
        says += f"; npsbot retention lists {counted(left, 'reply', 'replies')} that colleagues wrote themselves"
    if chosen.personal_data_days is not None:
        waiting = retention.count(db, now - timedelta(days=chosen.personal_data_days))
        says += f"; next go the persons of {counted(waiting, 'answer')}"
    return says


def nights(db: Db) -> list[Erasure]:
    """Return what the last nights did in which something went, newest first."""
    return erasures.nights(db, NIGHTS)
