"""The pictures of a digest: the first, with the library that draws them, and those after it."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cards.digest import Digest, Loop, Point
from bot.charts.drawings import drawings
from bot.charts.png import png
from bot.charts.svg import svg
from bot.model import Counts
from bot.settings.yardstick import Yardstick
from bot.texts import Texts
from tests.bench.figures import at_most, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROUNDS = 20
MOST = 150.0


async def bench(_folder: Path) -> None:
    """Draw the pictures of an ordinary week."""
    texts, found = Texts("sv", ZoneInfo("Europe/Stockholm")), _digest()
    rows = []
    for drawing in drawings(found, texts):
        cold = "PIL" not in sys.modules
        first = _took(lambda drawing=drawing: png(drawing))
        again = median(_took(lambda drawing=drawing: png(drawing)) for _ in range(ROUNDS))
        inline = median(_took(lambda drawing=drawing: svg(drawing)) for _ in range(ROUNDS))
        rows.append((f"{drawing.name}{' (with the library)' if cold else ''}", first, again, inline))
    table("Pictures of a digest, ms", ("first PNG", "PNG", "SVG"), rows)
    for name, _, again, _ in rows:
        at_most(f"{name}, warm, ms", again, MOST)


def _took(draw: Callable[[], object]) -> float:
    began = perf_counter()
    draw()
    return (perf_counter() - began) * 1000


def _digest() -> Digest:
    first = date(2026, 5, 18)
    trend = tuple(Point(first + timedelta(weeks=n), Counts(30 + n, 20, 25 - n // 2)) for n in range(26))
    by_score = (4, 2, 1, 2, 3, 4, 4, 9, 11, 25, 35)
    counts = Counts(60, 20, 20)
    last = first + timedelta(weeks=25)
    return Digest(
        "week", last, last + timedelta(days=6), counts, counts, counts, Loop(),
        by_score=by_score, trend=trend, yardstick=Yardstick(target=45),
    )  # fmt: skip
