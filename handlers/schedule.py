"""The clock: APScheduler only ticks; what is due, and whether it was done, the store decides."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import digest, forget, reminders
from storage import Unavailable

if TYPE_CHECKING:
    from handlers import Desk

log = structlog.get_logger("schedule")

TICK_SECONDS = 10


def scheduler(desk: Desk) -> AsyncIOScheduler:
    """Return a scheduler that asks every few seconds, and at once, whether something is due.

    An interval knows no local time, so that no change of the clock can skip or repeat a run.
    """
    ticking = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
    trigger = IntervalTrigger(seconds=TICK_SECONDS, timezone=UTC)
    ticking.add_job(run, trigger, args=[desk], next_run_time=datetime.now(UTC), id="tick")
    return ticking


async def run(desk: Desk) -> None:
    """Tick; when the bot is stopped in the middle, what was handed to the store is finished there."""
    with contextlib.suppress(asyncio.CancelledError):
        await tick(desk)


async def tick(desk: Desk) -> None:
    """Write down how the sources fare; queue the digest and the reminders that are due by now."""
    now = datetime.now(UTC)
    try:
        await desk.traffic.write(desk.store)
        queued = await desk.change(digest.queue_due, desk.settings, now)
        said = await desk.change(reminders.sweep, now)
    except Unavailable as fault:
        log.warning("tick_failed", reason=str(fault))
        return
    if await desk.store.read(forget.checkpoint_wanted) and await desk.store.empty_log():
        await desk.store.run(forget.checkpoint_done)
        log.info("log_emptied")
    if queued is not None:
        log.info("digest_queued", digest=queued)
    if said:
        log.info("reminders_queued", messages=said)
