"""Calls that nobody answers, wrong numbers and wishes: what one call leaves for the next, and each form once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from acting import FILLED, a_card, buttons, form, log, on_disk, privately, shows, soon, told
from conftest import NOW, a_response, eventually

from bot import callbacks
from bot.cards import call_form
from bot.due import Callbacks
from bot.intake import receive
from bot.model import Call, Learned, NextStep, Outcome, State
from bot.refusals import HeldBySomeoneElse, StillToBeTried
from demo.faults import Kind
from storage import responses
from storage.callbacks import history
from storage.db import stamp

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGAIN = NextStep.CALL_AGAIN


def a_call(number=1, **changes):
    """Return the so manieth call, which nobody answered; every field can be given."""
    at = NOW + number * HOUR
    return replace(Call("U1", at, Outcome.NO_ANSWER, "", (), NextStep.CALL_AGAIN, at + DAY), **changes)


@pytest.fixture(name="card")
def _card(db, settings):
    """Return the id of a response whose callback is open."""
    return receive(db, settings, "json", a_response(), NOW).response_id


def current(db, card):
    """Return the callback as it is now."""
    return responses.by_public_id(db, card).callback


@pytest.mark.parametrize(
    ("outcomes", "attempts"),
    [
        ([], 0),
        (["no_answer"], 1),
        (["no_answer", "voicemail", "no_answer"], 3),
        (["no_answer", "reached", "voicemail"], 1),
        (["no_answer", "wrong_number"], 0),
        (["voicemail", "emailed"], 0),
    ],
)
def test_attempts_are_those_since_somebody_answered(db, settings, card, outcomes, attempts):
    """Calls without an answer add up until one is answered, or another number is to be tried."""
    for number, outcome in enumerate(outcomes):
        callbacks.log_call(db, settings, card, a_call(number, outcome=Outcome(outcome)))
    assert (current(db, card).attempts, current(db, card).calls) == (attempts, len(outcomes))


def test_after_so_many_attempts_it_can_be_closed(db, settings, card):
    """Not before the set number of attempts, then with one move, and the ending says that nobody was reached."""
    for number in range(3):
        with pytest.raises(StillToBeTried):
            callbacks.give_up(db, settings, card, "U1", NOW)
        callbacks.log_call(db, settings, card, a_call(number))
    with pytest.raises(HeldBySomeoneElse):
        callbacks.give_up(db, settings, card, "U2", NOW + DAY)
    callbacks.give_up(db, settings, card, "U1", NOW + DAY)
    found = responses.by_public_id(db, card)
    assert (found.callback.state, found.callback.outcome) == (State.CLOSED, Outcome.UNREACHABLE)
    assert history(db, found.id)[-1]["action"] == "gave_up"


def test_trying_can_be_endless(db, settings, card):
    """Where no number of attempts is set, nobody is closed as unreachable."""
    settings = replace(settings, callbacks=Callbacks(attempts=None))
    for number in range(5):
        callbacks.log_call(db, settings, card, a_call(number))
    with pytest.raises(StillToBeTried):
        callbacks.give_up(db, settings, card, "U1", NOW + DAY)


def test_a_reopened_callback_is_tried_anew(db, settings, card):
    """What was given up and is opened again begins without attempts."""
    for number in range(3):
        callbacks.log_call(db, settings, card, a_call(number))
    callbacks.give_up(db, settings, card, "U1", NOW + DAY)
    callbacks.reopen(db, settings, card, "U1", NOW + 2 * DAY)
    assert current(db, card).attempts == 0


def test_a_wrong_number_is_put_right(db, settings, card):
    """The right number is the respondent's from then on, also when the survey tool sends the wrong one once more."""
    learned = Learned(phone="+46 70 174 06 99")
    callbacks.log_call(db, settings, card, a_call(outcome=Outcome.WRONG_NUMBER), learned=learned)
    assert responses.by_public_id(db, card).response.respondent.phone == "+46 70 174 06 99"
    receive(db, settings, "json", a_response(comment="And more", version=NOW.timestamp() + 60), NOW + 2 * HOUR)
    found = responses.by_public_id(db, card).response
    assert (found.comment, found.respondent.phone) == ("And more", "+46 70 174 06 99")


def test_a_wish_is_kept_until_it_is_changed(db, settings, card):
    """When the customer wants to be called stays on the callback, and goes when it is emptied."""
    callbacks.log_call(db, settings, card, a_call(1), learned=Learned("after 15"))
    assert current(db, card).preferred_time == "after 15"
    callbacks.log_call(db, settings, card, a_call(2))
    assert current(db, card).preferred_time == "after 15"
    callbacks.log_call(db, settings, card, a_call(3), learned=Learned())
    assert current(db, card).preferred_time is None


