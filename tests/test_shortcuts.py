"""Shortcuts: find a customer from anywhere, log a call with the customer of any message; over HTTP and over sockets."""

from __future__ import annotations

import pytest
from acting import FILLED, PERSON, a_card, log, on_disk, privately, told
from conftest import eventually

from handlers.shortcuts import addresses_in


async def opened(workspace, user):
    """Wait for the modal of a person."""
    return (await eventually(lambda: workspace.views(user)))[-1]


async def looked_for(workspace, user, text):
    """Ask for something in the open modal, and return what it shows then."""
    view = await opened(workspace, user)
    ack = await workspace.submit(user, view["id"], {"text": text})
    assert (ack.ok, ack.elapsed < 2.9) == (True, True)
    return workspace.views(user)[-1]


async def test_find_a_customer_and_log_a_call(running, workspace):
    """From anywhere a customer is found by a word, a name or an address, and a call is logged on what is found."""
    await a_card(running)
    assert (await workspace.shortcut("mikko", "find_customer")).ok
    assert "Anna Berg" not in told(await opened(workspace, "mikko"))
    for asked in ("verans", "BERG", PERSON["email"].upper()):
        assert "Anna Berg" in told(await looked_for(workspace, "mikko", asked))
    shown = await looked_for(workspace, "mikko", '"NEAR( <!channel> *')
    assert "Anna Berg" not in told(shown)
    assert "<!channel>" not in told([block for block in shown["blocks"] if block["type"] == "section"])
    shown = await looked_for(workspace, "mikko", "nordlys")
    assert (await workspace.click_view("mikko", shown["id"], "log_call")).ok
    form = await eventually(lambda: [v for v in workspace.views("mikko") if v["callback_id"] == "log_call"])
    assert (await workspace.submit("mikko", form[-1]["id"], FILLED)).errors == {}
    assert [call["caller"] for call in on_disk(running, "select * from calls")] == ["U0MIKKO"]


async def test_a_card_and_its_thread_open_the_form(running, workspace):
    """On a card, and on whatever stands in its thread, the shortcut opens the form for that card at once."""
    ts = await a_card(running)
    await log(running, "freja", ts, next_step="hand_over")
    (note,) = await eventually(lambda: workspace.messages("#nps", ts))
    for stamp in (ts, note["ts"]):
        assert (await workspace.message_shortcut("mikko", "#nps", stamp, "log_call_with_customer")).ok
        view = await opened(workspace, "mikko")
        assert (view["callback_id"], "Anna Berg" in told(view)) == ("log_call", True)
        await workspace.close_view("mikko", view["id"])
    await workspace.click("freja", "#nps", ts, "claim_callback")
    await workspace.message_shortcut("mikko", "#nps", ts, "log_call_with_customer")
    assert "<@U0FREJA> holds this callback" in await privately(workspace, "mikko")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anna (anna@nordlys.example) called, please call back", ["Anna Berg", "log_call"]),
        ("<mailto:ANNA@nordlys.example|write to Anna>", ["Anna Berg"]),
        ("who is bo@nordlys.example?", ["Nobody with an address"]),
        ("no address here @all", ["Find a customer"]),
    ],
)
async def test_any_other_message(running, workspace, text, words):
    """On any other message the customer is found whose address stands in it, else one can be looked for."""
    await a_card(running)
    said = await workspace.say("ingrid", "#nps", text)
    assert (await workspace.message_shortcut("mikko", "#nps", said["ts"], "log_call_with_customer")).ok
    shown = told(await opened(workspace, "mikko"))
    assert [word for word in words if word not in shown] == []
    assert ("Anna Berg" in shown) == ("Anna Berg" in words)


async def test_whoever_may_not_see_the_card(running, workspace):
    """A colleague who is not in the cards' channel finds nobody, and logs nothing from a card either."""
    ts = await a_card(running)
    workspace.add_user("nora", "Nora Vik")
    assert (await workspace.shortcut("nora", "find_customer")).ok
    view = await opened(workspace, "nora")
    ack = await workspace.submit("nora", view["id"], {"text": "anna"})
    assert ["members of #nps" in sentence for sentence in ack.errors.values()] == [True]
    await workspace.close_view("nora", view["id"])
    assert (await workspace.message_shortcut("nora", "#nps", ts, "log_call_with_customer")).ok
    assert "members of #nps" in await privately(workspace, "nora")


@pytest.mark.parametrize("user", ["petra", "liam"])
async def test_guests_and_strangers(running, workspace, user):
    """Guests and people of other organisations get nothing by a shortcut."""
    ts = await a_card(running)
    for act in (workspace.shortcut(user, "find_customer"), None):
        await (act or workspace.message_shortcut(user, "#nps", ts, "log_call_with_customer"))
    assert "Anna" not in told(workspace.views(user))
    assert [view["callback_id"] for view in workspace.views(user)] in ([], ["notice"])


async def test_where_slack_offers_a_shortcut(running, workspace):
    """Slack offers what the manifest names, on what everybody sees; the stand-in is as strict."""
    ts = await a_card(running)
    await workspace.command("mikko", "#nps", "/nps", "help")
    private = workspace.ephemerals("mikko")[-1]["ts"]
    for use in (
        lambda: workspace.shortcut("mikko", "log_call_with_customer"),
        lambda: workspace.message_shortcut("mikko", "#nps", ts, "find_customer"),
        lambda: workspace.message_shortcut("mikko", "#nps", private, "log_call_with_customer"),
        lambda: workspace.message_shortcut("lena", "#nps-leaders", ts, "log_call_with_customer"),
    ):
        with pytest.raises(KeyError):
            await use()


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"text": "a@b.example, A@B.example. <c+d@e.example>"}, ["a@b.example", "c+d@e.example"]),
        ({"text": "", "blocks": [{"elements": [{"url": "mailto:å@ö.example"}]}]}, ["å@ö.example"]),
        ({"text": "@here a@b @ a@.b"}, []),
        ({}, []),
        ({"text": " ".join(f"a{n}@b.example" for n in range(100))}, [f"a{n}@b.example" for n in range(20)]),
    ],
)
def test_addresses_in_a_message(message, found):
    """The addresses are those of text and blocks, each once, and of endless ones the first."""
    assert addresses_in(message) == found
