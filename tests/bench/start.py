"""How soon the bot is ready, and what it weighs at rest, on a store with a year of responses."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from bot.config import load as read_settings
from bot.demo_store import prepare
from bot.slack import SCOPES
from demo.people import cast
from demo.workspace import Workspace
from storage.db import beside
from tests.bench.figures import at_most, table
from tests.bench.load import load
from tests.bench.process import environment, serving

if TYPE_CHECKING:
    from pathlib import Path

STARTS = 5
REST = 5.0
"""Seconds after which the start is over and memory is at rest."""
READY = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def bench(folder: Path) -> None:
    """Start the bot several times, and once leave it alone for a while."""
    store, workspace = folder / "year.db", Workspace(SCOPES)
    cast(workspace.people)
    with beside(store) as db:
        people = {user.name: user.id for user in workspace.people.users.values()}
        prepare(db, read_settings(environment(store)), people, datetime.now(UTC))
        responses = db.value("select count(*) from responses")
    await workspace.start()
    starts = [await started(store, workspace.api_url) for _ in range(STARTS)]
    seconds, megabytes = median(took for took, _ in starts), max(held for _, held in starts)
    asked_for_help = median([await timed("bot", "--help") for _ in range(STARTS)])
    await workspace.stop()
    table(
        f"start: on a store with {responses:,} responses, median of {STARTS}",
        ("seconds", "MB"),
        [("ready", seconds, ""), ("at rest", "", megabytes), ("npsbot --help", asked_for_help, "")],
    )
    at_most("seconds until ready", seconds, 1.5)
    at_most("MB at rest", megabytes, 110)
    at_most("seconds for --help", asked_for_help, 0.4)


async def started(store: Path, slack: str) -> tuple[float, float]:
    """Return the seconds from the start of the process until /readyz says yes, and the MB it holds at rest."""
    began = perf_counter()
    async with serving(store, "bot", "run", slack=slack) as server:
        while (await load(server.port, [READY], 1)).statuses[200] == 0:  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.005)
        seconds = perf_counter() - began
        await asyncio.sleep(REST)
        return seconds, server.memory()


async def timed(*command: str) -> float:
    """Return the seconds that a command takes."""
    began = perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait() != 0:
        raise RuntimeError(f"{' '.join(command)} failed")
    return perf_counter() - began
