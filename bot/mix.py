"""Whether a score changed because groups answered otherwise, or because other groups answered."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.model import Counts

NEARLY_ALL = Fraction(4, 5)
"""The share of the answers whose groups must have moved the other way before the mix is said to explain a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the score in NPS points, exact: `within` the groups, and by their `mix`; together the whole of it."""

    within: Fraction
    mix: Fraction

    @property
    def total(self) -> Fraction:
        """Return the change of the score itself."""
        return self.within + self.mix


def decompose(groups: Iterable[tuple[Counts, Counts]]) -> Change | None:
    """Take a change apart; `groups` are the counts of each now and before. None when either time nobody answered.

    With the shares w of the groups and their scores s, now and before: within = Σ ½(w₁ + w₀)(s₁ − s₀), and
    mix = Σ (w₁ − w₀)·½(s₁ + s₀). A group that answered only once has no change of its own and counts with the one
    score it has. Source: Kitagawa, Components of a Difference Between Two Rates (1955).
    """
    found = list(groups)
    now, before = (sum(pair[when].responses for pair in found) for when in (0, 1))
    if not now or not before:
        return None
    within = mix = Fraction(0)
    for one, other in found:
        w1, w0 = Fraction(one.responses, now), Fraction(other.responses, before)
        s1, s0 = _scores(one, other)
        within += (w1 + w0) / 2 * (s1 - s0)
        mix += (w1 - w0) * (s1 + s0) / 2
    return Change(within, mix)


def misleads(groups: Iterable[tuple[Counts, Counts]]) -> bool:
    """Tell whether the whole moved one way while (nearly) every group moved the other, or not at all.

    Simpson's trap: only who answered has changed. Nearly every group: those with four fifths of the answers of both
    times.
    """
    found = list(groups)
    change = decompose(found)
    if change is None or change.total == 0 or change.within * change.total > 0:
        return False
    answers = sum(one.responses + other.responses for one, other in found)
    against = sum(
        one.responses + other.responses
        for one, other in found
        if one.responses and other.responses and _moved(one, other) * change.total <= 0
    )
    return against >= NEARLY_ALL * answers


def _moved(one: Counts, other: Counts) -> Fraction:
    now, before = _scores(one, other)
    return now - before


def _scores(one: Counts, other: Counts) -> tuple[Fraction, Fraction]:
    """Return both scores, unrounded; a side on which nobody answered has the other's."""
    s1, s0 = (Fraction(100 * (c.promoters - c.detractors), c.responses) if c.responses else None for c in (one, other))
    s1, s0 = (s0 if s1 is None else s1), (s1 if s0 is None else s0)
    return s1 or Fraction(0), s0 or Fraction(0)
