"""The composition root: the one place that knows all parts; nothing happens on import."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot import messages, trail
from bot.config import SettingError, Settings
from bot.fetching import Fetching
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.people import People, Unconfirmed
from bot.slack import Identity, Slack, SlackFault
from bot.sockets import Socket
from bot.texts import Texts
from bot.traffic import Traffic
from handlers import (
    alerts,
    call,
    claim,
    commands,
    contact,
    errors,
    home,
    menu,
    referrals,
    schedule,
    sharing,
    shortcuts,
    themes,
)
from handlers.desk import Desk
from handlers.web import application
from storage import Store, Unavailable, failures, lanes, rollups
from storage import settings as stored_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

log = structlog.get_logger("app")

FINISH_WITHIN = 5.0
ERRANDS_WITHIN = 1.0
KEEP_ALIVE = 15.0
HEARD_WITHIN = 10.0
"""Seconds after which silence makes /readyz ask Slack itself."""
ASK_WITHIN = 3.0


class TimedApp(AsyncApp):
    """Bolt's app, with the time that each acknowledgement takes."""

    def __init__(self, metrics: Metrics, **options: Any) -> None:
        super().__init__(**options)
        self._metrics = metrics

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Route one request, over HTTP or a socket, and measure until its answer is there."""
        with self._metrics.acknowledged.time():
            return await super().async_dispatch(req)


class Bot:
    """A running bot: `port` is where its HTTP server listens."""

    def __init__(self, settings: Settings, *, look_first: bool = True) -> None:
        if settings.bot_token is None:
            raise SettingError("SLACK_BOT_TOKEN is not set; it stands at api.slack.com/apps under OAuth & Permissions.")
        if settings.app_token is None and settings.signing_secret is None:
            raise SettingError(
                "Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP mode) is set; one is needed."
            )
        self.settings = settings
        self.port = 0
        metrics = Metrics()
        self.store = Store(settings.database, on_commit=metrics.committed)
        self.slack = Slack(
            settings.bot_token,
            settings.slack_api_url,
            lambda method, end: metrics.slack_calls.labels(method, end).inc(),
        )
        texts = Texts(settings.language, settings.timezone)
        self.outbox = Outbox(
            self.store,
            self.slack,
            lambda db, message: messages.render(
                db, message, settings, self.desk.texts_for(message.channel), datetime.now(UTC)
            ),
            meet=self._meet,
            look_first=look_first,
            privacy=settings.privacy,
        )
        people = People(self.slack, self.identity, self.outbox.channels.place, settings.rights)
        traffic = Traffic(settings.timezone)
        self.fetching = Fetching(settings, self.store, traffic, self.outbox.wake)
        self.desk = Desk(settings, self.store, self.slack, people, self.outbox, texts, metrics, traffic, self.fetching)
        self.bolt = self._bolt()
        self.socket = Socket(self.bolt, settings.app_token, settings.slack_api_url) if settings.app_token else None
        self._identity: Identity | None = None
        self._why_not: str | None = "Slack has not answered yet"

    def _bolt(self) -> AsyncApp:
        async def authorize(**_: Any) -> AuthorizeResult:
            known = self._identity
            return AuthorizeResult(
                enterprise_id=known.enterprise_id if known else None,
                team_id=known.team_id if known else None,
                bot_token=self.settings.bot_token,
                bot_id=known.bot_id if known else None,
                bot_user_id=known.user_id if known else None,
            )

        bolt = TimedApp(
            self.desk.metrics,
            authorize=authorize,
            signing_secret=self.settings.signing_secret or "checked before Bolt",
            request_verification_enabled=False,
            process_before_response=True,
            logger=logging.getLogger("slack_bolt"),
        )
        errors.register(bolt, self.desk)
        for handler in (claim, call, contact, menu, commands, home, referrals, alerts, themes, sharing, shortcuts):
            handler.register(bolt)
        errors.register_last(bolt)
        return bolt

    async def identity(self) -> Identity:
        """Return whose token this is, asked until Slack has answered once."""
        if self._identity is None:
            found = await self.slack.identity()
            await self.store.run(stored_settings.put, "workspace_url", found.url)
            await self.store.run(trail.settings_read, self.settings, datetime.now(UTC))
            self._identity = found
            self._why_not = None
        return self._identity

    async def _meet(self, user: str) -> None:
        """Learn how somebody reads, as far as Slack tells just now; what is said goes out in any case."""
        with contextlib.suppress(Unconfirmed):
            await self.desk.people.person(user)

    async def ready(self) -> str | None:
        """Return why the bot cannot do its work just now; None when store and Slack connection work."""
        try:
            await self.store.run(stored_settings.put, "looked_at", datetime.now(UTC).isoformat())  # or the disk is full
            paused = await self.store.read(lanes.paused)
        except Unavailable as fault:
            return str(fault)
        stuck = [f"{row['lane']}: {row['reason']}" for row in paused if "ratelimited" not in row["reason"]]
        stuck += await self.store.read(failures.unanswerable)
        if not self.slack.heard_within(HEARD_WITHIN):
            await self._ask()
        reasons = [self._why_not, self.socket.reason if self.socket else None, *stuck]
        return "; ".join(filter(None, reasons)) or None

    async def _ask(self) -> None:
        """Ask Slack whether it is there, and note the answer."""
        try:
            async with asyncio.timeout(ASK_WITHIN):
                await self.slack.identity()
        except (SlackFault, TimeoutError) as fault:
            self._why_not = f"Slack does not answer us: {str(fault) or 'no answer in time'}"
        else:
            self._why_not = None if self._identity else self._why_not

    async def _introduce(self) -> None:
        """Ask Slack who we are until it answers; webhooks are taken meanwhile."""
        wait = 0.5
        while True:
            try:
                known = await self.identity()
            except SlackFault as fault:
                self._why_not = f"Slack does not accept us: {fault.reason}"
                log.warning("slack_not_reached", reason=fault.reason)
            except Unavailable as fault:
                log.warning("store_not_written", reason=str(fault))
            else:
                log.info("slack_reached", workspace=known.url, bot=known.user_id)
                return
            await asyncio.sleep(wait)
            wait = min(15.0, wait * 2)

    async def _count(self) -> None:
        """See that the daily counts are right; while the store is locked, scores come from the responses instead."""
        try:
            if await self.store.run(rollups.keep, self.settings.timezone):
                log.info("rollups_counted", zone=str(self.settings.timezone))
        except Unavailable as fault:
            log.warning("rollups_not_counted", reason=str(fault))

    async def _listen(self, runner: web.AppRunner) -> None:
        host, port = self.settings.host, self.settings.port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            why = error.strerror or str(error)
            raise SettingError(
                f"NPSBOT_HOST is {host!r} and NPSBOT_PORT is {port}, but nothing can listen there ({why}); "
                "name an address of this machine and a port that is free."
            ) from None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        """Run until the block ends, then stop without leaving half work."""
        await self.slack.open()
        runner = web.AppRunner(
            application(self.desk, self.bolt if self.socket is None else None, self.ready),
            access_log=None,
            keepalive_timeout=KEEP_ALIVE,
            shutdown_timeout=3.0,
            handler_cancellation=False,
            auto_decompress=False,
        )
        await runner.setup()
        ticking = schedule.scheduler(self.desk)
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._count()
            await self._listen(runner)
            self.port = runner.addresses[0][1]
            watches = (home.watch(self.desk), themes.watch(self.desk))
            loops = (self.outbox.run(), self.fetching.run(), self._introduce(), *watches)
            tasks += [asyncio.create_task(loop) for loop in loops]
            if self.socket:
                tasks.append(asyncio.create_task(self.socket.run()))
            ticking.start()
            log.info("listening", host=self.settings.host, port=self.port)
            yield self
        finally:
            if ticking.running:
                ticking.shutdown(wait=False)
            await runner.cleanup()
            for task in tasks:
                task.cancel()
            for task in tasks:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            await self.desk.finish(ERRANDS_WITHIN)
            await self.outbox.finish(FINISH_WITHIN)
            with contextlib.suppress(Unavailable):
                await self.desk.traffic.write(self.store)
            await self.slack.close()
            self.store.close()
            log.info("stopped")
