"""Routes by which another process breaks the workspace and reads what was posted: JSON, no token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from demo.state import State


def control_routes(state: State) -> list[web.RouteDef]:
    """Return the routes under /control for a workspace."""

    async def messages(request: web.Request) -> web.Response:
        """Give all messages of a channel, or of all channels, threads included, in the order of their ts."""
        name = request.query.get("channel")
        ids = [state.people.channel(name).id] if name else list(state.channels)
        found = [message | {"channel": each} for each in ids for message in state.store.room(each).messages.values()]
        return web.json_response(sorted(found, key=lambda message: message["ts"]))

    async def log(_: web.Request) -> web.Response:
        """Give everything that was refused."""
        return web.json_response([entry._asdict() for entry in state.log])

    async def add_fault(request: web.Request) -> web.Response:
        """Switch a fault on: {"kind": …, "method": …} and further fields of `Fault`; or {"down": true}."""
        wanted = await request.json()
        if "down" in wanted:
            state.faults.down = bool(wanted["down"])
        else:
            state.faults.add(**wanted)
        return web.json_response({"ok": True})

    async def clear_faults(_: web.Request) -> web.Response:
        """Switch all faults off."""
        state.faults.clear()
        return web.json_response({"ok": True})

    return [
        web.get("/control/messages", messages),
        web.get("/control/log", log),
        web.post("/control/faults", add_fault),
        web.delete("/control/faults", clear_faults),
    ]
