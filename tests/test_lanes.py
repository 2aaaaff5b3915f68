"""What stops one message, one channel or all of them, is said, holds up nothing else, and goes on by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from conftest import SECRET, eventually
from queued import card_of, claim, deliver, drained, is_well, log_call, names, paused, readiness

from bot import callbacks, doctor, messages
from bot.config import SourceSettings
from demo.faults import Kind
from storage import failures, lanes
from storage.db import moment

pytestmark = pytest.mark.usefixtures("quick")


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
        (lane,) = await running.bot.store.read(lanes.paused)
        assert lane["lane"] == "#nps"
        assert moment(lane["paused_until"]) > datetime.now(UTC) + timedelta(minutes=45)
        told = await asyncio.to_thread(doctor._store, running.bot.settings)
        (waits,) = [each for each in told if each.subject == "delivery to #nps"]
        assert (waits.ok, waits.says.endswith("it goes on by itself")) == (True, True)


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


async def give(running, response_id):
    """Give a callback to a colleague, who is told of it directly."""
    now = datetime.now(UTC)
    await running.bot.desk.change(callbacks.assign, response_id, "U0INGRID", "U0FREJA", now, lead=True)


async def only_in_doubt(running):
    """Return what waits, once all of it is in doubt."""
    listed = await running.bot.store.read(failures.listing)
    return all(row["state"] == "unknown" for row in listed) and listed


@pytest.mark.parametrize("harm", [_archive, _leave, _revoke, _unscope])
async def test_what_stands_in_the_way_is_said(workspace, start, harm):
    """An archived channel, a token taken away: the reason is in /readyz, and once mended all goes on by itself."""
    async with start() as running:
        await eventually(lambda: is_well(running))
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
        assert await running.bot.desk.change(failures.retry, []) == 1
        assert await drained(running) == [None]
        assert names(workspace) == ["second", "first"]


UNREACHABLE = ("channel_not_found", "is_archived", "restricted_action", "user_not_found")


@pytest.mark.parametrize("error", UNREACHABLE)
async def test_somebody_who_cannot_be_written_to(workspace, start, error):
    """What Slack will not bring to one person is set aside with the reason: nobody can invite the bot to them."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        workspace.faults.add(Kind.ERROR, "chat.postMessage", count=1, error=error)
        await give(running, response_id)
        (aside,) = await drained(running)
        assert (aside["state"], aside["kind"], aside["channel"]) == ("failed", "assigned", "U0FREJA")
        assert aside["reason"] == error
        assert await running.bot.store.read(lanes.paused) == []
        assert await readiness(running) == (200, None)


@pytest.mark.parametrize("error", UNREACHABLE)
async def test_a_doubt_about_somebody_who_cannot_be_written_to(workspace, start, error):
    """The same where nobody knows whether it was sent, and Slack does not have the conversation to look into."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        workspace.faults.add(Kind.CUT_BEFORE, "chat.postMessage", count=1)
        workspace.faults.add(Kind.ERROR, "conversations.open", error=error)
        await give(running, response_id)
        (aside,) = await drained(running)
        assert (aside["state"], error in aside["reason"]) == ("failed", True)
        assert await readiness(running) == (200, None)


async def test_a_token_in_the_way_of_somebody(workspace, start):
    """A token that was taken away sets nothing aside, whoever the message goes to."""
    async with start() as running:
        (response_id,) = await deliver(running, "anna")
        await drained(running)
        reason, mend = _revoke(workspace)
        await give(running, response_id)
        (lane,) = await paused(running)
        assert (lane["lane"], lane["reason"]) == ("*", reason)
        mend()
        assert await drained(running) == [None]


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


async def test_a_doubt_that_cannot_be_settled(workspace, start):
    """Where Slack cannot be asked, nothing is sent again, and those behind it go on."""
    workspace.scopes -= {"channels:history", "groups:history"}
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    async with start() as running:
        await deliver(running, "anna", "bo")
        await eventually(lambda: names(workspace) == ["anna", "bo"])
        (row,) = await eventually(lambda: only_in_doubt(running))
        assert "missing_scope" in row["reason"]
        workspace.scopes.add("channels:history")
        await drained(running)
        assert names(workspace) == ["anna", "bo"]


async def test_what_is_dropped_pauses_nothing(workspace, start):
    """Once nothing waits for a channel any more, its fault is no reason to be unwell."""
    async with start() as running:
        workspace.archive("#nps")
        await deliver(running, "anna")
        await paused(running)
        (row,) = await running.bot.store.read(failures.listing)
        await eventually(lambda: running.bot.desk.change(failures.drop, [row["id"]]))
        await eventually(lambda: is_well(running))
