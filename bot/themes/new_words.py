"""What is new: the words of a period that stand out from the weeks before it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import snowballstemmer

from bot.model import Counts, tally
from bot.segments import EVERYONE, Segment
from bot.themes.tagging import tagger
from bot.themes.words import one_word, spelled
from storage import themes
from storage.themes import Span

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.db import Db

WEEKS_BEFORE = 12
NOW_MOST, BEFORE_MOST = 2_000, 4_000
"""Comments that are read: of a period with more of them a regular sample."""

MENTIONED = 4
"""Comments that a word stands in at least, before it is news."""

Z_LEAST = 3.0
"""Standard deviations that a word stands out: among thousands of words a few are three away by chance, hardly more."""

LETTERS_LEAST = 3

_STEMMERS = {"sv": "swedish", "nb": "norwegian", "da": "danish", "fi": "finnish", "en": "english"}


@dataclass(frozen=True, slots=True)
class NewWord:
    """A word, as it is mostly written, that stands out: in how many comments now and before, and how far (z).

    Where comments were sampled, these are as many of all as the sample makes likely.
    """

    word: str
    counts: Counts
    before: int
    z: float

    @property
    def comments(self) -> int:
        """Return how many comments hold it now."""
        return self.counts.responses


def new_words(
    db: Db, first: datetime, end: datetime, *, segment: Segment = EVERYONE, most: int = 10
) -> tuple[NewWord, ...]:
    """Return the words of [first, end) that stand out from the twelve weeks before it, the most striking first."""
    before = Span(first - timedelta(weeks=WEEKS_BEFORE), first, segment)
    step, now = themes.texts(db, Span(first, end, segment), NOW_MOST)
    step_before, then = themes.texts(db, before, BEFORE_MOST)
    return tuple(
        replace(word, counts=_times(step, word.counts), before=step_before * word.before)
        for word in standing_out(now, then, most)
    )


def _times(step: int, counts: Counts) -> Counts:
    return Counts(step * counts.promoters, step * counts.passives, step * counts.detractors)


Said = tuple[str, str | None, int]
"""A comment, its respondent's language, and the score."""


def standing_out(now: Iterable[Said], before: Iterable[Said], most: int = 10) -> tuple[NewWord, ...]:
    """Return the words that stand out of the comments now against those before.

    A word counts once a comment, all its endings as one. Log-odds ratio with an informative Dirichlet prior, Monroe,
    Colaresi and Quinn (2008), equations 15, 16 and 22: with y the comments that hold a word and n the sum of all y,
    now (1) and before (2), A = n₁ words imagined on each side, and a = A · (y₁ + y₂) / (n₁ + n₂) of them this one,
    δ = ln((y₁ + a) / (n₁ + A − y₁ − a)) − ln((y₂ + a) / (n₂ + A − y₂ − a)),
    z = δ / √(1 / (y₁ + a) + 1 / (y₂ + a)).
    """
    counted, written = _Counted(), _Counted()
    for said in now:
        counted.add(*said)
    for said in before:
        written.add(*said)
    both = counted.held + written.held
    n_now, n_before, n_both = counted.held.total(), written.held.total(), both.total()
    found = []
    for stem, y in counted.held.items():
        if y < MENTIONED or both[stem] == n_both:
            continue  # a word that is all that anybody writes stands out from nothing
        a = n_now * both[stem] / n_both
        odds, odds_before = (
            (count + a) / (n + n_now - count - a) for count, n in ((y, n_now), (written.held[stem], n_before))
        )
        z = math.log(odds / odds_before) / math.sqrt(1 / (y + a) + 1 / (written.held[stem] + a))
        if z >= Z_LEAST:
            found.append(NewWord(counted.spelling(stem), tally(counted.scores[stem]), written.held[stem], z))
    return tuple(sorted(found, key=lambda each: (-each.z, each.word))[:most])


class _Counted:
    """How many comments hold each stem, with which scores, and how it is written."""

    def __init__(self) -> None:
        self._by = tagger()
        self.held: Counter[str] = Counter()
        self.scores: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, comment: str, language: str | None, score: int) -> None:
        """Count the words of a comment, each once."""
        by, told = self._by, spelled(comment)
        spoken = by.language([word for _, word in told], language)
        stems = set()
        for written, word in told:
            if len(word) >= LETTERS_LEAST and word.isalpha() and not by.is_small(word):
                stem = stem_of(spoken, written)
                stems.add(stem)
                self._spellings[stem][written] += 1
        self.held.update(stems)
        for stem in stems:
            self.scores[stem][score] += 1

    def spelling(self, stem: str) -> str:
        """Return how a stem is written most often; of several the shortest, the first in the alphabet."""
        return min(self._spellings[stem].items(), key=lambda pair: (-pair[1], len(pair[0]), pair[0]))[0]


@lru_cache(1 << 16)
def stem_of(language: str, word: str) -> str:
    """Return a word as it is written without its endings, folded: with its accents folded first it has others."""
    return one_word(_stemmer(language).stemWord(word))


@lru_cache
def _stemmer(language: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_STEMMERS[language])
