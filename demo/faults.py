"""What can go wrong between an app and Slack, switched on by method, and how often an app may call."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from aiohttp import web

from demo.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind(StrEnum):
    """How a call of the Web API goes wrong."""

    HANG = "hang"
    """It is never answered."""
    CUT_BEFORE = "cut_before"
    """The connection breaks and nothing is stored."""
    CUT_AFTER = "cut_after"
    """It is stored, and the connection breaks before the answer."""
    LATE = "late"
    """The connection breaks, and it is stored some seconds later."""
    LAG = "lag"
    """It is answered well, and shows in the history some seconds later."""
    LIMIT = "limit"
    """429 with a Retry-After of any sort, or none."""
    ERROR_500 = "error_500"
    """500 with a text that is no JSON."""
    ERROR_503 = "error_503"
    """503 with nothing."""
    HTML = "html"
    """200 with a page of HTML."""
    ERROR = "error"
    """ok: false with an error code; nothing is stored."""
    ERROR_AFTER = "error_after"
    """ok: false with an error code; it is stored nevertheless."""


@dataclass(slots=True)
class Fault:
    """One thing that goes wrong with a method or all (`*`), now and then or always, `count` times or ever."""

    kind: Kind
    method: str = "*"
    probability: float = 1.0
    count: int | None = None
    seconds: float = 1.0
    error: str = "internal_error"
    retry_after: str | None = "1"


class Faults:
    """The faults that are switched on, drawn by a seeded Random so that runs repeat.

    `down` refuses everything, `no_sockets` new WebSockets; `Sockets.lose` cuts those that are open.
    """

    def __init__(self, seed: int = 0) -> None:
        self.random = Random(seed)
        self.down = False
        self.no_sockets = False
        self.on: list[Fault] = []
        self._released = asyncio.Event()

    def add(self, kind: Kind | str, method: str = "*", **more: object) -> Fault:
        """Switch a fault on; `more` are fields of `Fault`."""
        fault = Fault(Kind(kind), method, **more)  # type: ignore[arg-type]  # a wrong field is a TypeError
        self.on.append(fault)
        return fault

    def clear(self) -> None:
        """Switch everything off."""
        self.on.clear()
        self.down = self.no_sockets = False
        self.release()

    async def hang(self) -> None:
        """Wait until the faults are cleared or the workspace stops."""
        await self._released.wait()

    def release(self) -> None:
        """End the wait of all calls that hang."""
        self._released.set()
        self._released = asyncio.Event()

    def draw(self, method: str) -> Fault | None:
        """Return the first fault other than a lag that strikes this call, or None."""
        return self._first(method, lambda fault: fault.kind is not Kind.LAG)

    def lag(self, method: str) -> float:
        """Return by how many seconds what this call stores is late in the history."""
        fault = self._first(method, lambda fault: fault.kind is Kind.LAG)
        return fault.seconds if fault else 0

    def _first(self, method: str, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.on:
            applies = fault.count != 0 and fault.method in ("*", method) and fits(fault)
            if applies and self.random.random() < fault.probability:
                fault.count = None if fault.count is None else fault.count - 1
                return fault
        return None


class Rates:
    """How often an app may call: a burst and then one a second to each channel; the rest so many a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.on = True
        self.burst = 4.0
        self.per_second = 1.0
        self.per_minute: dict[str, int] = {}
        self._windows: dict[str, tuple[float, int]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, method: str, most: int) -> None:
        """Count one call of a method; SlackError `ratelimited` when this minute's are used up."""
        if not self.on:
            return
        now = self.clock()
        began, used = self._windows.get(method, (now, 0))
        if now - began >= 60:
            began, used = now, 0
        if used >= self.per_minute.get(method, most):
            raise limited(method, began + 60 - now)
        self._windows[method] = began, used + 1

    def count_post(self, channel: str) -> None:
        """Count one message to a channel; SlackError `ratelimited` when they come too fast."""
        if not self.on:
            return
        now = self.clock()
        at, left = self._buckets.get(channel, (now, self.burst))
        left = min(self.burst, left + (now - at) * self.per_second)
        if left < 1:
            self._buckets[channel] = now, left
            raise limited(f"chat.postMessage to {channel}", (1 - left) / self.per_second)
        self._buckets[channel] = now, left - 1


def limited(what: str, seconds: float) -> SlackError:
    """Return the refusal of a call that comes too soon."""
    wait = max(1, math.ceil(seconds))
    return SlackError("ratelimited", f"{what}: too many calls; come back in {wait} s", retry_after=wait)


def cut(request: web.Request) -> web.Response:
    """Break the connection of a request; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
