"""The hours in which a team works: days, hours, public holidays, a time zone; business time between two moments."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot import periods
from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FRUITLESS_DAYS = 400
"""Days without an open hour after which a calendar is taken to have none."""
FAR = timedelta(hours=15)
"""Farther than any zone is from UTC."""


class Clock(StrEnum):
    """Which hours count: all of them, as the customer waits, or those in which the team works."""

    CUSTOMER = "customer"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a team works: days of the week (Monday is 0), minutes of the day, holidays of a country and of its own."""

    days: frozenset[int] = frozenset(range(5))
    opens: int = 9 * 60
    closes: int = 17 * 60
    zone: ZoneInfo | None = None
    country: str | None = None
    subdivision: str | None = None
    closed: frozenset[date] = frozenset()
    clock: Clock = Clock.CUSTOMER

    def works_on(self, day: date) -> bool:
        """Tell whether a day is one of work and no public holiday."""
        if day.weekday() not in self.days or day in self.closed:
            return False
        return self.country is None or day not in _holidays(self.country, self.subdivision)

    @property
    def day_hours(self) -> float:
        """Return how many hours a working day has."""
        return (self.closes - self.opens) / 60


def business_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much of [start, end) lies in business hours, by the wall clock of the calendar's zone."""
    total = timedelta()
    for opens, closes in _windows(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def business_time_after(calendar: Calendar, start: datetime, span: timedelta) -> datetime:
    """Return when so much business time has passed since `start`; on all hours where the calendar has none."""
    left, at = span, start
    for opens, closes in _windows(calendar, start):
        if left <= closes - opens:
            return opens + left
        left, at = left - (closes - opens), closes
    return at + left


def is_open(calendar: Calendar, now: datetime) -> bool:
    """Tell whether a moment lies in business hours."""
    window = next(_windows(calendar, now), None)
    return window is not None and window[0] <= now


def next_opening(calendar: Calendar, now: datetime) -> datetime:
    """Return when what is put aside may come back: the same hour of the next working day, else when that opens."""
    tomorrow = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    after = tomorrow if is_open(calendar, now) else now
    window = next(_windows(calendar, after), None)
    return tomorrow if window is None else window[0]


def next_try(calendar: Calendar, now: datetime) -> datetime:
    """Return the middle of the other half of the next working day: whoever is not there mornings may be afternoons.

    Before opening hours the next working day can be today.
    """
    zone = calendar.zone or ZoneInfo("UTC")
    local = now.astimezone(zone)
    half, minute = (calendar.closes - calendar.opens) // 2, 60 * local.hour + local.minute
    morning = minute < calendar.opens + half
    day = local.date() + timedelta(days=0 if minute < calendar.opens else 1)
    for _ in range(FRUITLESS_DAYS):
        if calendar.works_on(day):
            break
        day += timedelta(days=1)
    minutes = calendar.opens + half // 2 + (half if morning else 0)
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    return wall.astimezone(UTC)


def _windows(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans of business hours from `start` on, in order, as UTC instants."""
    zone = calendar.zone or ZoneInfo("UTC")
    day = start.astimezone(zone).date() - timedelta(days=1)
    fruitless = 0
    while fruitless < FRUITLESS_DAYS:
        spans = _of_day(calendar, zone, day)
        fruitless = 0 if spans else fruitless + 1
        for opens, closes in spans:
            if closes > start:
                yield max(opens, start), closes
        day += timedelta(days=1)


@lru_cache(maxsize=4096)
def _of_day(calendar: Calendar, zone: ZoneInfo, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans in which the wall clock shows the business hours of a day.

    Two where the clock is set back within them: an hour that comes twice counts twice, one that is left out never.
    """
    if not calendar.works_on(day):
        return ()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    opens, closes = (midnight + timedelta(minutes=minutes) for minutes in (calendar.opens, calendar.closes))
    first, last = midnight - FAR, midnight + timedelta(days=1) + FAR
    before, after = (periods.offset(at, zone) for at in (first, last))
    if before == after:
        return ((opens - before, closes - before),)
    change = periods.clock_change(first, last, zone)
    spans = ((opens - before, min(closes - before, change)), (max(opens - after, change), closes - after))
    return tuple((since, until) for since, until in spans if since < until)


@cache
def _holidays(country: str, subdivision: str | None) -> Any:
    """Return the public holidays of a country, which know every year."""
    import holidays  # noqa: PLC0415  # 50 ms that only a calendar with a country pays

    return holidays.country_holidays(country, subdiv=subdivision)


def read(table: Any, path: Path) -> Calendar:
    """Return the calendar of [calendar]."""
    known = {"days", "hours", "timezone", "country", "subdivision", "closed", "clock"}
    if not isinstance(table, dict) or set(table) - known:
        raise SettingError(f"calendar in {path} must be a table with only {', '.join(sorted(known))}.")
    found = Calendar()
    if "timezone" in table:
        found = replace(found, zone=checks.timezone(f"calendar.timezone in {path}", table["timezone"]))
    if "days" in table:
        found = replace(found, days=_days(table["days"], path))
    if "hours" in table:
        opens, closes = _day_hours(table["hours"], path)
        found = replace(found, opens=opens, closes=closes)
    if "clock" in table:
        found = replace(found, clock=_clock(table["clock"], path))
    if "country" in table or "subdivision" in table:
        country, subdivision = _country(table.get("country"), table.get("subdivision"), path)
        found = replace(found, country=country, subdivision=subdivision)
    if "closed" in table:
        found = replace(found, closed=_closed(table["closed"], path))
    return found


def _days(given: Any, path: Path) -> frozenset[int]:
    if not isinstance(given, list) or not given or not all(day in DAYS for day in given):
        raise SettingError(f"calendar.days in {path} is {given!r}, but must be a list of {', '.join(DAYS)}.")
    return frozenset(DAYS.index(day) for day in given)


def _day_hours(given: Any, path: Path) -> tuple[int, int]:
    match = re.fullmatch(r"(\d\d?):(\d\d)\s*[-–]\s*(\d\d?):(\d\d)", given) if isinstance(given, str) else None
    if match:
        opens, closes = (60 * int(match[hour]) + int(match[hour + 1]) for hour in (1, 3))
        if max(int(match[2]), int(match[4])) < 60 and opens < closes <= 24 * 60:
            return opens, closes
    raise SettingError(f'calendar.hours in {path} is {given!r}, but must be one span of a day such as "09:00-17:00".')


def _clock(given: Any, path: Path) -> Clock:
    if given not in list(Clock):
        raise SettingError(f'calendar.clock in {path} is {given!r}, but must be "customer" (all hours) or "business".')
    return Clock(given)


def _closed(given: Any, path: Path) -> frozenset[date]:
    """Return days off of the team's own, each as TOML's date or as text."""
    if isinstance(given, list):
        with contextlib.suppress(ValueError):
            return frozenset(day if type(day) is date else date.fromisoformat(str(day)) for day in given)
    raise SettingError(f'calendar.closed in {path} is {given!r}, but must be a list of days such as "2026-12-24".')


def _country(country: Any, subdivision: Any, path: Path) -> tuple[str, str | None]:
    if not isinstance(country, str):
        raise SettingError(f'calendar.country in {path} is {country!r}, but must be a code such as "SE" or "FI".')
    try:
        _holidays(country.upper(), subdivision)
    except (NotImplementedError, TypeError) as error:
        part = "" if subdivision is None else f" with the subdivision {subdivision!r}"
        raise SettingError(
            f'calendar.country in {path} is {country!r}{part}, but must be a code such as "SE" or "FI" of which the '
            "public holidays are known."
        ) from error
    return country.upper(), subdivision
