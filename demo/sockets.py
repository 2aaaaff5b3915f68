"""Socket Mode: tickets, open WebSockets, envelopes sent and their acknowledgements."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from demo.errors import SlackError
from demo.faults import Faults, cut
from demo.people import APP_ID
from demo.stamps import new_id

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTIONS_MOST = 10
TICKET_SECONDS = 30.0
CLOSE_SECONDS = 0.5


class Sockets:
    """The WebSockets of an app; `changed` is called whenever one comes or goes."""

    def __init__(self, clock: Callable[[], float], faults: Faults, changed: Callable[[], None]) -> None:
        self.clock, self.faults, self.changed = clock, faults, changed
        self.random = Random(0)
        self._tickets: dict[str, float] = {}
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    def __len__(self) -> int:
        """Return how many connections are open."""
        return len(self._open)

    def ticket(self) -> str:
        """Return a ticket for one connection, good for half a minute."""
        if len(self._open) >= CONNECTIONS_MOST:
            raise SlackError("too_many_websockets", f"at most {CONNECTIONS_MOST} connections may be open")
        ticket = new_id("")
        self._tickets[ticket] = self.clock() + TICKET_SECONDS
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from `hello` to its end."""
        if self.faults.down or self.faults.no_sockets:
            return cut(request)
        if self._tickets.pop(request.query.get("ticket", ""), 0) < self.clock():
            return web.Response(status=404, text="the ticket is used, too old or unknown")
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        self._open[socket] = request
        await socket.send_json(self._hello())
        self.changed()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._acknowledged(json.loads(message.data))
        finally:
            del self._open[socket]
            self.changed()
        return socket

    async def deliver(self, kind: str, payload: dict[str, Any], **more: Any) -> Any:
        """Send an envelope over any one connection and return what its acknowledgement carries."""
        envelope_id = new_id("")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **more,
        }
        try:
            await self.random.choice(list(self._open)).send_json(envelope)
            return await answer
        finally:
            del self._waiting[envelope_id]

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does every few hours, and close what was open."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "demo"}})
            await socket.close()

    async def close(self) -> None:
        """Close all connections in good order, and cut those whose app does not answer."""
        await asyncio.gather(*(socket.close() for socket in list(self._open)))
        self.lose()

    def lose(self) -> None:
        """Cut all connections without a word."""
        for request in self._open.values():
            cut(request)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "demo", "approximate_connection_time": 18060},
        }

    def _acknowledged(self, message: dict[str, Any]) -> None:
        waiting = self._waiting.get(message.get("envelope_id", ""))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))
