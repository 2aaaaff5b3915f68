"""Names of channels are looked up in one listing for all who ask within seconds, by the bot and by the doctor."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import closing
from dataclasses import replace

import pytest
from conftest import SECRET, eventually
from queued import deliver, drained, names

from bot import channels
from bot.channels import Channels
from bot.config import SourceSettings
from bot.doctor import examine
from bot.slack import Later
from demo.faults import Kind
from storage import Store

LIST = "conversations.list"
LINES = [f"line-{number}" for number in range(25)]


@pytest.fixture(name="known")
async def _known(settings, slack, monkeypatch):
    """What asks for names, of a listing that stands for as long as the test lasts."""
    monkeypatch.setattr(channels, "STANDS_FOR", 600.0)
    with closing(Store(settings.database)) as store:
        yield Channels(store, slack)


@pytest.fixture(name="calls")
def _calls(workspace, monkeypatch):
    """Count every call that arrives, by method, also those that are refused."""
    calls: Counter[str] = Counter()
    draw = workspace.faults.draw

    def counted(method):
        calls[method] += 1
        return draw(method)

    monkeypatch.setattr(workspace.faults, "draw", counted)
    return calls


def with_lines(settings, workspace):
    """Return settings with a source for each line, whose channels the bot is in."""
    for line in LINES:
        workspace.add_channel(line, [workspace.bot.id])
    sources = {line: SourceSettings(line, "json", (SECRET,), channel=f"#{line}") for line in LINES}
    return replace(settings, sources=sources, slack_api_url=workspace.api_url)


async def ask(known, *wanted):
    """Ask for several names at once; return what each stands for, or the fault."""
    return await asyncio.gather(*map(known.id_of, wanted), return_exceptions=True)


@pytest.mark.usefixtures("quick")
async def test_lanes_that_start_together_list_once(workspace, calls, start, settings, monkeypatch):
    """However many channels get their first card at once, Slack is asked for its channels once."""
    monkeypatch.setattr(channels, "STANDS_FOR", 600.0)
    async with start(sources=with_lines(settings, workspace).sources) as running:
        await asyncio.gather(*(deliver(running, "anna", source=line) for line in LINES))
        await drained(running)
        assert [names(workspace, f"#{line}") for line in LINES] == [["anna"]] * len(LINES)
        assert calls[LIST] == 1


@pytest.mark.usefixtures("quick")
async def test_a_channel_made_just_now_is_found_at_the_next_try(workspace, start, settings, monkeypatch):
    """A lane that was blocked looks anew, however long what was listed before would stand."""
    monkeypatch.setattr(channels, "STANDS_FOR", 600.0)
    sources = {**settings.sources, "late": SourceSettings("late", "json", (SECRET,), channel="#late")}
    async with start(sources=sources) as running:
        await deliver(running, "anna")
        await deliver(running, "bo", source="late")
        await eventually(lambda: names(workspace) == ["anna"])
        workspace.add_channel("late", [workspace.bot.id], is_private=True)
        await eventually(lambda: names(workspace, "#late") == ["bo"])


async def test_a_name_that_is_not_listed_is_unknown(workspace, calls, known):
    """What is not in a fresh listing is not listed anew for each name, at once or one after the other."""
    assert await ask(known, "#nps", *(f"#none-{n}" for n in range(9))) == ["C0NPS", *(f"#none-{n}" for n in range(9))]
    assert await known.id_of("#none-10") == "#none-10"
    assert calls[LIST] == 1


async def test_what_is_forgotten_is_looked_at_afresh(workspace, calls, known):
    """A channel made since the listing is found once its name is forgotten, and no other name is asked for with it."""
    await ask(known, "#late", "#none")
    late = workspace.add_channel("late", [workspace.bot.id])
    known.forget("#late")
    assert await ask(known, "#late", "#none", "#late") == [late.id, "#none", late.id]
    assert calls[LIST] == 2


async def test_what_was_forgotten_during_a_listing(workspace, calls, known):
    """A listing that was under way already does not answer who forgot since."""
    first = asyncio.ensure_future(known.id_of("#none"))
    await asyncio.sleep(0)
    await eventually(lambda: calls[LIST] == 1)
    known.forget("#late")
    assert await ask(known, "#late", "#none") == ["#late", "#none"]
    assert await first == "#none"
    assert calls[LIST] == 2


async def test_a_listing_stands_for_seconds(workspace, settings, slack, monkeypatch):
    """Who asks later is told of what was made meanwhile."""
    monkeypatch.setattr(channels, "STANDS_FOR", 0.0)
    with closing(Store(settings.database)) as store:
        known = Channels(store, slack)
        assert await known.id_of("#late") == "#late"
        late = workspace.add_channel("late", [workspace.bot.id])
        assert await known.id_of("#late") == late.id


@pytest.mark.parametrize(
    ("kind", "more"), [(Kind.ERROR, {"error": "missing_scope"}), (Kind.ERROR_500, {}), (Kind.LIMIT, {})], ids=str
)
async def test_a_fault_is_shared(workspace, calls, known, kind, more):
    """A listing that fails fails once for all who wait for it; once Slack wants to be left alone, so is it."""
    workspace.faults.add(kind, LIST, **more)
    told = await ask(known, "#nps", "#late", "#later")
    assert calls[LIST] == 1
    if kind is Kind.LIMIT:
        assert all(isinstance(each, Later) and each.seconds for each in told)
    else:
        assert told == ["#nps", "#late", "#later"]


async def test_a_listing_that_is_cut_short(workspace, calls, known):
    """What was on the pages before Slack wanted fewer calls is known; only who is not on them has to wait."""
    for number in range(1200):
        workspace.add_channel(f"many-{number}")
    workspace.rates.per_minute[LIST] = 1
    first, second, last = await ask(known, "#nps", "#many-7", "#many-1199")
    assert (first, second.startswith("C"), isinstance(last, Later)) == ("C0NPS", True, True)
    assert calls[LIST] <= 2


async def test_who_stops_asking_stops_nobody_else(workspace, calls, known):
    """A lane that ends while it lists leaves the listing to the next."""
    first, second = (asyncio.ensure_future(known.id_of(name)) for name in ("#none", "#nps"))
    await eventually(lambda: calls[LIST] == 1)
    first.cancel()
    assert await second == "C0NPS"


async def test_the_doctor_lists_once(workspace, calls, settings):
    """A doctor of many channels keeps within what Slack takes: one listing tells it their names and who shares them."""
    chosen = with_lines(settings, workspace)
    found = [each for each in await examine(lambda: chosen) if each.subject.startswith("channel")]
    assert len(found) >= len(LINES)
    assert all(each.ok for each in found), found
    assert (calls[LIST], calls["conversations.info"]) == (1, 0)


@pytest.mark.parametrize("method", [LIST, "conversations.members", "conversations.info", "auth.test"])
async def test_the_doctor_says_when_slack_is_busy(workspace, calls, settings, method):
    """That Slack wants fewer calls is no channel's fault: it is said once, with when to run it again."""
    chosen = replace(with_lines(settings, workspace), channel="C0NPS")
    workspace.faults.add(Kind.LIMIT, method, retry_after="41.5")
    faults = [each for each in await examine(lambda: chosen) if not each.ok and each.subject != "store"]
    assert [(each.subject, each.says) for each in faults] == [
        ("Slack", "Slack wants fewer calls just now; run it again in 42 seconds")
    ]
    assert calls[method] == 1


async def test_the_doctor_cannot_reach_slack(workspace, settings):
    """Where nobody listens the token is not blamed for it."""
    chosen = replace(settings, slack_api_url=workspace.api_url)
    await workspace.stop()
    (fault,) = [each for each in await examine(lambda: chosen) if not each.ok and each.subject != "store"]
    assert (fault.subject, "check the network" in fault.says) == ("Slack", True)
