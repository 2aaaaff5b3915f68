"""By which properties a digest tells its score apart, where nobody has said: by those that tell something."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from bot import crowds, groups, numbers, periods
from bot.segments import EVERYONE
from storage import properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.config import Settings
    from bot.groups import Groups
    from bot.periods import Period
    from bot.segments import Segment
    from storage.db import Db
    from storage.properties import Property

LOOKED_AT = 2_000
"""The newest responses of a period, by which its properties are known."""
VALUES = (2, 20)
"""Values of a property that makes groups; numbers, which are put into bands, may have more."""
REPEATED = 2
"""How often a number must come back, on average, to be a size and not an id."""
MOSTLY = 0.5
"""The share of the responses that must bear a property."""
TRIED, SHOWN = 8, 3
"""How many properties are tried, those first that most responses bear, and how many a digest shows."""


def striking(db: Db, settings: Settings, kind: str, period: Period, segment: Segment = EVERYONE) -> tuple[Groups, ...]:
    """Return the score by the properties that set groups apart most, as `numbers.told_apart` does by other fields.

    Of all that could be looked for some differ by chance: shown is one only where its best and worst group differ by
    more than noise, or where the mix of its groups explains the change of the whole.
    """
    borne = properties.borne(db, *period.bounds(settings.timezone), LOOKED_AT, segment)
    tried = [each.by for each in borne if makes_groups(each)][:TRIED]
    found = [each for each in _told_apart(db, settings, kind, period, segment, tried) if _tells(each)]
    return tuple(sorted(found, key=lambda each: (not each.mix_misleads, -_spread(each), each.by))[:SHOWN])


def _told_apart(  # noqa: PLR0913  # of which responses, by what
    db: Db, settings: Settings, kind: str, period: Period, segment: Segment, fields: Sequence[str]
) -> list[Groups]:
    """Return the score by each property; all in one go where no survey's small groups are to be kept together."""
    if crowds.fewest(db, settings):
        return numbers.told_apart(db, settings, kind, period, segment, fields)
    spans = (each.bounds(settings.timezone) for each in (period, periods.before(kind, period)))
    now, before = (properties.grouped(db, *span, fields, segment) for span in spans)
    told = (groups.told_apart(by, now[by], before[by], settings.score.minimum) for by in fields)
    return [each for each in told if len(each.every) > 1]


def _tells(found: Groups) -> bool:
    return found.mix_misleads or found.apart is True


def makes_groups(found: Property) -> bool:
    """Tell whether a property is on most of the responses and has a few values, or numbers that come back."""
    least, most = VALUES
    few = found.values <= most or (found.numbers and found.values * REPEATED <= found.answers)
    return found.values >= least and few and found.answers >= MOSTLY * found.of


def _spread(found: Groups) -> Fraction:
    """Return how far the best group lies above the worst, exact; 0 where there are none."""
    if not found.best:
        return Fraction(0)
    ends = (group.counts for group in (found.best[0], found.worst[0]))
    best, worst = (Fraction(counts.promoters - counts.detractors, counts.responses) for counts in ends)
    return best - worst
