"""Completing thin events: ask the tool's API for each response, take it in, put off, give up into quarantine.

An event is on disk before its sender is answered, and struck off in the transaction that takes its response in: a
crash in between asks once more, and a response that is told twice is one.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import structlog

from bot import intake
from bot.model import Response
from bot.tool_api import Absent, ApiFault, Limited, Refused, Surveys, ToolApi
from handlers.reading import read_answers
from handlers.sources import Ignored, Unmappable
from storage import Unavailable, fetches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.config import Settings, SourceSettings
    from bot.model import Thin
    from bot.traffic import Traffic
    from storage import Store
    from storage.fetches import Fetch

log = structlog.get_logger("fetching")

FIRST_WAIT = 2.0
LONGEST_WAIT = 900.0
ABSENT_FOR = timedelta(hours=1)
"""For which a response may be unknown to the API: details lag behind the event."""
DOWN_FOR = timedelta(days=3)
"""For which an API may be down before an event goes into quarantine."""
LOOK_AGAIN = 10.0
"""Seconds after which the store is looked at unasked: `npsbot quarantine retry` runs beside the bot."""
PASS_AGAIN = 5.0


class Fetching:
    """Asks each source's API, one response at a time, until it is stopped; no source waits for another."""

    def __init__(self, settings: Settings, store: Store, traffic: Traffic, queued: Callable[[], None]) -> None:
        self._settings, self._store, self._traffic, self._queued = settings, store, traffic, queued
        self._sources = [source for source in settings.sources.values() if source.api]
        self._woken = {source.name: asyncio.Event() for source in self._sources}
        self._surveys = {source.name: Surveys() for source in self._sources}
        self._paused: dict[str, datetime] = {}

    def wake(self) -> None:
        """Say that something is to be asked for."""
        for woken in self._woken.values():
            woken.set()

    async def run(self) -> None:
        """Ask until cancelled; what was not answered by then is asked for after the next start."""
        if self._sources:
            async with aiohttp.ClientSession() as http:
                await asyncio.gather(*(self._serve(source, http) for source in self._sources))

    async def _serve(self, source: SourceSettings, http: aiohttp.ClientSession) -> None:
        woken = self._woken[source.name]
        while True:
            woken.clear()
            try:
                wait = await self._pass(source, http)
            except Unavailable as fault:
                log.warning("fetching_not_recorded", source=source.name, reason=str(fault))
                wait = PASS_AGAIN
            except Exception:  # the loop outlives every fault
                log.exception("fetching_failed", source=source.name)
                wait = PASS_AGAIN
            try:
                async with asyncio.timeout(wait):
                    await woken.wait()
            except TimeoutError:
                pass

    async def _pass(self, source: SourceSettings, http: aiohttp.ClientSession) -> float:
        """Ask for all that is due; return the seconds until the next moment at which something may be."""
        assert source.api is not None  # noqa: S101  # only such sources are served
        api = ToolApi(source.api, http)
        while (now := datetime.now(UTC)) >= self._paused.get(source.name, now):
            fetch = await self._store.read(fetches.due, source.name, now)
            if fetch is None:
                break
            await self._step(source, api, fetch)
        moment = await self._store.read(fetches.next_moment, source.name)
        moments = [at for at in (moment, self._paused.get(source.name)) if at is not None and at > now]
        return min([(at - now).total_seconds() for at in moments] + [LOOK_AGAIN])

    async def _step(self, source: SourceSettings, api: ToolApi, fetch: Fetch) -> None:
        """Ask for one response, and write down what became of it."""
        try:
            found = await self._ask(source, api, fetch.thin)
        except ApiFault as fault:
            await self._put_off(fetch, fault)
        except Unmappable as fault:
            await self._give_up(fetch, str(fault))
        else:
            await self._take(fetch, found)

    async def _ask(self, source: SourceSettings, api: ToolApi, thin: Thin) -> Response | Ignored:
        """Ask for what an event left out; for its survey only when it is not known, or does not give the score."""
        surveys = self._surveys[source.name]
        if known := surveys.known(thin, time.monotonic()):
            with suppress(Unmappable):
                found = await self._told(source, api, thin, known)
                if isinstance(found, Response) and found.score is not None:
                    return found
        return await self._told(source, api, thin, {})

    async def _told(
        self, source: SourceSettings, api: ToolApi, thin: Thin, known: Mapping[str, Any]
    ) -> Response | Ignored:
        told = {path: known[path] if path in known else await api.ask(path) for path in thin.requests}
        if not known:
            self._surveys[source.name].remember(thin, told, time.monotonic())
        return read_answers(source, thin, list(told.values()), self._settings.zone_of(source.name))

    async def _take(self, fetch: Fetch, found: Response | Ignored) -> None:
        now, response = datetime.now(UTC), found if isinstance(found, Response) else None
        receipt = await self._store.run(intake.complete, self._settings, fetch, response, now)
        self._queued()
        if isinstance(found, Ignored):
            self._traffic.count(fetch.source, "ignored", now, found.reason)
        log.info("response_fetched", source=fetch.source, status=receipt.status if receipt else "ignored")

    async def _put_off(self, fetch: Fetch, fault: ApiFault) -> None:
        """Decide by the kind of fault: pause the source, ask for this one later, or give it up."""
        now = datetime.now(UTC)
        for_long = ABSENT_FOR if isinstance(fault, Absent) else DOWN_FOR
        if isinstance(fault, Refused) or now - fetch.received_at > for_long:
            await self._give_up(fetch, fault.reason)
            return
        log.warning("response_not_fetched", source=fetch.source, reason=fault.reason, attempts=fetch.attempts + 1)
        asked = fault.seconds if isinstance(fault, Limited) else None
        seconds = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(fetch.attempts, 30)) if asked is None else asked
        until = now + timedelta(seconds=seconds)
        if isinstance(fault, Limited):
            self._paused[fetch.source] = until
            await self._store.run(fetches.hold, fetch.source, until, fault.reason)
        await self._store.run(fetches.again, fetch, until, fault.reason)

    async def _give_up(self, fetch: Fetch, reason: str) -> None:
        log.warning("response_given_up", source=fetch.source, reason=reason)
        await self._store.run(intake.give_up, fetch, reason)
        self._traffic.count(fetch.source, "quarantined", datetime.now(UTC), reason)
