"""The door of the Web API: reads a call, checks token, pace and scope, runs it, or breaks it as wanted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from demo import chat, conversations, files, surfaces
from demo.errors import SlackError
from demo.faults import Fault, Kind, cut
from demo.methods import Args

if TYPE_CHECKING:
    from demo.state import State

METHODS = chat.METHODS | conversations.METHODS | surfaces.METHODS | files.METHODS

STORED_FIRST = (Kind.CUT_AFTER, Kind.ERROR_AFTER)
CUT = (Kind.HANG, Kind.CUT_BEFORE, Kind.CUT_AFTER, Kind.LATE)
PAGE = "<!doctype html><title>Slack</title><p>Something went wrong on our end."


class WebApi:
    """Answers `/api/{method}` for one workspace."""

    def __init__(self, state: State) -> None:
        self.state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, or fail as the faults want it."""
        method = request.match_info["method"]
        faults = self.state.faults
        if faults.down:
            return cut(request)
        try:
            token, args = await _read(request)
        except (TypeError, ValueError):
            return self._json({"ok": False, "error": "invalid_json"})
        fault = faults.draw(method)
        if fault is None:
            return self.answer(method, token, args)
        self.state.refused(method, f"the fault {fault.kind} is switched on")
        if fault.kind in STORED_FIRST:
            self.answer(method, token, args)
        if fault.kind is Kind.LATE:
            self.state.background.later(fault.seconds, lambda: self.answer(method, token, args))
        if fault.kind is Kind.HANG:
            await faults.hang()
        return cut(request) if fault.kind in CUT else self._broken(fault)

    def answer(self, method: str, token: str, args: Args) -> web.Response:
        """Run a method and answer as Slack does."""
        try:
            body = {"ok": True, **self._run(method, token, args)}
        except SlackError as refused:
            self.state.refused(method, str(refused))
            return self._refusal(refused)
        return self._json(body)

    def _run(self, name: str, token: str, args: Args) -> dict[str, Any]:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", f"this workspace knows no {name}")
        self.state.check_token(token, app=method.app_token)
        self.state.rates.count(name, method.per_minute)
        if method.scope is not None:
            self.state.need_scope(method.scope)
        return method.run(self.state, args)

    def _broken(self, fault: Fault) -> web.Response:
        """Return what an app gets instead of Slack's answer."""
        match fault.kind:
            case Kind.LIMIT:
                return self._limited(fault.retry_after)
            case Kind.ERROR_500:
                return web.Response(status=500, text="Internal Server Error")
            case Kind.ERROR_503:
                return web.Response(status=503)
            case Kind.HTML:
                return web.Response(text=PAGE, content_type="text/html")
            case _:
                return self._json({"ok": False, "error": fault.error})

    def _refusal(self, refused: SlackError) -> web.Response:
        if refused.error == "ratelimited":
            return self._limited(str(refused.fields["retry_after"]))
        body = {"ok": False, "error": refused.error, **refused.fields}
        if refused.messages:
            body["response_metadata"] = {"messages": refused.messages}
        return self._json(body)

    def _limited(self, retry_after: str | None) -> web.Response:
        answer = self._json({"ok": False, "error": "ratelimited"}, status=429)
        if retry_after is not None:
            answer.headers["Retry-After"] = retry_after
        return answer

    def _json(self, body: dict[str, Any], status: int = 200) -> web.Response:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-OAuth-Scopes": ",".join(sorted(self.state.scopes)),
        }
        return web.Response(body=json.dumps(body).encode(), status=status, headers=headers)


async def _read(request: web.Request) -> tuple[str, Args]:
    """Return a call's token and arguments, however they came."""
    args = Args(request.query)
    if request.content_type == "multipart/form-data":
        args.update(await request.post())
    elif request.content_type == "application/json":
        args.update(json.loads(await request.read() or b"{}"))
    else:
        args.update(parse_qsl((await request.read()).decode(), keep_blank_values=True))
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bearer or str(args.get("token", "")), args
