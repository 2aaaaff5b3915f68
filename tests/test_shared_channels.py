"""Channels that another organisation is in: nothing about customers goes there, unless [privacy] allows it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from acting import a_card, on_disk, told
from conftest import SECRET, eventually
from queued import card_of, claim, deliver, drained, names, paused, readiness

from bot import audience, doctor, forget
from bot.audience import SHARED
from bot.config import SourceSettings, load
from bot.model import Subject
from bot.settings.privacy import Privacy
from demo.faults import Kind
from storage import failures

ALLOWED = [Privacy(shared=None), Privacy(shared=frozenset({"nps"})), Privacy(shared=frozenset({"c0nps"}))]


@pytest.fixture(autouse=True)
def _quickly(quick):
    """Every test here waits for the delivery loop."""


async def test_it_waits_and_goes_on(workspace, start):
    """Cards for a shared channel wait with a clear reason in /readyz and the outbox; unshared, they go, each once."""
    await workspace.share("#nps")
    async with start() as running:
        await deliver(running, "first", "second")
        await paused(running)
        status, reason = await readiness(running)
        assert (status, SHARED in reason) == (503, True)
        assert names(workspace) == []
        waiting = await running.bot.store.read(failures.listing)
        assert [row["state"] for row in waiting] == ["queued", "queued"]
        assert waiting[0]["reason"] == SHARED
        assert (await workspace.share("#nps", shared=False)).ok
        await drained(running)
        assert names(workspace) == ["first", "second"]
        assert await readiness(running) == (200, None)


async def test_a_channel_that_becomes_shared(workspace, start):
    """Slack's event counts at once, for what is new and for changes to what stands there, whatever was known before."""
    async with start() as running:
        (anna,) = await deliver(running, "anna")
        await drained(running)
        before = told(workspace.messages("#nps"))
        assert (await workspace.share("#nps")).ok
        await deliver(running, "bo")
        await claim(running, anna)
        await paused(running)
        await eventually(lambda: all(row["attempts"] > 1 for row in on_disk(running, "select attempts from outbox")))
        assert told(workspace.messages("#nps")) == before
        assert (await workspace.share("#nps", shared=False)).ok
        await eventually(lambda: card_of(workspace, "bo") and card_of(workspace, "anna")["text"].endswith("Claimed."))


async def test_without_the_event(workspace, start, monkeypatch):
    """What Slack said is believed for some minutes only."""
    monkeypatch.setattr(audience, "KNOWN_FOR", 0.0)
    async with start() as running:
        await deliver(running, "anna")
        await drained(running)
        workspace.people.channel("#nps").is_ext_shared = True
        await deliver(running, "bo")
        await paused(running)
        assert names(workspace) == ["anna"]


@pytest.mark.parametrize("privacy", ALLOWED)
async def test_where_it_is_allowed(workspace, start, privacy):
    """A channel that [privacy] allows, by name, by id or as any, is written to as ever."""
    await workspace.share("#nps")
    async with start(privacy=privacy) as running:
        await deliver(running, "anna")
        await drained(running)
        assert names(workspace) == ["anna"]


async def test_other_channels_go_on(workspace, start, settings):
    """One channel that is shared holds up no other."""
    workspace.add_channel("orders", [workspace.bot.id])
    await workspace.share("#nps")
    sources = {**settings.sources, "shop": SourceSettings("shop", "json", (SECRET,), channel="#orders")}
    async with start(sources=sources) as running:
        await deliver(running, "anna")
        await deliver(running, "bo", source="shop")
        await eventually(lambda: card_of(workspace, "bo", "#orders"))
        assert names(workspace) == []


async def test_forgetting_goes_through(workspace, start):
    """Somebody's data is taken out of what stands in a channel that has become shared."""
    async with start() as running:
        await a_card(running)
        await drained(running)
        assert (await workspace.share("#nps")).ok
        await running.bot.desk.change(forget.forget, Subject("anna@nordlys.example"), None, datetime.now(UTC))
        await eventually(lambda: "Anna" not in told(workspace.messages("#nps")))


async def test_slack_is_not_asked_for_each_message(workspace, start):
    """Many cards cost one question, not one each."""
    async with start() as running:
        told_of = []
        ask = running.bot.slack.channel_info

        async def counted(channel):
            told_of.append(channel)
            return await ask(channel)

        running.bot.slack.channel_info = counted
        await deliver(running, *(f"customer-{n}" for n in range(20)))
        await drained(running)
        assert told_of == ["C0NPS"]


@pytest.mark.parametrize("error", ["missing_scope", "unknown_method", "channel_not_found"])
async def test_where_slack_refuses_to_tell(workspace, start, error):
    """A scope that is missing holds up no cards: nothing says that the channel is shared."""
    workspace.faults.add(Kind.ERROR, "conversations.info", error=error)
    async with start() as running:
        await deliver(running, "anna")
        await drained(running)
        assert names(workspace) == ["anna"]


async def test_where_slack_does_not_answer(workspace, start):
    """A question without an answer is asked again before anything is written."""
    workspace.faults.add(Kind.CUT_BEFORE, "conversations.info", count=2)
    await workspace.share("#nps")
    async with start() as running:
        await deliver(running, "anna")
        await eventually(lambda: _is_blocked(running))
        assert names(workspace) == []


async def _is_blocked(running):
    return SHARED in ((await readiness(running))[1] or "")


async def test_what_the_doctor_says(workspace, tmp_path):
    """Each channel that is shared is a fault with what to do about it, unless that is allowed."""
    await workspace.share("#nps")
    path = tmp_path / "npsbot.toml"
    for text, ok, words in (
        ("", False, "allow_shared under [privacy]"),
        (
            '[privacy]\nallow_shared = ["#nps"]\nchannels = ["C0NPS"]',
            True,
            "its cards name nobody, shared with another",
        ),
    ):
        path.write_text(text)
        environment = {"SLACK_BOT_TOKEN": "xoxb-demo", "SLACK_SIGNING_SECRET": "s", "NPSBOT_CONFIG": str(path)}
        environment |= {"SLACK_API_URL": workspace.api_url, "NPSBOT_WEBHOOK_SECRET": "s"}
        found = await doctor.examine(lambda given=environment: load(given))
        (channel,) = (finding for finding in found if finding.subject == "channel #nps")
        assert (channel.ok, words in channel.says) == (ok, True), json.dumps(channel.as_json())
