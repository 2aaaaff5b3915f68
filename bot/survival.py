"""How long something takes when for some it has not happened yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import ceil, inf, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HALF, ALIKE = 0.5, 1e-9
ANYWHERE = (-inf, inf)
ENOUGH, SPREAD = 64, 1.3
"""Of how many times some tell where the median of all lies, and within how many roots of their number of places.

A median's place among n has a deviation of ½√n.
"""


class Elsewhere(Exception):  # noqa: N818  # it says where to look
    """The median is among the times of which only the number is known."""


def median(happened: Sequence[int], waiting: Sequence[int] = (), *, shorter: int = 0, longer: int = 0) -> float | None:
    """Return the median time until something happens, by Kaplan and Meier; None while half of them still wait.

    `happened` are the times it took, `waiting` the times for which others have waited so far, in one unit, which is
    the answer's too. Of those who wait it is known only that they take longer: leaving them out would make a slow team
    look fast, counting them as never a fast one slow. S(t) = ∏ (1 − dᵢ/nᵢ) over the times tᵢ ≤ t at which something
    happened, to dᵢ of the nᵢ who had waited that long; the median is the first t with S(t) < ½. Where S is ½ for a
    while it is the middle of that while, so that without anybody waiting it is the usual median.

    Times away from the median need not be known: `shorter` is how many more took less than all of these and than
    anybody has waited, `longer` how many took more. Raises Elsewhere where the median lies there.

    Source: Kaplan and Meier, Nonparametric Estimation from Incomplete Observations (1958); the middle as in R's
    survival::survfit.
    """
    times, left = sorted(happened), sorted(waiting)
    place = gone = 0
    at_risk = len(times) + longer + len(left)
    share = at_risk / (shorter + at_risk) if shorter else 1.0
    if share <= HALF + ALIKE:
        raise Elsewhere
    while place < len(times):
        at_risk = len(times) - place + longer + len(left) - gone
        until = bisect_right(times, left[gone]) if gone < len(left) else len(times)
        # nobody leaves before `until`, so that after k more times (n − k)/n is left of the share
        enough = max(1, ceil(at_risk * (1 - (HALF + ALIKE) / share)))
        if place + enough <= until:
            time = times[place + enough - 1]
            after = bisect_right(times, time)
            if share * (at_risk - (after - place)) / at_risk < HALF - ALIKE:
                return time
            if after < len(times):
                return (time + times[after]) / 2
            break
        share *= (at_risk - (until - place)) / at_risk
        place = until
        gone = bisect_right(left, left[gone]) if gone < len(left) else gone
    if longer:
        raise Elsewhere
    return None


def about(some: Sequence[int], some_waiting: Sequence[int], waiting: Sequence[int]) -> tuple[float, float]:
    """Return between which times the median most likely lies, as some tell, drawn evenly from all.

    Nobody of all who wait has waited less than the first of the two, as `median` asks of those who took less.
    """
    middle = median(some, some_waiting)
    if middle is None or len(some) < ENOUGH:
        return ANYWHERE
    times, off = sorted(some), ceil(SPREAD * sqrt(len(some)))
    place = bisect_left(times, middle)
    first = min([times[place - off] if place >= off else -inf, *waiting])
    return first, times[place + off] if place + off < len(times) else inf
