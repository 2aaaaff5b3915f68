"""What people ask for: a score over a span, their callbacks, a word in what was said, one customer's story."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import periods
from bot.periods import Period
from storage import callbacks, calls, responses, scores, search

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from bot.model import Call, Counts, Received
    from storage.db import Db

LISTED = 200


def span(word: str, today: date) -> Period | None:
    """Return the days that a word such as 30d or month means, up to and with today; None for another word."""
    if match := re.fullmatch(r"([1-9]\d{0,4})d", word):
        return periods.last_days(int(match[1]), today)
    if word == "year":
        return periods.last_days(365, today)
    return Period(periods.holding(word, today).first, today) if word in periods.KINDS else None


def score(db: Db, period: Period, zone: ZoneInfo, survey: str | None) -> tuple[Counts, Counts]:
    """Return the counts of a span of days and of as many days before it."""
    length = (period.last - period.first).days + 1
    earlier = Period(period.first - timedelta(days=length), period.first - timedelta(days=1))
    return (
        scores.counts(db, *period.bounds(zone), survey),
        scores.counts(db, *earlier.bounds(zone), survey),
    )


def scores_by(  # noqa: PLR0913  # which responses, in which groups
    db: Db, group: str | None, first: date | None, last: date | None, survey: str | None, zone: ZoneInfo
) -> list[tuple[str, Counts]]:
    """Return the counts of the days from first to last inclusive, either open when None, whole or by group.

    Groups are the columns of `scores.GROUPS`, the largest first, or `week` and `month` in order of time.
    """
    start = None if first is None else periods.start_of(first, zone)
    end = None if last is None else periods.start_of(last + timedelta(days=1), zone)
    if group is None:
        return [("", scores.counts(db, start, end, survey))]
    if group in scores.GROUPS:
        return [(label or "", counts) for label, counts in scores.grouped(db, group, start, end, survey)]
    reach = scores.span(db, start, end, survey)
    if reach is None:
        return []
    days = (periods.local_day(reach[0], zone), periods.local_day(reach[1], zone))
    found = []
    for period in periods.covering(group, *days):
        since, until = period.bounds(zone)
        within = (max(since, start) if start else since, min(until, end) if end else until)
        found.append((periods.label(group, period), scores.counts(db, *within, survey)))
    return found


def surveys(db: Db) -> list[str]:
    """Return the names of all surveys that have responses."""
    return scores.surveys(db)


def found(db: Db, public_id: str) -> Received | None:
    """Return a response with its callback by the id that its card carries."""
    return responses.by_public_id(db, public_id)


def queue(db: Db, now: datetime) -> list[Received]:
    """Return what nobody holds, most urgent first."""
    return _all(db, callbacks.unheld(db, now, LISTED))


def mine(db: Db, user: str) -> list[Received]:
    """Return what a person holds, most urgent first."""
    return _all(db, callbacks.held_by(db, user, LISTED))


def containing(db: Db, text: str) -> list[Received]:
    """Return the responses whose comment, notes, name or company hold a text, whatever the case, newest first."""
    return _all(db, search.containing(db, text, LISTED))


def story(db: Db, email: str) -> tuple[list[Received], dict[int, list[Call]]]:
    """Return all that one person answered, newest first, and every call by the response's id."""
    answered = responses.of_person(db, email)
    return answered, {each.id: list(calls.of_response(db, each.id).values()) for each in answered}


def history(db: Db, public_id: str) -> tuple[Received, list[dict[str, object]], dict[int, Call]] | None:
    """Return a response, what happened to its callback, and its calls."""
    response = responses.by_public_id(db, public_id)
    if response is None:
        return None
    return response, callbacks.history(db, response.id), calls.of_response(db, response.id)


def _all(db: Db, ids: list[int]) -> list[Received]:
    return [response for response_id in ids if (response := responses.by_id(db, response_id))]
