"""A year of answers to Nordlys, a shop that does not exist, and those that arrive while the demo runs.

The story in them: a good winter; a spring in which the carrier delivers late, broken or nowhere; then
callbacks within hours instead of days, and a new carrier; by autumn a better score than ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from demo.colleagues import FollowUp, SampleCall
from demo.customers import words
from demo.story import Answer, Story, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

__all__ = ["SampleCall", "SampleResponse", "arrivals", "year"]

LIVELY = (0.46, 0.34)
"""Shares of promoters and detractors among those who arrive live: enough of both to have something to do."""

NEGLECTED, IN_HAND = 2, 3
"""At the end of the year: detractors that nobody has claimed in time, and callbacks that are being called."""


@dataclass(frozen=True)
class SampleResponse:
    """One answer, its body that of a `json` delivery, and what became of its callback; times aware, UTC.

    Neither claimed nor closed, it is open; closed but never claimed, it was dismissed. `claimed_by` is the
    index of the colleague who took it first; after a hand-over the later calls tell who holds it.
    """

    body: dict[str, Any]
    claimed_by: int | None
    claimed_at: datetime | None
    calls: tuple[SampleCall, ...]
    closed_at: datetime | None


def year(now: datetime, *, seed: int = 2026) -> list[SampleResponse]:
    """Return 2,400 answers of the 54 weeks that end with the midnight (UTC) before `now`, in order of time.

    The same day and seed give the same answers. Most callbacks are closed; of those of the last days some are
    open, some claimed, and two detractors are open beyond their 24 hours.
    """
    story = Story(now, seed)
    past = list(story.past())
    _leave_work(past, story.end - timedelta(hours=30))
    return [
        SampleResponse(
            answer.body(_id(answer, number)), after.claimed_by, after.claimed_at, after.calls, after.closed_at
        )
        for number, (answer, after) in enumerate(past)
    ]


def _leave_work(past: list[tuple[Answer, FollowUp]], late: datetime) -> None:
    """Undo what was done last: the claims of some detractors from before `late`, and some last calls."""
    called = [number for number, (_, after) in enumerate(past) if after.calls and after.closed_at]
    complaints = [n for n in called if past[n][0].category == "detractor" and past[n][0].comment]
    missed = [n for n in complaints if past[n][0].at < late][-NEGLECTED:]
    for number in missed:
        past[number] = (past[number][0], FollowUp())
    for number in [n for n in called if n not in missed][-IN_HAND:]:
        answer, after = past[number]
        past[number] = (answer, replace(after, calls=after.calls[:-1], closed_at=None))


def arrivals(
    clock: Callable[[], datetime], *, seed: int = 2026, after: int = 0
) -> Iterator[tuple[float, dict[str, Any]]]:
    """Yield new bodies without end, each with how many seconds it must follow the one before it.

    0 means whenever the caller likes: a new answer, submitted by the clock's time. More than 0 means the
    answer just given, with the same id, now with its comment or another score. The first twelve answers stand
    in voices/live.toml; the first `after` are left out, having arrived before.
    """
    story = Story(clock(), seed)
    for _ in story.past():
        pass  # those who answered during the year may answer again
    to_come = islice(enumerate(_live(story, clock)), after, None)
    for number, (answer, delay, changes) in to_come:  # pragma: no branch  # it has no end
        body = answer.body(_id(answer, number))
        yield 0.0, body
        if changes:
            yield delay, {**body, **changes, "submitted_at": stamp(clock())}


def _live(story: Story, clock: Callable[[], datetime]) -> Iterator[tuple[Answer, float, dict[str, Any]]]:
    """Yield each answer with what changes in it later: after how many seconds, and which fields."""
    for scene in words("live")["arrivals"]:
        at = clock()
        language, touchpoint = scene["language"], scene.get("touchpoint", "")
        person = story.somebody(scene["who"], language, at, business=touchpoint == "onboarding")
        answer = Answer(at, scene["score"], language, person, touchpoint, comment=scene.get("comment"))
        changes = dict(scene.get("later", {}))
        yield answer, float(changes.pop("after", 0)), changes
    while True:
        answer = story.answer(clock(), LIVELY)
        chance = story.lots.random()
        if chance < 0.04 and answer.score < 10:
            yield answer, 8.0, {"score": answer.score + 1}
        elif chance < 0.2 and answer.comment:
            yield replace(answer, comment=None), 6.0, {"comment": answer.comment}
        else:
            yield answer, 0.0, {}


def _id(answer: Answer, number: int) -> str:
    return f"r-{answer.at:%y%m%d%H%M%S}{number % 100:02}"
