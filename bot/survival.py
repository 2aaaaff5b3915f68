"""How long something takes when for some it has not happened yet."""

from __future__ import annotations

from bisect import bisect_right
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HALF, ALIKE = 0.5, 1e-9


def median(happened: Sequence[int], waiting: Sequence[int] = ()) -> float | None:
    """Return the median time until something happens, by Kaplan and Meier; None while half of them still wait.

    `happened` are the times it took, `waiting` the times for which others have waited so far, in one unit, which is
    the answer's too. Of those who wait it is known only that they take longer: leaving them out would make a slow team
    look fast, counting them as never a fast one slow. S(t) = ∏ (1 − dᵢ/nᵢ) over the times tᵢ ≤ t at which something
    happened, to dᵢ of the nᵢ who had waited that long; the median is the first t with S(t) < ½. Where S is ½ for a
    while it is the middle of that while, so that without anybody waiting it is the usual median.

    Source: Kaplan and Meier, Nonparametric Estimation from Incomplete Observations (1958); the middle as in R's
    survival::survfit.
    """
    times, left = sorted(happened), sorted(waiting)
    share, place, gone = 1.0, 0, 0
    while place < len(times):
        at_risk = len(times) - place + len(left) - gone
        until = bisect_right(times, left[gone]) if gone < len(left) else len(times)
        # nobody leaves before `until`, so that after k more times (n − k)/n is left of the share
        enough = max(1, ceil(at_risk * (1 - (HALF + ALIKE) / share)))
        if place + enough <= until:
            time = times[place + enough - 1]
            after = bisect_right(times, time)
            if share * (at_risk - (after - place)) / at_risk < HALF - ALIKE:
                return time
            return (time + times[after]) / 2 if after < len(times) else None
        share *= (at_risk - (until - place)) / at_risk
        place = until
        gone = bisect_right(left, left[gone]) if gone < len(left) else gone
    return None
