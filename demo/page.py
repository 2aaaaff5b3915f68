"""The demo's web page: what one person sees of the workspace, live, and what that person does in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from demo.workspace import Ack, Subscription, Workspace

SendResponse = Callable[[dict[str, Any]], Awaitable[tuple[int, Any]]]
Act = Callable[["Workspace", str, Mapping[str, Any]], Awaitable["Ack | None"]]

FILES = Path(__file__).parent / "page"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
UPLOAD_MOST = 1 << 25
"""Bytes of the largest file that the bot may upload to the workspace."""
RESPONSE_FIELDS = ("score", "comment", "name", "company", "email")

WORKSPACE = web.AppKey["Workspace"]("workspace")
SEND_RESPONSE = web.AppKey[SendResponse]("send_response")
SOCKETS = web.AppKey[set[web.WebSocketResponse]]("sockets")


def page(workspace: Workspace, send_response: SendResponse) -> web.Application:
    """Return the server of the page and of the workspace's own routes.

    `send_response` delivers {score, comment, name, company, email}, all but score only where given, to the
    bot, and returns the status and the JSON that it answered. The caller sets `base_url` once it listens.
    """
    app = web.Application(middlewares=[_same_origin], client_max_size=UPLOAD_MOST)
    app[WORKSPACE], app[SEND_RESPONSE], app[SOCKETS] = workspace, send_response, set()
    app.add_routes(workspace.routes())
    app.router.add_get("/", _index)
    app.router.add_get("/archives/{channel}/{message}", _index)
    app.router.add_get("/demo/live", _live)
    app.router.add_post("/demo/response", _deliver)
    app.router.add_static("/demo/page", FILES)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(_hang_up)
    return app


@web.middleware
async def _same_origin(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse what another site's page sends to the page's own routes through the visitor's browser."""
    origin = request.headers.get("Origin")
    if request.path.startswith("/demo/") and origin and origin.partition("://")[2] != request.host:
        raise web.HTTPForbidden(text="This page answers only itself.")
    return await handler(request)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _hang_up(app: web.Application) -> None:
    for socket in [*app[SOCKETS]]:
        await socket.close(code=1001, message=b"the demo ends")


async def _index(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(FILES / "index.html")


async def _deliver(request: web.Request) -> web.Response:
    try:
        given = await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="A response is a JSON object.") from None
    response = {name: given[name] for name in RESPONSE_FIELDS if given.get(name) not in (None, "")}
    status, body = await request.app[SEND_RESPONSE](response)
    return web.json_response({"status": status, "body": body})


async def _live(request: web.Request) -> web.WebSocketResponse:
    """Send the snapshot, then each event as it happens; carry out each action, and answer it by its id."""
    workspace = request.app[WORKSPACE]
    socket = web.WebSocketResponse(heartbeat=20)
    await socket.prepare(request)
    request.app[SOCKETS].add(socket)
    try:
        await _serve(workspace, _reader(workspace, request.query.get("user")), socket)
    finally:
        request.app[SOCKETS].discard(socket)
    return socket


async def _serve(workspace: Workspace, user: str, socket: web.WebSocketResponse) -> None:
    async with workspace.subscribe() as events, asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_tell(workspace, user, events, socket))
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                tasks.create_task(_do(workspace, user, json.loads(message.data), socket))
        telling.cancel()


async def _tell(workspace: Workspace, user: str, events: Subscription, socket: web.WebSocketResponse) -> None:
    """Tell a person what is theirs to see; where channels come, go or change, all of it anew."""
    told = await _snapshot(workspace, user, socket)
    async for event in events:
        if event.get("user", user) != user:
            continue
        channel = event.get("channel")
        where = channel["id"] if isinstance(channel, dict) else channel
        if where is None or (where in told and channel is where):
            await _send(socket, {"event": event})
        elif where in told or _sees(workspace, user, where):
            told = await _snapshot(workspace, user, socket)


async def _snapshot(workspace: Workspace, user: str, socket: web.WebSocketResponse) -> set[str]:
    """Send all that a person sees, and return the ids of the channels among it."""
    snapshot = workspace.snapshot(user)
    await _send(socket, {"snapshot": snapshot})
    return {channel["id"] for channel in snapshot["channels"]}


async def _do(workspace: Workspace, user: str, action: Mapping[str, Any], socket: web.WebSocketResponse) -> None:
    """Carry out one action and answer it; what has gone meanwhile is an error like any other."""
    answer: dict[str, Any]
    try:
        ack = await ACTS[action["do"]](workspace, user, action)
        answer = {"ok": True} if ack is None else {"ok": ack.ok, "error": ack.error, "errors": ack.errors}
    except KeyError:
        answer = {"ok": False, "error": "gone"}
    await _send(socket, {"reply": action["id"], "ack": answer})


async def _send(socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
    with suppress(ConnectionResetError):  # the visitor has gone meanwhile
        await socket.send_json(message)


def _reader(workspace: Workspace, wanted: str | None) -> str:
    """Return the id of whom the page shows the workspace to: as wanted, by id or name, or the first."""
    people = [user for user in workspace.users.values() if not user.is_bot]
    return next((user.id for user in people if wanted in (user.id, user.name)), people[0].id)


def _sees(workspace: Workspace, user: str, channel: str) -> bool:
    return workspace.people.sees(workspace.users[user], workspace.channels[channel])


async def _click(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    where = (action["channel"], action["ts"], action["action_id"])
    return await workspace.click(user, *where, value=action.get("value"), block_id=action.get("block_id"))


async def _click_view(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    more = {name: action.get(name) for name in ("value", "block_id", "values")}
    return await workspace.click_view(user, action["view_id"], action["action_id"], **more)


async def _submit(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    return await workspace.submit(user, action["view_id"], action["values"])


async def _close_view(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    return await workspace.close_view(user, action["view_id"], all_views=bool(action.get("all_views")))


async def _command(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    return await workspace.command(user, action["channel"], action["command"], action["text"])


async def _shortcut(workspace: Workspace, user: str, action: Mapping[str, Any]) -> Ack:
    if "ts" in action:
        return await workspace.message_shortcut(user, action["channel"], action["ts"], action["callback_id"])
    return await workspace.shortcut(user, action["callback_id"])


async def _open_home(workspace: Workspace, user: str, _action: Mapping[str, Any]) -> Ack:
    return await workspace.open_home(user)


async def _say(workspace: Workspace, user: str, action: Mapping[str, Any]) -> None:
    await workspace.say(user, action["channel"], action["text"], thread_ts=action.get("thread_ts"))


ACTS: dict[str, Act] = {
    "click": _click,
    "click_view": _click_view,
    "submit": _submit,
    "close_view": _close_view,
    "command": _command,
    "shortcut": _shortcut,
    "open_home": _open_home,
    "say": _say,
}
