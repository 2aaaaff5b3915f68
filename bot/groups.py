"""A score told apart: how each group answered, which are best and worst, and whether the whole misleads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from typing import TYPE_CHECKING

from bot import mix
from bot.model import Counts, more_than_noise, nps

if TYPE_CHECKING:
    from collections.abc import Iterable

BANDS, MANY = 4, 12
"""Into how many bands numbers are put, and how many different ones are left as they are."""
SHOWN = 3
"""How many groups are best, and how many worst, at most."""
NOBODY = Counts()
TOGETHER = "…"
"""The label of what is too few to be told apart, see `bot.crowds`."""


@dataclass(frozen=True, slots=True)
class Group:
    """One of the groups that a score is told apart by; '' is the label of those who tell nothing about it."""

    label: str
    counts: Counts
    before: Counts = NOBODY

    @property
    def change(self) -> int | None:
        """Return the change of its score in points, None when it had none."""
        now, then = nps(self.counts), nps(self.before)
        return None if now is None or then is None else now - then

    @property
    def more_than_noise(self) -> bool | None:
        """Tell whether the change is more than noise."""
        return more_than_noise(self.counts, self.before)


@dataclass(frozen=True, slots=True)
class Groups:
    """A score told apart, the largest group first; `best` and `worst` are of those with answers enough.

    `mix_misleads`: the whole moved one way only because other groups answered (see `bot.mix`).
    """

    by: str
    every: tuple[Group, ...]
    best: tuple[Group, ...] = ()
    worst: tuple[Group, ...] = ()
    mix_misleads: bool = False

    @property
    def apart(self) -> bool | None:
        """Tell whether the best and the worst group differ by more than noise; None where there are no such two."""
        return more_than_noise(self.best[0].counts, self.worst[0].counts) if self.best and self.worst else None


Told = Sequence[tuple[str, Counts]]
"""The counts of each group by its label, the largest group first."""


def banded(*several: Told) -> list[list[tuple[str, Counts]]]:
    """Return groups as they are; but where they are many numbers, such as companies' sizes, as BANDS of these.

    The same bands for all that are given, each with about as many answers of them all, labelled from the smallest
    number to the largest: 1–12.
    """
    answers: Counter[str] = Counter()
    for label, counts in chain(*several):
        answers[label] += counts.responses
    for label in ("", TOGETHER):
        answers.pop(label, None)
    numbers = {label: _number(label) for label in answers}
    if len(numbers) <= MANY or None in numbers.values():
        return [list(told) for told in several]
    total, so_far, members = sum(answers.values()), 0, [list[float]() for _ in range(BANDS)]
    place: dict[str, int] = {}
    for label, number in sorted(numbers.items(), key=lambda pair: (pair[1] or 0.0, pair[0])):
        place[label] = BANDS * so_far // max(1, total)
        members[place[label]].append(number or 0.0)
        so_far += answers[label]
    names = {label: f"{members[band][0]:g}–{members[band][-1]:g}" for label, band in place.items()}
    names[TOGETHER] = TOGETHER
    return [_merged((names.get(label, ""), counts) for label, counts in told) for told in several]


def _number(label: str) -> float | None:
    try:
        found = float(label)
    except ValueError:
        return None
    return found if isfinite(found) else None


def _merged(told: Iterable[tuple[str, Counts]]) -> list[tuple[str, Counts]]:
    """Add up what bears one label, the largest first."""
    found: dict[str, Counts] = {}
    for label, each in told:
        so_far = found.get(label, NOBODY)
        found[label] = Counts(
            so_far.promoters + each.promoters, so_far.passives + each.passives, so_far.detractors + each.detractors
        )
    return sorted(found.items(), key=lambda pair: (-pair[1].responses, pair[0]))


def told_apart(by: str, now: Told, before: Told, minimum: int) -> Groups:
    """Return a score by group, with how each group answered before.

    Best and worst are groups with at least `minimum` answers, at most SHOWN each and none of them both.
    """
    now, before = banded(now, before)
    then = dict(before)
    every = tuple(Group(label, counts, then.pop(label, NOBODY)) for label, counts in now)
    gone = [(NOBODY, counts) for counts in then.values()]
    misleads = mix.misleads([*((group.counts, group.before) for group in every), *gone])
    return Groups(by, every, *extremes(every, minimum), misleads)


def extremes(every: Sequence[Group], minimum: int) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Return the best and the worst groups that have a name and at least `minimum` answers; none where all are alike.

    None that scores as low as the lowest is among the best, none as high as the highest among the worst.
    """
    named = (group for group in every if group.label not in {"", TOGETHER})
    large = [group for group in named if group.counts.responses >= max(1, minimum)]
    ranked = sorted(large, key=lambda group: (-_exact(group.counts), -group.counts.responses, group.label))
    half = min(SHOWN, len(ranked) // 2)
    best = (group for group in ranked[:half] if _exact(group.counts) > _exact(ranked[-1].counts))
    worst = (
        group for group in reversed(ranked[len(ranked) - half :]) if _exact(group.counts) < _exact(ranked[0].counts)
    )
    return tuple(best), tuple(worst)


def _exact(counts: Counts) -> float:
    return (counts.promoters - counts.detractors) / counts.responses
