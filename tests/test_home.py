"""Lists and App Home at work: pages turn and buttons act where they stand, and an open home follows what happens."""

from __future__ import annotations

import asyncio

import pytest
from acting import a_card, card, everything, form, told
from bolt_app import client_of
from conftest import eventually

from bot.cards.lists import SHOWN
from demo.faults import Kind
from handlers import home, open_homes


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Look for news more often than at work."""
    monkeypatch.setattr(home, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(home, "PACE", 0.01)


def people(count):
    """Return as many customers, each with a name and an address of their own."""
    return [{"name": f"Kund {chr(65 + number)}", "email": f"kund{number}@nordlys.example"} for number in range(count)]


async def crowd(running, count):
    """Let so many customers answer, and wait for their cards."""
    for number, person in enumerate(people(count)):
        await running.deliver({"id": f"r-{number}", "score": 3, "comment": "sent igen", "respondent": person})
    await eventually(lambda: len(running.workspace.messages("#nps")) == count)


def names(shown):
    """Return the customers in a list, a home or a modal, in their order."""
    return [name for person in people(26) if (name := person["name"]) in told(shown.get("blocks"))]


@pytest.mark.parametrize("command", ["queue", "find sent"])
async def test_turning_pages_in_place(running, workspace, command):
    """The pages of an answer follow each other in the one message that only the asker sees."""
    await crowd(running, SHOWN + 2)
    before = everything(running)
    await workspace.command("mikko", "#nps", "/nps", command)
    (shown,) = workspace.ephemerals("mikko")
    first = names(shown)
    assert (len(first), "Page 1 of 2" in told(shown)) == (SHOWN, True)
    assert (await workspace.click("mikko", "#nps", shown["ts"], "next_page")).ok
    second = await eventually(
        lambda: "Page 2 of 2" in told(workspace.ephemerals("mikko")[-1]) and workspace.ephemerals("mikko")
    )
    assert (len(second), len(names(second[0]))) == (1, 2)
    assert sorted(first + names(second[0])) == [person["name"] for person in people(SHOWN + 2)]
    assert (await workspace.click("mikko", "#nps", second[0]["ts"], "previous_page")).ok
    await eventually(lambda: names(workspace.ephemerals("mikko")[-1]) == first)
    assert workspace.ephemerals("freja") == []
    assert everything(running) == before


async def test_acting_in_a_list(running, workspace):
    """Whoever claims in a list sees the list without it, or with its new state, at once; the list stays one."""
    await crowd(running, 3)
    for command, then in (("queue", ["Kund B", "Kund C"]), ("find sent", ["Kund A", "Kund B", "Kund C"])):
        await workspace.command("mikko", "#nps", "/nps", command)
        shown = workspace.ephemerals("mikko")[-1]
        if command == "queue":
            assert (await workspace.click("mikko", "#nps", shown["ts"], "claim_callback", block_id="row 0 queue 1")).ok
        else:
            assert (
                await workspace.click("mikko", "#nps", shown["ts"], "claim_callback", block_id="row 1 find 1 sent")
            ).ok
        await eventually(lambda then=then: names(workspace.ephemerals("mikko")[-1]) == then)
    await eventually(lambda: "Claimed" in told(workspace.ephemerals("mikko")[-1]))
    assert len(workspace.ephemerals("mikko")) == 2


async def test_a_stale_list_is_harmless(running, workspace):
    """An old list's buttons say how things stand now, and show it."""
    await crowd(running, SHOWN + 1)
    await workspace.command("mikko", "#nps", "/nps", "queue")
    shown = workspace.ephemerals("mikko")[-1]
    last = card(workspace)
    await workspace.click("freja", "#nps", last["ts"], "claim_callback")
    assert (await workspace.click("mikko", "#nps", shown["ts"], "next_page")).ok
    await eventually(lambda: "Page" not in told(workspace.ephemerals("mikko")[0]))
    assert len(names(workspace.ephemerals("mikko")[0])) == SHOWN


async def test_who_has_left_the_channel_sees_no_other_page(running, workspace):
    """Whoever is no longer in the cards' channel learns it at the next page, in the place of the list."""
    await crowd(running, SHOWN + 1)
    await workspace.command("mikko", "#nps", "/nps", "queue")
    shown = workspace.ephemerals("mikko")[-1]
    workspace.leave("mikko", "#nps")
    assert (await workspace.click("mikko", "#nps", shown["ts"], "next_page")).ok
    await eventually(lambda: "members of #nps only" in told(workspace.ephemerals("mikko")[-1]))
    assert names(workspace.ephemerals("mikko")[-1]) == []


