"""Every move between the states of a callback, by several people, against a small model of what should be.

Between any two steps the process may end and the next one open the store again.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import NOW, _migrated, a_response
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import callbacks as moves
from bot import moves as table
from bot.config import Settings
from bot.intake import receive
from bot.model import Call, Category, NextStep, Outcome, Refusal, State, category
from bot.refusals import (
    AlreadyClosed,
    AlreadyYours,
    ClosedMeanwhile,
    HeldBySomeoneElse,
    InThePast,
    LetGoMeanwhile,
    NotClosed,
    NothingSaid,
    NotPutAside,
    NotYours,
    TakenMeanwhile,
)
from bot.reminders import sweep
from bot.settings.reminding import Reminders
from bot.settings.roles import LeadsOnly
from storage import responses, sending
from storage.callbacks import history
from storage.db import Db, connect_writer

DAY = timedelta(days=1)
OWN = {Category.DETRACTOR: DAY, Category.PASSIVE: 3 * DAY, Category.PROMOTER: 7 * DAY}
PERSON = st.sampled_from(["U1", "U2", "U3"])
STEPS = st.timedeltas(-DAY, 2 * DAY)
QUIET = Reminders(before_due=None, at_due=False, escalate_after=None)
OF_STATE = {AlreadyClosed, AlreadyYours, HeldBySomeoneElse, NotClosed, NotYours}
"""What is refused because of the state a callback is in, or of who holds it."""


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

    def since(self, seen: str) -> type[Refusal] | None:
        """Return the refusal of a form that was opened when it was otherwise."""
        if seen in {"", f"{self.state}:{self.holder or ''}"}:
            return None
        return {State.OPEN: LetGoMeanwhile, State.CLAIMED: TakenMeanwhile, State.CLOSED: ClosedMeanwhile}[self.state]

    def told_with(self, refusal: type[Refusal]) -> dict[str, Any]:
        """Return whom a refusal names."""
        named = {
            HeldBySomeoneElse: self.holder,
            TakenMeanwhile: self.holder,
            AlreadyClosed: self.closed_by,
            ClosedMeanwhile: self.closed_by,
        }
        return {"holder": named[refusal]} if refusal in named else {}


TABLES = ("callbacks", "history", "calls", "outbox", "remarks")


class Loop(RuleBasedStateMachine):
    """People at one callback, with a clock that moves."""

    @initialize(score=st.integers(0, 10))
    def arrives(self, score: int) -> None:
        """A response comes in, and its card is posted."""
        self.stack, self.settings, self.now = ExitStack(), Settings(reminders=QUIET), NOW
        self.path = Path(self.stack.enter_context(tempfile.TemporaryDirectory())) / "npsbot.db"
        self.path.write_bytes(_migrated())
        self.open()
        self.form = ""
        self.id = receive(self.db, self.settings, "json", a_response(score=score), NOW).response_id
        self.own = OWN[category(score)]
        self.expected = Expected(State.OPEN, NOW + self.own)
        self.entries = [(None, "opened")]

    def open(self) -> None:
        """Open the store as a process does that starts."""
        self.db = Db(connect_writer(self.path, checkpoints=True))
        self.db.execute("begin immediate")

    def teardown(self) -> None:
        """The store goes."""
        self.db.connection.close()
        self.stack.close()

    @rule()
    def restart(self) -> None:
        """The process ends, and another one takes over what it has committed."""
        self.db.execute("commit")
        self.db.connection.close()
        self.open()

    @rule()
    def open_form(self) -> None:
        """Somebody opens a form, which remembers how the callback is just now."""
        found = responses.by_public_id(self.db, self.id)
        assert found is not None
        assert found.callback is not None
        self.form = table.as_seen(found.callback)

    def move(
        self,
        which: table.Move,
        fn: Any,
        refusal: type[Refusal] | None,
        then: Expected,
        entry: tuple[str, str],
        *told: tuple[str, str],
    ) -> None:
        """Make a move after all was delivered; it is refused and changes nothing, or leads where it should.

        Whether it is possible, and into which state it leads, stands in the table as well.
        """
        self.deliver()
        before, was = self.held(), self.current()
        fits = which.fits(was, entry[0])
        if refusal is not None:
            with pytest.raises(refusal) as caught:
                fn()
            assert type(caught.value) is refusal
            assert caught.value.values == self.expected.told_with(refusal)
            assert self.held() == before
            assert not (fits and refusal in OF_STATE and which is not table.ASSIGN)
            return
        fn()
        assert fits
        assert self.current().state is (which.to or was.state)
        self.expected = then
        self.entries.append(entry)
        asked = self.db.rows("select kind, channel from messages m join outbox o on m.id = o.message_id order by o.id")
        assert sorted((row["kind"], row["channel"]) for row in asked) == sorted([("card", "#nps"), *told])

    def current(self) -> Any:
        """Return the callback as the store holds it."""
        found = responses.by_public_id(self.db, self.id)
        assert found is not None
        return found.callback

    def deliver(self) -> None:
        """Let everything that waits stand in Slack."""
        while found := sending.take(self.db, self.now, frozenset()):
            for task in found:
                sending.sent(self.db, task, f"{task.message.id}.1", "C1", self.now)

    def held(self) -> list[Any]:
        """Return all that the store holds."""
        return [self.db.rows(f"select * from {table}") for table in TABLES]

    @rule(step=st.timedeltas(timedelta(), 3 * DAY))
    def time_passes(self, step: timedelta) -> None:
        """The clock moves on, and what was put aside until now is back, told to its holder or in the thread."""
        self.now += step
        self.deliver()
        until, holder = self.expected.snoozed_until, self.expected.holder
        woken = until is not None and until <= self.now
        assert sweep(self.db, self.settings, self.now) == int(woken)
        if woken:
            self.expected = replace(self.expected, snoozed_until=None)
            self.entries.append((None, "awake"))
            note = self.db.row(
                "select channel, parent is not null as replied from messages where kind = 'awake' order by id desc"
            )
            assert note == ({"channel": holder, "replied": 0} if holder else {"channel": "#nps", "replied": 1})

    @rule(user=PERSON)
    def claim(self, user: str) -> None:
        """Only what is open can be claimed."""
        refusal = self.expected.keeps_out(user) or (AlreadyYours if self.expected.holder else None)
        then = self.expected.held(user)
        self.move(table.CLAIM, partial(moves.claim, self.db, self.id, user, self.now), refusal, then, (user, "claimed"))

    @rule(user=PERSON)
    def release(self, user: str) -> None:
        """Only the holder lets go."""
        refusal = None if self.expected.holder == user else NotYours
        then = self.expected.opened(self.expected.due_at)
        self.move(
            table.RELEASE, partial(moves.release, self.db, self.id, user, self.now), refusal, then, (user, "released")
        )

    @rule(user=PERSON, to=PERSON, lead=st.booleans(), comment=st.none() | st.just("Away"), late=st.booleans())
    def assign(self, user: str, to: str, lead: bool, comment: str | None, late: bool) -> None:  # noqa: FBT001  # drawn
        """A lead gives what is not closed to anyone, and says why; others pass on what is theirs, or take what is free.

        Who gets and who loses it is told.
        """
        was, seen = self.expected.holder, self.form if late else ""
        refusal = self.expected.since(seen)
        if refusal is None and was == to:
            refusal = AlreadyYours if to == user else HeldBySomeoneElse
        elif refusal is None and self.expected.state is State.CLOSED:
            refusal = AlreadyClosed
        elif refusal is None and not (lead or was == user or (was is None and to == user)):
            refusal = LeadsOnly
        elif refusal is None and was not in {None, user} and comment is None:
            refusal = NothingSaid
        told = [("assigned", to)] if to != user else []
        if was not in {None, user}:
            told.append(("taken_over", str(was)))
        give = partial(moves.assign, self.db, self.id, user, to, self.now, lead=lead, comment=comment, seen=seen)
        self.move(table.ASSIGN, give, refusal, self.expected.held(to), (user, "assigned"), *told)

    @rule(user=PERSON, step=STEPS, late=st.booleans())
    def snooze(self, user: str, step: timedelta, late: bool) -> None:  # noqa: FBT001  # drawn
        """Only into the time to come, and only what is nobody else's."""
        until, seen = self.now + step, self.form if late else ""
        refusal = self.expected.since(seen) or (InThePast if step <= timedelta() else self.expected.keeps_out(user))
        then = replace(self.expected, snoozed_until=until)
        put_aside = partial(moves.snooze, self.db, self.id, user, until, self.now, seen=seen)
        self.move(table.SNOOZE, put_aside, refusal, then, (user, "snoozed"))

    @rule(user=PERSON)
    def wake(self, user: str) -> None:
        """Only what is put aside comes back, and only by those who could have put it aside."""
        refusal = self.expected.keeps_out(user) or (None if self.expected.snoozed_until else NotPutAside)
        then = replace(self.expected, snoozed_until=None)
        self.move(table.WAKE, partial(moves.wake, self.db, self.id, user, self.now), refusal, then, (user, "woken"))

    @rule(user=PERSON, late=st.booleans())
    def dismiss(self, user: str, late: bool) -> None:  # noqa: FBT001  # drawn
        """Closed with a reason, unless it is someone else's."""
        seen = self.form if late else ""
        refusal = self.expected.since(seen) or self.expected.keeps_out(user)
        then = self.expected.closed(user, dismissed="A test")
        close = partial(moves.dismiss, self.db, self.id, user, "A test", self.now, seen=seen)
        self.move(table.DISMISS, close, refusal, then, (user, "dismissed"))

    @rule(user=PERSON)
    def reopen(self, user: str) -> None:
        """Only what is closed, due as if it had come now."""
        refusal = None if self.expected.state is State.CLOSED else NotClosed
        then = self.expected.opened(self.now + self.own)
        self.move(
            table.REOPEN,
            partial(moves.reopen, self.db, self.settings, self.id, user, self.now),
            refusal,
            then,
            (user, "reopened"),
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
        which = {
            NextStep.CLOSE: table.LOG_AND_CLOSE,
            NextStep.CALL_AGAIN: table.LOG_AND_CALL_AGAIN,
            NextStep.HAND_OVER: table.LOG_AND_HAND_OVER,
        }[next_step]
        self.move(
            which,
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
