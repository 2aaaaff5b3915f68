"""Callbacks and their calls: what is kept, what is refused, and who wins."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from conftest import NOW, a_response

from bot import callbacks as moves
from bot.callbacks import (
    HeldBySomeoneElse,
    InThePast,
    NoSuchCallback,
)
from bot.intake import receive
from bot.model import Call, Category, NextStep, Outcome
from storage import Store, calls, outbox, responses
from storage.callbacks import history
from storage.db import stamp

DAY = timedelta(days=1)


def a_call(**changes: Any) -> Call:
    """Return a call that closes; every field can be given."""
    call = Call("U1", NOW, Outcome.REACHED, "It was late", ("delivery",), NextStep.CLOSE)
    return replace(call, **changes)


@pytest.fixture(name="card")
def _card(db, settings):
    """Return the id of a response whose callback is open."""
    return receive(db, settings, "json", a_response(), NOW).response_id


def test_a_call_is_kept_whole(db, settings, card):
    """A call comes back as it was logged, its summary goes into the card's thread, and the history names it."""
    call = a_call(
        outcome=Outcome.VOICEMAIL,
        next_step=NextStep.CALL_AGAIN,
        call_again_at=NOW + DAY,
        referral_name="Bo",
        referral_contact="bo@nordlys.example",
    )
    moves.log_call(db, settings, card, call)
    found = responses.by_public_id(db, card)
    ((call_id, kept),) = calls.of_response(db, found.id).items()
    assert kept == calls.by_id(db, call_id) == call
    assert history(db, found.id)[-1]["details"] == {"outcome": "voicemail", "next_step": "call_again", "call": call_id}
    summary = outbox.message_of(db, "call", call_id)
    assert summary is not None
    assert summary.parent == outbox.message_of(db, "card", found.id).id


@pytest.mark.parametrize("again", [None, NOW, NOW - DAY])
def test_calling_again_needs_a_time_to_come(db, settings, card, again):
    """Calling again now, before, or at no time at all is refused, and nothing is logged."""
    with pytest.raises(InThePast):
        moves.log_call(db, settings, card, a_call(next_step=NextStep.CALL_AGAIN, call_again_at=again))
    assert db.value("select count(*) from calls") == 0


def test_the_first_claim_and_the_first_call_are_kept(db, settings, card):
    """Whoever comes later, the callback knows when it was first claimed and first called."""
    moves.claim(db, card, "U1", NOW)
    moves.release(db, card, "U1", NOW)
    moves.assign(db, card, "U1", "U2", NOW + DAY, lead=True)
    moves.release(db, card, "U2", NOW + DAY)
    for days in (2, 3):
        moves.log_call(db, settings, card, a_call(at=NOW + days * DAY, next_step=NextStep.HAND_OVER))
    first = db.row("select first_claimed_at, first_called_at from callbacks")
    assert first == {"first_claimed_at": stamp(NOW), "first_called_at": stamp(NOW + 2 * DAY)}


def test_a_call_on_a_dismissed_callback_counts_as_called(db, settings, card):
    """Whoever is called after all, was called: the first call's time is kept whatever the state."""
    moves.dismiss(db, card, "U1", "A test", NOW)
    moves.log_call(db, settings, card, a_call(at=NOW + DAY))
    assert db.value("select first_called_at from callbacks") is not None


@pytest.mark.parametrize(
    "move",
    [
        lambda db, _, card: moves.claim(db, card, "U1", NOW),
        lambda db, _, card: moves.release(db, card, "U1", NOW),
        lambda db, _, card: moves.assign(db, card, "U1", "U2", NOW, lead=True),
        lambda db, _, card: moves.snooze(db, card, "U1", NOW + DAY, NOW),
        lambda db, _, card: moves.dismiss(db, card, "U1", "A test", NOW),
        lambda db, settings, card: moves.reopen(db, settings, card, "U1", NOW),
        lambda db, settings, card: moves.log_call(db, settings, card, a_call()),
        lambda db, _, card: moves.may_log(responses.by_public_id(db, card), "U1"),
    ],
    ids=["claim", "release", "assign", "snooze", "dismiss", "reopen", "log_call", "may_log"],
)
def test_what_is_not_there_cannot_be_moved(db, settings, move):
    """Each move on a response that is gone, or that asks for no callback, is refused as such."""
    settings.callbacks.hours[Category.PROMOTER] = None
    without = receive(db, settings, "json", a_response(score=10), NOW).response_id
    for card in ("r_gone", without):
        with pytest.raises(NoSuchCallback):
            move(db, settings, card)


def test_who_may_log(db, card):
    """Whoever could log a call gets the form, whoever could not the refusal that it would end in."""
    assert moves.may_log(responses.by_public_id(db, card), "U2").public_id == card
    moves.claim(db, card, "U1", NOW)
    assert moves.may_log(responses.by_public_id(db, card), "U1").public_id == card
    with pytest.raises(HeldBySomeoneElse) as caught:
        moves.may_log(responses.by_public_id(db, card), "U2")
    assert caught.value.values == {"holder": "U1"}
    moves.dismiss(db, card, "U1", "A test", NOW)
    assert moves.may_log(responses.by_public_id(db, card), "U2").public_id == card


def test_a_callback_that_no_setting_asks_for_any_more_is_due_in_a_day(db, settings, card):
    """Reopened after its category lost its hours, a callback is due a day later."""
    moves.dismiss(db, card, "U1", "A test", NOW)
    settings.callbacks.hours[Category.DETRACTOR] = None
    moves.reopen(db, settings, card, "U1", NOW + DAY)
    assert responses.by_public_id(db, card).callback.due_at == NOW + 2 * DAY


async def test_of_all_who_claim_at_once_one_wins(settings):
    """Of many who claim at the same moment exactly one holds it, and each other learns who."""
    store = Store(settings.database)
    try:
        card = (await store.run(receive, settings, "json", a_response(), NOW)).response_id
        people = [f"U{number}" for number in range(25)]
        claims = [store.run(moves.claim, card, person, NOW) for person in people]
        ended = await asyncio.gather(*claims, return_exceptions=True)
        (winner,) = [person for person, end in zip(people, ended, strict=True) if not isinstance(end, Exception)]
        refusals = [end for end in ended if isinstance(end, Exception)]
        assert [type(refusal) for refusal in refusals] == [HeldBySomeoneElse] * 24
        assert {refusal.values["holder"] for refusal in refusals} == {winner}
        found = await store.read(responses.by_public_id, card)
        events = await store.read(history, found.id)
    finally:
        store.close()
    assert found.callback.holder == winner
    assert [event["action"] for event in events] == ["opened", "claimed"]


@pytest.mark.parametrize("statement", ["update history set actor = 'U9'", "delete from history"])
def test_the_history_is_append_only(db, card, statement):
    """Nothing in the history can be changed or erased."""
    moves.claim(db, card, "U1", NOW)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


@pytest.mark.parametrize(
    "wrong",
    ["holder = 'U1'", "state = 'claimed'", "state = 'closed'", f"closed_at = '{NOW.isoformat()}'", "state = 'lost'"],
)
def test_the_store_refuses_a_state_that_cannot_be(db, card, wrong):
    """A holder without a claim, a claim without a holder, a closing without a time: the database takes none of them."""
    assert card
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(f"update callbacks set {wrong}")
