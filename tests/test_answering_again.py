"""What a customer's next answer, or a changed one, does to a callback: open, claimed or closed, better or worse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW, a_response

from bot import callbacks, messages
from bot.due import Callbacks
from bot.intake import receive
from bot.model import Category, State
from bot.reminders import sweep
from bot.settings.routes import Route
from storage import outbox, responses

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def answers(db, settings, number, now=NOW, **changes):
    """Let the same person answer under another id; return the response's public id."""
    return receive(db, settings, "json", a_response(id=f"r-{number}", **changes), now).response_id


def found(db, public_id):
    """Return a response as the store holds it."""
    return responses.by_public_id(db, public_id)


def brought_to(db, settings, state, *, score, shared):
    """Bring somebody's callback into a state, perhaps shared by a second answer; return the public id of the first."""
    first = answers(db, settings, 1, score=score)
    if shared:
        answers(db, settings, 2, score=BEFORE)
    if state is State.CLAIMED:
        callbacks.claim(db, first, "U1", NOW)
    elif state is State.CLOSED:
        callbacks.dismiss(db, first, "U1", "A test", NOW)
    return first


BEFORE = 5
AFTER = {"better": 10, "same": 4, "worse": 0}
"""Scores after one of 5: of a better category, of the same one, and one that could be no worse."""


@pytest.mark.parametrize("how", AFTER)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("shared", [False, True])
def test_a_new_answer(db, settings, state, how, shared):
    """One under way is shared, whatever the new answer says, and its holder told; beside a closed one a new one opens.

    The new one is due as its own category says.
    """
    first = brought_to(db, settings, state, score=BEFORE, shared=shared)
    said = db.value("select count(*) from messages where kind = 'answered_again'")
    third = found(db, answers(db, settings, 3, NOW + HOUR, score=AFTER[how]))
    told_now = db.rows("select channel from messages where kind = 'answered_again'")[said:]
    assert told_now == ([{"channel": "U1"}] if state is State.CLAIMED else [])
    if state is State.CLOSED:
        days = 7 if how == "better" else 1
        assert (third.callback.id, third.callback.due_at) == (third.id, NOW + HOUR + days * DAY)
        assert found(db, first).callback.state is State.CLOSED
    else:
        assert third.callback == found(db, first).callback
        assert third.callback.due_at == NOW + DAY


@pytest.mark.parametrize("how", AFTER)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("shared", [False, True])
def test_a_changed_answer(db, settings, texts, state, how, shared):
    """Whoever holds it is told of another category; only a worse one reopens; what is shared waits no longer for it."""
    first = brought_to(db, settings, state, score=8, shared=shared)
    due_before = found(db, first).callback.due_at
    score = {"better": 10, "same": 7, "worse": 0}[how]
    answers(db, settings, 1, NOW + HOUR, score=score, version=(NOW + HOUR).timestamp())
    now_is = found(db, first).callback
    moved = {"better": due_before if shared else NOW + 7 * DAY, "same": due_before, "worse": NOW + HOUR + DAY}[how]
    if state is State.CLOSED:
        assert now_is.state is (State.OPEN if how == "worse" else State.CLOSED)
        assert how != "worse" or now_is.due_at == moved
    else:
        assert now_is.state is state
        assert now_is.due_at == min(moved, due_before) if how == "worse" else moved
    told_now = db.rows("select channel, kind, subject from messages where kind = 'rescored'")
    assert [row["channel"] for row in told_now] == (["U1"] if state is State.CLAIMED and how != "same" else [])
    for row in told_now:
        message = outbox.message_of(db, "rescored", row["subject"])
        assert f"now gives {score} of 10" in messages.render(db, message, settings, texts, NOW).text


@pytest.mark.parametrize(("score", "changed", "stays"), [(2, 2, False), (9, 1, True), (9, 2, True), (0, 1, False)])
def test_what_becomes_more_urgent_is_no_longer_put_aside(db, settings, score, changed, stays):
    """A worse answer, new or changed, brings a callback back that was put aside; a kinder one leaves it there."""
    first = answers(db, settings, 1, score=8)
    callbacks.snooze(db, first, "U1", NOW + 9 * DAY, NOW)
    answers(db, settings, changed, NOW + HOUR, score=score, version=(NOW + HOUR).timestamp())
    assert (found(db, first).callback.snoozed_until is not None) is stays


def test_a_reminder_is_not_said_again_for_another_answer(db, settings):
    """What was called out is not called out once more because a changed answer would have given it more time."""
    answers(db, settings, 1, score=8)
    answers(db, settings, 2, NOW + HOUR, score=2)
    assert sweep(db, settings, NOW + 2 * DAY) == 2
    answers(db, settings, 1, NOW + 2 * DAY, score=1, version=(NOW + HOUR).timestamp())
    assert sweep(db, settings, NOW + 2 * DAY + HOUR) == 0


def test_a_kind_answer_of_a_customer_under_way_is_seen(db, settings):
    """Where promoters are not called, one who still is to be called shares that, and the holder hears of it."""
    hours = {**settings.callbacks.hours, Category.PROMOTER: None}
    settings = replace(settings, callbacks=Callbacks(hours))
    assert found(db, answers(db, settings, 9, score=10, respondent_email="bo@nordlys.example")).callback is None
    first = answers(db, settings, 1, score=2)
    callbacks.claim(db, first, "U1", NOW)
    second = found(db, answers(db, settings, 2, NOW + HOUR, score=10))
    assert second.callback == found(db, first).callback
    assert db.value("select channel from messages where kind = 'answered_again'") == "U1"
    without = replace(settings, routes=(Route(1, {}, callback=False),))
    assert found(db, answers(db, without, 3, NOW + HOUR, score=0)).callback is None
