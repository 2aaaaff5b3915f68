"""What became of the callbacks of a period: the figures of the loop, from its rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import calendars, survival
from bot.cards.digest import Loop
from bot.closing import Colleague, InTime
from bot.model import Category
from bot.segments import EVERYONE
from storage import followups, spans
from storage.db import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.config import Settings
    from bot.segments import Segment
    from storage.db import Db
    from storage.followups import Detractor
    from storage.spans import Times, Waits

RECOVERY_DAYS = timedelta(days=90)
"""Within how much time before the end of a period the next answers of former detractors were given."""
RECOVERY_MOST = 5_000
"""How many answers are looked at for such next answers, the newest."""


def of_period(
    db: Db, settings: Settings, bounds: tuple[datetime, datetime], now: datetime, segment: Segment = EVERYONE
) -> Loop:
    """Return what became of the callbacks opened in [first, end), as things are now, and what the team did then."""
    first, end = bounds
    to_claim, to_call = medians(db, bounds, now, segment)
    in_time, in_business_time = reached_in_time(followups.detractors(db, first, end, segment), settings, now)
    referrals, lessons = followups.marked(db, first, end)
    return Loop(
        **followups.became(db, first, end, now, segment),
        to_claim=to_claim,
        to_call=to_call,
        in_time=in_time,
        in_business_time=in_business_time,
        team=followups.team(db, first, end),
        recovery=followups.recovery(db, end - RECOVERY_DAYS, end, RECOVERY_MOST, segment),
        referrals=referrals,
        lessons=lessons,
    )


def medians(
    db: Db, bounds: tuple[datetime, datetime], now: datetime, segment: Segment = EVERYONE
) -> tuple[timedelta | None, ...]:
    """Return the median times to the claim and to the first call; None while half of the callbacks wait for it.

    They are exact. Only times around the middle are read, which some callbacks tell; all where it lies elsewhere.
    """
    waits = spans.waits(db, *bounds, now, segment)
    edges = [survival.about(step.some, step.some_waiting, step.waiting) for step in waits]
    try:
        return _medians(waits, spans.times(db, *bounds, edges, segment))
    except survival.Elsewhere:
        return _medians(waits, spans.times(db, *bounds, [survival.ANYWHERE] * len(waits), segment))


def _medians(waits: Iterable[Waits], times: Iterable[Times]) -> tuple[timedelta | None, ...]:
    return tuple(
        _span(survival.median(took.between, step.waiting, shorter=took.shorter, longer=took.longer))
        for step, took in zip(waits, times, strict=True)
    )


def _span(microseconds: float | None) -> timedelta | None:
    return None if microseconds is None else timedelta(microseconds=microseconds)


def reached_in_time(
    rows: Iterable[Detractor], settings: Settings, now: datetime
) -> tuple[InTime | None, InTime | None]:
    """Return how many detractors were spoken to within the hours of [callbacks], on the clock and in working hours.

    None where detractors are not called. Spoken to is a call logged as reached. Who was not is undecided until the time
    is up, also where the callback was closed before that.
    """
    hours = settings.callbacks.hours[Category.DETRACTOR]
    if hours is None:
        return None, None
    beyond, calendar = timedelta(hours=hours) + timedelta.resolution, settings.working_hours
    on_clock, in_hours = [0, 0, 0], [0, 0, 0]
    for row in rows:
        opened = moment(row.opened_at)
        until = now if row.reached_at is None else moment(row.reached_at)
        late = opened + beyond
        on_clock[_fate(row, until, late)] += 1
        if until >= late:
            late = calendars.business_time_after(calendar, opened, beyond)
        in_hours[_fate(row, until, late)] += 1
    return _tally(hours, on_clock), _tally(hours, in_hours)


REACHED, MISSED, UNDECIDED = range(3)


def _fate(row: Detractor, until: datetime, late: datetime) -> int:
    if until >= late:
        return MISSED
    return REACHED if row.reached_at else UNDECIDED


def _tally(hours: float, fates: list[int]) -> InTime:
    return InTime(hours, fates[REACHED], fates[REACHED] + fates[MISSED], fates[UNDECIDED])


def people(db: Db, bounds: tuple[datetime, datetime]) -> list[Colleague]:
    """Return what each colleague did in [first, end), by their ids: for leads, in private, never as a ranking.

    The time to the first call is the median of the callbacks whose first call was theirs.
    """
    calls, closed = followups.calls_by_person(db, *bounds), followups.closed_by_person(db, *bounds)
    took: dict[str, list[int]] = defaultdict(list)
    for user, span in followups.first_calls(db, *bounds):
        took[user].append(span)
    return [
        Colleague(user, calls.get(user, 0), closed.get(user, 0), _span(survival.median(took[user])))
        for user in sorted(calls.keys() | closed.keys())
    ]
