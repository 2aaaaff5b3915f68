"""How fast deliveries are taken in: signed, a kilobyte each, on disk before they are answered."""

from __future__ import annotations

from collections import deque
from contextlib import AsyncExitStack
from itertools import count
from typing import TYPE_CHECKING

from tests.bench import bodies
from tests.bench.figures import LOAD, at_least, at_most, load_row, middle, table
from tests.bench.load import Measured, load
from tests.bench.process import Server, at_rest, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONNECTIONS = 64
ROUND = 4_000
ROUNDS = 8
BARE, SINGLE, BOT, TOKEN = "bare server, stores nothing", "one commit a request", "npsbot", "npsbot, bearer token"
COMMANDS = {BARE: ("tests.bench.servers", "bare"), SINGLE: ("tests.bench.servers", "one_by_one"), BOT: ("bot", "run")}
NUMBERS = count()


async def deliver(server: Server, deliveries: int, made: Callable[[int], bytes] = bodies.signed) -> Measured:
    """Send new responses to a server; each must be accepted."""
    run = await load(server.port, [made(next(NUMBERS)) for _ in range(deliveries)], CONNECTIONS)
    if set(run.statuses) != {202}:
        raise RuntimeError(f"not every delivery was accepted: {dict(run.statuses)}")
    return run


async def bench(folder: Path) -> None:
    """Compare the bot with a server that stores nothing, and with one commit a request, round by round."""
    runs: dict[str, list[Measured]] = {name: [] for name in (*COMMANDS, TOKEN)}
    async with AsyncExitStack() as stack:
        servers = {
            name: await stack.enter_async_context(serving(folder / f"intake-{number}.db", *command))
            for number, (name, command) in enumerate(COMMANDS.items())
        }
        for server in servers.values():
            await deliver(server, ROUND // 5)
        turns = deque((name, server, bodies.signed) for name, server in servers.items())
        turns.append((TOKEN, servers[BOT], bodies.with_token))
        for _ in range(ROUNDS):
            for name, server, made in turns:
                await at_rest(servers.values())
                runs[name].append(await deliver(server, ROUND, made))
            turns.rotate()  # whoever comes after the slowest finds a machine that has just worked hard
    table(
        f"intake: {ROUND:,} deliveries of 1 KB over {CONNECTIONS} connections, median of {ROUNDS} rounds",
        LOAD,
        [load_row(name, found) for name, found in runs.items()],
    )
    bare, single, bot = (middle(runs[name]) for name in (BARE, SINGLE, BOT))
    at_least("of the bare server", bot.rate / bare.rate, 0.2)
    at_least("times one commit a request", bot.rate / single.rate, 3)
    at_most("p99 in ms", bot.percentile(99), 60)
    await memory(folder)


async def memory(folder: Path) -> None:
    """Watch the bot's memory over a hundred thousand deliveries."""
    async with serving(folder / "memory.db", "bot", "run") as server:
        held = {"at the start": server.memory()}
        for wanted in range(20_000, 100_001, 20_000):
            await deliver(server, 20_000)
            held[f"after {wanted:,}"] = server.memory()
    table("intake: memory of npsbot", ("MB",), list(held.items()))
    at_most("growth from 20,000 to 100,000 deliveries in MB", held["after 100,000"] - held["after 20,000"], 5)
