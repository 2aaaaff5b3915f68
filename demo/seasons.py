"""The calendar of the sample year: how many answer, how content they are, and how soon somebody calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

DAYS = 54 * 7  # a week more than a year and a week, so that each whole week has its like a year before
RESPONSES = 2400

MOODS = [
    (-7, 0.55, 0.17),
    (6, 0.28, 0.42),
    (46, 0.28, 0.42),
    (60, 0.40, 0.29),
    (100, 0.50, 0.22),
    (150, 0.60, 0.15),
]
"""Shares of promoters and detractors on some days, counted from the crisis' start; between, it drifts."""

PACES = [(35, (24.0, 72.0)), (52, (10.0, 36.0))]
"""Up to which day, counted likewise, it takes how many hours until a callback is claimed; then only a few."""


@dataclass(frozen=True)
class Seasons:
    """The seasons that end on the day before `today`; its crisis is the latest that is over."""

    today: date

    @property
    def end(self) -> datetime:
        """Return the midnight, UTC, that nothing of the past year is later than."""
        return datetime.combine(self.today, time(0), UTC)

    @cached_property
    def crisis(self) -> tuple[date, date]:
        """Return the first and last day on which deliveries went wrong: 24 March and 15 May."""
        this_year = date(self.today.year, 5, 15) < self.today
        year = self.today.year if this_year else self.today.year - 1
        return date(year, 3, 24), date(year, 5, 15)

    def in_crisis(self, day: date) -> bool:
        """Tell whether deliveries went wrong that day."""
        return self.crisis[0] <= day <= self.crisis[1]

    def recovering(self, day: date) -> bool:
        """Tell whether the new carrier still strikes people as new."""
        return timedelta(days=10) < day - self.crisis[1] < timedelta(days=210)

    def mix(self, day: date) -> tuple[float, float]:
        """Return the shares of promoters and of detractors among those who answer that day."""
        since = (day - self.crisis[0]).days
        for (start, *before), (end, *after) in pairwise(MOODS):
            if start <= since < end:
                way = (since - start) / (end - start)
                promoters, detractors = (a + (b - a) * way for a, b in zip(before, after, strict=True))
                return promoters, detractors
        _, promoters, detractors = MOODS[0] if since < MOODS[0][0] else MOODS[-1]
        return promoters, detractors

    def pace(self, day: date, *, urgent: bool) -> tuple[float, float]:
        """Return how many hours it takes, from and to, until a callback of that day is claimed."""
        since = (day - self.crisis[0]).days
        return next((hours for end, hours in PACES if since < end), (0.5, 5.0) if urgent else (2.0, 24.0))

    def asked_as_customer(self, day: date) -> float:
        """Return the share who answer the quarterly survey: half while it is out, else stragglers."""
        return 0.5 if _wave(day) else 0.02

    def moments(self, lots: Random) -> Iterator[datetime]:
        """Yield the 2,400 moments of the 54 weeks before today when somebody answered, in order."""
        days = [self.today - timedelta(days=back) for back in range(DAYS, 0, -1)]
        weights = list(accumulate(_bustle(day) * lots.uniform(0.8, 1.2) for day in days))
        until = [0, *(round(RESPONSES * weight / weights[-1]) for weight in weights)]
        for day, (before, after) in zip(days, pairwise(until), strict=True):
            midnight = datetime.combine(day, time(0), UTC)
            hours = sorted(lots.triangular(5, 21.8, 17) for _ in range(after - before))
            yield from (midnight + timedelta(seconds=int(3600 * hour)) for hour in hours)


def _wave(day: date) -> bool:
    """Tell whether the quarterly survey goes out."""
    return day.month in {2, 5, 8, 11} and day.day <= 14


def _bustle(day: date) -> float:
    """Return how busy a day is, 1 for an ordinary weekday."""
    bustle = (1.05, 1.1, 1.0, 1.0, 0.95, 0.55, 0.5)[day.weekday()]
    if (day.month, day.day) >= (11, 20) and (day.month, day.day) <= (12, 22):
        bustle *= 1.9  # Black Friday to Christmas
    elif day.month == 1:
        bustle *= 1.15  # the sale
    elif day.month == 7:
        bustle *= 0.7  # everybody is at the seaside
    return bustle * 1.4 if _wave(day) else bustle
