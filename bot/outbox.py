"""The delivery loop: take, render late, send, mark sent, put off, give up; what is in doubt is looked for first.

A message is posted once. Where nobody can know whether Slack took it (a time-out, a cut connection, a crash between
sending and marking), the loop waits, since a request may still be applied and history lags, looks for the message's
metadata where it would stand, and sends again only what is not there once the doubt is settled.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.audience import Audience
from bot.channels import Channels
from bot.settings.privacy import Privacy
from bot.settings.routes import is_person
from bot.slack import Blocked, Later, Never, Put, SlackFault, Unknown
from storage import Unavailable, channels, forgotten, lanes, outbox, sending
from storage.outbox import CANNOT_ASK, UPDATES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from bot.cards.blocks import Rendered
    from bot.slack import Slack
    from storage import Store
    from storage.db import Db
    from storage.outbox import Message
    from storage.sending import Task

log = structlog.get_logger("outbox")

LOOKS = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=45))
"""When after an attempt without an answer Slack is asked; an absence is believed at the last."""
LOOKS_ANSWERED = (timedelta(seconds=5), timedelta(seconds=15))
"""The same when Slack did answer, with a fault: nothing is under way any more, only history may lag."""
CLOCK_SKEW = timedelta(seconds=60)
BLOCKED_FOR = timedelta(seconds=15)
LONGEST_WAIT = 20.0
LOOK_AGAIN = timedelta(seconds=5)
LOOK_AGAIN_REFUSED = timedelta(seconds=60)
STORE_AGAIN = 1.0
PASS_AGAIN = 5.0
POSTS = (1.0, 3.0)
"""Messages a second to one channel, and how many may go at once."""
CHANGES = (0.75, 5.0)
"""The same for changes to what is posted, which Slack counts for the whole workspace."""
GATHER = 0.05
"""Seconds in which what comes at once is gathered, so that a flood of deliveries does not wake the loop each time."""


class Pace:
    """Slack's pace for one lane: `burst` at once, then `rate` a second."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._saved, self._at = burst, clock()

    def wait(self) -> float:
        """Return the seconds until the next message may go."""
        now = self._clock()
        self._saved = min(self._burst, self._saved + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (1 - self._saved) / self._rate)

    def spend(self) -> None:
        """One message goes."""
        self._saved -= 1


