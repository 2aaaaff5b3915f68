"""Days, weeks, months and quarters in a time zone, as instants in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

KINDS = ("week", "month", "quarter")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, `first` to `last` inclusive."""

    first: date
    last: date

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the instants in UTC between which it lies: [start, end)."""
        return start_of(self.first, zone), start_of(self.last + timedelta(days=1), zone)

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1


EVER = Period(date(1, 1, 3), date(9999, 12, 28))
"""All days that are days in every time zone."""


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local day in UTC.

    Where a change of the clock leaves no midnight, the day starts with the first instant there is; where
    midnight comes twice, with the first of the two.
    """
    return at(day, time(), zone)


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant in UTC of a local time: the first of two, or, where there is none, as much later."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day that holds an instant."""
    return instant.astimezone(zone).date()


def holding(kind: str, day: date) -> Period:
    """Return the whole week (Monday to Sunday), month or quarter that holds a day."""
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    if kind == "month":
        return Period(day.replace(day=1), _month_after(day) - timedelta(days=1))
    if kind == "quarter":
        first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        last_month = first.replace(month=first.month + 2)
        return Period(first, _month_after(last_month) - timedelta(days=1))
    raise ValueError(f"a period is one of {', '.join(KINDS)}, not {kind!r}")


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def before(kind: str, period: Period) -> Period:
    """Return the period before this one."""
    return holding(kind, period.first - timedelta(days=1))


def year_before(kind: str, period: Period) -> Period:
    """Return the same period a year before: week 46 for week 46, March for March.

    A week 53 is held against the week that lies 52 weeks earlier, since the year before has none; that is week 1 of
    its own year, and the nearest in the season.
    """
    if kind != "week":
        return holding(kind, period.first.replace(year=period.first.year - 1))
    year, week, _ = period.first.isocalendar()
    if week == 53:
        return holding(kind, period.first - timedelta(weeks=52))
    return holding(kind, date.fromisocalendar(year - 1, week, 1))


def weeks_until(last: date, count: int) -> list[Period]:
    """Return the last `count` whole weeks that have ended by a day, oldest first."""
    newest = holding("week", last - timedelta(days=6))
    return [
        Period(newest.first - timedelta(weeks=back), newest.last - timedelta(weeks=back))
        for back in range(count - 1, -1, -1)
    ]


def just_before(period: Period) -> Period:
    """Return as many days as it has, right before it."""
    return Period(period.first - timedelta(days=period.days), period.first - timedelta(days=1))


def last_days(count: int, today: date) -> Period:
    """Return the last `count` days, today included."""
    return Period(today - timedelta(days=count - 1), today)


def label(kind: str, period: Period) -> str:
    """Return 2026-W13 for a week, 2026-03 for a month, 2026-Q1 for a quarter."""
    if kind == "week":
        year, week, _ = period.first.isocalendar()
        return f"{year}-W{week:02}"
    if kind == "month":
        return f"{period.first:%Y-%m}"
    return f"{period.first.year}-Q{(period.first.month + 2) // 3}"


def labelled(text: str) -> tuple[str, Period] | None:
    """Return the kind and the period of a label such as 2026-W13, whatever the case; None for another text."""
    match = re.fullmatch(r"(\d{4})-(?:w(?P<week>\d\d)|q(?P<quarter>[1-4])|(?P<month>\d\d))", text.lower())
    if match is None:
        return None
    year, (kind, number) = int(match[1]), next((k, int(v)) for k, v in match.groupdict().items() if v)
    try:
        first = (
            date.fromisocalendar(year, number, 1) if kind == "week" else date(year, _MONTHS[kind] * (number - 1) + 1, 1)
        )
        return kind, holding(kind, first)
    except (ValueError, OverflowError):
        return None


_MONTHS = {"month": 1, "quarter": 3}


def covering(kind: str, first: date, last: date) -> Iterator[Period]:
    """Yield the whole periods of a kind that cover the days from first to last."""
    period = holding(kind, first)
    while period.first <= last:
        yield period
        period = holding(kind, period.last + timedelta(days=1))


def offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far a zone's clock is ahead of UTC at an instant."""
    return instant.astimezone(zone).utcoffset() or timedelta()


def clock_change(first: datetime, last: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second between two instants at which a zone's offset is no longer that of the first."""
    before = offset(first, zone)
    while last - first > timedelta(seconds=1):
        middle = first + timedelta(seconds=(last - first) // timedelta(seconds=2))
        first, last = (middle, last) if offset(middle, zone) == before else (first, middle)
    return last
