"""Groups of few: of a survey that names nobody, no group is told apart that is smaller than its minimum.

One such group alone would be what is left of the whole without all others; so the next larger ones go with it, until
those that are put together are as many as the minimum. What nobody can reckon back is one question at a time: whoever
asks for many spans of days, each a day longer, learns what came on that day, as from the survey's cards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.groups import NOBODY, TOGETHER
from bot.model import Counts
from bot.segments import EVERYONE, Segment
from storage import scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from bot.config import Settings
    from bot.groups import Told
    from bot.periods import Period
    from storage.db import Db

Fewest = dict[str, int]
"""The minimum of each survey that names nobody, by its name as its answers bear it."""


def fewest(db: Db, settings: Settings) -> Fewest:
    """Return the surveys whose small groups are not told apart, of those that have answers."""
    if not settings.surveys:
        return {}
    return {name: found.minimum for name in scores.surveys(db) if (found := settings.nameless(name))}


def grouped(  # noqa: PLR0913  # which responses, told apart by what, but for which
    db: Db, zone: ZoneInfo, by: str, period: Period, segment: Segment = EVERYONE, few: Mapping[str, int] | None = None
) -> list[tuple[str, Counts]]:
    """Count by category for each value of a field or property.NAME, the largest first; small groups are together."""
    found = scores.grouped(db, zone, by, period, segment)
    withheld: list[tuple[str, Counts]] = []
    least = 0
    for survey, minimum in (few or {}).items():
        if segment.survey in {None, survey}:
            part = scores.grouped(db, zone, by, period, replace(segment, survey=survey))
            withheld += small(part, minimum)
            least = max(least, minimum)
    return put_together(found, withheld, least)


def small(told: Told, minimum: int) -> list[tuple[str, Counts]]:
    """Return the groups of one survey that are not to be told apart."""
    smallest = sorted(told, key=lambda pair: (pair[1].responses, pair[0]))
    found = [pair for pair in smallest if pair[1].responses < minimum]
    following = iter(smallest[len(found) :])
    while found and sum(counts.responses for _, counts in found) < minimum:
        larger = next(following, None)
        if larger is None:
            break
        found.append(larger)
    return found


def put_together(told: Told, withheld: Sequence[tuple[str, Counts]], least: int) -> list[tuple[str, Counts]]:
    """Return groups in their order without what is withheld, which follows as one where it is as many as `least`."""
    less: dict[str, Counts] = {}
    for label, counts in withheld:
        less[label] = _sum((less.get(label, NOBODY), counts))
    left = [(label, _less(counts, less.get(label, NOBODY))) for label, counts in told]
    together = _sum(less.values())
    more = [(TOGETHER, together)] if together.responses and together.responses >= least else []
    return [pair for pair in left if pair[1].responses] + more


def _sum(several: Iterable[Counts]) -> Counts:
    counted = [(each.promoters, each.passives, each.detractors) for each in several]
    return Counts(*map(sum, zip(*counted, strict=True))) if counted else NOBODY


def _less(one: Counts, other: Counts) -> Counts:
    return Counts(one.promoters - other.promoters, one.passives - other.passives, one.detractors - other.detractors)
