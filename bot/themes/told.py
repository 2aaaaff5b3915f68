"""What moves the score and what is new, together: what a command tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.periods import Period
from bot.segments import EVERYONE, Segment
from bot.themes.figures import QUOTES, ThemeFigure, of_period
from bot.themes.new_words import NewWord, new_words
from storage import themes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from storage.db import Db

NEWS = timedelta(days=6)
"""What is new is of the last seven days of a period, or of all of a shorter one."""


@dataclass(frozen=True, slots=True)
class Told:
    """The themes that move the score most first, the words that are new, and how many comments nobody looked at yet."""

    figures: tuple[ThemeFigure, ...]
    words: tuple[NewWord, ...]
    waiting: int


def told(  # noqa: PLR0913  # which responses, held against which
    db: Db,
    zone: ZoneInfo,
    period: Period,
    before: Period,
    segment: Segment = EVERYONE,
    *,
    quotes: int = QUOTES,
    few: Mapping[str, int] | None = None,
) -> Told:
    """Return the themes of some local days, held against others, and the words that are new in the last of them.

    Of a survey among the `few`, what fewer tell of is not told, and among others its comments are not quoted.
    """
    news = Period(max(period.first, period.last - NEWS), period.last)
    figures = of_period(db, *period.bounds(zone), segment=segment, before=before.bounds(zone), quotes=quotes)
    words = new_words(db, *news.bounds(zone), segment=segment)
    if few:
        least = few.get(segment.survey or "", 0)
        figures = tuple(_quoting(each, segment, few) for each in figures if each.counts.responses >= least)
        words = tuple(each for each in words if each.comments >= least)
    return Told(figures, words, themes.waiting(db))


def _quoting(figure: ThemeFigure, segment: Segment, few: Mapping[str, int]) -> ThemeFigure:
    """Return a theme without the comments that name nobody, unless all that is told is of their survey."""
    hidden = few.keys() - {segment.survey}
    return replace(figure, comments=tuple(each for each in figure.comments if each.response.survey not in hidden))
