"""One person, one callback: whoever answers again gets no second one, and every card shows the one there is."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from acting import FILLED, PERSON, a_card, direct, log, told
from conftest import NOW, a_response, an_empty_store, eventually
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, lookup, messages
from bot.config import Settings
from bot.due import Callbacks
from bot.forget import forget
from bot.intake import receive
from bot.model import Call, Category, Learned, NextStep, Outcome, State, Subject
from bot.past.exporting import callback_of
from bot.refusals import AlreadyYours, AnotherHeld, AnotherOpen, HeldBySomeoneElse, NotClosed
from bot.reminders import sweep
from bot.settings.reminding import Reminders
from storage import digests, outbox, responses
from storage.callbacks import history, of_response
from storage.sharing import SHARING_MOST

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALL = Call("U1", NOW + 2 * HOUR, Outcome.REACHED, "They want it earlier", (), NextStep.CLOSE)


def answers(db, settings, number, now=NOW, **changes):
    """Let the same person answer under another id; return the response's public id."""
    return receive(db, settings, "json", a_response(id=f"r-{number}", **changes), now).response_id


def found(db, public_id):
    """Return a response as the store holds it."""
    return responses.by_public_id(db, public_id)


def shown(db, settings, texts, public_id):
    """Return the card of a response as it would be put now."""
    message = outbox.message_of(db, "card", found(db, public_id).id)
    return messages.render(db, message, settings, texts, NOW)


@pytest.fixture(name="two")
def _two(db, settings):
    """Return the ids of two answers of one person, a passive and then a detractor, that share a callback."""
    return answers(db, settings, 1, score=8), answers(db, settings, 2, NOW + HOUR, score=2)


def test_a_second_answer_shares_the_callback(db, two):
    """There is one callback, both answers have it, and the worse of the two says when it is due."""
    first, second = (found(db, public_id) for public_id in two)
    assert db.value("select count(*) from callbacks") == 1
    assert first.callback == second.callback
    assert (second.callback.id, second.callback.due_at) == (first.id, NOW + HOUR + DAY)
    assert [event["action"] for event in history(db, first.id)] == ["opened", "answered_again"]


def test_a_better_answer_changes_no_due_time(db, settings):
    """Whoever is kinder the second time still waits for the call about the first."""
    first, second = answers(db, settings, 1, score=2), answers(db, settings, 2, NOW + HOUR, score=10)
    assert found(db, first).callback.due_at == found(db, second).callback.due_at == NOW + DAY


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"respondent_email": "ANNA@Nordlys.Example", "respondent_id": "c-18"}, True),
        ({"respondent_email": "bo@nordlys.example"}, False),
        ({"respondent_email": None}, True),
        ({"respondent_email": None, "respondent_id": "c-18"}, False),
        ({"respondent_email": None, "respondent_id": None}, False),
    ],
    ids=str,
)
def test_who_is_the_same_person(db, settings, other, same):
    """An e-mail tells whatever its case; only where one answer has none, what the source calls the person does."""
    answers(db, settings, 1)
    answers(db, settings, 2, **other)
    assert db.value("select count(*) from callbacks") == (1 if same else 2)


def test_another_source_knows_other_people_by_the_same_id(db, settings):
    """What one survey tool calls c-17 is somebody else in another."""
    for source in ("json", "shop"):
        receive(db, settings, source, a_response(respondent_email=None), NOW)
    assert db.value("select count(*) from callbacks") == 2


@pytest.mark.parametrize("nobody", [{"respondent_email": None, "respondent_id": None}, {"respondent_email": " "}])
def test_who_is_not_known_is_nobody_else(db, settings, nobody):
    """Two answers of which nobody knows whose they are have each their callback."""
    for number in range(2):
        answers(db, settings, number, **{"respondent_id": None, **nobody})
    assert db.value("select count(*) from callbacks") == 2


def test_a_callback_has_room_for_so_many(db, settings):
    """What answers without end begins a callback anew after a while, so that no move has to change endless cards."""
    for number in range(SHARING_MOST + 1):
        answers(db, settings, number, NOW + number * HOUR)
    assert db.value("select count(*) from callbacks") == 2
    found_last = found(db, answers(db, settings, 99, NOW + 99 * HOUR))
    assert found_last.callback.opened_at == NOW + SHARING_MOST * HOUR


def test_that_can_be_switched_off(db, settings):
    """Where every answer is to have its callback, each has."""
    settings = replace(settings, callbacks=Callbacks(one_per_person=False))
    for number in range(2):
        answers(db, settings, number)
    assert db.value("select count(*) from callbacks") == 2


