"""What time does to callbacks that nobody takes: a reminder, an escalation, the end of a snooze; each once."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, messages, opening
from bot.config import Settings
from bot.intake import receive
from bot.model import Call, NextStep, Outcome, State
from bot.reminders import sweep
from storage import Store, failures, outbox, responses, sending
from storage.callbacks import history

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOW + DAY


@pytest.fixture(name="card")
def _card(db, settings):
    """Return the id of a detractor's response, the card of which is still to be posted."""
    return receive(db, settings, "json", a_response(), NOW).response_id


def said(db):
    """Return kind and place of all that was asked to be said, but for cards."""
    rows = db.rows("select kind, channel, parent is not null as replied from messages where kind <> 'card' order by id")
    return [(row["kind"], row["channel"], bool(row["replied"])) for row in rows]


def kinds(db):
    """Return the kinds of all that was asked to be said, but for cards."""
    return [kind for kind, *_ in said(db)]


def rendered(db, settings, texts, kind, now):
    """Return what the one message of a kind says at a moment, None when it has nothing to say."""
    row = db.row("select subject from messages where kind = :kind", kind=kind)
    return messages.render(db, outbox.message_of(db, kind, row["subject"]), settings, texts, now)


def test_a_reminder_and_an_escalation_once_each(db, settings, card):
    """At its due time a detractor whom nobody took is called out in the thread, a day later once more, then no more."""
    assert card
    assert sweep(db, settings, DUE - timedelta(microseconds=1)) == 0
    assert sweep(db, settings, DUE) == 1
    assert said(db) == [("reminder", "#nps", True)]
    assert sweep(db, settings, DUE + 23 * HOUR) == 0
    assert sweep(db, settings, DUE + DAY) == 1
    assert said(db) == [("reminder", "#nps", True), ("escalation", "#nps", True)]
    assert [sweep(db, settings, DUE + days * DAY) for days in range(2, 30)] == [0] * 28
    found = responses.by_public_id(db, card)
    assert [event["action"] for event in history(db, found.id)] == ["opened", "reminded", "escalated"]


@pytest.mark.parametrize("score", [7, 8, 9, 10])
def test_only_detractors_are_called_out(db, settings, score):
    """Nobody is reminded of a passive or a promoter."""
    receive(db, settings, "json", a_response(score=score), NOW)
    assert sweep(db, settings, NOW + 90 * DAY) == 0


def test_made_up_after_downtime(db, settings, card):
    """What was missed while the process was down is said when it is back: the reminder, a day later the escalation."""
    assert card
    assert sweep(db, settings, DUE + 5 * DAY) == 1
    assert sweep(db, settings, DUE + 6 * DAY - HOUR) == 0
    assert sweep(db, settings, DUE + 6 * DAY) == 1
    assert kinds(db) == ["reminder", "escalation"]


async def test_once_across_restarts(settings):
    """What was said is not said again by the next process."""
    found = []
    for now in (NOW, DUE, DUE + HOUR, DUE + DAY, DUE + 2 * DAY):
        store = Store(settings.database)
        try:
            await store.run(receive, settings, "json", a_response(), NOW)
            found.append(await store.run(sweep, settings, now))
        finally:
            store.close()
    assert found == [0, 1, 0, 1, 0]


def test_what_is_held_or_closed_is_left_alone(db, settings, card):
    """Nobody is reminded of what somebody holds or what is closed; once it is nobody's again, they are."""
    callbacks.claim(db, card, "U1", NOW)
    assert sweep(db, settings, DUE + 3 * DAY) == 0
    callbacks.dismiss(db, card, "U1", "A test", DUE)
    assert sweep(db, settings, DUE + 3 * DAY) == 0
    callbacks.reopen(db, settings, card, "U1", DUE + 3 * DAY)
    assert sweep(db, settings, DUE + 4 * DAY - HOUR) == 0
    callbacks.claim(db, card, "U1", DUE + 3 * DAY)
    callbacks.release(db, card, "U1", DUE + 4 * DAY)
    assert sweep(db, settings, DUE + 4 * DAY) == 1
    assert kinds(db) == ["reminder"]


def test_a_reopened_callback_is_called_out_anew(db, settings, card):
    """A callback that is opened again counts afresh."""
    assert [sweep(db, settings, DUE), sweep(db, settings, DUE + DAY)] == [1, 1]
    callbacks.dismiss(db, card, "U1", "A test", DUE + DAY)
    callbacks.reopen(db, settings, card, "U1", DUE + DAY)
    assert sweep(db, settings, DUE + 2 * DAY) == 1
    assert sweep(db, settings, DUE + 3 * DAY) == 1
    assert kinds(db) == ["reminder", "escalation", "reminder", "escalation"]


def test_what_is_put_aside_comes_back(db, settings, card):
    """Until its time a snoozed callback is left in peace; then its thread hears that it is back, and what is due."""
    callbacks.snooze(db, card, "U1", DUE + DAY, NOW)
    assert sweep(db, settings, DUE + DAY - HOUR) == 0
    assert sweep(db, settings, DUE + DAY) == 2
    assert said(db) == [(kind, "#nps", True) for kind in ("awake", "reminder")]
    assert responses.by_public_id(db, card).callback.snoozed_until is None


def test_a_holder_hears_that_it_is_back(db, settings, texts, card):
    """What its holder put aside comes back to the holder alone."""
    callbacks.claim(db, card, "U1", NOW)
    callbacks.snooze(db, card, "U1", NOW + HOUR, NOW)
    assert sweep(db, settings, NOW + HOUR) == 1
    assert said(db) == [("awake", "U1", False)]
    assert "Anna Berg (Nordlys AB)" in rendered(db, settings, texts, "awake", NOW + HOUR).text


