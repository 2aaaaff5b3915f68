"""The median time until something happens, with those for whom it has not happened yet."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import survival

SPANS = st.lists(st.integers(0, 12), max_size=14) | st.lists(st.integers(0, 10_000), max_size=60)


def by_the_formula(happened, waiting):
    """Return the median read off the curve, whose every step is multiplied out as exact fractions."""
    curve, share = [], Fraction(1)
    for time in sorted(set(happened)):
        at_risk = sum(span >= time for span in [*happened, *waiting])
        share *= 1 - Fraction(happened.count(time), at_risk)
        curve.append((time, share))
    for place, (time, left) in enumerate(curve):
        if left < Fraction(1, 2):
            return time
        if left == Fraction(1, 2):
            return (time + curve[place + 1][0]) / 2 if place + 1 < len(curve) else None
    return None


def with_those_who_wait_for_ever(happened, waiting):
    """Return the usual median where whoever waits takes longer than all others; None when that is the median."""
    endless = 1_000_000
    found = median([*happened, *[endless] * len(waiting)]) if happened or waiting else endless
    return found if found < endless / 2 else None


@given(SPANS, SPANS)
def test_against_the_formula(happened, waiting):
    """The median is the one that Kaplan's and Meier's formula gives when it is worked out step by step."""
    assert survival.median(happened, waiting) == by_the_formula(happened, waiting)


@given(SPANS, st.integers(0, 14))
def test_those_who_wait_longest_count_as_longer(happened, waiting):
    """Where all who wait have waited as long as anybody has, they simply count as longer than all others."""
    endured = [max(happened, default=1)] * waiting
    assert survival.median(happened, endured) == with_those_who_wait_for_ever(happened, endured)


@given(SPANS, SPANS, st.integers(0, 12), st.integers(0, 12))
def test_times_away_from_the_median_need_not_be_known(happened, waiting, least, most):
    """Where only the number of short and of long times is known, the median is the same, or said to be elsewhere."""
    edges = min([least, *waiting]), most
    between = [time for time in happened if edges[0] <= time <= edges[1]]
    shorter = sum(time < edges[0] for time in happened)
    longer = len(happened) - len(between) - shorter
    expected = by_the_formula(happened, waiting)
    try:
        assert survival.median(between, waiting, shorter=shorter, longer=longer) == expected
    except survival.Elsewhere:
        assert expected is None or not (between and between[0] < expected < between[-1])


@given(st.lists(st.integers(0, 10_000), min_size=64, max_size=200), SPANS, SPANS)
def test_about_where_a_median_lies(some, some_waiting, waiting):
    """What some tell lies between the edges, and nobody who waits has waited less than the first."""
    first, last = survival.about(some, some_waiting, waiting)
    middle = survival.median(some, some_waiting)
    assert (first, last) == survival.ANYWHERE if middle is None else first <= middle <= last
    assert all(first <= waited for waited in waiting)


@given(SPANS.filter(bool), SPANS, st.randoms())
def test_order_does_not_matter(happened, waiting, lots):
    """The same times in another order have the same median."""
    found = survival.median(happened, waiting)
    lots.shuffle(happened)
    lots.shuffle(waiting)
    assert survival.median(happened, waiting) == found


@pytest.mark.parametrize(
    ("happened", "waiting", "expected"),
    [
        ([], [], None),
        ([], [1, 2], None),
        ([2], [], 2),
        ([1, 3], [], 2),
        ([1, 2, 3], [], 2),
        ([1, 2], [9], 2),
        ([1, 2], [9, 9], None),
        ([1, 2, 8], [3, 9], 8),
        ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], 23),
        ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [], 8),
    ],
)
def test_known_medians(happened, waiting, expected):
    """Among them are both groups of the trial in Freireich et al. (1963), as every textbook gives them."""
    assert survival.median(happened, waiting) == expected
