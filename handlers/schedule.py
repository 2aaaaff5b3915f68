"""The clock: APScheduler only ticks; what is due, and whether it was done, the store decides."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot import alerts, digest, reminders
from bot.people import Unconfirmed
from bot.texts import zone_of
from handlers import erasures, owners
from storage import Unavailable

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from handlers.desk import Desk

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
    """Write down how the sources fare; queue the digests, the reminders and the alerts that are due."""
    now = datetime.now(UTC)
    try:
        await desk.traffic.write(desk.store)
        queued = await desk.change(digest.queue_all_due, desk.settings, now)
        zones = await zones_of(desk, await desk.store.read(reminders.to_remind, desk.settings, now))
        said = await desk.change(reminders.sweep, desk.settings, now, zones)
        seen = await desk.store.read(alerts.look, desk.settings, now)
        warned = await desk.change(alerts.sweep, desk.settings, now, seen)
    except Unavailable as fault:
        log.warning("tick_failed", reason=str(fault))
        return
    await erasures.retain(desk, now)
    await erasures.settle(desk)
    await owners.settle(desk)
    for digest_id in queued:
        log.info("digest_queued", digest=digest_id)
    if warned:
        log.info("alerts_queued", messages=warned)
    if said:
        log.info("reminders_queued", messages=said)


async def zones_of(desk: Desk, people: list[str]) -> dict[str, ZoneInfo]:
    """Return people's time zones, the team's for whom Slack has none, without those of whom it tells nothing now."""
    found: dict[str, ZoneInfo] = {}
    try:
        for user in people:
            known = await desk.people.person(user)
            found[user] = zone_of(known.zone if known else None) or desk.settings.timezone
    except Unconfirmed:
        log.info("zones_not_asked", people=len(people) - len(found))
    return found
