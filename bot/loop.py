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
from storage import followups
from storage.db import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.config import Settings
    from bot.segments import Segment
    from storage.db import Db
    from storage.followups import Detractor, Spans

RECOVERY_DAYS = timedelta(days=90)
"""Within how much time before the end of a period the next answers of former detractors were given."""
RECOVERY_MOST = 5_000
"""How many answers are looked at for such next answers, the newest."""


def of_period(
    db: Db, settings: Settings, bounds: tuple[datetime, datetime], now: datetime, segment: Segment = EVERYONE
) -> Loop:
    """Return what became of the callbacks opened in [first, end), as things are now, and what the team did then."""
    first, end = bounds
    to_claim, to_call = medians(followups.spans(db, first, end, now, segment))
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


def medians(spans: Spans) -> tuple[timedelta | None, timedelta | None]:
    """Return the median times to the claim and to the first call; None while half of the callbacks wait for it."""
    pairs = ((spans.to_claim, spans.unclaimed), (spans.to_call, spans.uncalled))
    claim, call = (survival.median(happened, waiting) for happened, waiting in pairs)
    return _span(claim), _span(call)


def _span(microseconds: float | None) -> timedelta | None:
    return None if microseconds is None else timedelta(microseconds=microseconds)


def reached_in_time(
    rows: Iterable[Detractor], settings: Settings, now: datetime
) -> tuple[InTime | None, InTime | None]:
    """Return how many detractors were spoken to within the hours of [callbacks], on the clock and in working hours.

    None where detractors are not called. Spoken to is a call logged as reached. Who was not, and whose time is not
    up, or was not when the callback was closed, is undecided.
    """
    hours = settings.callbacks.hours[Category.DETRACTOR]
    if hours is None:
        return None, None
    target, calendar = timedelta(hours=hours), settings.working_hours
    on_clock, in_hours = [0, 0, 0], [0, 0, 0]
    for row in rows:
        opened, ended = moment(row.opened_at), row.reached_at or row.closed_at
        until = now if ended is None else moment(ended)
        took = until - opened
        on_clock[_fate(row, took, target)] += 1
        if took > target:
            took = calendars.business_time_between(calendar, opened, until)
        in_hours[_fate(row, took, target)] += 1
    return _tally(hours, on_clock), _tally(hours, in_hours)


REACHED, MISSED, UNDECIDED = range(3)


def _fate(row: Detractor, took: timedelta, target: timedelta) -> int:
    if took > target:
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