def test_what_has_no_card_is_not_called_out(db, settings):
    """Where there is no card there is no thread to say it in."""
    stored = responses.add(db, "import", a_response(), NOW, imported=True)
    opening.open_if_asked(db, settings, stored, stored.response, NOW)
    assert sweep(db, settings, DUE + DAY) == 0
    assert said(db) == []


def test_the_card_is_brought_up_to_date(db, settings, card):
    """With each reminder the card is put once more."""
    assert card
    (task,) = sending.take(db, NOW, frozenset())
    sending.sent(db, task, "1.1", "C1", NOW)
    sweep(db, settings, DUE)
    assert [row["kind"] for row in failures.listing(db)] == ["card", "reminder"]


def test_a_reminder_says_who_waits(db, settings, texts, card):
    """A reminder names the customer and the score, an escalation also when it was due, and the channel sees it."""
    assert card
    for now in (DUE, DUE + DAY):
        sweep(db, settings, now)
    reminder, escalation = (rendered(db, settings, texts, kind, DUE + DAY) for kind in ("reminder", "escalation"))
    for message in (reminder, escalation):
        assert "Anna Berg (Nordlys AB)" in message.text
        assert "3 of 10" in message.text
        assert message.metadata["event_type"] == "nps_note"
        assert message.metadata["event_payload"].keys() == {"message_id"}
    assert (reminder.broadcast, escalation.broadcast) == (False, True)
    assert f"<!date^{int(DUE.timestamp())}^" in escalation.text


@pytest.mark.parametrize("end", ["claimed", "dismissed", "called"])
def test_what_was_taken_meanwhile_is_not_called_out(db, settings, texts, card, end):
    """A reminder that waits while somebody takes or closes the callback has nothing to say any more."""
    for now in (DUE, DUE + DAY):
        sweep(db, settings, now)
    if end == "claimed":
        callbacks.claim(db, card, "U1", DUE + DAY)
    elif end == "dismissed":
        callbacks.dismiss(db, card, "U1", "A test", DUE + DAY)
    else:
        call = Call("U1", DUE + DAY, Outcome.REACHED, "Notes", (), NextStep.CLOSE)
        callbacks.log_call(db, settings, card, call)
    assert [rendered(db, settings, texts, kind, DUE + DAY) for kind in ("reminder", "escalation")] == [None, None]


def test_what_was_closed_meanwhile_is_not_back(db, settings, texts, card):
    """That a callback is back is not said of one that was closed before it could be."""
    callbacks.snooze(db, card, "U1", NOW + HOUR, NOW)
    sweep(db, settings, NOW + HOUR)
    callbacks.dismiss(db, card, "U1", "A test", NOW + HOUR)
    assert rendered(db, settings, texts, "awake", NOW + HOUR) is None


@pytest.mark.parametrize("known", [True, False])
def test_what_may_stand_can_be_rendered(db, settings, texts, card, known):
    """A reminder that stands, or may stand, is rendered whatever became of the callback: so it is found and changed."""
    sweep(db, settings, DUE)
    for ts in ("1.1", "2.1"):
        (task,) = sending.take(db, DUE, frozenset())
        if known or task.message.kind == "card":
            sending.sent(db, task, ts, "C1", DUE)
        else:
            sending.doubt(db, task, DUE, DUE, "time-out", holds_lane=True)
    callbacks.dismiss(db, card, "U1", "A test", DUE)
    assert rendered(db, settings, texts, "reminder", DUE) is not None


MOVES = st.sampled_from(["claim", "release", "dismiss", "reopen", "snooze", "sweep", "sweep", "sweep"])


@given(st.lists(st.tuples(MOVES, st.timedeltas(timedelta(), 2 * DAY)), max_size=30))
def test_only_what_waits_is_called_out(steps):
    """Whatever people do, a sweep calls out only what is open, in sight and due, and nothing twice between openings."""
    settings = Settings()
    with an_empty_store() as db:
        card = receive(db, settings, "json", a_response(), NOW).response_id
        counted = {"reminder": 0, "escalation": 0}
        for now, (move, _) in zip(accumulate((step for _, step in steps), initial=NOW), steps, strict=False):
            before = responses.by_public_id(db, card).callback
            free = {"claim": before.state is State.OPEN, "release": before.holder is not None}
            free |= {"dismiss": before.state is not State.CLOSED, "snooze": before.state is not State.CLOSED}
            free |= {"reopen": before.state is State.CLOSED}
            if move == "sweep":
                was = dict(counted)
                sweep(db, settings, now)
                counted = {kind: kinds(db).count(kind) for kind in counted}
                out_of_sight = before.snoozed_until is not None and before.snoozed_until > now
                if before.state is not State.OPEN or out_of_sight or before.due_at > now:
                    assert counted == was
                assert all(counted[kind] <= was[kind] + 1 for kind in counted)
                assert counted["escalation"] <= counted["reminder"]
            elif free[move]:
                more = {"snooze": [now + DAY, now], "dismiss": ["A test", now]}.get(move, [now])
                given_ = [settings, card] if move == "reopen" else [card]
                getattr(callbacks, move)(db, *given_, "U1", *more)
        reopened = [event["action"] for event in history(db, 1)].count("reopened")
        assert counted["reminder"] <= 1 + reopened
