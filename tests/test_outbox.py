"""What is queued reaches Slack once and in order, whatever goes wrong between the two."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from conftest import Running, eventually
from queued import card_of, claim, deliver, drained, log_call, names, notes, paused, readiness

from bot import app, digest
from bot.app import Bot
from bot.slack import api
from demo.faults import Kind
from storage import db as database

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Wait half a second for an answer of Slack's."""
    monkeypatch.setattr(api, "TIMEOUT", 0.5)


async def test_order_through_an_outage(workspace, start):
    """Thirty responses taken while Slack cannot be reached stand in their order, each once, when it is back."""
    port = int(workspace.base_url.rpartition(":")[2])
    async with start() as running:
        await workspace.stop()
        sent = [f"r{number:02}" for number in range(30)]
        await deliver(running, *sent)
        await paused(running)
        await workspace.start(port=port)
        await drained(running)
        assert names(workspace) == sent


async def test_an_outage_of_days(workspace, start):
    """However often Slack could not be reached, what waits goes out when it is back."""
    port = int(workspace.base_url.rpartition(":")[2])
    async with start() as running:
        running.bot.outbox._faults = defaultdict(lambda: 5000)
        await workspace.stop()
        await deliver(running, "long ago")
        await paused(running)
        await workspace.start(port=port)
        await drained(running)
        assert names(workspace) == ["long ago"]


@pytest.mark.parametrize("kind", [Kind.ERROR_503, Kind.HTML, Kind.CUT_BEFORE])
async def test_order_through_a_broken_slack(workspace, start, kind):
    """The same when Slack answers with a fault, a page, or not at all."""
    async with start() as running:
        await deliver(running, "before")
        await drained(running)
        workspace.faults.add(kind)
        sent = [f"r{number}" for number in range(6)]
        await deliver(running, *sent)
        await eventually(lambda: len(workspace.log) > 6)
        assert names(workspace) == ["before"]
        workspace.faults.clear()
        await drained(running)
        assert names(workspace) == ["before", *sent]


