"""What becomes of responses that come in while Slack is down: each card is posted once, in order, once it is back."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, suppress
from time import perf_counter
from typing import TYPE_CHECKING

from bot.slack import SCOPES
from demo.faults import Kind
from demo.workspace import Workspace
from storage.db import beside
from tests.bench import bodies
from tests.bench.figures import at_least, table
from tests.bench.load import load
from tests.bench.process import serving

if TYPE_CHECKING:
    from pathlib import Path

    from demo.feed import Subscription

RESPONSES = 100
DOWN = 10.0
"""Seconds that Slack stays down after the last response."""
BACK_WITHIN = 300.0
QUIET = 5.0
"""Seconds without a further card after which none is believed to follow."""
REFUSED, BROKEN = "connections refused", "503 to every call"


async def bench(folder: Path) -> None:
    """Let Slack be away in two ways, side by side."""
    rounds = await asyncio.gather(outage(folder / "refused.db", REFUSED), outage(folder / "broken.db", BROKEN))
    table(
        f"outage: {RESPONSES} responses while Slack is down, then back",
        ("posted", "doubled", "in order", "seconds to drain"),
        rounds,
    )
    for name, posted, doubled, ordered, _ in rounds:
        at_least(f"posted once, in order; {name}", posted if ordered and not doubled else 0, RESPONSES)


async def outage(store: Path, way: str) -> tuple[str, int, int, bool, float]:
    """Return the way Slack was down, cards posted, cards too many, whether in order, and seconds until the last."""
    workspace, port = Workspace(SCOPES), free_port()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(workspace.stop)
        if way == BROKEN:
            await workspace.start(port=port)
            workspace.faults.add(Kind.ERROR_503)
        server = await stack.enter_async_context(serving(store, "bot", "run", slack=f"http://127.0.0.1:{port}/api/"))
        await load(server.port, [bodies.signed(number) for number in range(RESPONSES)], 1)
        await asyncio.sleep(DOWN)
        events = await stack.enter_async_context(workspace.subscribe())
        began = perf_counter()
        if way == BROKEN:
            workspace.faults.clear()
        else:
            await workspace.start(port=port)
        await posted(events, RESPONSES)
        seconds = perf_counter() - began - QUIET
        cards = cards_of(workspace)
    with beside(store) as db:
        wanted = [row["public_id"] for row in db.rows("select public_id from responses order by id")]
    return way, len(set(cards)), len(cards) - len(set(cards)), list(dict.fromkeys(cards)) == wanted, seconds


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


async def posted(events: Subscription, messages: int) -> None:
    """Return when so many messages have been posted, or the wait for them was too long, and a while after that."""
    with suppress(TimeoutError):
        async with asyncio.timeout(BACK_WITHIN):
            async for event in events:
                messages -= event["type"] == "message_posted"
                if messages == 0:
                    break
    await asyncio.sleep(QUIET)


def cards_of(workspace: Workspace) -> list[str]:
    """Return the ids of the responses whose cards stand in the channel, as they stand."""
    told = [message.get("metadata") or {} for message in workspace.messages("#nps")]
    return [data["event_payload"]["response_id"] for data in told if data.get("event_type") == "nps_response"]
