"""The comments that stand for a theme: what most of them say, said at a length that is read."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from bot.model import Category
from bot.themes.tagging import tagger
from bot.themes.words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.model import Received

SHORTEST, LONGEST = 25, 280
"""Characters of a comment that is quoted."""

CANDIDATES = 150
"""The newest comments of a theme that are weighed."""

ALIKE = 0.5
"""Two comments that share this part of their words say the same; one of them is enough."""

Said = tuple["Received", tuple[str, ...]]


def by_theme(said: Iterable[Said]) -> dict[str, list[Said]]:
    """Return the comments about each theme, newest first."""
    found: dict[str, list[Said]] = {}
    for each in said:
        for theme in each[1]:
            if len(of_theme := found.setdefault(theme, [])) < CANDIDATES:
                of_theme.append(each)
    return found


def chosen(said: Sequence[Said], most: int) -> tuple[Received, ...]:
    """Return the comments that stand for all: those with the words that most of them hold, and no two alike.

    Promoters, passives and detractors have as many of them as their shares come to. Each word weighs as many comments
    as hold it; a comment weighs the mean of its words', less for each further theme that it is about, and of two alike
    the newer stands. The same comments always give the same choice.
    """
    small = tagger().is_small
    held = [frozenset(w for w in words(each.response.comment or "") if len(w) > 2 and not small(w)) for each, _ in said]
    weight = Counter(word for one in held for word in one)

    def telling(i: int) -> float:
        mean = sum(weight[word] for word in held[i]) / (len(held[i]) + 2)
        return mean / len(said[i][1])

    left, found = _seats(Counter(each.category for each, _ in said), most), list[int]()
    for i in sorted(range(len(said)), key=lambda i: (-telling(i), i)):
        category = said[i][0].category
        if left[category] and held[i] and all(_alike(held[i], held[j]) < ALIKE for j in found):
            left[category] -= 1
            found.append(i)
    return tuple(said[i][0] for i in found)


def _seats(counts: Counter[Category], most: int) -> Counter[Category]:
    """Return how many of `most` each category has by its share, the largest remainders filled up."""
    shares = {which: Fraction(most * n, counts.total()) for which, n in counts.items()}
    seats = Counter({which: int(share) for which, share in shares.items()})
    left = most - seats.total()
    seats.update(sorted(shares, key=lambda which: (seats[which] - shares[which], list(Category).index(which)))[:left])
    return seats


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard index of two sets of words."""
    return len(one & other) / len(one | other)
