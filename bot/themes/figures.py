"""Themes in numbers: who mentions them, how they score, what the score would be without them, who says it best."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.model import Counts, more_than_noise, nps
from bot.segments import EVERYONE, Segment
from bot.themes import standing
from storage import themes
from storage.themes import Span

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model import Received
    from storage.db import Db
    from storage.themes import Mentions

QUOTES = 3
"""Comments that stand for a theme."""

QUOTED_FROM = 1_000
"""The newest comments of a period, of which those are chosen: a year of a large company has more than anyone reads."""


@dataclass(frozen=True, slots=True)
class ThemeFigure:
    """One theme in a period and in the one before it.

    `counts` are the responses that mention it, `told` those whose themes are known, `all` every response; `impact` is
    in NPS points (see `impact`), None when everybody mentions the theme.
    """

    theme: str
    counts: Counts
    told: Counts
    impact: float | None
    before: Counts
    told_before: Counts
    impact_before: float | None
    comments: tuple[Received, ...] = ()

    @property
    def nps(self) -> int | None:
        """Return the score of those who mention it."""
        return nps(self.counts)

    @property
    def share(self) -> float:
        """Return which part of those whose themes are known mentions it, 0 to 1."""
        return self.counts.responses / self.told.responses if self.told.responses else 0.0

    @property
    def share_before(self) -> float | None:
        """Return the same of the period before; None when nobody told anything then."""
        return self.before.responses / self.told_before.responses if self.told_before.responses else None

    @property
    def stands_out(self) -> bool | None:
        """Tell whether those who mention it score otherwise than those who tell of other things, by more than noise."""
        return more_than_noise(self.counts, _less(self.told, self.counts))

    @property
    def score_changed(self) -> bool | None:
        """Tell whether the score of those who mention it changed by more than noise."""
        return more_than_noise(self.counts, self.before)

    @property
    def share_changed(self) -> bool | None:
        """Tell whether its share changed by more than noise; None when nobody told anything in one of the periods."""
        return shares_differ(
            self.counts.responses, self.told.responses, self.before.responses, self.told_before.responses
        )


def impact(everyone: Counts, mention: Counts) -> float | None:
    """Return by how many NPS points the score is higher with a theme than without those who mention it.

    With P promoters and D detractors among n responses, of whom p, d and m mention the theme:
    (P − D) / n · 100 − ((P − p) − (D − d)) / (n − m) · 100. Below 0 the theme drags the score down; None when nobody
    would be left.
    """
    rest = _less(everyone, mention)
    if rest.responses == 0:
        return None
    return 100 * (_net(everyone) / everyone.responses - _net(rest) / rest.responses)


def shares_differ(hits: int, total: int, hits_before: int, total_before: int) -> bool | None:
    """Tell whether two shares differ by more than their 95 % margin; None when one is of nobody.

    One who mentions it and one who does not are added to each: Agresti and Caffo (2000), |p₁ − p₂| against
    1.96 · √(p₁(1 − p₁)/(n₁ + 2) + p₂(1 − p₂)/(n₂ + 2)) with p = (hits + 1) / (n + 2).
    """
    if not total or not total_before:
        return None
    sizes = (total + 2, total_before + 2)
    now, before = (hits + 1) / sizes[0], (hits_before + 1) / sizes[1]
    margin = 1.96 * math.sqrt(now * (1 - now) / sizes[0] + before * (1 - before) / sizes[1])
    return abs(now - before) > margin


def of_period(  # noqa: PLR0913  # which responses, compared with which, and how many of them quoted
    db: Db,
    first: datetime,
    end: datetime,
    *,
    segment: Segment = EVERYONE,
    before: tuple[datetime, datetime] | None = None,
    quotes: int = QUOTES,
) -> tuple[ThemeFigure, ...]:
    """Return the figures of every theme that the instants [first, end) mention, what moves the score most first.

    They are compared with the span `before`, else with the one of the same length that ends where this one begins.
    """
    span = Span(first, end, segment)
    now, then = (
        themes.mentions(db, span),
        themes.mentions(db, Span(*(before or (first - (end - first), first)), segment)),
    )
    found = [_figure(theme, now, then) for theme in now.by_theme]
    found.sort(key=lambda figure: (-abs(figure.impact or 0), -figure.counts.responses, figure.theme))
    if not quotes or not found:
        return tuple(found)
    said = standing.by_theme(themes.comments(db, span, standing.SHORTEST, standing.LONGEST, QUOTED_FROM))
    return tuple(replace(figure, comments=standing.chosen(said.get(figure.theme, []), quotes)) for figure in found)


def _figure(theme: str, now: Mentions, then: Mentions) -> ThemeFigure:
    before = then.by_theme.get(theme, Counts())
    return ThemeFigure(
        theme=theme,
        counts=now.by_theme[theme],
        told=now.told,
        impact=impact(now.everyone, now.by_theme[theme]),
        before=before,
        told_before=then.told,
        impact_before=impact(then.everyone, before),
    )


def _less(all_of_them: Counts, some: Counts) -> Counts:
    return Counts(
        all_of_them.promoters - some.promoters,
        all_of_them.passives - some.passives,
        all_of_them.detractors - some.detractors,
    )


def _net(counts: Counts) -> int:
    return counts.promoters - counts.detractors
