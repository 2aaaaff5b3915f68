"""Scores that people ask for: over which days, of whom, told apart by what, and against what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot import crowds, groups, periods
from bot.periods import EVER, Period
from bot.segments import EVERYONE, GROUPS, PROPERTY, Segment, is_group
from storage import invitations, scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bot.groups import Groups
    from bot.model import Counts
    from storage.db import Db

SPAN = "90d"
"""What a score is about when nothing is said."""


@dataclass(frozen=True, slots=True)
class Span:
    """Some days and those they are held against; `word` is what was asked for, `since` the kind of days before.

    `named` tells that the word is the team's own.
    """

    word: str
    period: Period
    before: Period
    since: str = "days"
    named: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is about; `rest` are words that nothing is known by."""

    span: Span
    group: str | None = None
    survey: str | None = None
    rest: str = ""


def span(words: str, today: date, named: Mapping[str, Period] | None = None) -> Span | None:
    """Return the days that words mean; None for other words.

    30d; week, month, quarter (up to and with today), year (365 days); last or this week, month, quarter or year;
    2026-W13, 2026-03, 2026-Q1, 2026; and the names of `named`, which go before all others.
    """
    word = " ".join(words.lower().split())
    for name, season in (named or {}).items():
        if word == name.lower():
            return Span(name, season, periods.just_before(season), named=True)
    if match := re.fullmatch(r"(?:last )?([1-9]\d{0,4}) ?d(?:ays)?", word):
        last = periods.last_days(int(match[1]), today)
        return Span(f"{match[1]}d", last, periods.just_before(last))
    if word == "year":
        last = periods.last_days(365, today)
        return Span(word, last, periods.just_before(last))
    if (kind := word.removeprefix("this ")) in periods.KINDS:
        so_far = Period(periods.holding(kind, today).first, today)
        return Span(kind, so_far, periods.just_before(so_far))
    return _whole(word, today)


def _whole(word: str, today: date) -> Span | None:
    """Return a whole week, month, quarter or year, held against the one before."""
    if (kind := word.removeprefix("last ")) in periods.KINDS and kind != word:
        period = periods.before(kind, periods.holding(kind, today))
        return Span(word, period, periods.before(kind, period), kind)
    if word in {"last year", "this year"} or re.fullmatch(r"(?!0000)\d{4}", word):
        year = int(word) if word.isdecimal() else today.year - (word == "last year")
        last = min(today, date(year, 12, 31)) if word == "this year" else date(year, 12, 31)
        period = Period(date(year, 1, 1), last)
        return Span(word, period, periods.just_before(period)) if year > EVER.first.year + 1 else None
    if found := periods.labelled(word):
        kind, period = found
        return Span(word.upper(), period, periods.before(kind, period), kind)
    return None


def asked(words: str, today: date, surveys: Sequence[str], named: Mapping[str, Period] | None = None) -> Asked:
    """Read a question such as `by touchpoint last quarter`, `30d relationship` or `black friday`, in any order.

    Without days it is about the last 90.
    """
    match = re.search(r"(?:^|\s)by\s+(\S+)", words, re.IGNORECASE)
    group = match[1] if match else None
    rest = (words[: match.start()] + " " + words[match.end() :]).split() if match else words.split()
    readings = [(_default(today), rest), *_readings(rest, today, named or {})]
    understood = (reading for reading in readings if _survey(reading[1], surveys) or not reading[1])
    chosen, left = next(understood, readings[1] if len(readings) > 1 else readings[0])
    named_survey = _survey(left, surveys)
    return Asked(chosen, _group(group), named_survey, "" if named_survey else " ".join(left))


def _group(word: str | None) -> str | None:
    """Return a group by its name; what is no field of the responses is a property."""
    if word is None:
        return None
    lower = word.lower()
    if lower in periods.KINDS or lower in GROUPS:
        return lower
    name = PROPERTY + word.removeprefix(PROPERTY)
    return name if is_group(name) else None


def _default(today: date) -> Span:
    last = recent(today)
    return Span(SPAN, last, periods.just_before(last))


def _survey(words: list[str], surveys: Sequence[str]) -> str | None:
    text = " ".join(words).casefold()
    return next((name for name in surveys if " ".join(name.split()).casefold() == text), None)


def _readings(words: list[str], today: date, named: Mapping[str, Period]) -> Iterator[tuple[Span, list[str]]]:
    """Yield each run of words that means some days, the longest first, with the words that it leaves."""
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            found = span(" ".join(words[start : start + length]), today, named)
            if found:
                yield found, words[:start] + words[start + length :]


def score(db: Db, zone: ZoneInfo, chosen: Span, segment: Segment = EVERYONE) -> tuple[Counts, Counts]:
    """Return the counts of some days and of those they are held against."""
    return scores.within(db, zone, chosen.period, segment), scores.within(db, zone, chosen.before, segment)


def now(db: Db, zone: ZoneInfo, today: date) -> Counts:
    """Return the counts of the last 90 days, today included: where the score stands."""
    return scores.within(db, zone, recent(today))


def recent(today: date) -> Period:
    """Return the last 90 days, today included."""
    return periods.last_days(90, today)


def invited(  # noqa: PLR0913  # which responses, and which group of them
    db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE, by: str | None = None, label: str = ""
) -> int | None:
    """Return how many were invited in some days, or in one group of those; None where nobody knows.

    Groups in time are cut where the days end; of others only those by survey are known.
    """
    if by in periods.KINDS and (found := periods.labelled(label)):
        whole = found[1]
        period = Period(max(whole.first, period.first), min(whole.last, period.last))
    elif by == "survey":
        segment = Segment(label) if segment.survey in {None, label} else segment
    elif by is not None:
        return None
    return invitations.within(db, zone, period, segment)


def grouped(  # noqa: PLR0913  # which responses, told apart by what
    db: Db,
    zone: ZoneInfo,
    by: str,
    chosen: Span,
    minimum: int,
    segment: Segment = EVERYONE,
    *,
    few: Mapping[str, int] | None = None,
) -> Groups:
    """Return the score of some days told apart by a field or property.NAME, with each group's change.

    `few` are the surveys whose small groups are put together (see `bot.crowds`).
    """
    now, before = (crowds.grouped(db, zone, by, period, segment, few) for period in (chosen.period, chosen.before))
    return groups.told_apart(by, now, before, minimum)


def scores_by(  # noqa: PLR0913  # which responses, in which groups, but for which
    db: Db,
    zone: ZoneInfo,
    group: str | None,
    period: Period,
    survey: str | None,
    *,
    few: Mapping[str, int] | None = None,
) -> list[tuple[str, Counts]]:
    """Return the counts of some days, whole or by group: a field or property.NAME, the largest first, or in time.

    `week`, `month` and `quarter` tell them apart in order of time, the first and the last cut where the days end.
    """
    segment = Segment(survey)
    if group is None:
        return [("", scores.within(db, zone, period, segment))]
    if group not in periods.KINDS:
        return groups.banded(crowds.grouped(db, zone, group, period, segment, few))[0]
    reach = scores.reach(db, zone, period, segment)
    if reach is None:
        return []
    found = []
    for each in periods.covering(group, reach.first, reach.last):
        cut = Period(max(each.first, period.first), min(each.last, period.last))
        found.append((periods.label(group, each), scores.within(db, zone, cut, segment)))
    least = (few or {}).get(survey or "", 0)
    return crowds.put_together(found, crowds.small(found, least), least) if least else found


def surveys(db: Db) -> list[str]:
    """Return the names of all surveys that have responses."""
    return scores.surveys(db)
