"""Which digests come when: a period each, an hour, a channel, a language, and the responses that they are about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from bot import periods
from bot.segments import EVERYONE, GROUPS, PROPERTY, Segment, is_group
from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.periods import Period

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_DAY = 28
"""The last day of a month that every month has."""
KNOWN = ("name", "period", "on", "channel", "language", "survey", "where", "by")
BY_MOST = 8
"""Fields by which one digest tells its score apart: each shows six groups at most."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One digest that comes again for each whole period: `days` after its last day's morrow, at a local time.

    `by` are the fields that tell its score apart; None for the usual ones and the properties that tell most.
    """

    name: str = ""
    period: str = "week"
    days: int = 0
    at: time = time(9)
    channel: str | None = None
    language: str | None = None
    segment: Segment = EVERYONE
    by: tuple[str, ...] | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells it from all others."""
        return self.name, self.period


WEEKLY = Schedule()
"""What there is when nothing is set: the week's digest, on Monday at nine."""


def last_due(schedule: Schedule, now: datetime, zone: ZoneInfo) -> tuple[Period, datetime]:
    """Return the last whole period whose hour has come, and when that was."""
    period = periods.before(schedule.period, periods.holding(schedule.period, periods.local_day(now, zone)))
    while (due_at := due(schedule, period, zone)) > now:
        period = periods.before(schedule.period, period)
    return period, due_at


def due(schedule: Schedule, period: Period, zone: ZoneInfo) -> datetime:
    """Return the instant at which a period's digest is due."""
    return periods.at(period.last + timedelta(days=1 + schedule.days), schedule.at, zone)


def read(given: Any, path: Path) -> tuple[Schedule, ...]:
    """Return the digests of npsbot.toml's [[digests]]; an empty list switches them off."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise SettingError(f"digests in {path} must be a list of tables, each of them headed [[digests]].")
    found = tuple(_schedule(table, number, path) for number, table in enumerate(given, 1))
    keys = [schedule.key for schedule in found]
    for name, period in keys:
        if keys.count((name, period)) > 1:
            raise SettingError(f"digests in {path} has two of the period {period} named {name!r}; name them apart.")
    return found


def _schedule(table: dict[str, Any], number: int, path: Path) -> Schedule:
    label = f"digests[{number}]"
    for name in table:
        if name not in KNOWN:
            raise SettingError(f"{label}.{name} in {path} is no setting; known are {', '.join(KNOWN)}.")
    kind = table.get("period", "week")
    if kind not in periods.KINDS:
        raise SettingError(f"{label}.period in {path} is {kind!r}, but must be one of {', '.join(periods.KINDS)}.")
    given = {name: _text(f"{label}.{name} in {path}", table[name]) for name in ("name", "survey") if name in table}
    days, at = _on(f"{label}.on in {path}", kind, table.get("on"))
    channel, language = (table.get(name) for name in ("channel", "language"))
    group, value = _where(f"{label}.where in {path}", table.get("where"))
    return Schedule(
        name=given.get("name", ""),
        period=kind,
        days=days,
        at=at,
        channel=checks.channel(f"{label}.channel in {path}", str(channel)) if channel is not None else None,
        language=checks.language(f"{label}.language in {path}", str(language)) if language is not None else None,
        segment=Segment(given.get("survey"), group, value),
        by=_by(f"{label}.by in {path}", table["by"]) if "by" in table else None,
    )


def _text(label: str, value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 60:
        raise SettingError(f"{label} is {value!r}, but must be a text of 1 to 60 characters.")
    return value.strip()


def _where(label: str, given: Any) -> tuple[str | None, str]:
    """Return the group and the value that a table such as { touchpoint = "support" } names."""
    if given is None:
        return None, ""
    pairs = list(given.items()) if isinstance(given, dict) else []
    if len(pairs) != 1 or not is_group(pairs[0][0]) or not isinstance(pairs[0][1], str):
        raise SettingError(
            f'{label} is {given!r}, but must be a table of one such as {{ touchpoint = "support" }}; '
            f"known are {', '.join(GROUPS)} and {PROPERTY}NAME."
        )
    group, value = pairs[0]
    return group, value


def _by(label: str, given: Any) -> tuple[str, ...]:
    good = isinstance(given, list) and all(isinstance(each, str) and is_group(each) for each in given)
    if not good or len(set(given)) < len(given) or len(given) > BY_MOST:
        raise SettingError(
            f"{label} is {given!r}, but must be a list of at most {BY_MOST}, each once, of "
            f"{', '.join(GROUPS)} and {PROPERTY}NAME."
        )
    return tuple(given)


def _on(label: str, kind: str, given: Any) -> tuple[int, time]:
    """Return how many days after the first it is due, and when, of 'monday 09:00' or, for months, '1 09:00'."""
    if given is None:
        return WEEKLY.days, WEEKLY.at
    match = re.fullmatch(r"\s*(\w+)\s+([01]?\d|2[0-3]):([0-5]\d)\s*", given) if isinstance(given, str) else None
    day = match[1].lower() if match else ""
    if kind == "week":
        days = WEEKDAYS.index(day) if day in WEEKDAYS else None
        accepted = "a day of the week and a time, such as monday 09:00"
    else:
        days = int(day) - 1 if re.fullmatch(r"\d{1,2}", day) and 1 <= int(day) <= LAST_DAY else None
        accepted = f"a day from 1 to {LAST_DAY} and a time, such as 1 09:00"
    if match is None or days is None:
        raise SettingError(f"{label} is {given!r}, but must be {accepted}.")
    return days, time(int(match[2]), int(match[3]))
