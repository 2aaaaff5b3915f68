"""Every move between the states of a callback, by several people, against a small model of what should be."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import callbacks as moves
from bot.callbacks import (
    AlreadyClosed,
    AlreadyYours,
    HeldBySomeoneElse,
    InThePast,
    NoSuchCallback,
    NotClosed,
    NotYours,
)
from bot.config import Settings
from bot.intake import receive
from bot.model import Call, Category, NextStep, Outcome, Refusal, State, category
from storage import Store, calls, outbox, responses
from storage.callbacks import history

DAY = timedelta(days=1)
OWN = {Category.DETRACTOR: DAY, Category.PASSIVE: 3 * DAY, Category.PROMOTER: 7 * DAY}
PERSON = st.sampled_from(["U1", "U2", "U3"])
STEPS = st.timedeltas(-DAY, 2 * DAY)


@dataclass(frozen=True)
class Expected:
    """What a callback should be, kept by the simplest means."""

    state: State
    due_at: datetime
    holder: str | None = None
    snoozed_until: datetime | None = None
    call_again_at: datetime | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None
    dismissed: str | None = None
    calls: int = 0

    def opened(self, due_at: datetime) -> Expected:
        """Return it opened afresh."""
        return Expected(State.OPEN, due_at, calls=self.calls)

    def held(self, holder: str) -> Expected:
        """Return it in somebody's hands and in sight."""
        return replace(self, state=State.CLAIMED, holder=holder, snoozed_until=None)

    def closed(self, user: str, **how_: Any) -> Expected:
        """Return it closed by somebody."""
        return Expected(State.CLOSED, self.due_at, closed_by=user, calls=self.calls, **how_)

    def keeps_out(self, user: str) -> type[Refusal] | None:
        """Return the refusal of whoever may not touch it: when it is closed, or someone else's."""
        if self.state is State.CLOSED:
            return AlreadyClosed
        return None if self.holder in {None, user} else HeldBySomeoneElse


def a_call(**changes: Any) -> Call:
    """Return a call that closes; every field can be given."""
    call = Call("U1", NOW, Outcome.REACHED, "It was late", ("delivery",), NextStep.CLOSE)
    return replace(call, **changes)


