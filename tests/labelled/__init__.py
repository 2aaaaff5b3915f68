"""Comments whose themes a person has told, in five languages, and how well tagging agrees with that person.

`tuning.txt` is what the taxonomy was tuned on; `held_out.txt` was written before any stem was, and is measured alone.
A theme is told where a comment speaks of it, well or badly: "not expensive" is about the price. Unanswered questions
are communication, and support as well where help was asked for; what arrives late or damaged by its way is delivery.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.themes.tagging import Tagger

ALL = "all"


class Labelled(NamedTuple):
    """A comment with its language and the themes that a person told."""

    language: str
    themes: frozenset[str]
    comment: str


@dataclass
class Agreement:
    """How many themes were found rightly, wrongly, and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Return which part of what was found is right."""
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Return which part of what there is was found."""
        return self.right / (self.right + self.missed)


def labelled(name: str) -> Iterator[Labelled]:
    """Yield the comments of a file."""
    for line in (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            language, themes, comment = (part.strip() for part in line.split("|", 2))
            yield Labelled(language, frozenset(filter(None, themes.split(", "))), comment)


def agreement(tagger: Tagger, name: str, *, telling: bool = True) -> dict[str, Agreement]:
    """Return how well tagging agrees in all (micro) and in each language; without `telling` it guesses the language."""
    found = {ALL: Agreement()}
    for language, themes, comment in labelled(name):
        tagged = set(tagger.tag(comment, language if telling else None))
        for each in (found[ALL], found.setdefault(language, Agreement())):
            each.right += len(tagged & themes)
            each.wrong += len(tagged - themes)
            each.missed += len(themes - tagged)
    return found
