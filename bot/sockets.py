"""Socket Mode with a watchdog: a connection that is dead, or only says that it lives, is thrown away and built anew."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import SlackFault, classify

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

log = structlog.get_logger("sockets")

CHECK_EVERY = 0.5
"""Seconds between looks at what the client knows by itself: they cost no call."""
CLOSE_WITHIN = 2.0
PING_EVERY = 10.0
CONNECT_WITHIN = 8.0
"""Seconds for one connection; the client tries a used address again after PING_EVERY, which helps nobody."""
STALE_AFTER = 3 * PING_EVERY
SHORTEST_WAIT = 0.25
LONGEST_WAIT = 30.0


class Socket:
    """One connection to Slack at a time; `reason` says why there is none just now."""

    def __init__(self, bolt: AsyncApp, app_token: str, api_url: str) -> None:
        self._bolt, self._token, self._api_url = bolt, app_token, api_url
        self.reason: str | None = "Socket Mode is not connected yet"
        self._handler: AsyncSocketModeHandler | None = None

    async def run(self) -> None:
        """Stay connected until cancelled; no connection is left then."""
        try:
            await self._stay_connected()
        finally:
            await self._close()

    async def _stay_connected(self) -> None:
        wait = SHORTEST_WAIT
        while True:
            began = time.monotonic()
            try:
                await self._connect()
                self.reason = None
                await self._watch()
                self.reason = "Socket Mode lost its connection"
            except (SlackFault, TimeoutError, OSError) as fault:
                self.reason = f"Socket Mode is not connected: {str(fault) or type(fault).__name__}"
            log.warning("socket_down", reason=self.reason)
            await self._close()
            lived = time.monotonic() - began > 2 * STALE_AFTER
            wait = SHORTEST_WAIT if lived else min(LONGEST_WAIT, 2 * wait)
            await asyncio.sleep(wait)

    async def _connect(self) -> None:
        """Ask Slack once where to connect, since the client itself would ask for ever; then connect there."""
        client = AsyncWebClient(base_url=self._api_url, retry_handlers=[])
        try:
            address = str((await client.apps_connections_open(app_token=self._token))["url"])
        except Exception as error:
            raise classify(error) from error
        handler = AsyncSocketModeHandler(self._bolt, self._token, web_client=client, ping_interval=PING_EVERY)
        self._handler = handler
        handler.client.wss_uri = address
        await asyncio.wait_for(handler.connect_async(), CONNECT_WITHIN)  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        log.info("socket_connected")

    async def _watch(self) -> None:
        """Return when the connection has been dead, or silent, at two checks in a row."""
        bad = 0
        while bad < 2:
            await asyncio.sleep(CHECK_EVERY)
            bad = 0 if await self._alive() else bad + 1

    async def _alive(self) -> bool:
        client = self._handler.client if self._handler else None
        if client is None or not await client.is_connected():
            return False
        last = getattr(client, "last_ping_pong_time", None)
        return last is None or time.time() - last < STALE_AFTER

    async def _close(self) -> None:
        """Let the connection go; a dead one is not waited for, and none of its tasks is left behind."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        client = handler.client
        try:
            await asyncio.wait_for(client.close(), CLOSE_WITHIN)  # type: ignore[no-untyped-call]  # as above
        except (TimeoutError, OSError) as fault:
            log.info("socket_not_closed", reason=type(fault).__name__)
        finally:
            for task in (client.message_processor, client.current_session_monitor, client.message_receiver):
                if task is not None:
                    task.cancel()
            await client.aiohttp_client_session.close()
