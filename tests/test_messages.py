"""Each kind of message is rendered from the present state, and nothing is said of what is gone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from conftest import NOW, a_response

from bot import callbacks, digest, messages
from bot.cards.ids import Event
from bot.intake import receive
from bot.model import Call, NextStep, Outcome
from bot.periods import Period
from storage import outbox, responses
from storage.outbox import Message

CALL = Call("U1", NOW, Outcome.REACHED, "They want it earlier", (), NextStep.CLOSE)


@pytest.fixture(name="said")
def _said(db, settings, texts):
    """Return what the newest message of a kind says."""

    def said(kind):
        row = db.row("select subject from messages where kind = :kind order by id desc", kind=kind)
        return messages.render(db, outbox.message_of(db, kind, row["subject"]), settings, texts, NOW)

    return said


@pytest.fixture(name="card")
def _card(db, settings):
    """Return the id of a response whose callback is open."""
    return receive(db, settings, "json", a_response(), NOW).response_id


def test_a_card_says_how_things_are(db, said, card):
    """A card that was queued before a claim is rendered after it."""
    callbacks.claim(db, card, "U1", NOW)
    rendered = said("card")
    assert "Claimed" in rendered.text
    assert rendered.metadata["event_payload"] == {"response_id": card}


def test_a_call_is_told(db, settings, said, card):
    """The summary of a call says who called, how it went, and what was said."""
    callbacks.log_call(db, settings, card, CALL)
    rendered = said("call")
    for part in ("<@U1>", "Reached", "They want it earlier"):
        assert part in rendered.text
    subject = db.value("select id from calls")
    assert rendered.event is Event.NOTE
    assert rendered.key == {"message_id": outbox.message_of(db, "call", subject).public_id}


def test_who_gets_and_who_loses_is_told(db, said, card):
    """An assignment names who gave what to whom, to either of them."""
    callbacks.claim(db, card, "U1", NOW)
    callbacks.assign(db, card, "U2", "U3", NOW, lead=True, comment="She is away")
    assert "<@U2>" in said("assigned").text
    assert "Anna Berg" in said("assigned").text
    assert "<@U2>" in said("taken_over").text
    assert "<@U3>" in said("taken_over").text
    assert "She is away" in said("assigned").text
    assert "She is away" in said("taken_over").text


def test_a_digest_has_the_numbers_of_its_rendering(db, settings, said):
    """A digest counts what is there when it is rendered, not when it was queued."""
    digest.queue(db, settings, "week", Period(date(2026, 11, 9), date(2026, 11, 15)), NOW, NOW)
    responses.add(db, "json", a_response(score=10, submitted_at=NOW - timedelta(days=7)), NOW)
    assert said("digest").metadata["event_payload"] == {
        "period": "week",
        "start": "2026-11-09",
        "end": "2026-11-15",
        "nps": 100,
        "responses": 1,
    }


@pytest.mark.parametrize("kind", ["card", "call", "digest", "reminder", "assigned"])
def test_nothing_is_said_of_what_is_gone(db, settings, texts, kind):
    """A message about something that is not in the store any more says nothing."""
    message = Message(1, "m_1", kind, 999, "#nps", None, None, None)
    assert messages.render(db, message, settings, texts, NOW) is None


def test_nothing_is_said_of_an_answer_without_a_score(db, settings, texts):
    """A comment that waits for its score shows nowhere."""
    stored = responses.add(db, "json", a_response(score=None), NOW)
    message = Message(1, "m_1", "card", stored.id, "#nps", None, None, None)
    assert messages.render(db, message, settings, texts, NOW) is None