def test_a_form_is_handed_in_once(db, settings, card):
    """The same form once more changes nothing, whatever became of the callback; another form is another call."""
    callbacks.log_call(db, settings, card, a_call(next_step=NextStep.CLOSE), form="one")
    first = responses.by_public_id(db, card)
    callbacks.log_call(db, settings, card, a_call(2, caller="U2", next_step=NextStep.HAND_OVER), form="one")
    assert responses.by_public_id(db, card) == first
    assert db.value("select count(*) from calls") == 1
    callbacks.log_call(db, settings, card, a_call(3), form="two")
    assert db.value("select count(*) from calls") == 2


def a_view(**values):
    """Return a form as Slack sends it along with a choice in it."""
    kinds = {"outcome": "selected_option", "next_step": "selected_option", "call_again_at": "selected_date_time"}
    state = {
        block: {"value": {kinds[block]: {"value": value} if block != "call_again_at" else value}}
        for block, value in values.items()
    }
    return {"id": "V1", "private_metadata": "r_1 once", "blocks": [], "state": {"values": state}}


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ({"outcome": "reached", "next_step": "close"}, None),
        ({"outcome": "wrong_number", "next_step": "close"}, call_form.Shape(right_number=True)),
        ({"next_step": "call_again"}, call_form.Shape(next_step=AGAIN, next_try=NOW)),
        ({"next_step": "call_again", "call_again_at": 1795248900}, None),
        ({"outcome": "no_answer", "next_step": "close"}, call_form.Shape(next_step=AGAIN, next_try=NOW)),
        ({"outcome": "voicemail"}, call_form.Shape(next_step=AGAIN, next_try=NOW)),
        ({"outcome": "voicemail", "next_step": "close", "call_again_at": 1}, call_form.Shape(next_step=AGAIN)),
        ({"outcome": "no_answer", "next_step": "hand_over"}, None),
    ],
)
def test_a_form_follows_what_is_chosen(values, shape):
    """A wrong number asks for the right one, no answer proposes to call again, and calling again a time for it."""
    assert call_form.reshaped(a_view(**values), "outcome", NOW)[-1:] == ([shape] if shape else [])


def test_a_form_leaves_what_is_chosen_deliberately():
    """Whoever closes after no answer all the same may do so: what is chosen as the next step stays."""
    assert call_form.reshaped(a_view(outcome="no_answer", next_step="close"), "next_step", NOW) == []


def test_a_form_takes_back_what_it_asked():
    """When it was no wrong number after all, the right one is not asked for any more."""
    view = a_view(outcome="reached", next_step="close") | {"blocks": [{"block_id": "right_number"}]}
    assert call_form.reshaped(view, "outcome", NOW) == [call_form.AT_FIRST]


def test_a_form_without_a_name_of_its_own_goes_by_its_view():
    """A form that an older version has opened is known by the id that Slack gave it."""
    assert call_form.about(a_view()) == ("r_1", "once")
    assert call_form.about({"id": "V1", "private_metadata": "r_1"}) == ("r_1", "V1")


async def test_three_attempts_and_one_click(running, workspace):
    """The card counts the attempts and offers after the third to close as unreachable, which one click does."""
    ts = await a_card(running)
    again = {"outcome": "no_answer", "notes": "", "next_step": "call_again", "call_again_at": soon(days=1)}
    for n, words in enumerate(("1 attempt without", "2 attempts without", "3 attempts without")):
        assert "close_unreachable" not in buttons(workspace), n
        assert (await log(running, "freja", ts, **again)).errors == {}
        await shows(workspace, words)
    assert "close_unreachable" in buttons(workspace)
    await workspace.click("mikko", "#nps", ts, "close_unreachable")
    assert (await privately(workspace, "mikko")).startswith("<@U0FREJA> holds this callback.")
    await workspace.click("freja", "#nps", ts, "close_unreachable")
    shown = await shows(workspace, "Unreachable")
    assert "Closed" in told(shown)
    assert on_disk(running)[0]["outcome"] == "unreachable"