def test_a_closed_callback_is_nobodys_burden(db, settings, two):
    """After the callback is closed, the next answer has one of its own."""
    callbacks.dismiss(db, two[0], "U1", "A test", NOW + 2 * HOUR)
    third = found(db, answers(db, settings, 3, NOW + 3 * HOUR))
    assert third.callback.id == third.id


@pytest.mark.parametrize("next_step", [None, NextStep.CALL_AGAIN, NextStep.HAND_OVER])
def test_nothing_is_reopened_beside_another(db, settings, two, next_step):
    """While a customer has a callback under way, an earlier one stays closed, and whoever has the other is named."""
    callbacks.dismiss(db, two[0], "U1", "A test", NOW + 2 * HOUR)
    third = answers(db, settings, 3, NOW + 3 * HOUR)
    call = replace(CALL, at=NOW + 4 * HOUR, next_step=next_step, call_again_at=NOW + DAY)

    def again():
        if next_step is None:
            callbacks.reopen(db, settings, two[1], "U1", NOW + 4 * HOUR)
        else:
            callbacks.log_call(db, settings, two[1], call)

    with pytest.raises(AnotherOpen):
        again()
    callbacks.claim(db, third, "U2", NOW + 3 * HOUR)
    with pytest.raises(AnotherHeld) as refused:
        again()
    assert refused.value.values == {"holder": "U2"}
    assert found(db, two[0]).callback.state is State.CLOSED
    callbacks.log_call(db, settings, two[0], replace(CALL, at=NOW + 4 * HOUR))
    callbacks.dismiss(db, third, "U2", "A test", NOW + 5 * HOUR)
    again()
    assert found(db, two[0]).callback.state is not State.CLOSED


def test_what_is_open_is_not_reopened(db, settings, two):
    """Whoever comes second to reopen a callback that two answers share learns that it is open, not of another one."""
    callbacks.dismiss(db, two[0], "U1", "A test", NOW + 2 * HOUR)
    callbacks.reopen(db, settings, two[0], "U1", NOW + 3 * HOUR)
    with pytest.raises(NotClosed):
        callbacks.reopen(db, settings, two[1], "U2", NOW + 3 * HOUR)


def test_each_of_several_callbacks_can_be_reopened(db, settings):
    """Where every answer has its callback, one more of the same person does not keep another closed."""
    settings = replace(settings, callbacks=Callbacks(one_per_person=False))
    first, _ = answers(db, settings, 1), answers(db, settings, 2)
    callbacks.dismiss(db, first, "U1", "A test", NOW)
    callbacks.reopen(db, settings, first, "U1", NOW + HOUR)
    assert found(db, first).callback.state is State.OPEN


def test_a_worse_score_reopens_nothing_beside_another(db, settings):
    """An earlier answer that gets worse brings the callback under way nearer, and its holder hears of it."""
    first = answers(db, settings, 1, score=9)
    callbacks.dismiss(db, first, "U1", "A test", NOW)
    second = answers(db, settings, 2, NOW + HOUR, score=8)
    callbacks.claim(db, second, "U2", NOW + HOUR)
    answers(db, settings, 1, NOW + 2 * HOUR, score=1, version=NOW.timestamp())
    assert found(db, first).callback.state is State.CLOSED
    assert found(db, second).callback.due_at == NOW + 2 * HOUR + DAY
    assert db.value("select channel from messages where kind = 'answered_again'") == "U2"


def test_its_holder_is_told(db, settings, texts):
    """Whoever holds the callback hears privately that the customer has answered again, and how."""
    first = answers(db, settings, 1)
    callbacks.claim(db, first, "U1", NOW)
    second = answers(db, settings, 2, NOW + HOUR, score=0)
    row = db.row("select * from messages where kind = 'answered_again'")
    assert (row["channel"], row["parent"]) == ("U1", None)
    text = messages.render(db, outbox.message_of(db, "answered_again", row["subject"]), settings, texts, NOW).text
    assert "Anna Berg" in text
    assert "gave 0 of 10" in text
    assert found(db, second).callback.holder == "U1"


@pytest.mark.parametrize("clicked", [0, 1])
def test_either_card_acts_on_the_one_callback(db, settings, texts, two, clicked):
    """Claimed on one card it is claimed on both, and whoever comes second is refused on either."""
    callbacks.claim(db, two[clicked], "U1", NOW + HOUR)
    for public_id in two:
        assert "Claimed" in shown(db, settings, texts, public_id).text
        with pytest.raises(HeldBySomeoneElse):
            callbacks.claim(db, public_id, "U2", NOW + HOUR)
        with pytest.raises(AlreadyYours):
            callbacks.claim(db, public_id, "U1", NOW + HOUR)


