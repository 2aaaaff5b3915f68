"""A load generator: raw HTTP/1.1 over connections that stay open, each with one request under way at a time."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Measured:
    """One run: its length in seconds, each request's time in seconds, how often each status was answered."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Return the requests answered a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Return the milliseconds within which so many percent of the requests were answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def request(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """Return one POST as it goes over the wire."""
    named = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = (f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()))
    return "\r\n".join((*lines, "", "")).encode() + body


async def load(port: int, requests: Sequence[bytes], connections: int) -> Measured:
    """Send the requests over so many connections to a server on this machine, as fast as it answers."""
    measured, left, loop = Measured(), iter(requests), asyncio.get_running_loop()
    began = perf_counter()
    lines = [
        (await loop.create_connection(lambda: _Line(left, measured, loop.create_future()), "127.0.0.1", port))[1]
        for _ in range(min(connections, len(requests)))
    ]
    await asyncio.gather(*(line.done for line in lines))
    measured.seconds = perf_counter() - began
    return measured


class _Line(asyncio.Protocol):
    """One connection, which sends what is left until nothing is."""

    def __init__(self, left: Iterator[bytes], measured: Measured, done: asyncio.Future[None]) -> None:
        self.done = done
        self._left, self._measured, self._heard, self._began = left, measured, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head = self._heard.find(b"\r\n\r\n")
        if head < 0 or len(self._heard) < head + 4 + int(LENGTH.search(self._heard)[1]):
            return
        self._measured.latencies.append(perf_counter() - self._began)
        self._measured.statuses[int(self._heard[9:12])] += 1
        self._heard = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def _next(self) -> None:
        sent = next(self._left, None)
        if sent is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._began = perf_counter()
        self._transport.write(sent)
