"""How the workspace reaches the app: over its sockets if it has some, else by signed requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

if TYPE_CHECKING:
    from demo.sockets import Sockets

ACK_SECONDS = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)
EVENT, INTERACTIVE, COMMAND = "events_api", "interactive", "slash_commands"


@dataclass(frozen=True, slots=True)
class Ack:
    """How the app took a delivery: in time or not; `elapsed` in seconds, `body` is what it answered."""

    ok: bool
    elapsed: float
    error: str | None = None
    body: Any = None

    @property
    def errors(self) -> dict[str, str]:
        """Return the sentences beside a form's fields, by block_id."""
        return dict(self.body.get("errors", {})) if isinstance(self.body, Mapping) else {}


class DeliveryError(Exception):
    """The app did not take a delivery; the message says how, in Slack's words for a retry's reason."""


class Deliveries:
    """Sends what happens to the app and waits for its acknowledgement, 3 seconds at most."""

    def __init__(self, signing_secret: str, sockets: Sockets, clock: Callable[[], float]) -> None:
        self.request_url: str | None = None
        self.ack_seconds = ACK_SECONDS
        self.retry_after = RETRY_AFTER
        self.sockets = sockets
        self._secret = signing_secret.encode()
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    @property
    def connected(self) -> bool:
        """Tell whether there is anybody to deliver to."""
        return bool(self.sockets) or self.request_url is not None

    async def send(self, kind: str, payload: dict[str, Any], **retry: Any) -> Ack:
        """Deliver once; `retry` says which try of an event it is, and why."""
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.ack_seconds):
                if self.sockets:
                    body = await self.sockets.deliver(kind, payload, **retry)
                else:
                    body = await self._request(kind, payload, retry)
        except TimeoutError:
            return Ack(False, time.perf_counter() - began, "http_timeout")
        except (DeliveryError, aiohttp.ClientError, ConnectionError) as failure:
            error = str(failure) if isinstance(failure, DeliveryError) else "connection_failed"
            return Ack(False, time.perf_counter() - began, error)
        return Ack(True, time.perf_counter() - began, body=body)

    async def retry_event(self, payload: dict[str, Any], ack: Ack) -> None:
        """Deliver an event that was not taken up to three times more: at once, after a minute, after five."""
        for number, seconds in enumerate(self.retry_after, start=1):
            if ack.ok or ack.error == "no_retry":
                break
            await asyncio.sleep(seconds)
            ack = await self.send(EVENT, payload, retry_attempt=number, retry_reason=ack.error or "")

    async def close(self) -> None:
        """Let go of the connections to the app."""
        await self.sockets.close()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _request(self, kind: str, payload: dict[str, Any], retry: Mapping[str, Any]) -> Any:
        """Send one signed request and return what was answered: a JSON value, text, or None for nothing."""
        if self.request_url is None:
            raise DeliveryError("connection_failed")
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        body, content_type = _body(kind, payload)
        headers = {"Content-Type": content_type, **self._signed(body)}
        if retry:
            headers["X-Slack-Retry-Num"] = str(retry["retry_attempt"])
            headers["X-Slack-Retry-Reason"] = str(retry["retry_reason"])
        async with self._session.post(self.request_url, data=body, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 300:
                raise DeliveryError("no_retry" if answer.headers.get("X-Slack-No-Retry") == "1" else "http_error")
            if not text:
                return None
            return _json(text) if answer.content_type == "application/json" else text

    def _signed(self, body: bytes) -> dict[str, str]:
        """Return the headers of Slack's v0 signature over a body."""
        seconds = str(int(self._clock()))
        digest = hmac.new(self._secret, f"v0:{seconds}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": seconds, "X-Slack-Signature": f"v0={digest}"}


def _body(kind: str, payload: dict[str, Any]) -> tuple[bytes, str]:
    if kind == EVENT:
        return json.dumps(payload).encode(), "application/json"
    form = payload if kind == COMMAND else {"payload": json.dumps(payload)}
    return urlencode(form).encode(), "application/x-www-form-urlencoded"


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DeliveryError("http_error") from None
