"""What people do with a card, through the real Bolt app, over HTTP and over Socket Mode alike."""

from __future__ import annotations

import asyncio
import json

import pytest
from acting import (
    COLLEAGUES,
    FILLED,
    LONG,
    a_card,
    buttons,
    card,
    direct,
    everything,
    form,
    log,
    on_disk,
    privately,
    shows,
    soon,
    told,
)
from conftest import eventually

from demo.faults import Kind


async def test_a_claim(running, workspace):
    """Whoever claims holds it: on disk when Slack hears of it, on the card at once."""
    ts = await a_card(running)
    assert {"claim_callback", "callback_menu"} <= set(buttons(workspace))
    ack = await workspace.click("mikko", "#nps", ts, "claim_callback")
    (row,) = on_disk(running)
    assert (ack.ok, row["state"], row["holder"]) == (True, "claimed", "U0MIKKO")
    assert ack.elapsed < 2.5
    shown = await shows(workspace, "Claimed")
    assert "<@U0MIKKO>" in told(shown)
    assert {"release_callback", "log_call", "callback_menu"} <= set(buttons(workspace))
    assert workspace.ephemerals("mikko") == []


async def test_one_winner(running, workspace):
    """Of eight who click at the same moment one holds it; the others are told who, and nobody else sees it."""
    people = [*COLLEAGUES, "nils", "oda", "pia", "rune"]
    for name in people[4:]:
        workspace.add_user(name, name.capitalize())
        workspace.join(name, "#nps")
    ts = await a_card(running)
    acks = await asyncio.gather(*(workspace.click(name, "#nps", ts, "claim_callback") for name in people))
    assert all(ack.ok and ack.elapsed < 2.5 for ack in acks)
    (row,) = on_disk(running)
    losers = [name for name in people if workspace.people.user(name).id != row["holder"]]
    assert len(losers) == 7
    for name in losers:
        assert (await privately(workspace, name)).startswith(f"<@{row['holder']}> holds this callback.")
    assert [event["action"] for event in on_disk(running, "select * from history")] == ["opened", "claimed"]
    assert len(workspace.messages("#nps")) == 1


async def test_release_and_reopen(running, workspace):
    """The holder releases, nobody else does; what is closed is opened again."""
    ts = await a_card(running)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    await shows(workspace, "Claimed")
    assert (await workspace.click("freja", "#nps", ts, "release_callback")).ok
    assert "do not hold" in await privately(workspace, "freja")
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    await workspace.click("mikko", "#nps", ts, "release_callback")
    assert on_disk(running)[0]["state"] == "open"
    await shows(workspace, "Open")
    assert (await log(running, "freja", ts)).ok
    await shows(workspace, "Closed")
    assert {"reopen_callback", "log_call"} <= set(buttons(workspace))
    await workspace.click("jonas", "#nps", ts, "reopen_callback")
    assert (on_disk(running)[0]["state"], on_disk(running)[0]["holder"]) == ("open", None)


async def test_a_click_on_an_old_card(running, workspace):
    """A click on a button whose time is over is told, and changes nothing."""
    ts = await a_card(running)
    old = card(workspace)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    workspace.store.replace("C0NPS", old)
    before = everything(running)
    assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
    assert "closed" in await privately(workspace, "mikko")
    assert everything(running) == before


@pytest.mark.parametrize(
    ("step", "state", "holder"),
    [("close", "closed", None), ("call_again", "claimed", "U0FREJA"), ("hand_over", "open", None)],
)
async def test_a_call(running, workspace, step, state, holder):
    """A logged call is one transaction: the call, the next state, the card, and what was said in the thread."""
    ts = await a_card(running)
    again = {"call_again_at": soon(days=2)} if step == "call_again" else {}
    ack = await log(running, "freja", ts, next_step=step, **again)
    (row,), (call,) = on_disk(running), on_disk(running, "select * from calls")
    assert (ack.ok, ack.errors, row["state"], row["holder"]) == (True, {}, state, holder)
    assert (call["caller"], call["outcome"], call["notes"], call["next_step"]) == (
        "U0FREJA",
        "reached",
        FILLED["notes"],
        step,
    )
    assert json.loads(call["themes"]) == ["billing"]
    assert workspace.views("freja") == []
    await shows(workspace, state.capitalize())
    (note,) = await eventually(lambda: workspace.messages("#nps", ts))
    assert all(word in told(note) for word in ("<@U0FREJA>", "Reached", FILLED["notes"], "Billing"))
    assert note["metadata"]["event_type"] == "nps_note"


async def test_a_promoters_call(running, workspace):
    """A promoter can be asked for whom else to talk to."""
    ts = await a_card(running, score=10)
    assert (await log(running, "freja", ts, referral_name="Bo Ek", referral_contact="bo@granvik.example")).ok
    (call,) = on_disk(running, "select * from calls")
    assert (call["referral_name"], call["referral_contact"]) == ("Bo Ek", "bo@granvik.example")
    (note,) = await eventually(lambda: workspace.messages("#nps", ts))
    assert "bo@granvik.example" in told(note)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"outcome": None}, "outcome"),
        ({"next_step": "call_again"}, "call_again_at"),
        ({"next_step": "call_again", "call_again_at": soon(minutes=-1)}, "call_again_at"),
        ({"next_step": "call_again", "call_again_at": soon(days=-300)}, "call_again_at"),
    ],
    ids=["no outcome", "no time", "a time just past", "a time long past"],
)
async def test_a_mistake_in_the_form(running, workspace, fields, at):
    """A mistake is told at its field, what was typed stays, nothing is stored; mended it goes through."""
    ts = await a_card(running)
    before = everything(running)
    ack = await log(running, "freja", ts, **fields)
    assert list(ack.errors) == [at]
    assert len(ack.errors[at]) > 10
    assert everything(running) == before
    (view,) = workspace.views("freja")
    mended = {**FILLED, "next_step": "call_again", "call_again_at": soon(days=1)}
    assert (await workspace.submit("freja", view["id"], mended)).errors == {}
    assert len(on_disk(running, "select * from calls")) == 1


