"""Themes: how well tagging agrees with a person, what it costs, and how fast a million responses are told of."""

from __future__ import annotations

import random
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.periods import just_before, last_days
from bot.themes import tagged
from bot.themes.tagging import tagger
from bot.themes.told import told
from storage.db import Db, connect_writer, migrate, stamp
from tests.bench.figures import at_least, at_most, table
from tests.labelled import ALL, agreement, labelled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRECISION, RECALL = 0.85, 0.75
MICROSECONDS = 100.0
SECONDS = 1.0
RESPONSES = 1_000_000
DAYS = 365
TODAY = datetime(2026, 11, 20, tzinfo=UTC)
ASKED = {"a week": 7, "90 days": 90}
INSERT = """insert into responses (public_id, source, source_id, score, comment, submitted_at, received_at, language)
  values (?1, 'bench', ?1, ?2, ?3, ?4, ?4, ?5)"""


async def bench(folder: Path) -> None:
    """Print precision and recall on the held-out comments, and seconds."""
    _agreement()
    _cost()
    _a_million(folder)


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


def _a_million(folder: Path) -> None:
    with closing(connect_writer(folder / "themes.db", checkpoints=True)) as connection:
        migrate(connection, folder / "themes.db")
        db, settings = Db(connection), Settings()
        connection.execute("begin immediate")
        db.many(INSERT, _responses())
        connection.execute("commit")
        began, done = time.perf_counter(), 1
        while done:
            connection.execute("begin immediate")
            done = tagged.sweep(db, settings, 10_000)
            connection.execute("commit")
        rows: list[tuple[object, ...]] = [("tagging them all", time.perf_counter() - began)]
        slowest = 0.0
        for name, days in ASKED.items():
            period = last_days(days, TODAY.date())
            began = time.perf_counter()
            told(db, ZoneInfo("Europe/Stockholm"), period, just_before(period))
            slowest = max(slowest, time.perf_counter() - began)
            rows.append((f"themes, comments and new words of {name}", time.perf_counter() - began))
    table(f"a year of {RESPONSES:,} responses, half of them with a comment", ("seconds",), rows)
    at_most("seconds to answer", slowest, SECONDS)


def _responses() -> Iterator[tuple[object, ...]]:
    draw, said = random.Random(5), list(labelled("tuning"))
    for number in range(RESPONSES):
        when = TODAY - timedelta(days=DAYS * (1 - number / RESPONSES))
        each = draw.choice(said)
        comment = each.comment if draw.random() < 0.5 else None
        yield f"r{number}", draw.randrange(11), comment, stamp(when), each.language
