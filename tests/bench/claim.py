"""How fast a click on Claim is answered: through Bolt over HTTP, on disk before it is acknowledged."""

from __future__ import annotations

import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import islice
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from bot.cards.card import response_card
from bot.config import load as read_settings
from bot.intake import receive
from bot.slack import SCOPES
from bot.texts import Texts
from demo import payloads
from demo.workspace import Workspace
from handlers.sources import Delivery
from handlers.sources import json as source
from storage import Store, responses
from storage import settings as values
from storage.db import beside
from tests.bench import bodies
from tests.bench.figures import LOAD, at_least, at_most, load_row, middle, table
from tests.bench.load import Measured, load
from tests.bench.process import at_rest, environment, serving

if TYPE_CHECKING:
    from pathlib import Path

LINES = 16
ROUNDS = {1: (25, 60), LINES: (5, 1_000)}
"""By the number of connections: how many rounds, each of how many clicks; short ones, since machines change speed."""
WARM = 20
COMMITS = 50
CLICKS = WARM + sum(rounds * clicks for rounds, clicks in ROUNDS.values())
BOT, ACKNOWLEDGING, POLLING = "npsbot", "the same commit, nothing else", "the same, Bolt's defaults"
COMMANDS = {
    BOT: ("bot", "run"),
    ACKNOWLEDGING: ("tests.bench.servers", "acknowledging"),
    POLLING: ("tests.bench.servers", "polling"),
}


def posted(store: Path, cards: int) -> list[bytes]:
    """Fill a store with responses whose cards stand in Slack; return a click on Claim for each."""
    settings, now, workspace = read_settings(environment(store)), datetime.now(UTC), Workspace(SCOPES)
    texts, clicks = Texts(settings.language, settings.timezone), []
    channel, person = workspace.people.channel(settings.channel), workspace.people.user("ingrid")
    with beside(store) as db:
        for number in range(cards):
            delivery = Delivery({}, bodies.response(number), now)
            (response,) = source.parse(delivery, {})
            receipt = receive(db, settings, "json", response, now)
            found = responses.by_public_id(db, receipt.response_id)
            assert found is not None
            card, ts = response_card(found, texts), f"17{number:08}.000100"
            blocks = [{"block_id": f"block-{number}", **block} for number, block in enumerate(card.blocks)]
            message = {"type": "message", "ts": ts, "text": card.text, "blocks": blocks}
            told = payloads.in_message(channel, message, ephemeral=False, response_url="https://hooks.example/1")
            action = payloads.action_in(blocks, "claim_callback", None, None, ts)
            clicks.append(bodies.click(payloads.block_actions(person, f"1.{number}", action) | told))
        db.execute("update messages set ts = '17' || id, posted_to = :channel", channel=channel.id)
        db.execute("delete from outbox")
    return clicks


async def commit(store: Path) -> float:
    """Return the milliseconds of one small commit, the median of many."""
    opened, times = Store(store), []
    for number in range(COMMITS):
        began = perf_counter()
        await opened.run(values.put, "number", str(number))
        times.append(perf_counter() - began)
    opened.close()
    return 1000 * median(times)


async def click(port: int, clicks: list[bytes], lines: int) -> Measured:
    """Send clicks; each must be acknowledged."""
    run = await load(port, clicks, lines)
    if set(run.statuses) != {200}:
        raise RuntimeError(f"not every click was acknowledged: {dict(run.statuses)}")
    return run


async def bench(folder: Path) -> None:
    """Compare the bot's claims with a listener that makes the same commit, acknowledges, and nothing else."""
    runs: dict[int, dict[str, list[Measured]]] = {lines: {name: [] for name in COMMANDS} for lines in ROUNDS}
    commits: list[float] = []
    stores = {name: folder / f"claim-{number}.db" for number, name in enumerate(COMMANDS)}
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(serving(folder / "slack.db", "tests.bench.servers", "slack"))
        clicks = iter(posted(stores[BOT], CLICKS))
        for other in (ACKNOWLEDGING, POLLING):
            shutil.copy(stores[BOT], stores[other])
        servers = {
            name: await stack.enter_async_context(serving(stores[name], *command, slack=slack.api_url))
            for name, command in COMMANDS.items()
        }
        first = list(islice(clicks, WARM))
        for server in servers.values():
            await click(server.port, first, 1)
        for lines, (rounds, number) in ROUNDS.items():
            await at_rest(servers.values())
            for _ in range(rounds):
                some = list(islice(clicks, number))
                for name, server in servers.items():
                    runs[lines][name].append(await click(server.port, some, lines))
                commits.append(await commit(folder / "commit.db"))
    with beside(stores[BOT]) as db:
        claimed = db.value("select count(*) from callbacks where state = 'claimed'")
    if claimed != CLICKS:
        raise RuntimeError(f"only {claimed} callbacks were claimed")
    show(runs, median(commits))


def show(runs: dict[int, dict[str, list[Measured]]], one_commit: float) -> None:
    """Print what was measured beside what is to be reached."""
    for lines, found in runs.items():
        table(f"claim: clicks over {_connections(lines)}", LOAD, [load_row(name, of) for name, of in found.items()])
    print(f"\n  one commit alone: {one_commit:.2f} ms")
    at_most("p50 beyond one commit in ms", middle(runs[1][BOT]).percentile(50) - one_commit, 3)
    for lines, found in runs.items():
        share = middle(found[BOT]).rate / middle(found[ACKNOWLEDGING]).rate
        at_least(f"of a listener that only commits, {_connections(lines)}", share, 0.5)


def _connections(lines: int) -> str:
    return "one connection" if lines == 1 else f"{lines} connections"
