"""Why a score changed: within its groups, or because other groups answered."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import groups, mix
from bot.groups import Group
from bot.model import Counts, more_than_noise, nps

COUNTS = st.builds(Counts, *[st.integers(0, 30)] * 3)
GROUPS = st.lists(st.tuples(COUNTS, COUNTS), max_size=6)


def exact(counts):
    """Return the score before any rounding."""
    return Fraction(100 * (counts.promoters - counts.detractors), counts.responses)


def all_of(several):
    """Add counts up."""
    return Counts(*(sum(getattr(c, name) for c in several) for name in ("promoters", "passives", "detractors")))


@given(GROUPS)
def test_the_parts_are_the_whole_change(found):
    """Within and mix add up to the change of the whole score, exactly."""
    now, before = (all_of([pair[when] for pair in found]) for when in (0, 1))
    change = mix.decompose(found)
    if not now.responses or not before.responses:
        assert change is None
    else:
        assert change.total == exact(now) - exact(before)


@given(st.lists(COUNTS.filter(lambda counts: counts.responses), min_size=1), st.integers(1, 5))
def test_the_same_shares_leave_no_mix(before, times):
    """Where every group keeps its share, nothing is the mix; where every group keeps its score, nothing is within."""
    others = [(Counts(0, times * each.responses, 0), each) for each in before]
    assert mix.decompose(others).mix == 0
    grown = [(Counts(n * c.promoters, n * c.passives, n * c.detractors), c) for n, c in enumerate(before, times)]
    assert mix.decompose(grown).within == 0


@given(GROUPS)
def test_a_trap_is_one_in_which_nearly_all_moved_the_other_way(found):
    """Where the whole is said to mislead, groups with four fifths of the answers moved against it, or not at all."""
    if not mix.misleads(found):
        return
    total = mix.decompose(found).total
    against = sum(
        one.responses + other.responses
        for one, other in found
        if one.responses and other.responses and (exact(one) - exact(other)) * total <= 0
    )
    assert total != 0
    assert 5 * against >= 4 * sum(one.responses + other.responses for one, other in found)


@given(GROUPS)
def test_backwards_it_is_the_same(found):
    """Told backwards, the parts have the other sign, and a trap is one still."""
    back = [(other, one) for one, other in found]
    change, turned = mix.decompose(found), mix.decompose(back)
    assert mix.misleads(back) == mix.misleads(found)
    assert (change is None) == (turned is None)
    if change is not None:
        assert (turned.within, turned.mix) == (-change.within, -change.mix)


BETTER_EACH = [(Counts(8, 0, 2), Counts(70, 0, 30)), (Counts(35, 0, 65), Counts(2, 0, 8))]
"""Both groups got better, by 20 points and by 30; but now nearly all answers are of the worse one."""


def test_simpsons_trap():
    """When each group got better and the whole worse, the mix is to blame, and that is said."""
    change = mix.decompose(BETTER_EACH)
    assert (change.within > 0, change.total < 0) == (True, True)
    assert mix.misleads(BETTER_EACH)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [(Counts(), Counts(1, 0, 0))],
        [(Counts(1, 0, 1), Counts(1, 0, 1))],
        [(Counts(5, 0, 5), Counts(1, 0, 9)), (Counts(5, 0, 5), Counts(2, 0, 8))],
        [(Counts(8, 0, 2), Counts(70, 0, 30)), (Counts(35, 0, 65), Counts(5, 0, 5))],
    ],
)
def test_no_trap(found):
    """Nobody, no change, all moved alike, and half against half: none of it is a trap."""
    assert not mix.misleads(found)


@given(st.lists(st.tuples(st.text("abc", max_size=2), COUNTS, COUNTS), unique_by=lambda g: g[0]), st.integers(0, 20))
def test_best_and_worst(found, minimum):
    """Best and worst have a name and answers enough, none is both, and none is best that is as low as the lowest."""
    every = [Group(*group) for group in found]
    best, worst = groups.extremes(every, minimum)
    large = [g for g in every if g.label and g.counts.responses >= max(1, minimum)]
    half = min(groups.SHOWN, len(large) // 2)
    scores = sorted(exact(g.counts) for g in large)
    assert [exact(g.counts) for g in best] == [each for each in scores[::-1][:half] if each > scores[0]]
    assert [exact(g.counts) for g in worst] == [each for each in scores[:half] if each < scores[-1]]
    assert {*best, *worst} <= set(large)
    assert not set(best) & set(worst)


def test_groups_that_are_alike():
    """Where all groups score alike, none is best and none worst; beside a better one, none of the others is best."""
    even, ahead = (
        [Group(name, Counts(12, 3, 5)) for name in "abcd"],
        [Group("a", Counts(15, 3, 2)), *(Group(name, Counts(12, 3, 5)) for name in "bcd")],
    )
    assert groups.extremes(even, 10) == ((), ())
    best, worst = groups.extremes(ahead, 10)
    assert ([group.label for group in best], [group.label for group in worst]) == (["a"], ["d", "c"])


NUMBERED = st.lists(
    st.tuples(st.integers(-5, 400).map(str) | st.just(""), COUNTS.filter(lambda counts: counts.responses)),
    unique_by=lambda pair: pair[0],
    max_size=40,
)


@given(NUMBERED, NUMBERED)
def test_many_numbers_are_put_into_bands(now, before):
    """Many different numbers are told as four bands at most, that hold all answers and do not overlap."""
    numbers = {label for label, _ in (*now, *before) if label}
    found = groups.banded(now, before)
    if len(numbers) <= groups.MANY:
        assert found == [now, before]
        return
    for told, given_before in zip(found, (now, before), strict=True):
        assert all_of([c for _, c in told]) == all_of([c for _, c in given_before])
    bands = {label for told in found for label, _ in told if label}
    assert len(bands) <= groups.BANDS
    edges = sorted(tuple(int(edge) for edge in re.fullmatch(r"(-?\d+)–(-?\d+)", band).groups()) for band in bands)
    assert all(low <= high for low, high in edges)
    assert all(one[1] < other[0] for one, other in pairwise(edges))
    assert {str(edge) for pair in edges for edge in pair} <= numbers
    for told, given_before in zip(found, (now, before), strict=True):
        for low, high in edges:
            inside = [c for label, c in given_before if label and low <= int(label) <= high]
            assert dict(told).get(f"{low}–{high}", Counts()) == all_of(inside)


def test_numbers_among_words_stay_as_they_are():
    """Where one label is no number, none is put into a band."""
    told = [(str(number), Counts(1, 0, 0)) for number in range(30)]
    assert groups.banded([*told, ("many", Counts(1, 0, 0))]) == [[*told, ("many", Counts(1, 0, 0))]]
    assert groups.banded([*told, ("nan", Counts(1, 0, 0))]) == [[*told, ("nan", Counts(1, 0, 0))]]
    assert [label for label, _ in groups.banded(told)[0]] == ["0–7", "15–22", "23–29", "8–14"]


@given(st.dictionaries(st.text("abc", max_size=2), COUNTS), st.dictionaries(st.text("abc", max_size=2), COUNTS))
def test_each_group_has_its_own_past(now, before):
    """A group's change is that from its own score before; without one there is none; groups that are gone count."""
    found = groups.told_apart("survey", list(now.items()), list(before.items()), 10)
    assert [(g.label, g.counts, g.before) for g in found.every] == [
        (label, counts, before.get(label, Counts())) for label, counts in now.items()
    ]
    for group in found.every:
        scores = nps(group.counts), nps(group.before)
        assert group.change == (None if None in scores else scores[0] - scores[1])
        assert group.more_than_noise == more_than_noise(group.counts, group.before)
    every = [(now.get(label, Counts()), before.get(label, Counts())) for label in {**now, **before}]
    assert found.mix_misleads == mix.misleads(every)
