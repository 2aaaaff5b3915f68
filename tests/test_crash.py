"""A bot that is killed again and again, on a Slack that loses answers, loses nothing and says nothing twice.

The process is killed at random moments while responses come in, callbacks are claimed and calls are logged, and
while Slack cuts connections before and after it has stored a message, applies some late, shows some late, and
answers 429 and 503. Senders send again what was not answered with 2xx, as survey tools do. Afterwards every response
that was answered 2xx has one card, and every call that was acknowledged stands once in its thread.

Set CRASH_SEED to draw the same faults, kills and claims again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from conftest import ROOT, SECRET, eventually

from demo.faults import Faults, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from demo.workspace import Workspace

COLLEAGUES = ("ingrid", "mikko", "freja", "jonas")
LOST = [
    (Kind.CUT_AFTER, 0.08, {}),
    (Kind.CUT_BEFORE, 0.03, {}),
    (Kind.LATE, 0.03, {"seconds": 1.0}),
    (Kind.ERROR_503, 0.02, {}),
    (Kind.ERROR_AFTER, 0.01, {}),
    (Kind.LIMIT, 0.03, {"retry_after": "1"}),
    (Kind.LAG, 0.3, {"seconds": 1.0}),
]
BROKEN = [(Kind.CUT_BEFORE, 0.03, {}), (Kind.ERROR_503, 0.03, {}), (Kind.LIMIT, 0.03, {"retry_after": "1"})]


@dataclass
class Run:
    """One bot that is killed, its senders and its clickers; what they were promised stands in `promised`."""

    workspace: Workspace
    http: aiohttp.ClientSession
    directory: Path
    channels: int
    responses: int
    draw: random.Random
    look_first: str = "yes"
    port: int = 0
    kills: int = 0
    process: asyncio.subprocess.Process | None = None
    promised: dict[str, str] = field(default_factory=dict)
    calls: dict[str, bool] = field(default_factory=dict)

    def prepare(self) -> None:
        """Write the settings, a source for each channel, and switch the faults on."""
        sources = [
            f'[sources.s{n}]\nkind = "json"\nsecret = "{SECRET}"\nchannel = "#line-{n}"\n' for n in range(self.channels)
        ]
        (self.directory / "npsbot.toml").write_text("\n".join(sources))
        for n in range(self.channels):
            self.workspace.add_channel(f"line-{n}", [*COLLEAGUES, self.workspace.bot.id])
        self.workspace.faults = Faults(self.draw.randrange(1 << 32))
        for kind, probability, more in LOST:
            self.workspace.faults.add(kind, "chat.postMessage", probability=probability, **more)
        for method in ("chat.update", "conversations.history", "conversations.replies"):
            for kind, probability, more in BROKEN:
                self.workspace.faults.add(kind, method, probability=probability, **more)
        for method in ("chat.update", "conversations.history", "conversations.replies", "users.info", "views.open"):
            self.workspace.rates.per_minute[method] = 10_000

    async def begin(self) -> None:
        """Start the process and wait until it listens."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("NPSBOT_", "SLACK_"))}
        environ |= {
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_SIGNING_SECRET": "demo-signing-secret",
            "SLACK_API_URL": self.workspace.api_url,
            "NPSBOT_PORT": "0",
            "PYTHONPATH": str(ROOT),
            "CRASH_LOOK_FIRST": self.look_first,
        }
        with (self.directory / "log.txt").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(ROOT / "tests/crash_bot.py"),
                cwd=self.directory,
                env=environ,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert line, (self.directory / "log.txt").read_text()[-3000:]
        self.port = int(line)
        self.workspace.request_url = f"http://127.0.0.1:{self.port}/slack/events"

    async def kill(self) -> None:
        """End the process without a word."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
            self.process._transport.close()

    async def stop(self) -> int:
        """End the process as a service manager does, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 30)

    async def keep_killing(self, least: int, working: asyncio.Future[Any]) -> None:
        """Kill and start the process at random moments while the others work, and as often as is wanted."""
        while self.kills < least or not working.done():
            await asyncio.sleep(self.draw.uniform(0.05, 2.0))
            if self.draw.random() < 0.5:
                await self.something_posted()
            await self.kill()
            self.kills += 1
            await self.begin()

    async def something_posted(self) -> None:
        """Wait for the moment at which Slack has stored a message and the bot has not yet heard of it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2), self.workspace.subscribe() as events:
                await anext(event async for event in events if event["type"] == "message_posted")

    async def send(self, number: int) -> None:
        """Deliver one response until it is taken."""
        name, source = f"r-{number}", f"s{number % self.channels}"
        body = {"id": name, "score": number % 11, "comment": name, "respondent": {"name": name}}
        while name not in self.promised:
            url = f"http://127.0.0.1:{self.port}/webhooks/{source}"
            try:
                async with self.http.post(url, json=body, headers={"Authorization": f"Bearer {SECRET}"}) as answer:
                    if answer.status in {200, 202}:
                        self.promised[name] = (await answer.json())["response_id"]
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(0.1)

    async def senders(self) -> None:
        """Deliver all responses, some fifteen a second, one after another in each of several senders."""
        numbers = iter(range(self.responses))

        async def sender(pause: float) -> None:
            for number in numbers:
                await self.send(number)
                await asyncio.sleep(pause)

        await asyncio.gather(*(sender(0.3 + n / 20) for n in range(8)))

    async def clicker(self, user: str, working: asyncio.Future[Any]) -> None:
        """Claim callbacks and log calls, as long as the others work; try nothing twice."""
        draw = random.Random(f"{user}-{self.draw.random()}")
        while not working.done():
            await asyncio.sleep(draw.uniform(0.2, 1.0))
            cards = self.cards(f"line-{draw.randrange(self.channels)}")
            if not cards:
                continue
            card = draw.choice(cards)
            if draw.random() < 0.5:
                await self._act(user, card, "claim_callback")
            elif await self._act(user, card, "log_call"):
                await self._hand_over(user, draw)

    async def _act(self, user: str, card: dict[str, Any], action: str) -> bool:
        buttons = [element for block in card["blocks"] for element in block.get("elements", ())]
        if action not in {button.get("action_id") for button in buttons}:
            return False
        return (await self.workspace.click(user, card["channel"], card["ts"], action)).ok

    async def _hand_over(self, user: str, draw: random.Random) -> None:
        views = self.workspace.views(user)
        if views:
            notes = f"call {len(self.calls)} of {user}"
            self.calls[notes] = False
            fields = {"outcome": "reached", "notes": notes, "next_step": draw.choice(["close", "hand_over"])}
            ack = await self.workspace.submit(user, views[-1]["id"], fields)
            self.calls[notes] = ack.ok and not ack.errors
            self.workspace.view_store.clear(self.workspace.people.user(user).id)

    def cards(self, channel: str) -> list[dict[str, Any]]:
        """Return the cards that stand in a channel."""
        found = self.workspace.messages(channel)
        return [{**m, "channel": channel} for m in found if m["metadata"]["event_type"] == "nps_response"]

    def standing(self) -> tuple[Counter[str], Counter[str]]:
        """Return how often each response has a card, and each call a note in a thread."""
        cards = [card for n in range(self.channels) for card in self.cards(f"line-{n}")]
        notes = [note for card in cards for note in self.workspace.messages(card["channel"], card["ts"])]
        told = Counter(notes_of for notes_of in self.calls for note in notes if f"{notes_of}" in note["text"])
        return Counter(card["metadata"]["event_payload"]["response_id"] for card in cards), told

    def stored(self, sql: str) -> list[Any]:
        """Return what is in the store's file."""
        with closing(sqlite3.connect(self.directory / "npsbot.db")) as db:
            return [row[0] if len(row) == 1 else row for row in db.execute(sql)]

    async def drained(self) -> None:
        """Wait until nothing waits to be told."""
        await eventually(lambda: self.stored("select count(*) from outbox") == [0], within=150)


