"""Slips of the pen: a word that matches a stem but for one letter that is missing, added, changed or swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


SLIPS_FROM = 7
"""Letters of a stem from which on what is one letter apart is a slip, and mostly no other word."""

CHANGED_FROM = 9
"""Letters of a stem from which on one may be changed: in a shorter one that mostly makes another word."""


class Slips:
    """Finds stems by what is left of them without one letter, so that a look-up costs no walk over all stems.

    Source: the symmetric delete of Garbe's SymSpell, with one deletion on each side.
    """

    def __init__(self, atoms: Iterable[str]) -> None:
        self._by_rest: dict[str, list[str]] = {}
        self._sizes: set[int] = set()
        for atom in sorted(atoms):
            stem = atom.rstrip("*")
            self._sizes.add(len(stem))
            for rest in _rests(stem):
                self._by_rest.setdefault(rest, []).append(atom)

    def of(self, word: str) -> Iterator[str]:
        """Yield the atoms that a word matches but for one letter; the first letter is hardly ever the slip."""
        seen: set[str] = set()
        for size in range(min(self._sizes, default=1) - 1, min(max(self._sizes, default=0) + 1, len(word)) + 1):
            start = word[:size]
            for rest in _rests(start):
                for atom in self._by_rest.get(rest, ()):
                    stem = atom.rstrip("*")
                    whole = atom[-1] == "*" or size == len(word)
                    if atom not in seen and whole and stem[0] == word[0] and is_slip(stem, start):
                        seen.add(atom)
                        yield atom


def is_slip(stem: str, start: str) -> bool:
    """Tell whether a word that starts so was meant to start with the stem."""
    as_long, same_letters = len(stem) == len(start), sorted(stem) == sorted(start)
    return one_apart(stem, start) and (not as_long or same_letters or len(stem) >= CHANGED_FROM)


def one_apart(one: str, other: str) -> bool:
    """Tell whether one letter added, dropped or changed, or two neighbours swapped, make one text of the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return swapped or one[at + 1 :] == other[at + 1 :]


def _rests(word: str) -> set[str]:
    """Return a word, and what is left of it without each of its letters."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}
