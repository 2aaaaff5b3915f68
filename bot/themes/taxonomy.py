"""The taxonomy: what is written of each theme in each language, as entries of the files beside this module.

An entry is a word or a phrase, written as people write it; case and accents make no difference:

| entry | stands for |
| --- | --- |
| `paket` | this word alone |
| `leverer*` | every word that begins so: a stem with its endings |
| `*frakt`, `*leverans*` | every word that ends so, or holds it: the parts of a compound |
| `pengarna tillbaka` | these words, one after the other |
| `kom .. sent` | the same, with up to three words between them |
| `NOT .. fungera*` | NOT is a word that negates in the language of the entry |
| `!lever* upp till` | never this theme, although another entry matches one of these words |
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from bot.model import THEMES
from bot.themes.words import BREAK, folded, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_HERE = resources.files(__package__)
LANGUAGES = ("sv", "nb", "da", "fi", "en")
ANY = "any"
"""In a theme of the team's own: entries that count in every language."""

EVERY = (1 << len(LANGUAGES)) - 1
NOT, GAP = "NOT", ".."
LONG = 6
"""Letters from which on a word is told from the words of the other languages."""

Own = tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]
"""Themes of the team's own: each name with its entries by language, hashable."""


@dataclass(frozen=True, slots=True)
class Step:
    """One word of an entry: its atom, and whether other words may stand before it."""

    atom: str
    after_gap: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What is looked for; `languages` is a mask, `never` takes its words out of the theme's reach."""

    theme: str
    steps: tuple[Step, ...]
    languages: int
    never: bool

    @property
    def everywhere(self) -> bool:
        """Tell whether it counts in a comment of any language: a single word, too long to be another's."""
        return len(self.steps) == 1 and len(self.steps[0].atom.strip("*")) >= LONG


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All that is known: the themes in their order, the entries, and the small words of each language by mask."""

    themes: tuple[str, ...]
    entries: tuple[Entry, ...]
    stop: Mapping[str, int]
    negations: Mapping[str, int]

    @property
    def version(self) -> str:
        """Return what changes when anything in it does."""
        told = json.dumps([self.themes, [repr(entry) for entry in self.entries], sorted(self.negations.items())])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def mask(language: str) -> int:
    """Return the bit of a language; `any` has all of them."""
    return EVERY if language == ANY else 1 << LANGUAGES.index(language)


def spoken_as(language: str | None) -> str | None:
    """Return which of the languages a sender means by sv, sv-SE, SV_se or no; None where it is none of them."""
    short = (language or "").replace("_", "-").partition("-")[0].lower()
    short = "nb" if short in {"no", "nn"} else short
    return short if short in LANGUAGES else None


@lru_cache(maxsize=4)
def taxonomy(own: Own = ()) -> Taxonomy:
    """Return the taxonomy of this package with the team's own themes and entries; those without entries by name."""
    entries: list[Entry] = []
    stop: dict[str, int] = {}
    negations: dict[str, int] = {}
    for language in LANGUAGES:
        bit, table = mask(language), tomllib.loads((_HERE / f"{language}.toml").read_text("utf-8"))
        for known, name in ((stop, "stop"), (negations, "negations")):
            for word in folded(table[name]).split():
                known[word] = known.get(word, 0) | bit
        for theme, written in table["themes"].items():
            entries += _entries(theme, written.split(","), bit)
    for theme, by_language in own:
        for language, written in by_language or ((ANY, (theme + "*",)),):
            entries += _entries(theme, written, mask(language))
    names = dict.fromkeys((*THEMES, *(theme for theme, _ in own)))
    return Taxonomy(tuple(names), tuple(dict.fromkeys(entries)), stop, negations)


def _entries(theme: str, written: Iterable[str], languages: int) -> Iterator[Entry]:
    for text in written:
        if steps := tuple(steps_of(text)):
            yield Entry(theme, steps, languages, never=text.strip().startswith("!"))


def steps_of(text: str) -> Iterator[Step]:
    """Yield the words that an entry asks for, read as those of a comment are."""
    after_gap = False
    for part in text.strip().removeprefix("!").split():
        if part == GAP:
            after_gap = True
            continue
        bare = [word for word in words(part.strip("*")) if word != BREAK]
        atoms = [NOT] if part == NOT else bare
        for number, atom in enumerate(atoms):
            start = "*" if number == 0 and part[0] == "*" else ""
            end = "*" if number == len(atoms) - 1 and part[-1] == "*" else ""
            yield Step(start + atom + end, after_gap)
            after_gap = False
