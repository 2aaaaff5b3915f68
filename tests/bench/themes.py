"""Themes: how well tagging agrees with a person, and what it costs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.themes.tagging import tagger
from tests.bench.figures import at_least, at_most, table
from tests.labelled import ALL, agreement, labelled

if TYPE_CHECKING:
    from pathlib import Path

PRECISION, RECALL = 0.85, 0.75
MICROSECONDS = 100.0


async def bench(_folder: Path) -> None:
    """Print precision and recall on the held-out comments, and microseconds."""
    _agreement()
    _cost()


def _agreement() -> None:
    by = tagger()
    told_language, guessed = agreement(by, "held_out"), agreement(by, "held_out", telling=False)
    rows = [
        (language, each.right + each.missed, each.precision, each.recall, other.precision, other.recall)
        for language, each in told_language.items()
        for other in [guessed[language]]
    ]
    columns = ("themes", "precision", "recall", "precision", "recall")
    count = sum(1 for _ in labelled("held_out"))
    table(f"tagging of {count} held-out comments; to the right with the language guessed", columns, rows)
    at_least("precision", told_language[ALL].precision, PRECISION)
    at_least("recall", told_language[ALL].recall, RECALL)


def _cost() -> None:
    by, comments = tagger(), [each for name in ("tuning", "held_out") for each in labelled(name)]
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        for each in comments:
            by.tag(each.comment, each.language)
        spent.append((time.perf_counter() - began) / len(comments) * 1e6)
    letters = sum(len(each.comment) for each in comments) / len(comments)
    table(f"tagging a comment of {letters:.0f} letters", ("µs",), [("first", spent[0]), ("then", sorted(spent)[10])])
    at_most("µs a comment", sorted(spent)[10], MICROSECONDS)