async def test_another_call_on_a_closed_one(running, workspace):
    """On a closed callback another call can be logged; it stays closed, or opens for whoever calls again."""
    ts = await a_card(running)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    await log(running, "mikko", ts, notes="Ringde tillbaka själv")
    assert on_disk(running)[0]["state"] == "closed"
    await eventually(lambda: len(workspace.messages("#nps", ts)) == 2)
    await log(running, "mikko", ts, next_step="call_again", call_again_at=soon(hours=3))
    assert (on_disk(running)[0]["state"], on_disk(running)[0]["holder"]) == ("claimed", "U0MIKKO")


async def test_someone_elses_call(running, workspace):
    """Nobody logs on what someone else holds: neither opens the form nor, when they had it open, hands it over."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    before = everything(running)
    ack = await workspace.submit("freja", view["id"], FILLED)
    assert "Mikko Lehtonen" in ack.errors["outcome"]
    assert everything(running) == before
    await shows(workspace, "Claimed")
    await workspace.click("jonas", "#nps", ts, "log_call")
    assert (await privately(workspace, "jonas")).startswith("<@U0MIKKO> holds this callback.")
    assert workspace.views("jonas") == []


async def test_assign(running, workspace):
    """A callback is given to a colleague, who is told; a guest cannot be given one."""
    ts = await a_card(running)
    view = await form(running, "ingrid", ts, "callback_menu", value="assign")
    assert list((await workspace.submit("ingrid", view["id"], {"assignee": "U0PETRA"})).errors) == ["assignee"]
    assert on_disk(running)[0]["state"] == "open"
    assert (await workspace.submit("ingrid", view["id"], {"assignee": "U0MIKKO"})).errors == {}
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    (message,) = await eventually(lambda: direct(workspace, "U0MIKKO"))
    assert "<@U0INGRID>" in message["text"]
    await shows(workspace, "<@U0MIKKO>")


async def test_snooze(running, workspace):
    """What is put aside is out of the queue until its time; a time that is past is a mistake at its field."""
    ts = await a_card(running)
    view = await form(running, "mikko", ts, "callback_menu", value="snooze")
    for past in (soon(minutes=-1), soon(days=-1)):
        assert list((await workspace.submit("mikko", view["id"], {"until": past})).errors) == ["until"]
    assert on_disk(running)[0]["snoozed_until"] is None
    assert (await workspace.submit("mikko", view["id"], {"until": soon(days=1)})).errors == {}
    assert on_disk(running)[0]["snoozed_until"] is not None
    ack = await workspace.command("ingrid", "#nps", "/nps", "queue")
    assert "Put aside until" in told(ack.body)


async def test_dismiss(running, workspace):
    """A callback is closed without a call, with a reason that the card tells."""
    ts = await a_card(running)
    view = await form(running, "mikko", ts, "callback_menu", value="dismiss")
    assert list((await workspace.submit("mikko", view["id"], {"reason": "  "})).errors) == ["reason"]
    assert (await workspace.submit("mikko", view["id"], {"reason": "Answered by mistake"})).errors == {}
    assert on_disk(running)[0]["dismissed"] == "Answered by mistake"
    await shows(workspace, "Answered by mistake")


async def test_history(running, workspace):
    """The history tells only who asks who did what."""
    ts = await a_card(running)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    view = await form(running, "jonas", ts, "callback_menu", value="history")
    assert all(word in told(view) for word in ("<@U0FREJA>", FILLED["notes"], "opened"))


async def test_the_whole_comment(running, workspace):
    """A long comment is cut on the card and whole in a modal."""
    ts = await a_card(running, comment=LONG)
    assert LONG.strip() not in told(card(workspace))
    view = await form(running, "jonas", ts, "show_comment")
    assert LONG.strip() in told(view)


async def test_a_click_that_came_too_late_says_to_click_again(running, workspace):
    """Where Slack opens nothing any more, whoever clicked learns that another click will do, in their language."""
    ts = await a_card(running)
    workspace.faults.add(Kind.ERROR, "views.open", count=1, error="expired_trigger_id")
    assert (await workspace.click("mikko", "#nps", ts, "log_call")).ok
    assert "click again" in await privately(workspace, "mikko")
    assert (await form(running, "mikko", ts))["callback_id"] == "log_call"


async def test_a_link(running, workspace):
    """A click on a link, which Slack reports as well, is acknowledged."""
    ts = await a_card(running, link="https://crm.example/c-17")
    assert (await workspace.click("mikko", "#nps", ts, "open_link")).ok


async def test_what_only_one_sees_is_in_their_language(running, workspace):
    """Slack tells the reader's locale: a form is Swedish for her, the card stays in the team's language."""
    alma = workspace.people.add_user("alma", "Alma Ek", tz="Europe/Stockholm", locale="sv-SE")
    workspace.people.channel("#nps").members.add(alma.id)
    ts = await a_card(running)
    await workspace.click("alma", "#nps", ts, "log_call")
    (form_shown,) = workspace.views("alma")
    assert form_shown["title"]["text"] == "Logga samtal"
    assert "Open" in told(await shows(workspace, "Open"))