async def run_through(run: Run, *, kills: int) -> None:
    """Let all work at once, then let it come to rest."""
    run.prepare()
    await run.begin()
    try:
        working = asyncio.ensure_future(run.senders())
        clickers = [asyncio.create_task(run.clicker(user, working)) for user in COLLEAGUES]
        await asyncio.gather(run.keep_killing(kills, working), working, *clickers)
        await run.drained()
        assert await run.stop() == 0
    finally:
        await run.kill()


@pytest.fixture(name="a_run")
async def _a_run(workspace, tmp_path):
    """Return what makes a run; its seed is told when the test fails."""
    seed = int(os.environ.get("CRASH_SEED") or random.SystemRandom().randrange(1 << 32))
    sys.stdout.write(f"CRASH_SEED={seed}\n")
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as http:
        yield lambda **more: Run(workspace, http, tmp_path, draw=random.Random(seed), **more)


async def test_nothing_lost_nothing_twice(a_run):
    """At least twenty kills, five hundred responses, fourteen channels: none lost, none doubled, calls neither."""
    run, began = a_run(channels=14, responses=500), time.monotonic()
    await run_through(run, kills=20)
    cards, notes = run.standing()
    assert len(run.promised) == 500
    assert run.kills >= 20
    assert sorted(set(run.promised.values()) - set(cards)) == [], "lost"
    assert {response: n for response, n in cards.items() if n > 1} == {}, "doubled"
    assert set(cards) == set(run.promised.values())
    acknowledged = {call for call, is_acknowledged in run.calls.items() if is_acknowledged}
    assert sorted(acknowledged - set(notes)) == [], "calls lost"
    assert {call: n for call, n in notes.items() if n > 1} == {}, "calls doubled"
    assert len(acknowledged) > 10
    states = dict(run.stored("select r.public_id, c.state from responses r join callbacks c on c.response_id = r.id"))
    shown = {
        card["metadata"]["event_payload"]["response_id"]: card["text"].rstrip(".").rsplit(" ", 1)[-1].lower()
        for n in range(run.channels)
        for card in run.cards(f"line-{n}")
    }
    assert shown == states
    assert run.stored("pragma integrity_check") == ["ok"]
    sys.stdout.write(f"{run.kills} kills, {len(acknowledged)} calls, {time.monotonic() - began:.0f} s\n")


async def test_it_would_be_noticed(a_run):
    """The same without looking first: messages stand twice, so the test above can fail."""
    run = a_run(channels=8, responses=120, look_first="no")
    await run_through(run, kills=3)
    cards, _ = run.standing()
    assert max(cards.values()) > 1