ONCE = [
    (Kind.CUT_BEFORE, {}),
    (Kind.CUT_AFTER, {}),
    (Kind.LATE, {"seconds": 0.4}),
    (Kind.HANG, {}),
    (Kind.ERROR_500, {}),
    (Kind.ERROR_503, {}),
    (Kind.HTML, {}),
    (Kind.ERROR, {"error": "internal_error"}),
    (Kind.ERROR_AFTER, {"error": "internal_error"}),
    (Kind.ERROR_AFTER, {"error": "fatal_error"}),
    (Kind.LIMIT, {"retry_after": "0.3"}),
    (Kind.LIMIT, {"retry_after": "-3"}),
    (Kind.LIMIT, {"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}),
]


@pytest.mark.parametrize(("kind", "more"), ONCE, ids=str)
async def test_a_post_that_goes_wrong(workspace, start, kind, more):
    """Whatever becomes of one call, its card stands once, and so does the one behind it."""
    workspace.faults.add(kind, "chat.postMessage", count=1, **more)
    async with start() as running:
        await deliver(running, "first", "second")
        await drained(running)
        assert sorted(names(workspace)) == ["first", "second"]


@pytest.mark.parametrize(("kind", "more"), ONCE, ids=str)
async def test_a_change_that_goes_wrong(workspace, start, kind, more):
    """Whatever becomes of one call, the card says in the end how things are."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        workspace.faults.add(kind, "chat.update", count=1, **more)
        await claim(running, response_id)
        await drained(running)
        assert card_of(workspace, "anna")["text"].endswith("Claimed.")


@pytest.mark.parametrize(("kind", "more"), ONCE, ids=str)
async def test_a_note_that_goes_wrong(workspace, start, kind, more):
    """What is written into a thread stands there once: it is looked for among the replies."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        workspace.faults.add(kind, "chat.postMessage", count=1, **more)
        await log_call(running, response_id, "Promised a new invoice")
        await drained(running)
        assert len(notes(workspace, "anna")) == 1


async def test_a_lost_answer_and_a_late_history(workspace, start):
    """A message that Slack stored, but does not show yet, is waited for and not sent again."""
    workspace.faults.add(Kind.LAG, "chat.postMessage", seconds=0.7)
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    async with start() as running:
        await deliver(running, "anna")
        await drained(running)
        assert names(workspace) == ["anna"]


async def test_a_claim_during_a_change(workspace, start):
    """A claim made while its card is being sent is not lost: the card is sent once more."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        workspace.faults.add(Kind.HANG, "chat.update", count=1)
        await running.deliver({"id": "anna", "score": 2, "respondent": {"name": "anna"}})
        await eventually(lambda: any(entry.kind == "chat.update" for entry in workspace.log))
        await claim(running, response_id)
        workspace.faults.release()
        await drained(running)
        assert card_of(workspace, "anna")["text"] == "Detractor · 2 of 10 from anna. Claimed."


async def test_a_claim_while_nobody_knows(workspace, start):
    """A claim made while the card's own post is in doubt shows on the card that is found."""
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await eventually(lambda: names(workspace))
        await claim(running, response_id)
        await drained(running)
        assert names(workspace) == ["anna"]
        assert card_of(workspace, "anna")["text"].endswith("Claimed.")


async def test_a_note_waits_for_its_card(workspace, start):
    """A call that is logged before its card stands is told in the card's thread once it does."""
    workspace.faults.add(Kind.LIMIT, "chat.postMessage", count=1, retry_after="0.5")
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await log_call(running, response_id, "Spoke already")
        await drained(running)
        assert names(workspace) == ["anna"]
        assert ["Spoke already" in note for note in notes(workspace, "anna")] == [True]


@pytest.mark.parametrize(
    ("kind", "more"), [(Kind.HANG, {}), (Kind.CUT_AFTER, {}), (Kind.LATE, {"seconds": 0.4})], ids=str
)
async def test_a_restart_in_the_middle(workspace, start, monkeypatch, kind, more):
    """A process that ends while it posts leaves no second card, and none out."""
    monkeypatch.setattr(app, "FINISH_WITHIN", 0.0)
    workspace.faults.add(kind, "chat.postMessage", count=1, **more)
    async with start() as running:
        await deliver(running, "anna", "bo")
        await eventually(lambda: any(entry.kind == "chat.postMessage" for entry in workspace.log))
    async with start() as running:
        await drained(running)
        assert sorted(names(workspace)) == ["anna", "bo"]


async def test_a_digest_once(workspace, start, monkeypatch):
    """A digest is posted once, however often the process starts, and although the answer was lost."""
    monkeypatch.setattr(app, "FINISH_WITHIN", 0.0)
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    first = datetime.now(UTC)
    for days in (0, 7, 7, 7):
        async with start() as running:
            moment = first + timedelta(days=days)
            await running.bot.desk.change(digest.queue_due, running.bot.settings, moment)
            await eventually(lambda days=days: days == 0 or workspace.messages("#nps"))
    async with start() as running:
        await drained(running)
    kinds = [message["metadata"]["event_type"] for message in workspace.messages("#nps")]
    assert kinds == ["nps_digest"]


async def test_a_store_that_is_locked(workspace, start, settings, monkeypatch):
    """Another program that holds the store, at the start and while a message is out, delays and doubles nothing."""
    monkeypatch.setattr(database, "BUSY_MS", 50)
    async with start() as running:
        await deliver(running, "before")
        await drained(running)
    with sqlite3.connect(settings.database, isolation_level=None) as other:
        bot = Bot(replace(settings, slack_api_url=workspace.api_url))
        other.execute("begin immediate")
        async with bot.running(), aiohttp.ClientSession() as http:
            running = Running(bot, workspace, http)
            await eventually(lambda: readiness(running))
            other.execute("rollback")
            workspace.faults.add(Kind.HANG, "chat.postMessage", count=1)
            await deliver(running, "anna", "bo")
            await eventually(lambda: any(entry.kind == "chat.postMessage" for entry in workspace.log))
            other.execute("begin immediate")
            workspace.faults.release()
            await asyncio.sleep(0.5)
            other.execute("rollback")
            await drained(running)
            assert sorted(names(workspace)) == ["anna", "before", "bo"]
    other.close()
