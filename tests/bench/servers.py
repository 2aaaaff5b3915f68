"""What the bot is held against, each a server: python -m tests.bench.servers NAME."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

import storage
from bot import callbacks
from bot.cli import main
from bot.slack import SCOPES
from demo.workspace import Workspace
from handlers.sources import Delivery
from handlers.sources import json as source
from tests.bench.process import SECRET, SIGNING_SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_bolt.async_app import AsyncAck


def bare() -> web.Application:
    """Return a server that verifies and parses a delivery with the bot's own code and stores nothing."""

    async def webhook(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(headers, await request.read(), datetime.now(UTC))
        source.verify(delivery, (SECRET,))
        (response,) = source.parse(delivery, {})
        return web.json_response({"status": "accepted", "response_id": response.id}, status=202)

    app = web.Application()
    app.router.add_post("/webhooks/json", webhook)
    return app


def acknowledging(*, at_once: bool) -> web.Application:
    """Return a Bolt app that does nothing but the commit of a claim; not `at_once`: with Bolt's defaults."""
    store = storage.Store(Path(os.environ["NPSBOT_DATABASE"]))

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-demo")

    bolt = AsyncApp(authorize=authorize, signing_secret=SIGNING_SECRET, process_before_response=at_once)

    @bolt.action("claim_callback")
    async def claim(ack: AsyncAck, body: dict[str, Any]) -> None:
        await store.run(callbacks.claim, body["actions"][0]["value"], body["user"]["id"], datetime.now(UTC))
        await ack()

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await bolt.async_dispatch(await to_bolt_request(request)))

    app = web.Application()
    app.router.add_post("/slack/events", events)
    return app


def slack() -> web.Application:
    """Return the local workspace, which tells of people as often as it is asked: each click is measured with that."""
    workspace = Workspace(SCOPES)
    workspace.rates.per_minute["users.info"] = sys.maxsize
    app = web.Application()
    app.add_routes(workspace.routes())
    return app


def one_by_one() -> None:
    """Run the bot with one commit a delivery, which is all that differs."""
    storage.BATCH = 1
    main(["run"])


async def serve(app: Callable[[], web.Application]) -> None:
    """Serve until the process is ended, and say on stderr where."""
    runner = web.AppRunner(app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"event": "listening", "port": runner.addresses[0][1]}), file=sys.stderr, flush=True)
    await asyncio.Event().wait()


APPLICATIONS: dict[str, Callable[[], web.Application]] = {
    "bare": bare,
    "acknowledging": partial(acknowledging, at_once=True),
    "polling": partial(acknowledging, at_once=False),
    "slack": slack,
}

if __name__ == "__main__":
    if sys.argv[1] == "one_by_one":
        one_by_one()
    else:
        asyncio.run(serve(APPLICATIONS[sys.argv[1]]))
