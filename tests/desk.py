"""A workspace with the demo's page and an app behind it, for tests of what people see and do there."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest_asyncio
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from demo.page import page
from demo.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SCOPES = ("chat:write", "commands", "users:read", "channels:read", "channels:history", "im:write")


@dataclass
class Desk:
    """A workspace with its page, and an app that keeps what reaches it and answers as a test says."""

    workspace: Workspace
    client: AsyncWebClient
    address: str
    served: web.Application
    answer: Callable[[dict[str, Any]], Any] = lambda _: None
    heard: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    delivered: list[dict[str, Any]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        """Take one delivery of the workspace."""
        text = await request.text()
        body = json.loads(text) if request.content_type == "application/json" else dict(parse_qsl(text))
        body = json.loads(body["payload"]) if "payload" in body else body
        self.heard.put_nowait(body)
        answer = self.answer(body)
        answer = await answer if asyncio.iscoroutine(answer) else answer
        return web.Response() if answer is None else web.json_response(answer)

    async def post(self, text: str = "A response", **more: Any) -> str:
        """Post as the bot to #nps and return the ts."""
        return (await self.client.chat_postMessage(channel="#nps", text=text, **more))["ts"]

    async def action(self) -> dict[str, Any]:
        """Return the next action that the app hears of."""
        body = await asyncio.wait_for(self.heard.get(), 5)
        return body["actions"][0]


@pytest_asyncio.fixture(loop_scope="session")
async def desk() -> AsyncIterator[Desk]:
    workspace = Workspace(SCOPES)
    workspace.rates.on = False

    async def send_response(response: dict[str, Any]) -> tuple[int, Any]:
        made.delivered.append(response)
        return 202, {"status": "accepted", "response_id": "r-1"}

    served = page(workspace, send_response)
    made = Desk(workspace, AsyncWebClient(token=workspace.bot_token), "", served)
    served.router.add_post("/app", made.hear)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = workspace.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    workspace.request_url = f"{made.address}/app"
    made.client.base_url = workspace.api_url
    yield made
    await workspace.stop()
    await runner.cleanup()


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(text: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": words(text), "action_id": action_id, "value": "r-1", **more}


def row(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "block_id": "row", "elements": list(elements)}


def options(*texts: str) -> list[dict[str, Any]]:
    return [{"text": words(text), "value": text.lower()} for text in texts]
