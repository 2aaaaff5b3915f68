"""What is queued reaches Slack once and in order, whatever goes wrong between the two."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from conftest import SECRET, Running, eventually

from bot import app, callbacks, digest, messages, outbox, slack
from bot.app import Bot
from bot.config import SourceSettings
from bot.model import Call, NextStep, Outcome
from demo.faults import Kind
from storage import db as database
from storage import outbox as stored
from storage.db import moment


@pytest.fixture(autouse=True)
def _quick(monkeypatch, workspace):
    """Every wait of the delivery loop in its own proportion, a tenth or so of what it is at work."""
    monkeypatch.setattr(outbox, "LOOKS", tuple(timedelta(seconds=s) for s in (0.2, 0.5, 1.0)))
    monkeypatch.setattr(outbox, "LOOKS_ANSWERED", tuple(timedelta(seconds=s) for s in (0.2, 0.4)))
    monkeypatch.setattr(outbox, "BLOCKED_FOR", timedelta(seconds=0.3))
    monkeypatch.setattr(outbox, "LOOK_AGAIN", timedelta(seconds=0.3))
    monkeypatch.setattr(outbox, "LOOK_AGAIN_REFUSED", timedelta(seconds=0.3))
    monkeypatch.setattr(outbox, "STORE_AGAIN", 0.05)
    monkeypatch.setattr(outbox, "PASS_AGAIN", 0.2)
    monkeypatch.setattr(outbox, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(outbox, "POSTS", (200.0, 50.0))
    monkeypatch.setattr(outbox, "CHANGES", (200.0, 50.0))
    monkeypatch.setattr(slack, "TIMEOUT", 0.5)
    workspace.rates.on = False


def names(workspace, channel="#nps"):
    """Return whose cards stand in a channel, oldest first."""
    cards = [m for m in workspace.messages(channel) if (m.get("metadata") or {}).get("event_type") == "nps_response"]
    return [card["text"].split(" from ")[1].split(".")[0] for card in cards]


def card_of(workspace, name, channel="#nps"):
    """Return somebody's card, or None."""
    return next((m for m in workspace.messages(channel) if f" from {name}." in m["text"]), None)


async def deliver(running, *senders, score=3, **more):
    """Let each of these give a score; the name is the delivery's id, too. Return the responses' ids."""
    answers = [
        await running.deliver({"id": name, "score": score, "respondent": {"name": name}}, **more) for name in senders
    ]
    assert {status for status, _ in answers} <= {200, 202}
    return [answer["response_id"] for _, answer in answers]


def drained(running):
    """Wait until nothing waits any more, and return what was set aside."""

    async def look():
        listed = await running.bot.store.read(stored.listing)
        return all(row["state"] == "failed" for row in listed) and (listed or [None])

    return eventually(look)


def paused(running):
    """Wait until a lane is paused."""
    return eventually(lambda: running.bot.store.read(stored.paused))


async def readiness(running):
    """Return status and reason of /readyz."""
    async with running.http.get(f"{running.url}/readyz") as answer:
        return answer.status, (await answer.json()).get("reason")


async def claim(running, response_id, user="U0INGRID"):
    """Claim as the listener does."""
    return await running.bot.desk.change(callbacks.claim, response_id, user, datetime.now(UTC))


async def log_call(running, response_id, notes, user="U0INGRID"):
    """Log a call as the listener does."""
    call = Call(user, datetime.now(UTC), Outcome.REACHED, notes, (), NextStep.CLOSE)
    await running.bot.desk.change(callbacks.log_call, running.bot.settings, response_id, call)


def notes(workspace, name):
    """Return what stands in the thread of somebody's card."""
    return [reply["text"] for reply in workspace.messages("#nps", card_of(workspace, name)["ts"])]


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


async def test_too_many_calls_stop_one_channel(workspace, start, settings):
    """A 429 of one channel holds up no other, and is no reason to be unwell."""
    workspace.add_channel("orders", [workspace.bot.id])
    sources = {**settings.sources, "shop": SourceSettings("shop", "json", (SECRET,), channel="#orders")}
    workspace.faults.add(Kind.LIMIT, "chat.postMessage", count=1, retry_after="3000")
    async with start(sources=sources) as running:
        await deliver(running, "anna")
        await paused(running)
        await deliver(running, "bo", source="shop")
        await eventually(lambda: names(workspace, "#orders") == ["bo"])
        assert names(workspace) == []
        assert await readiness(running) == (200, None)
        (lane,) = await running.bot.store.read(stored.paused)
        assert lane["lane"] == "#nps"
        assert moment(lane["paused_until"]) > datetime.now(UTC) + timedelta(minutes=45)


def _archive(workspace):
    workspace.archive("#nps")
    return "is_archived", lambda: workspace.archive("#nps", archived=False)


def _leave(workspace):
    workspace.leave(workspace.bot.id, "#nps")
    return "not_in_channel", lambda: workspace.join(workspace.bot.id, "#nps")


def _revoke(workspace):
    workspace.token_revoked = True
    return "token_revoked", lambda: setattr(workspace, "token_revoked", False)