def test_cards_link_to_each_other(db, settings, texts, two):
    """Each card says that the callback is for both answers, and leads to the other one."""
    db.execute("insert into settings (name, value) values ('workspace_url', 'https://nordlys.slack.com')")
    db.execute("update messages set ts = '1.' || subject, posted_to = 'C0NPS' where kind = 'card'")
    for public_id, other in zip(two, reversed(two), strict=True):
        blocks = json.dumps(shown(db, settings, texts, public_id).blocks, ensure_ascii=False)
        assert "One callback for 2 answers" in blocks
        assert f"https://nordlys.slack.com/archives/C0NPS/p1{found(db, other).id}" in blocks


@pytest.mark.parametrize("logged_on", [0, 1])
def test_a_call_shows_on_both(db, settings, texts, two, logged_on):
    """A call that is logged on either card closes both, and its summary stands in both threads."""
    callbacks.log_call(db, settings, two[logged_on], CALL)
    assert [found(db, public_id).callback.state for public_id in two] == [State.CLOSED] * 2
    rows = db.rows("select * from messages where kind in ('call', 'call_told') order by id")
    parents = [outbox.message_of(db, "card", found(db, public_id).id).id for public_id in two]
    assert [row["parent"] for row in rows] == parents
    for row in rows:
        message = outbox.message_of(db, row["kind"], row["subject"])
        assert CALL.notes in messages.render(db, message, settings, texts, NOW).text
    assert "Closed" in shown(db, settings, texts, two[1]).text
    assert db.value("select count(*) from calls") == 1


def test_a_right_number_is_right_for_both(db, settings, two):
    """What a call on one card told of the person's number stands on the other, too."""
    callbacks.log_call(db, settings, two[1], CALL, learned=Learned(phone="+46 70 174 06 99"))
    assert {found(db, public_id).response.respondent.phone for public_id in two} == {"+46 70 174 06 99"}


def test_the_history_is_one(db, settings, two):
    """Either card's menu tells the same history, with the calls in it."""
    callbacks.log_call(db, settings, two[1], CALL)
    stories = [lookup.history(db, settings, public_id, "U1") for public_id in two]
    assert stories[0][1:] == stories[1][1:]
    assert [event["action"] for event in stories[0][1]] == ["opened", "answered_again", "called"]
    assert len(stories[0][2]) == 1


def test_an_export_tells_it_once(db, settings, two):
    """Both answers name the state; the calls stand with the one that the callback is of, which the other names."""
    callbacks.log_call(db, settings, two[1], CALL)
    own, shared = (callback_of(db, found(db, public_id).id) for public_id in two)
    assert (own["state"], shared["state"], shared["shared_with"]) == ("closed", "closed", two[0])
    assert "shared_with" not in own
    assert (len(own["calls"]), shared["calls"]) == (1, [])


def test_a_digest_waits_for_the_worst_of_them(db, two):
    """Among those who wait for a call there is the detractor's answer, once, whichever the callback was opened for."""
    assert two
    ([row], count) = digests.waiting_detractors(db, 5)
    assert (row["found"].public_id, count) == (two[1], 1)


def test_lists_count_it_once(db, two):
    """Among what nobody holds, and what somebody does, there is one callback."""
    assert db.value("select count(*) from callbacks where state = 'open'") == 1
    callbacks.claim(db, two[1], "U1", NOW)
    assert db.value("select count(*) from callbacks where holder = 'U1'") == 1


def test_the_worst_answer_decides_who_is_reminded(db, settings, two):
    """A passive's callback that a detractor shares is called out as a detractor's, at its own time."""
    assert two
    assert sweep(db, settings, NOW + DAY) == 0
    assert sweep(db, settings, NOW + HOUR + DAY) == 2


def test_a_callback_is_as_urgent_as_its_worst_answer(db, settings, two):
    """Where only passives are called out, what a detractor shares is none; reopened, it is due as a detractor's."""
    passives = replace(settings, reminders=Reminders(categories=frozenset({Category.PASSIVE})))
    assert sweep(db, passives, NOW + 9 * DAY) == 0
    callbacks.dismiss(db, two[0], "U1", "A test", NOW + 9 * DAY)
    callbacks.reopen(db, settings, two[0], "U1", NOW + 9 * DAY)
    assert found(db, two[0]).callback.due_at == NOW + 10 * DAY