async def test_a_button_of_another_version(running, workspace):
    """A button that names no list that there is turns no page and leaves nobody with an error."""
    button = {
        "type": "button",
        "action_id": "next_page",
        "text": {"type": "plain_text", "text": "Next"},
        "value": "all 2",
    }
    blocks = [{"type": "actions", "elements": [button]}]
    posted = await client_of(workspace).chat_postMessage(channel="C0NPS", text="A list", blocks=blocks)
    assert (await workspace.click("mikko", "#nps", posted["ts"], "next_page")).ok
    assert workspace.ephemerals("mikko") == []


async def test_a_story_leads_into_its_cards(running, workspace):
    """A customer's story tells every answer with its change, and leads to the card of each."""
    await a_card(running, id="r-1", score=9)
    ts = await a_card(running, id="r-2", score=4)
    await workspace.command("mikko", "#nps", "/nps", "customer anna@nordlys.example")
    shown = workspace.ephemerals("mikko")[-1]
    assert "*4* (−5)" in told(shown)
    links = [
        e for b in shown["blocks"] if b["type"] == "actions" for e in b["elements"] if e["action_id"] == "open_card"
    ]
    assert next(link["url"] for link in links).endswith(f"/archives/C0NPS/p{ts.replace('.', '')}")
    assert (await workspace.click("mikko", "#nps", shown["ts"], "open_card")).ok


async def test_an_open_home_follows_what_happens(running, workspace):
    """Whoever has their home open sees what others do, without opening it again; whoever has not is left in peace."""
    await crowd(running, 2)
    for user in ("mikko", "freja"):
        await workspace.open_home(user)
        await eventually(lambda user=user: names(workspace.home(user) or {}) == ["Kund A", "Kund B"])
    await workspace.click("jonas", "#nps", card(workspace)["ts"], "claim_callback")
    for user in ("mikko", "freja"):
        await eventually(lambda user=user: len(names(workspace.home(user))) == 1)
    assert workspace.home("jonas") is None
    await running.deliver({"id": "late", "score": 2, "respondent": {"name": "Kund Z"}})
    await eventually(lambda: "Kund Z" in names(workspace.home("mikko")))


async def test_a_home_is_turned_and_stays_there(running, workspace):
    """Each list of a home has pages of its own, and stays on its page when something happens."""
    await crowd(running, SHOWN + 2)
    await workspace.open_home("mikko")
    await eventually(lambda: len(names(workspace.home("mikko") or {})) == SHOWN)
    assert (await workspace.click_view("mikko", "home", "next_page")).ok
    await eventually(lambda: len(names(workspace.home("mikko"))) == 2)
    assert (await workspace.click_view("mikko", "home", "claim_callback")).ok
    await eventually(lambda: "Yours: 1" in told(workspace.home("mikko")))
    assert len(names(workspace.home("mikko"))) == 2
    assert (await workspace.click_view("mikko", "home", "callback_menu", value="snooze")).ok
    (view,) = await eventually(lambda: workspace.views("mikko"))
    assert (await workspace.submit("mikko", view["id"], {})).ok
    await eventually(lambda: "`/nps mine` lists it" in told(workspace.home("mikko")))


async def test_a_home_that_slack_does_not_take_is_shown_later(running, workspace):
    """When Slack does not take a home just now, it is shown as soon as it does."""
    await crowd(running, 1)
    await workspace.open_home("mikko")
    await eventually(lambda: workspace.home("mikko"))
    workspace.faults.add(Kind.ERROR, "views.publish", count=2, error="internal_error")
    await workspace.click("jonas", "#nps", card(workspace)["ts"], "claim_callback")
    await eventually(lambda: names(workspace.home("mikko")) == [])


async def test_a_home_that_was_left_is_let_go(running, workspace, monkeypatch):
    """A home that nobody has looked at for a while is kept no longer, and of very many only the last."""
    monkeypatch.setattr(open_homes, "MOST", 2)
    homes = running.bot.desk.homes
    for user in ("mikko", "freja", "jonas"):
        await workspace.open_home(user)
        await eventually(lambda user=user: workspace.home(user))
    assert [homes.of(user) is None for user in ("U0MIKKO", "U0FREJA", "U0JONAS")] == [True, False, False]
    for user in ("U0FREJA", "U0JONAS"):
        homes.of(user).until = 0.0
    await eventually(lambda: not homes.anybody.is_set())
    assert homes.of("U0JONAS") is None


async def test_nothing_is_published_while_nothing_happens(running, workspace):
    """While nothing changes for a person, Slack is not bothered with their home."""
    ts = await a_card(running)
    await workspace.open_home("mikko")
    first = await eventually(lambda: workspace.home("mikko"))
    await form(running, "freja", ts)
    await asyncio.sleep(0.3)
    assert workspace.home("mikko")["hash"] == first["hash"]
