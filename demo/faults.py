"""What can go wrong between an app and Slack, switched on by method."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from aiohttp import web

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


def cut(request: web.Request) -> web.Response:
    """Break the connection of a request; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
