"""One call to Slack's Web API: at most once, within its time, and not while Slack wants to be left alone with it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import Later, Unknown, classify

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.cards.blocks import Json

TIMEOUT = 10.0
"""Seconds that one call may take."""
PACED_BY_CHANNEL = "chat.postMessage"
"""The one method of which Slack limits each channel by itself: there the channel's lane waits, elsewhere the method."""


class Api:
    """A connection to one workspace: which scopes its token has, and when it was heard last."""

    def __init__(self, token: str, base_url: str, observe: Callable[[str, str], None] = lambda _m, _o: None) -> None:
        self.client = AsyncWebClient(token=token, base_url=base_url, timeout=int(TIMEOUT), retry_handlers=[])
        self._observe = observe
        self.scopes: frozenset[str] = frozenset()
        self._heard_at = float("-inf")
        self._left_alone_until: dict[str, float] = {}

    def heard_within(self, seconds: float) -> bool:
        """Tell whether Slack has answered a call well within the last seconds."""
        return time.monotonic() - self._heard_at < seconds

    async def open(self) -> None:
        """Keep connections open between calls."""
        self.client.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self) -> None:
        """Let the connections go."""
        if self.client.session is not None:
            await self.client.session.close()

    async def call(
        self, method: str, ask: Callable[..., Awaitable[Any]], *, within: float | None = None, **arguments: Any
    ) -> Json:
        """Call a method once; while Slack wants to be left alone with it, fail at once as it would."""
        left = self._left_alone_until.get(method, 0.0) - time.monotonic()
        if left > 0:
            raise Later("ratelimited", left)
        try:
            async with asyncio.timeout(TIMEOUT if within is None else within):
                answer = await ask(**arguments)
        except (
            SlackClientError,
            aiohttp.ClientError,
            TimeoutError,
            OSError,
            AttributeError,
            ValueError,
        ) as error:
            fault = classify(error)
            self._observe(method, type(fault).__name__.lower())
            if isinstance(fault, Later) and fault.seconds is not None and method != PACED_BY_CHANNEL:
                until = time.monotonic() + fault.seconds
                self._left_alone_until[method] = max(self._left_alone_until.get(method, until), until)
            raise fault from error
        data = answer.data
        if not isinstance(data, dict) or "ok" not in data:
            self._observe(method, "unknown")
            raise Unknown("Slack's answer was no answer of its API", answered=True)
        self._observe(method, "ok")
        self._heard_at = time.monotonic()
        granted = str(answer.headers.get("x-oauth-scopes") or answer.headers.get("X-OAuth-Scopes") or "")
        self.scopes = frozenset(scope.strip() for scope in granted.split(",") if scope.strip()) or self.scopes
        return data
