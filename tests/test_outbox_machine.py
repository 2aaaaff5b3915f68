"""The outbox under whatever order of asking, sending, failing and restarting: nothing is lost, nothing goes twice."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from conftest import NOW, an_empty_store
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from storage import failures, outbox, sending
from storage.outbox import UPDATES

SECOND = timedelta(seconds=1)


class Delivery(RuleBasedStateMachine):
    """Messages that are asked for, while calls to Slack succeed, fail, or stay unanswered."""

    @initialize()
    def begins(self) -> None:
        """Nothing waits."""
        self.stack = ExitStack()
        self.db = self.stack.enter_context(an_empty_store())
        self.now = NOW
        self.under_way: list[outbox.Task] = []

    @rule(subject=st.integers(1, 6), urgent=st.booleans())
    def ask(self, subject: int, urgent: bool) -> None:  # noqa: FBT001  # Hypothesis names it
        """A message is asked for; three in each channel, each after the first in the first's thread."""
        first = outbox.message_of(self.db, "card", 1 + 3 * ((subject - 1) // 3))
        channel = "#nps" if subject <= 3 else "#shop"
        parent = first.id if first and first.subject != subject else None
        outbox.put(self.db, "card", subject, channel, self.now, parent=parent, urgent=urgent)

    @rule()
    def take(self) -> None:
        """What can go, goes."""
        self.now += SECOND
        self.under_way += sending.take(self.db, self.now, frozenset())

    @rule(end=st.sampled_from(["sent", "again", "doubt", "fail"]), data=st.data())
    def answer(self, end: str, data: st.DataObject) -> None:
        """One of the calls under way comes to an end."""
        if self.under_way:
            task = self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1)))
            self.settle(task, end)

    def settle(self, task: outbox.Task, end: str) -> None:
        """Write down how a call ended."""
        if end == "sent":
            assert (task.message.ts is None) == (task.lane != UPDATES)
            sending.sent(self.db, task, task.message.ts or f"{task.message.subject}.1", "C1", self.now)
        elif end == "again":
            sending.again(self.db, task, self.now + SECOND, "later")
        elif end == "doubt":
            sending.doubt(self.db, task, self.now, self.now, "time-out", holds_lane=task.id % 2 == 0)
        else:
            sending.fail(self.db, task, "never")

    @rule(found=st.booleans())
    def look(self, found: bool) -> None:  # noqa: FBT001  # Hypothesis names it
        """What is in doubt is looked for."""
        for task in sending.in_doubt(self.db, self.now):
            self.settle(task, "sent" if found else "again")

    @rule()
    def restart(self) -> None:
        """The process ends, and the next takes up what was under way."""
        self.under_way.clear()
        for task in sending.interrupted(self.db):
            self.settle(task, "again" if task.message.ts else "doubt")

    @invariant()
    def each_waits_once(self) -> None:
        """A message waits once at most, is in nobody's hands twice, and a lane sends one at a time."""
        rows = self.db.rows("select message_id, lane, state from outbox")
        once = {("queued",): "message_id", ("sending", "unknown"): "message_id", ("sending",): "lane"}
        for among, name in once.items():
            found = [row[name] for row in rows if row["state"] in among]
            assert len(found) == len(set(found))

    def teardown(self) -> None:
        """In the end every message that was asked for stands, and nothing is left over."""
        if not hasattr(self, "db"):
            return
        for task in self.under_way:
            self.settle(task, "sent")
        for _ in range(60):
            self.now += SECOND
            failures.retry(self.db, [])
            for task in (*sending.in_doubt(self.db, self.now), *sending.take(self.db, self.now, frozenset())):
                self.settle(task, "sent")
        assert failures.listing(self.db) == []
        assert self.db.value("select count(*) from messages where ts is null") == 0
        self.stack.close()


TestDelivery = Delivery.TestCase
TestDelivery.settings = how(max_examples=60, stateful_step_count=40)