def _unscope(workspace):
    workspace.scopes.discard("chat:write")
    return "missing_scope: chat:write", lambda: workspace.scopes.add("chat:write")


@pytest.mark.parametrize("harm", [_archive, _leave, _revoke, _unscope])
async def test_what_stands_in_the_way_is_said(workspace, start, harm):
    """An archived channel, a token taken away: the reason is in /readyz, and once mended all goes on by itself."""
    async with start() as running:
        await eventually(lambda: _well(running))
        reason, mend = harm(workspace)
        await deliver(running, "first", "second")
        await paused(running)
        status, said = await readiness(running)
        assert status == 503
        assert reason in said
        assert names(workspace) == []
        mend()
        await drained(running)
        assert names(workspace) == ["first", "second"]
        assert await readiness(running) == (200, None)


async def test_a_blocked_channel_holds_up_no_other(workspace, start, settings):
    """Cards of a channel that was archived wait; those of others are brought up to date meanwhile."""
    workspace.add_channel("orders", [workspace.bot.id])
    sources = {**settings.sources, "shop": SourceSettings("shop", "json", (SECRET,), channel="#orders")}
    async with start(sources=sources) as running:
        (anna,) = await deliver(running, "anna")
        (bo,) = await deliver(running, "bo", source="shop")
        await drained(running)
        workspace.archive("#nps")
        await claim(running, anna)
        await paused(running)
        await claim(running, bo)
        await eventually(lambda: card_of(workspace, "bo", "#orders")["text"].endswith("Claimed."))
        workspace.archive("#nps", archived=False)
        await eventually(lambda: card_of(workspace, "anna")["text"].endswith("Claimed."))
        await drained(running)
        assert await readiness(running) == (200, None)


async def test_one_bad_message_is_set_aside(workspace, start):
    """What Slack refuses to show is set aside with the reason, and those behind it go on."""
    workspace.faults.add(Kind.ERROR, "chat.postMessage", count=1, error="invalid_blocks")
    async with start() as running:
        await deliver(running, "first", "second")
        (aside,) = await drained(running)
        assert (aside["state"], aside["kind"], aside["reason"]) == ("failed", "card", "invalid_blocks")
        assert names(workspace) == ["second"]
        assert await readiness(running) == (200, None)
        assert await running.bot.desk.change(stored.retry, []) == 1
        assert await drained(running) == [None]
        assert names(workspace) == ["second", "first"]


async def test_a_fault_of_the_code_stops_one_message(workspace, start, monkeypatch):
    """A card that cannot even be put together is set aside like one that Slack refuses."""
    render = messages.render

    def broken(db, message, *more):
        if message.subject == 1:
            raise ZeroDivisionError
        return render(db, message, *more)

    monkeypatch.setattr(messages, "render", broken)
    async with start() as running:
        await deliver(running, "first", "second")
        (aside,) = await drained(running)
        assert "ZeroDivisionError" in aside["reason"]
        assert names(workspace) == ["second"]


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


async def test_a_card_deleted_by_hand(workspace, start):
    """What belongs to a card that somebody deleted is set aside, and nobody else notices."""
    async with start() as running:
        gone, _ = await deliver(running, "gone", "stays")
        await drained(running)
        workspace.store.delete("C0NPS", card_of(workspace, "gone")["ts"])
        await claim(running, gone)
        await log_call(running, gone, "All is well again")
        await deliver(running, "later")
        aside = await drained(running)
        assert {row["kind"]: row["reason"] for row in aside} == {
            "card": "message_not_found",
            "call": "thread_not_found",
        }
        assert names(workspace) == ["stays", "later"]
        assert await readiness(running) == (200, None)


async def test_a_note_waits_for_its_card(workspace, start):
    """A call that is logged before its card stands is told in the card's thread once it does."""
    workspace.faults.add(Kind.LIMIT, "chat.postMessage", count=1, retry_after="0.5")
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await log_call(running, response_id, "Spoke already")
        await drained(running)
        assert names(workspace) == ["anna"]
        assert ["Spoke already" in note for note in notes(workspace, "anna")] == [True]


async def test_a_doubt_that_cannot_be_settled(workspace, start):
    """Where Slack cannot be asked, nothing is sent again, and those behind it go on."""
    workspace.scopes -= {"channels:history", "groups:history"}
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    async with start() as running:
        await deliver(running, "anna", "bo")
        await eventually(lambda: names(workspace) == ["anna", "bo"])
        (row,) = await running.bot.store.read(stored.listing)
        assert row["state"] == "unknown"
        assert "missing_scope" in row["reason"]
        workspace.scopes.add("channels:history")
        await drained(running)
        assert names(workspace) == ["anna", "bo"]


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


async def test_what_is_dropped_pauses_nothing(workspace, start):
    """Once nothing waits for a channel any more, its fault is no reason to be unwell."""
    async with start() as running:
        workspace.archive("#nps")
        await deliver(running, "anna")
        await paused(running)
        (row,) = await running.bot.store.read(stored.listing)
        await eventually(lambda: running.bot.desk.change(stored.drop, [row["id"]]))
        await eventually(lambda: _well(running))


async def _well(running):
    return await readiness(running) == (200, None)
