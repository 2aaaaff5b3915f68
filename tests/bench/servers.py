"""What the bot is held against, each a server: python -m tests.bench.servers NAME."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

import storage
from bot.cli import main
from handlers.sources import Delivery
from handlers.sources import json as source
from tests.bench.process import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable


def bare() -> web.Application:
    """Return a server that verifies and parses a delivery with the bot's own code and stores nothing."""

    async def webhook(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(headers, await request.read(), datetime.now(UTC))
        source.verify(delivery, (SECRET,))
        response = source.parse(delivery, {})
        return web.json_response({"status": "accepted", "response_id": response.id}, status=202)

    app = web.Application()
    app.router.add_post("/webhooks/json", webhook)
    return app


def one_by_one() -> None:
    """Run the bot with one commit a delivery, which is all that differs."""
    storage.BATCH = 1
    main(["run"])


async def serve(app: web.Application) -> None:
    """Serve until the process is ended, and say on stderr where."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"event": "listening", "port": runner.addresses[0][1]}), file=sys.stderr, flush=True)
    await asyncio.Event().wait()


APPLICATIONS: dict[str, Callable[[], web.Application]] = {"bare": bare}

if __name__ == "__main__":
    if sys.argv[1] == "one_by_one":
        one_by_one()
    else:
        asyncio.run(serve(APPLICATIONS[sys.argv[1]]()))
