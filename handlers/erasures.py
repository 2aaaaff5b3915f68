"""Erasures of the bot's own clock: the night's retention, and what follows every erasure.

No trace is left in the store's file then, and what colleagues wrote themselves into threads is found.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from bot import forget, retention
from bot.slack import Blocked, Never, SlackFault
from storage import Unavailable

if TYPE_CHECKING:
    from handlers.desk import Desk
    from storage.erasures import Erasure, Reply

log = structlog.get_logger("erasures")


BATCHES = 20
"""Batches of a night's retention in one tick; a delivery may come in between any two."""
THREADS = 8
"""Threads of one erasure that are looked through in one tick: Slack answers fifty such questions a minute."""


async def retain(desk: Desk, now: datetime) -> None:
    """Erase some of what has been kept for long enough, once a night, and say in the log what that was."""
    try:
        day = await desk.store.read(retention.due, desk.settings, now)
        if day is None:
            return
        for _ in range(BATCHES):
            done = await desk.change(retention.step, desk.settings.retention, day, now)
            if done.erased_at is not None:
                log.info("retained", responses=done.responses, bodies=done.bodies, messages=done.messages)
                return
    except Unavailable as fault:
        log.warning("retention_put_off", reason=str(fault))


async def settle(desk: Desk) -> None:
    """Bring what was erased to its end, as far as store and Slack allow just now; the next tick does the rest."""
    try:
        waiting = await desk.store.read(forget.under_way)
        if traces := [erasure.id for erasure in waiting if erasure.scrubbed_at is None]:
            await _scrub(desk, traces)
        for erasure in waiting:
            if erasure.replies is None:
                await _find_replies(desk, erasure)
    except Unavailable as fault:
        log.warning("erasures_not_settled", reason=str(fault))


async def _scrub(desk: Desk, traces: list[int]) -> None:
    if why_not := await desk.store.scrub():
        log.warning("store_not_scrubbed", reason=why_not)
        return
    await desk.store.run(forget.scrubbed, traces, datetime.now(UTC))
    log.info("store_scrubbed", erasures=traces)


async def _find_replies(desk: Desk, erasure: Erasure) -> None:
    """Look for what others than the bot wrote into the threads of a person's cards, so many threads in one tick."""
    found: list[Reply] = []
    looked = 0
    try:
        bot = await desk.slack.identity()
        for channel, thread in erasure.threads[erasure.looked :][:THREADS]:
            found += await _written(desk, bot.user_id, channel, thread)
            looked += 1
    except SlackFault as fault:
        log.warning("replies_not_found", erasure=erasure.id, reason=fault.reason)
    if looked:
        await desk.change(forget.replied, erasure, looked, found, datetime.now(UTC))
        log.info("replies_found", erasure=erasure.id, threads=looked, replies=len(found))


async def _written(desk: Desk, bot: str, channel: str, thread: str) -> list[Reply]:
    """Return what others than the bot wrote into a thread; the thread itself where a person has to look."""
    try:
        replies = await desk.slack.replies(channel, thread)
    except Never:
        return []  # the thread is gone, and what was written there with it
    except Blocked as fault:
        if fault.everywhere:
            raise
        return [(channel, thread, thread)]  # the bot is no longer in the channel
    return [(channel, reply["ts"], thread) for reply in replies if reply.get("user") != bot]