async def test_the_form_proposes_the_next_try(running, workspace):
    """As soon as somebody will call again, a time is proposed, and what was typed stays."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    chosen = {"value": "call_again", "block_id": "next_step", "values": {"outcome": "no_answer", "notes": "Rings out"}}
    assert (await workspace.click_view("freja", view["id"], "value", **chosen)).ok

    def proposed():
        (shown,) = workspace.views("freja")
        return shown["state"]["values"].get("call_again_at", {}).get("value", {}).get("selected_date_time")

    assert datetime.fromtimestamp(await eventually(proposed), UTC) > datetime.now(UTC)
    (shown,) = workspace.views("freja")
    assert shown["state"]["values"]["notes"]["value"]["value"] == "Rings out"
    assert (await workspace.submit("freja", shown["id"], {})).errors == {}
    (call,) = on_disk(running, "select * from calls")
    assert (call["outcome"], call["next_step"], call["notes"]) == ("no_answer", "call_again", "Rings out")


async def test_who_was_not_reached_is_not_closed_by_one_try(running, workspace):
    """No answer chooses to call again, at a proposed time; whoever wants to close all the same chooses that."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)

    def step():
        (shown,) = workspace.views("freja")
        chosen = shown["state"]["values"].get("next_step", {}).get("value", {}).get("selected_option") or {}
        return chosen.get("value")

    chosen = {"value": "no_answer", "block_id": "outcome", "values": {"notes": "Rings out"}}
    await workspace.click_view("freja", view["id"], "value", **chosen)
    await eventually(lambda: step() == "call_again")
    assert (await workspace.submit("freja", view["id"], {})).errors == {}
    (found,) = on_disk(running)
    assert (found["state"], found["call_again_at"] is None) == ("claimed", False)
    view = await form(running, "freja", ts)
    await workspace.click_view("freja", view["id"], "value", value="voicemail", block_id="outcome")
    await eventually(lambda: step() == "call_again")
    await workspace.click_view("freja", view["id"], "value", value="close", block_id="next_step")
    await eventually(lambda: step() == "close")
    assert (await workspace.submit("freja", view["id"], {})).errors == {}
    assert on_disk(running)[0]["state"] == "closed"


async def test_a_wrong_number_asks_for_the_right_one(running, workspace):
    """Once wrong number is chosen there is a field for the right one, which then stands on the card."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    chosen = {"value": "wrong_number", "block_id": "outcome", "values": {"notes": "Belongs to a bakery"}}
    await workspace.click_view("freja", view["id"], "value", **chosen)
    await eventually(lambda: "right_number" in told(workspace.views("freja")))
    (shown,) = workspace.views("freja")
    given = {"right_number": "+46 70 000 00 01", "preferred_time": "after 15 <!channel>", "next_step": "hand_over"}
    assert (await workspace.submit("freja", shown["id"], given)).errors == {}
    found = await shows(workspace, "+46 70 000 00 01")
    assert "Wants to be called: after 15 <!channel>" in told(found)
    (call,) = on_disk(running, "select * from calls")
    assert call["notes"] == "Belongs to a bakery"


async def test_a_form_that_cannot_change_is_as_good(running, workspace):
    """While Slack changes no form, the one that is open takes the call all the same."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    workspace.faults.add(Kind.LIMIT, "views.update", count=1)
    chosen = {"value": "wrong_number", "block_id": "outcome", "values": {"notes": "A bakery"}}
    assert (await workspace.click_view("freja", view["id"], "value", **chosen)).ok
    assert "right_number" not in told(workspace.views("freja"))
    assert (await workspace.submit("freja", view["id"], {})).errors == {}
    assert on_disk(running, "select * from calls")[0]["outcome"] == "wrong_number"


async def test_the_same_form_twice(running, workspace):
    """When the acknowledgement was lost and the person submits once more, it is acknowledged and nothing is doubled."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    assert (await workspace.submit("freja", view["id"], FILLED)).errors == {}
    await shows(workspace, "Closed")
    workspace.view_store.stacks["U0FREJA"] = [view]
    ack = await workspace.submit("freja", view["id"], FILLED)
    assert (ack.ok, ack.errors, workspace.views("freja")) == (True, {}, [])
    assert len(on_disk(running, "select * from calls")) == 1
    assert len(await eventually(lambda: workspace.messages("#nps", ts))) == 1


async def test_the_history_tells_both_clocks(running, workspace):
    """Whoever asks for the history sees how long the callback has been open, also in business hours; not of minutes."""
    ts = await a_card(running)
    assert "Open for" not in told(await form(running, "jonas", ts, "callback_menu", value="history"))
    week_ago = stamp(datetime.now(UTC) - timedelta(days=7))
    await running.bot.store.run(lambda db: db.execute("update callbacks set opened_at = :at", at=week_ago))
    view = await form(running, "jonas", ts, "callback_menu", value="history")
    assert re.search("Open for 168 h, of which (39|40|41) are business hours", told(view))  # clocks may have changed
