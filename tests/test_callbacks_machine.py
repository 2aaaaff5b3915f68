"""Every move between the states of a callback, by several people, against a small model of what should be."""

from __future__ import annotations

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
    NotClosed,
    NotYours,
)
from bot.config import Settings
from bot.intake import receive
from bot.model import Call, Category, NextStep, Outcome, Refusal, State, category
from storage import outbox, responses
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
        call = Call(user, self.now, outcome, "Notes", (), next_step, again_at)
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
