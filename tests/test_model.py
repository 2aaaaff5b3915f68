"""Categories, the score, its margin, and whether a change is more than noise."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import (
    Category,
    Counts,
    Received,
    Response,
    category,
    margin_of_error,
    more_than_noise,
    nps,
    tally,
)

DETRACTOR, PASSIVE, PROMOTER = Category
NUMBERS = st.integers(0, 10_000)
COUNTS = st.builds(Counts, NUMBERS, NUMBERS, NUMBERS)
ANSWERED = COUNTS.filter(lambda counts: counts.responses > 0)


@pytest.mark.parametrize(
    ("score", "expected"),
    [*((score, DETRACTOR) for score in range(7)), (7, PASSIVE), (8, PASSIVE), (9, PROMOTER), (10, PROMOTER)],
)
def test_every_score_has_its_category(score, expected):
    """0 to 6 is a detractor, 7 and 8 a passive, 9 and 10 a promoter."""
    assert category(score) is expected


@pytest.mark.parametrize("score", [-1, 11, 100])
def test_no_category_beyond_the_scale(score):
    """What is no score has no category."""
    with pytest.raises(ValueError, match=f"0 to 10, not {score}"):
        category(score)


@pytest.mark.parametrize("one", Category)
@pytest.mark.parametrize("other", Category)
def test_worse_is_nearer_to_detractor(one, other):
    """A category is worse than those after it, not than itself."""
    assert one.worse_than(other) == (list(Category).index(one) < list(Category).index(other))


def test_a_response_without_a_score_has_no_category():
    """A comment that waits for its score is in no category."""
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with pytest.raises(ValueError, match="without a score"):
        _ = Received(1, "r_1", "json", Response("1", None), now, now).category


@given(st.dictionaries(st.integers(0, 10), st.integers(0, 1000)))
def test_a_tally_counts_each_answer_once(by_score):
    """A tally puts every answer into its score's category and loses none."""
    counts = tally(by_score)
    assert counts.responses == sum(by_score.values())
    for which in Category:
        assert counts.of(which) == sum(n for score, n in by_score.items() if category(score) is which)


def rounded_half_away(number: Fraction) -> int:
    """Return the nearest whole number, of two equally near the one farther from zero; the long way round."""
    lower = number.numerator // number.denominator
    return min((lower, lower + 1), key=lambda whole: (abs(number - whole), -abs(whole)))


@given(ANSWERED)
def test_the_score_is_rounded_once(counts):
    """NPS is the exact difference of the shares, rounded half away from zero."""
    exact = Fraction(100 * (counts.promoters - counts.detractors), counts.responses)
    assert nps(counts) == rounded_half_away(exact)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(60, 20, 20), 40),
        (Counts(1, 0, 0), 100),
        (Counts(0, 1, 0), 0),
        (Counts(0, 0, 1), -100),
        (Counts(1, 199, 0), 1),  # +0.5
        (Counts(0, 199, 1), -1),  # −0.5
        (Counts(1, 7, 0), 13),  # +12.5
        (Counts(0, 7, 1), -13),  # −12.5
        (Counts(1, 2, 0), 33),
        (Counts(2, 1, 0), 67),
        (Counts(0, 200, 0), 0),
        (Counts(10**12 + 1, 0, 10**12), 0),
    ],
)
def test_known_scores(counts, expected):
    """Halves go away from zero on both sides, and no number is too large to be exact."""
    assert nps(counts) == expected


@given(ANSWERED)
def test_promoters_and_detractors_mirror_each_other(counts):
    """With promoters and detractors exchanged, the score changes its sign and the margin stays."""
    mirrored = Counts(counts.detractors, counts.passives, counts.promoters)
    assert nps(mirrored) == -(nps(counts) or 0)
    assert margin_of_error(mirrored) == pytest.approx(margin_of_error(counts))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(60, 20, 20), 15.455),
        (Counts(20, 10, 10), 24.620),
        (Counts(10, 0, 0), 29.420),
        (Counts(0, 0, 10), 29.420),
    ],
)
def test_known_margins(counts, expected):
    """The margins that the interfaces promise, to the third decimal."""
    assert round(margin_of_error(counts) or 0, 3) == expected


def test_nobody_has_neither_score_nor_margin():
    """Where nobody answered there is no score, no margin, and nothing to compare."""
    assert nps(Counts()) is None
    assert margin_of_error(Counts()) is None
    assert more_than_noise(Counts(), Counts(1, 2, 3)) is None
    assert more_than_noise(Counts(1, 2, 3), Counts()) is None


@given(ANSWERED)
def test_a_margin_shrinks_with_more_answers_of_the_same_kind(counts):
    """A hundred times as many answers with the same shares leave a smaller margin, which is never nothing."""
    many = Counts(100 * counts.promoters, 100 * counts.passives, 100 * counts.detractors)
    margin = margin_of_error(counts)
    assert margin is not None
    assert 0 < (margin_of_error(many) or 0) < margin


@given(ANSWERED, ANSWERED)
def test_noise_is_what_both_margins_cover(one, other):
    """Two exact scores differ by more than noise when farther apart than both margins together, squared."""
    shares = [Fraction(100 * (c.promoters - c.detractors), c.responses) for c in (one, other)]
    margins = [margin_of_error(c) or 0 for c in (one, other)]
    apart = float(abs(shares[0] - shares[1]))
    assert more_than_noise(one, other) == more_than_noise(other, one)
    if not math.isclose(apart, math.hypot(*margins)):
        assert more_than_noise(one, other) == (apart > math.hypot(*margins))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Counts(3, 2, 1), Counts(2, 2, 2), False),
        (Counts(300, 200, 100), Counts(200, 200, 200), True),
        (Counts(60, 20, 20), Counts(60, 20, 20), False),
        (Counts(1, 0, 0), Counts(0, 0, 1), True),
    ],
)
def test_few_answers_are_noise(one, other, expected):
    """The same change of shares is noise among few answers and more among many."""
    assert more_than_noise(one, other) is expected