def test_each_thread_hears_of_it_and_the_channel_once(db, settings, texts, two):
    """A reminder and an escalation stand in the thread of either card; the channel sees the escalation once."""
    for days in (1, 2):
        sweep(db, settings, NOW + HOUR + days * DAY)
    threads = [outbox.message_of(db, "card", found(db, public_id).id).id for public_id in two]
    shown = []
    for row in db.rows("select * from messages where kind in ('reminder', 'escalation') order by id"):
        said = messages.render(db, outbox.message_of(db, row["kind"], row["subject"]), settings, texts, NOW)
        shown.append((row["kind"], threads.index(row["parent"]), said.broadcast))
    assert shown == [("reminder", 0, False), ("reminder", 1, False), ("escalation", 0, True), ("escalation", 1, False)]


def test_a_changed_score_of_either_counts(db, settings, two):
    """A better second thought of one leaves the due time of the other; a worse one reopens what both share."""
    answers(db, settings, 2, NOW + 2 * HOUR, score=9, version=(NOW + HOUR).timestamp())
    assert found(db, two[0]).callback.due_at == NOW + HOUR + DAY
    callbacks.dismiss(db, two[0], "U1", "A test", NOW + 2 * HOUR)
    answers(db, settings, 2, NOW + 3 * HOUR, score=1, version=(NOW + 2 * HOUR).timestamp())
    assert [found(db, public_id).callback.state for public_id in two] == [State.OPEN] * 2
    assert found(db, two[0]).callback.due_at == NOW + 3 * HOUR + DAY


def test_who_was_forgotten_is_not_remembered(db, settings, two):
    """After a person was forgotten, their next answer shares nothing with what they once said."""
    forget(db, Subject("anna@nordlys.example"), None, NOW + 2 * HOUR)
    assert [found(db, public_id).forgotten for public_id in two] == [True, True]
    third = found(db, answers(db, settings, 3, NOW + 3 * HOUR))
    assert third.callback.id == third.id


async def test_what_people_see_of_it(running, workspace):
    """On the second card the one callback is claimed, both cards say so and link to each other, its holder is told."""
    first = await a_card(running, score=8)
    second = await a_card(running, id="r-2", score=2)
    assert (await workspace.click("mikko", "#nps", second, "claim_callback")).ok

    def shown(ts):
        (card,) = [message for message in workspace.messages("#nps") if message["ts"] == ts]
        return card

    for ts, other in ((first, second), (second, first)):
        await eventually(lambda ts=ts: "Claimed" in shown(ts)["text"])
        await eventually(lambda ts=ts, other=other: f"/p{other.replace('.', '')}" in told(shown(ts)))
    await running.deliver({"id": "r-3", "score": 0, "respondent": PERSON})
    (message,) = await eventually(lambda: direct(workspace, "U0MIKKO"))
    assert "gave 0 of 10" in message["text"]
    assert (await log(running, "mikko", first)).errors == {}
    for ts in (first, second):
        (note,) = await eventually(lambda ts=ts: workspace.messages("#nps", ts))
        assert FILLED["notes"] in told(note)


STEPS = st.sampled_from(["answer", "claim", "release", "close", "reopen"])


@given(st.lists(st.tuples(STEPS, st.integers(0, 10), st.integers(0, 5)), max_size=25))
def test_there_is_never_a_second_one(steps):
    """However answers and moves follow each other, nobody ever has a second callback beside one under way."""
    settings = Settings()
    with an_empty_store() as db:
        cards = []
        for number, (step, score, which) in enumerate(steps):
            now = NOW + number * HOUR
            under_way = db.value("select count(*) from callbacks where state <> 'closed'")
            if step == "answer":
                cards.append(answers(db, settings, number, now, score=score))
                assert db.value("select count(*) from callbacks where state <> 'closed'") == max(under_way, 1)
                continue
            if not cards:
                continue
            card = cards[which % len(cards)]
            current = found(db, card).callback
            if step == "claim" and current.state is State.OPEN:
                callbacks.claim(db, card, "U1", now)
            elif step == "release" and current.holder:
                callbacks.release(db, card, "U1", now)
            elif step == "close" and current.state is not State.CLOSED:
                callbacks.dismiss(db, card, "U1", "A test", now)
            elif step == "reopen" and current.state is State.CLOSED:
                with contextlib.suppress(AnotherHeld, AnotherOpen):
                    callbacks.reopen(db, settings, card, "U1", now)
            assert db.value("select count(*) from callbacks where state <> 'closed'") <= 1
            assert of_response(db, current.id) == found(db, card).callback
