"""Slack's own client and a Bolt app that keeps what it hears, for the tests of the stand-in for Slack."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from demo.workspace import Workspace

BOT_TOKEN = "xoxb-demo"
ANYTHING = re.compile("")


def plain(text: str = "Words") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.capitalize()), "value": value}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def field(block_id: str, kind: str, **more: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(), "element": element}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Log"), "submit": plain("Save"), "blocks": list(blocks), **more}


BUTTON = {"type": "button", "action_id": "claim_callback", "text": plain("Claim"), "value": "42"}
MENU = {"type": "overflow", "action_id": "callback_menu", "options": [option("assign"), option("snooze")]}
CARD = [{"type": "section", "text": plain("A detractor")}, actions(BUTTON, MENU, block_id="card")]
NOTES, OUTCOME = (
    field("notes", "plain_text_input", min_length=2, max_length=20),
    field("outcome", "static_select", options=[option("reached")]),
)
FORM = modal(NOTES, OUTCOME, callback_id="log_call", private_metadata="42")


def client_of(workspace: Workspace, token: str = BOT_TOKEN) -> AsyncWebClient:
    """Return Slack's own client, which tries nothing twice."""
    return AsyncWebClient(token, base_url=workspace.api_url, retry_handlers=[], timeout=5)


async def post(client: AsyncWebClient, text: str = "Words", **more: Any) -> str:
    """Post a message to #nps and return its ts."""
    return (await client.chat_postMessage(channel="C0NPS", text=text, **more))["ts"]


class Bot:
    """A Bolt app that keeps what it hears, and answers as a test wants it."""

    def __init__(self, workspace: Workspace) -> None:
        self.client = client_of(workspace)
        self.heard: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.listen = self.acknowledge
        self.app = AsyncApp(client=self.client, signing_secret="demo-signing-secret", process_before_response=True)
        for register in (self.app.action, self.app.view, self.app.view_closed, self.app.command, self.app.event):
            register(ANYTHING)(self._hear)

    async def _hear(self, body, ack, respond, client):
        self.heard.append(body)
        await self.listen(body, ack, respond, client)

    async def acknowledge(self, _body, ack, _respond, _client):
        """Acknowledge with the answer, as a listener without work of its own."""
        await ack(**self.answer)

    async def post_card(self) -> str:
        """Post a card to #nps and return its ts."""
        return await post(self.client, "A detractor", blocks=CARD)


@asynccontextmanager
async def connected(workspace: Workspace, bot: Bot, way: str):
    """Connect a Bolt app to the workspace, by Socket Mode or as an HTTP server of its own."""
    if way == "socket":
        handler = AsyncSocketModeHandler(bot.app, "xapp-demo", web_client=bot.client)
        async with workspace.subscribe() as events:
            await handler.connect_async()
            await anext(event async for event in events if event["type"] == "app_changed")
        try:
            yield
        finally:
            await handler.close_async()
        return

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await bot.app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", events)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield
    finally:
        workspace.request_url = None
        await runner.cleanup()


def opens(view: dict[str, Any]):
    """Return a listener that opens a modal."""

    async def listen(body, ack, _respond, client):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    return listen


async def open_form(workspace, bot, view=FORM) -> dict[str, Any]:
    """Let Ingrid open a modal by a button, and return it as Slack keeps it."""
    ts = await bot.post_card()
    bot.listen = opens(view)
    assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).ok
    bot.listen = bot.acknowledge
    bot.heard.clear()
    return workspace.views("ingrid")[-1]
