"""What is held too long: who hears of it and how, who may take it over, and what its history says of that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from acting import a_card, form, on_disk, privately, shows
from conftest import NOW, a_response, eventually

from bot import callbacks, lookup, messages
from bot.cards import notes
from bot.forget import forget
from bot.intake import receive
from bot.model import Call, NextStep, Outcome, State, Subject
from bot.refusals import HeldForLeads, HeldTooLong
from bot.reminders import sweep
from bot.settings.reminding import Stale
from bot.settings.roles import LeadsOnly, Roles
from storage import outbox, responses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(name="settings")
def _settings(settings):
    """Return settings in which a claim without a call ends, and nothing else is said."""
    wanted = replace(settings.reminders, stale_claims=Stale.RELEASE, before_due=None, at_due=False, escalate_after=None)
    return replace(settings, reminders=wanted)


@pytest.fixture(name="card")
def _card(db, settings):
    """Return the id of a response whose callback U1 has claimed."""
    card = receive(db, settings, "json", a_response(), NOW).response_id
    callbacks.claim(db, card, "U1", NOW)
    return card


def a_try(at, again):
    """Return a call that nobody answered, with the promise of another."""
    return Call("U1", at, Outcome.NO_ANSWER, "", (), NextStep.CALL_AGAIN, again)


def current(db, card):
    """Return the callback as it is now."""
    return responses.by_public_id(db, card).callback


def said(db, settings, texts, now=NOW):
    """Return kind and words of all that was said, but for cards, as it would be put now."""
    rows = db.rows("select kind, subject from messages where kind <> 'card' order by id")
    found = [(row, outbox.message_of(db, row["kind"], row["subject"])) for row in rows]
    rendered = [(row["kind"], messages.render(db, message, settings, texts, now)) for row, message in found]
    return [(kind, each.text) for kind, each in rendered if each is not None]


def test_a_promised_call_that_never_came(db, settings, texts, card):
    """After one try the promise of another counts: past it and the due time the holder is asked, then it is free."""
    callbacks.log_call(db, settings, card, a_try(NOW + HOUR, NOW + 30 * HOUR))
    assert [sweep(db, settings, NOW + hours * HOUR) for hours in (25, 29)] == [0, 0]
    assert sweep(db, settings, NOW + 30 * HOUR) == 1
    (_, text) = said(db, settings, texts)[-1]
    assert text.startswith("⌛ <@U1>, Anna Berg (Nordlys AB) was promised another call by")
    assert sweep(db, settings, NOW + 34 * HOUR) == 1
    found = current(db, card)
    assert (found.state, found.holder, found.call_again_at) == (State.OPEN, None, None)


def test_a_later_call_keeps_the_promise(db, settings, card):
    """Whoever calls again keeps the claim, also after they were asked; the next promise counts anew."""
    callbacks.log_call(db, settings, card, a_try(NOW + HOUR, NOW + 30 * HOUR))
    assert sweep(db, settings, NOW + 30 * HOUR) == 1
    callbacks.log_call(db, settings, card, a_try(NOW + 31 * HOUR, NOW + 50 * HOUR))
    assert current(db, card).stale_at is None
    assert [sweep(db, settings, NOW + hours * HOUR) for hours in (34, 49, 50, 54)] == [0, 0, 1, 1]


def test_who_acts_takes_over_what_is_stale(db, settings, card):
    """Before the warning only a lead takes a callback from its holder; after it anyone does, for themselves alone."""
    with pytest.raises(LeadsOnly):
        callbacks.assign(db, card, "U2", "U2", NOW, lead=False, comment="I can call")
    with pytest.raises(HeldForLeads):
        callbacks.may_assign(responses.by_public_id(db, card), "U2", lead=False)
    sweep(db, settings, NOW + DAY)
    with pytest.raises(HeldTooLong):
        callbacks.claim(db, card, "U2", NOW + DAY)
    with pytest.raises(LeadsOnly):
        callbacks.assign(db, card, "U2", "U3", NOW + DAY, lead=False, comment="She can call")
    assert callbacks.may_assign(responses.by_public_id(db, card), "U2", lead=False)
    callbacks.assign(db, card, "U2", "U2", NOW + DAY, lead=False, comment="I can call")
    found = current(db, card)
    assert (found.holder, found.stale_at) == ("U2", None)


def test_a_call_ends_the_offer(db, settings, card):
    """Once the holder has called after all, it is not to be had any more."""
    sweep(db, settings, NOW + DAY)
    callbacks.log_call(db, settings, card, a_try(NOW + DAY + HOUR, NOW + 2 * DAY))
    with pytest.raises(LeadsOnly):
        callbacks.assign(db, card, "U2", "U2", NOW + DAY + HOUR, lead=False, comment="I can call")


def test_who_takes_over_is_not_told_as_handing_over(db, settings, texts, card):
    """A lead who takes it reads as such, to whoever loses it and in the history."""
    callbacks.assign(db, card, "U2", "U2", NOW, lead=True, comment="You are ill")
    (told,) = said(db, settings, texts)
    assert told[1].startswith("<@U2> has taken your callback to Anna Berg (Nordlys AB) over.")
    assert "<@U2> took it" in json.dumps(notes.history(*lookup.history(db, settings, card, "U2"), texts))


def test_a_shared_callback_pings_once(db, settings, texts):
    """In the thread of the other card nobody is named whom the first has named already."""
    wanted = replace(settings.reminders, at_due=True, escalate_after=HOUR, escalate_to="U0LEAD")
    settings = replace(settings, reminders=wanted)
    cards = [
        receive(db, settings, "json", a_response(id=f"r-{number}", score=2), NOW).response_id for number in range(2)
    ]
    for hours in (24, 25):
        sweep(db, settings, NOW + hours * HOUR)
    texts_of = [text for kind, text in said(db, settings, texts) if kind == "escalation"]
    assert (len(texts_of), ["<@U0LEAD>" in text for text in texts_of]) == (2, [True, False])
    callbacks.claim(db, cards[0], "U1", NOW + 26 * HOUR)
    sweep(db, settings, NOW + 30 * HOUR)
    texts_of = [text for kind, text in said(db, settings, texts) if kind == "stale"]
    assert (len(texts_of), ["<@U1>" in text for text in texts_of]) == (2, [True, False])


@pytest.mark.parametrize(("to", "words"), [(None, "the whole channel was told"), ("S0LEADS", "<!subteam^S0LEADS> was")])
def test_the_history_says_who_was_told(db, settings, texts, to, words):
    """An escalation to a lead is not one to the whole channel."""
    settings = replace(settings, reminders=replace(settings.reminders, escalate_after=HOUR, escalate_to=to))
    card = receive(db, settings, "json", a_response(), NOW).response_id
    sweep(db, settings, NOW + DAY + HOUR)
    story = lookup.history(db, settings, card, "U1")
    assert words in json.dumps(notes.history(*story, texts), ensure_ascii=False)


def test_a_long_history_says_what_it_leaves_out(db, settings, texts, card):
    """Only so many entries fit; how many there were before is said."""
    for _ in range(25):
        callbacks.release(db, card, "U1", NOW)
        callbacks.claim(db, card, "U1", NOW)
    view = json.dumps(notes.history(*lookup.history(db, settings, card, "U1"), texts))
    assert "12 earlier entries are not shown" in view


def test_what_was_told_of_an_erased_person_is_no_order(db, settings, texts, card):
    """Whoever was given somebody who was erased since reads that, and nothing to do."""
    callbacks.assign(db, card, "U1", "U2", NOW, lead=True)
    forget(db, Subject("anna@nordlys.example"), None, NOW)
    assert said(db, settings, texts) == [("assigned", "The customer's details have been erased.")]


def test_late_words_for_what_is_late(db, settings, texts):
    """Called out after its time, a callback was due then; and no second message says that it is due now."""
    wanted = replace(settings.reminders, at_due=True, unclaimed_after=4 * HOUR)
    settings = replace(settings, reminders=wanted)
    receive(db, settings, "json", a_response(), NOW)
    assert sweep(db, settings, NOW + 2 * DAY) == 1
    ((kind, text),) = said(db, settings, texts, NOW + 2 * DAY)
    assert kind == "called_out"
    assert "It was due" in text
    assert sweep(db, settings, NOW + 3 * DAY) == 0


async def test_advice_that_its_reader_can_follow(start, workspace, settings, quick):
    """Who is no lead reads whom to ask, and gets no form; once it is stale, the menu is the way, and works."""
    async with start(roles=Roles(lead=frozenset({"U0INGRID"})), reminders=settings.reminders) as running:
        ts = await a_card(running)
        await workspace.click("mikko", "#nps", ts, "claim_callback")
        await shows(workspace, "Claimed")
        await workspace.click("freja", "#nps", ts, "log_call")
        assert "ask them or a lead" in await privately(workspace, "freja")
        await workspace.click("freja", "#nps", ts, "callback_menu", value="assign")
        await eventually(lambda: len(workspace.ephemerals("freja")) == 2)
        assert workspace.views("freja") == []
        await workspace.click("ingrid", "#nps", ts, "log_call")
        assert "assign it to yourself" in await privately(workspace, "ingrid")
        await running.bot.store.run(sweep, running.bot.settings, NOW.replace(year=NOW.year + 10))
        view = await form(running, "freja", ts, "callback_menu", value="assign")
        given = {"assignee": "U0FREJA", "comment": "I can call"}
        assert (await workspace.submit("freja", view["id"], given)).errors == {}
        assert on_disk(running)[0]["holder"] == "U0FREJA"