class Outbox:
    """Delivers what is queued, a lane a channel, until it is stopped.

    `meet` finds out about a person before something is rendered that only they read; `privacy` says which channels
    other organisations may read, too.
    """

    def __init__(  # noqa: PLR0913  # what it delivers from, through what, and by which rules
        self,
        store: Store,
        slack: Slack,
        render: Callable[[Db, Message], Rendered | None],
        *,
        meet: Callable[[str], Awaitable[None]] | None = None,
        look_first: bool = True,
        privacy: Privacy | None = None,
    ) -> None:
        self._store, self._slack, self._render = store, slack, render
        self._meet, self._look_first = meet, look_first
        self._woken = asyncio.Event()
        self._paces: dict[str, Pace] = {}
        self._faults: defaultdict[str, int] = defaultdict(int)
        self._under_way: set[asyncio.Task[None]] = set()
        self._busy: set[int] = set()
        self.channels = Channels(store, slack)
        self.audience = Audience(slack, self.channels, privacy or Privacy())

    def wake(self) -> None:
        """Say that something was queued."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled; a fault of the store or of the code is logged and tried again."""
        while True:
            try:
                wait = await self._pass()
            except Exception:  # the loop outlives every fault
                log.exception("delivery_pass_failed")
                wait = PASS_AGAIN
            try:
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            except TimeoutError:
                pass
            await asyncio.sleep(GATHER)
            self._woken.clear()

    async def finish(self, within: float) -> None:
        """Wait for what is under way; what has no answer by then is settled after the next start."""
        if self._under_way:
            _, left = await asyncio.wait(self._under_way, timeout=within)
            for work in left:
                work.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _recover(self) -> None:
        """Take up what was left in the middle of sending, by a process that is gone or for want of a mark."""
        seen = await self._store.read(sending.interrupted)
        lost = {task.id for task in seen} - self._busy
        if not lost:
            return

        def settle(db: Db) -> int:
            left = [task for task in sending.interrupted(db) if task.id in lost]
            for task in left:
                if task.message.ts or not self._look_first:
                    sending.again(db, task, None, "interrupted")
                else:
                    _doubt(db, task, "interrupted", answered=False)
            return len(left)

        log.info("deliveries_interrupted", messages=await self._store.run(settle))

    async def _pass(self) -> float:
        """Start what can go now; return the seconds until the next moment at which something may."""
        await self._recover()
        now = datetime.now(UTC)
        closed = frozenset(lane for lane, pace in self._paces.items() if pace.wait() > 0)
        for task in await self._store.run(sending.take, now, closed):
            self._pace(task.lane).spend()
            self._start(task, self._deliver)
        for task in await self._store.read(sending.in_doubt, now):
            if task.id not in self._busy:
                self._start(task, self._look)
        waits = [wait for pace in self._paces.values() if (wait := pace.wait()) > 0]
        moment = await self._store.read(sending.next_moment, now)
        if moment is not None:
            waits.append((moment - datetime.now(UTC)).total_seconds())
        return max(0.01, min([*waits, 30.0]))

    def _pace(self, lane: str) -> Pace:
        if lane not in self._paces:
            rate, burst = CHANGES if lane == UPDATES else POSTS
            self._paces[lane] = Pace(rate, burst, time.monotonic)
        return self._paces[lane]

    def _start(self, task: Task, step: Callable[[Task], Coroutine[object, object, None]]) -> None:
        self._busy.add(task.id)
        work = asyncio.ensure_future(self._guarded(task, step))
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)

    async def _guarded(self, task: Task, step: Callable[[Task], Coroutine[object, object, None]]) -> None:
        """Take one step with a message; one that breaks the code is set aside, so that it stops no other."""
        try:
            await step(task)
        except Unavailable as fault:
            log.warning("delivery_not_recorded", message=task.message.id, reason=str(fault))
            await asyncio.sleep(STORE_AGAIN)
        except Exception as fault:  # the same edge: one message's fault must not end the loop
            log.exception("delivery_broke", message=task.message.id)
            await self._store.run(sending.fail, task, f"internal fault: {type(fault).__name__}")
        finally:
            self._busy.discard(task.id)
            self.wake()

    async def _deliver(self, task: Task) -> None:
        """Send one message and write down what became of it."""
        if self._meet is not None and is_person(task.message.channel):
            await self._meet(task.message.channel)
        held = None if _to_a_person(task) else await self.audience.why_not(task.message.channel)
        rendered = await self._store.read(self._render, task.message)
        if rendered is None:
            await self._store.run(sending.drop_task, task)
            return
        if held is not None and not await self._store.read(forgotten.takes_back, task.message.id):
            await self._put_off(task, held)
            return
        if rendered.pictures:
            await self._upload(task, rendered)
            return
        try:
            if task.message.ts:
                put = Put(task.message.ts, task.message.posted_to or task.message.channel)
                await self._slack.update(put.channel, put.ts, rendered)
            else:
                channel = await self.channels.id_of(task.message.channel)
                put = await self._slack.post(channel, rendered, task.thread)
                await self.channels.learn(task.message.channel, put.channel)
        except SlackFault as fault:
            await self._put_off(task, fault)
        else:
            await self._stands(task, put)

    async def _upload(self, task: Task, rendered: Rendered) -> None:
        """Upload pictures, once; where Slack refuses them, the message stands without."""
        try:
            await self._slack.upload(await self.channels.id_of(task.message.channel), task.thread, rendered)
        except (Later, Unknown) as fault:
            await self._put_off(task, fault)
            return
        except SlackFault as fault:
            log.warning("picture_not_shown", message=task.message.id, reason=fault.reason)
        await self._store.run(sending.drop_task, task)

    async def _stands(self, task: Task, put: Put) -> None:
        """Write down that a message stands, and ask for the pictures of one that stands without its charts."""
        self._faults.pop(task.lane, None)

        def mark(db: Db) -> None:
            now = datetime.now(UTC)
            sending.sent(db, task, put.ts, put.channel, now)
            lanes.resume(db, task, now)
            if put.plain:
                outbox.put(db, "picture", task.message.subject, task.message.channel, now, parent=task.message.id)

        await self._store.run(mark)
        log.info("message_sent", kind=task.message.kind, message=task.message.id, attempts=task.attempts)

    async def _put_off(self, task: Task, fault: SlackFault) -> None:
        """Decide by the kind of fault: wait, pause the lane, doubt, or give this one message up."""
        fault = _meant(task, fault)
        log.warning(
            "message_not_sent",
            fault=type(fault).__name__.lower(),
            reason=fault.reason,
            message=task.message.id,
            lane=task.lane,
        )
        self._faults[task.lane] += 1
        now = datetime.now(UTC)
        wait = timedelta(seconds=min(LONGEST_WAIT, 2.0 ** min(self._faults[task.lane] - 1, 30)))

        def decide(db: Db) -> None:
            if isinstance(fault, Never):
                sending.fail(db, task, fault.reason)
                lanes.resume(db, task, now)
            elif isinstance(fault, Blocked):
                sending.again(db, task, now + BLOCKED_FOR if task.lane == UPDATES else None, fault.reason)
                channels.forget(db, task.message.channel)
                lane = "*" if fault.everywhere else task.message.channel
                lanes.pause(db, lane, now + BLOCKED_FOR, fault.reason, now)
            elif isinstance(fault, Unknown) and not task.message.ts and self._look_first:
                _doubt(db, task, fault.reason, answered=fault.answered)
            else:
                seconds = fault.seconds if isinstance(fault, Later) else None
                until = now + (wait if seconds is None else timedelta(seconds=seconds))
                sending.again(db, task, None, fault.reason)
                lanes.pause(db, task.lane, until, fault.reason, now)

        if isinstance(fault, Blocked):
            self.channels.forget(task.message.channel)
        await self._store.run(decide)

    async def _look(self, task: Task) -> None:
        """Look for a message in doubt where it would stand; believe an absence only once the doubt is settled."""
        began = datetime.now(UTC)
        rendered = await self._store.read(self._render, task.message)
        try:
            if rendered is None:
                await self._store.run(sending.drop_task, task)
                return
            channel = task.message.posted_to or await self.channels.place(task.message.channel)
            since = (task.attempted_at or began) - CLOCK_SKEW
            put = await self._slack.find(channel, task.thread, since, rendered)
        except SlackFault as fault:
            await self._cannot_look(task, fault, began)
        else:
            if put is not None:
                log.info("message_found", kind=task.message.kind, message=task.message.id)
                await self._stands(task, put)
            else:
                await self._absent(task, began)

    async def _absent(self, task: Task, began: datetime) -> None:
        settled = task.settled_at or began

        def decide(db: Db) -> None:
            if began >= settled:
                sending.again(db, task, None, "not found in Slack")
            else:
                looks = [(task.attempted_at or began) + look for look in (*LOOKS, *LOOKS_ANSWERED)]
                following = min((look for look in looks if began < look < settled), default=settled)
                sending.doubt(db, task, following, settled, "not found in Slack yet", holds_lane=True)

        await self._store.run(decide)

    async def _cannot_look(self, task: Task, fault: SlackFault, began: datetime) -> None:
        """Slack cannot be asked: keep the doubt; the lane waits while Slack is away, not while a scope is missing.

        A person's doubt is settled: nobody can let the bot into a conversation that Slack does not have.
        """
        refused = isinstance(fault, Blocked | Never)
        asked = fault.seconds if isinstance(fault, Later) else None
        wait = LOOK_AGAIN if asked is None else timedelta(seconds=asked)
        look_at = began + (LOOK_AGAIN_REFUSED if refused else wait)
        reason = f"{CANNOT_ASK}: {fault.reason}"
        log.warning("look_failed", reason=fault.reason, message=task.message.id)
        if _to_a_person(task) and isinstance(_meant(task, fault), Never):
            await self._store.run(sending.fail, task, reason)
            return
        await self._store.run(sending.doubt, task, look_at, task.settled_at or began, reason, holds_lane=not refused)


def _to_a_person(task: Task) -> bool:
    """Tell whether a message goes to one person: by their id, or by that of a conversation with them."""
    return is_person(task.message.channel) or re.fullmatch(r"D[A-Z0-9]+", task.message.channel) is not None


def _meant(task: Task, fault: SlackFault) -> SlackFault:
    """Return what a fault means for a message: what is in the way to one person will not go away by an invitation."""
    if isinstance(fault, Blocked) and not fault.everywhere and _to_a_person(task):
        return Never(fault.reason)
    return fault


def _doubt(db: Db, task: Task, reason: str, *, answered: bool) -> None:
    looks = LOOKS_ANSWERED if answered else LOOKS
    attempted = task.attempted_at or datetime.now(UTC)
    sending.doubt(db, task, attempted + looks[0], attempted + looks[-1], reason, holds_lane=True)
