"""Tagging: a comment in, its themes out; pure, the same for the same words, and never at a loss.

Each word is looked at once and remembered, so that a comment costs a few look-ups a word: customers use few words,
over and over.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from bot.themes.slips import SLIPS_FROM, Slips
from bot.themes.taxonomy import EVERY, LANGUAGES, NOT, Entry, mask, spoken_as, taxonomy
from bot.themes.words import BREAK, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.themes.taxonomy import Own, Step, Taxonomy

GAP_MOST = 3
"""Words that `..` may stand for."""

WORD_MOST = 40
"""Letters of a word that are looked at."""

REMEMBERED = 1 << 16
"""Words, so that memory stays bounded whatever is sent."""

SPOKEN = 0.4
"""A language is spoken in a comment with this share of the small words that the first of all has."""

FAINT = 0.75
"""With fewer small words than this nothing can be told of a comment's language."""


class Word(NamedTuple):
    """What of the taxonomy a word matches, and what it matches but for one letter."""

    atoms: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()


NOTHING = Word()

_LANGUAGES_OF = [tuple(i for i in range(len(LANGUAGES)) if bits >> i & 1) for bits in range(EVERY + 1)]
"""The places of the languages in each mask of them."""


class Tagger:
    """Tells the themes of comments by one taxonomy."""

    def __init__(self, known: Taxonomy) -> None:
        self.themes, self.version = known.themes, known.version
        self._stop, self._negations = known.stop, known.negations
        merged: dict[tuple[str, tuple[Step, ...], bool], int] = {}
        for entry in known.entries:
            key = (entry.theme, entry.steps, entry.never)
            merged[key] = merged.get(key, 0) | entry.languages
        self._by_atom: dict[str, list[Entry]] = {}
        atoms: set[str] = set()
        for (theme, steps, never), languages in merged.items():
            entry = Entry(theme, steps, languages, never)
            self._by_atom.setdefault(steps[_anchor(steps)].atom, []).append(entry)
            atoms.update(step.atom for step in steps)
        self._atoms = frozenset(atoms)
        self._parts = sorted({len(atom) - 2 for atom in atoms if atom[0] == "*" == atom[-1]})
        alone = (entry.steps[0].atom for entry in known.entries if len(entry.steps) == 1 and not entry.never)
        self._slips = Slips({atom for atom in alone if atom[0] != "*" and len(atom.rstrip("*")) >= SLIPS_FROM})
        self._word = lru_cache(REMEMBERED)(self._look)

    def tag(self, text: str, language: str | None = None) -> tuple[str, ...]:
        """Return the themes of a comment in the taxonomy's order; `language` is the respondent's, where it is known."""
        found = words(text)
        spoken = self.spoken(found, language)
        looked = [self._word(each[:WORD_MOST]) for each in found]
        hits: dict[str, list[frozenset[int]]] = {}
        out_of_reach: dict[str, set[int]] = {}
        for at, word in enumerate(looked):
            if word is NOTHING:
                continue
            for entry in self._entries(word, spoken):
                if span := self._span(entry, found, looked, at):
                    if entry.never:
                        out_of_reach.setdefault(entry.theme, set()).update(span)
                    else:
                        hits.setdefault(entry.theme, []).append(span)
        return tuple(
            theme
            for theme in self.themes
            if any(not span <= out_of_reach.get(theme, set()) for span in hits.get(theme, ()))
        )

    def spoken(self, found: Sequence[str], language: str | None) -> int:
        """Return a mask of the languages that words are of, by their small words; customers mix languages."""
        known = spoken_as(language)
        said = mask(known) if known else 0
        weights = self._weights(found)
        best = max(weights)
        if best < FAINT:
            return said or EVERY
        return said | sum(1 << i for i, weight in enumerate(weights) if weight >= SPOKEN * best)

    def language(self, found: Sequence[str], language: str | None) -> str:
        """Return the language that most words are of, by their small words; else the respondent's, else English."""
        weights = self._weights(found)
        if max(weights) < FAINT:
            return spoken_as(language) or "en"
        return LANGUAGES[weights.index(max(weights))]

    def is_small(self, word: str) -> bool:
        """Tell whether a word says nothing by itself in any of the languages."""
        return word in self._stop or word in self._negations

    def _weights(self, found: Sequence[str]) -> list[float]:
        """Return how much speaks for each language: a small word of several languages counts a part for each."""
        small: dict[int, int] = {}
        for word in found:
            if bits := self._stop.get(word):
                small[bits] = small.get(bits, 0) + 1
        weights = [0.0] * len(LANGUAGES)
        for bits, n in small.items():
            share = n / bits.bit_count()
            for i in _LANGUAGES_OF[bits]:
                weights[i] += share
        return weights

    def _entries(self, word: Word, spoken: int) -> Iterator[Entry]:
        """Yield the entries that a word may begin, in the languages that count here."""
        for atom in word.atoms:
            for entry in self._by_atom.get(atom, ()):
                if entry.languages & spoken or entry.everywhere:
                    yield entry
        for atom in word.slips:
            yield from (entry for entry in self._by_atom[atom] if entry.languages & spoken)

    def _span(self, entry: Entry, found: Sequence[str], looked: Sequence[Word], at: int) -> frozenset[int]:
        """Return the places of an entry's words around its anchor, none where they do not stand there."""
        if len(entry.steps) == 1:
            return frozenset((at,))
        places = [at]
        anchor = _anchor(entry.steps)
        for i in range(anchor + 1, len(entry.steps)):
            place = self._next(entry, i, found, looked, _reach(places[-1], entry.steps[i].after_gap, 1))
            if place is None:
                return frozenset()
            places.append(place)
        if anchor:
            place = self._next(entry, 0, found, looked, _reach(at, entry.steps[anchor].after_gap, -1))
            if place is None:
                return frozenset()
            places.append(place)
        return frozenset(places)

    def _next(self, entry: Entry, step: int, found: Sequence[str], looked: Sequence[Word], reach: range) -> int | None:
        """Return the first place within reach that holds a step's word, None where a clause ends before it."""
        atom = entry.steps[step].atom
        for at in reach:
            if not 0 <= at < len(found) or found[at] == BREAK:
                return None
            if atom in looked[at].atoms or (atom == NOT and self._negations.get(found[at], 0) & entry.languages):
                return at
        return None

    def _look(self, word: str) -> Word:
        """Return which atoms of the taxonomy a word matches."""
        if word == BREAK:
            return NOTHING
        size = len(word)
        tried = [word]
        tried += [word[:end] + "*" for end in range(2, size + 1)]
        tried += ["*" + word[start:] for start in range(size - 1)]
        tried += [f"*{word[start : start + part]}*" for part in self._parts for start in range(size - part + 1)]
        atoms = tuple(dict.fromkeys(atom for atom in tried if atom in self._atoms))
        told = word in self._atoms or any(
            len(entry.steps) == 1 for atom in atoms for entry in self._by_atom.get(atom, ())
        )
        slips = () if told or self.is_small(word) else tuple(self._slips.of(word))
        return Word(atoms, slips) if atoms or slips else NOTHING


def _anchor(steps: Sequence[Step]) -> int:
    """Return which step an entry is found by: its first, but for a negation, of which there are many."""
    return 1 if steps[0].atom == NOT else 0


def _reach(at: int, gap: bool, way: int) -> range:  # noqa: FBT001  # as the step says
    """Return the places where the next word may stand, from one place on one way."""
    return range(at + way, at + way * (2 + GAP_MOST * gap), way)


def tagger(own: Own = ()) -> Tagger:
    """Return the tagger of a taxonomy, with the team's own themes; it is made once."""
    return _tagger(own)


@lru_cache(maxsize=4)
def _tagger(own: Own) -> Tagger:
    return Tagger(taxonomy(own))