class Loop(RuleBasedStateMachine):
    """People at one callback, with a clock that moves."""

    @initialize(score=st.integers(0, 10))
    def arrives(self, score: int) -> None:
        """A response comes in, and its card is posted."""
        self.stack, self.settings, self.now = ExitStack(), Settings(), NOW
        self.db = self.stack.enter_context(an_empty_store())
        self.id = receive(self.db, self.settings, "json", a_response(score=score), NOW).response_id
        self.own = OWN[category(score)]
        self.expected = Expected(State.OPEN, NOW + self.own)
        self.entries = [(None, "opened")]

    def teardown(self) -> None:
        """The store goes."""
        self.stack.close()

    def move(
        self, fn: Any, refusal: type[Refusal] | None, then: Expected, entry: tuple[str, str], *told: tuple[str, str]
    ) -> None:
        """Make a move after all was delivered; it is refused and changes nothing, or leads where it should."""
        self.deliver()
        before = self.held()
        if refusal is not None:
            with pytest.raises(refusal) as caught:
                fn()
            assert type(caught.value) is refusal
            assert caught.value.values == ({"holder": self.expected.holder} if refusal is HeldBySomeoneElse else {})
            assert self.held() == before
            return
        found = fn()
        self.expected = then
        self.entries.append(entry)
        assert found == responses.by_public_id(self.db, self.id)
        asked = self.db.rows("select kind, channel from messages m join outbox o on m.id = o.message_id order by o.id")
        assert sorted((row["kind"], row["channel"]) for row in asked) == sorted([("card", "#nps"), *told])

    def deliver(self) -> None:
        """Let everything that waits stand in Slack."""
        while found := outbox.take(self.db, self.now, frozenset()):
            for task in found:
                outbox.sent(self.db, task, f"{task.message.id}.1", "C1", self.now)

    def held(self) -> list[Any]:
        """Return all that the store holds."""
        return [self.db.rows(f"select * from {table}") for table in ("callbacks", "history", "calls", "outbox")]

    @rule(step=st.timedeltas(timedelta(), 3 * DAY))
    def time_passes(self, step: timedelta) -> None:
        """The clock moves on."""
        self.now += step

    @rule(user=PERSON)
    def claim(self, user: str) -> None:
        """Only what is open can be claimed."""
        refusal = self.expected.keeps_out(user) or (AlreadyYours if self.expected.holder else None)
        then = self.expected.held(user)
        self.move(partial(moves.claim, self.db, self.id, user, self.now), refusal, then, (user, "claimed"))

    @rule(user=PERSON)
    def release(self, user: str) -> None:
        """Only the holder lets go."""
        refusal = None if self.expected.holder == user else NotYours
        then = self.expected.opened(self.expected.due_at)
        self.move(partial(moves.release, self.db, self.id, user, self.now), refusal, then, (user, "released"))

    @rule(user=PERSON, to=PERSON)
    def assign(self, user: str, to: str) -> None:
        """Anyone gives what is not closed to anyone who has it not; who gets and who loses it is told."""
        was, refusal = self.expected.holder, None
        if was == to:
            refusal = AlreadyYours if to == user else HeldBySomeoneElse
        elif self.expected.state is State.CLOSED:
            refusal = AlreadyClosed
        told = [("assigned", to)] if to != user else []
        if was not in {None, user}:
            told.append(("taken_over", str(was)))
        then = self.expected.held(to)
        self.move(partial(moves.assign, self.db, self.id, user, to, self.now), refusal, then, (user, "assigned"), *told)

    @rule(user=PERSON, step=STEPS)
    def snooze(self, user: str, step: timedelta) -> None:
        """Only into the time to come, and only what is nobody else's."""
        until = self.now + step
        refusal = InThePast if step <= timedelta() else self.expected.keeps_out(user)
        then = replace(self.expected, snoozed_until=until)
        self.move(partial(moves.snooze, self.db, self.id, user, until, self.now), refusal, then, (user, "snoozed"))

    @rule(user=PERSON)
    def dismiss(self, user: str) -> None:
        """Closed with a reason, unless it is someone else's."""
        refusal, then = self.expected.keeps_out(user), self.expected.closed(user, dismissed="A test")
        self.move(
            partial(moves.dismiss, self.db, self.id, user, "A test", self.now), refusal, then, (user, "dismissed")
        )

    @rule(user=PERSON)
    def reopen(self, user: str) -> None:
        """Only what is closed, due as if it had come now."""
        refusal = None if self.expected.state is State.CLOSED else NotClosed
        then = self.expected.opened(self.now + self.own)
        self.move(
            partial(moves.reopen, self.db, self.settings, self.id, user, self.now), refusal, then, (user, "reopened")
        )

    @rule(user=PERSON, outcome=st.sampled_from(Outcome), next_step=st.sampled_from(NextStep), again=st.none() | STEPS)
    def log_call(self, user: str, outcome: Outcome, next_step: NextStep, again: timedelta | None) -> None:
        """Closes, keeps or hands over; on a closed one the last two reopen it."""
        was, again_at = self.expected, None if again is None else self.now + again
        call = a_call(caller=user, at=self.now, outcome=outcome, next_step=next_step, call_again_at=again_at)
        refusal = None if was.state is State.CLOSED else was.keeps_out(user)
        if next_step is NextStep.CALL_AGAIN and (again is None or again <= timedelta()):
            refusal = InThePast
        due_at = self.now + self.own if was.state is State.CLOSED else was.due_at
        if next_step is NextStep.CALL_AGAIN:
            then = replace(was.opened(due_at).held(user), call_again_at=again_at)
        elif next_step is NextStep.HAND_OVER:
            then = was.opened(due_at)
        else:
            then = was if was.state is State.CLOSED else was.closed(user, outcome=outcome)
        then = replace(then, calls=was.calls + 1)
        self.move(
            partial(moves.log_call, self.db, self.settings, self.id, call),
            refusal,
            then,
            (user, "called"),
            ("call", "#nps"),
        )

    @invariant()
    def is_as_expected(self) -> None:
        """The store holds what the model says; state, holder and closing agree; the history has each move once."""
        found = responses.by_public_id(self.db, self.id)
        assert found is not None
        current = found.callback
        assert current is not None
        assert {name: getattr(current, name) for name in Expected.__dataclass_fields__} == vars(self.expected)
        assert (current.holder is not None) == (current.claimed_at is not None) == (current.state is State.CLAIMED)
        assert (current.closed_at is not None) == (current.closed_by is not None) == (current.state is State.CLOSED)
        assert [(event["actor"], event["action"]) for event in history(self.db, found.id)] == self.entries
        assert self.db.value("select count(*) from messages where kind = 'card'") == 1


TestLoop = Loop.TestCase
TestLoop.settings = how(max_examples=60, stateful_step_count=30)


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
    found = moves.log_call(db, settings, card, call)
    ((call_id, kept),) = calls.of_response(db, found.id).items()
    assert kept == calls.by_id(db, call_id) == call
    assert history(db, found.id)[-1]["details"] == {"outcome": "voicemail", "next_step": "call_again", "call": call_id}
    summary = outbox.message_of(db, "call", call_id)
    assert summary is not None
    assert summary.parent == outbox.message_of(db, "card", found.id).id


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
        lambda db, _, card: moves.assign(db, card, "U1", "U2", NOW),
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
    settings.hours[Category.PROMOTER] = None
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
    settings.hours[Category.DETRACTOR] = None
    assert moves.reopen(db, settings, card, "U1", NOW + DAY).callback.due_at == NOW + 2 * DAY


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
