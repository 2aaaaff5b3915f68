"""The pictures of a digest: how the score went, and who gave what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards.scores import trend_line
from bot.charts.shapes import Area, Box, Dot, Drawing, Label, Line
from bot.model import Category, category, margin_of_error, nps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.cards.digest import Digest, Point
    from bot.charts.shapes import Shape
    from bot.model import Counts
    from bot.texts import Texts

WIDTH, EDGE = 640, 20
LEFT, RIGHT = 74, 616
TOP, FLOOR = 64, 300
COUNTS_TOP, COUNTS_FLOOR = 330, 376
ORDER = (Category.PROMOTER, Category.PASSIVE, Category.DETRACTOR)


def drawings(digest: Digest, texts: Texts) -> tuple[Drawing, ...]:
    """Return the pictures that there is anything to show in."""
    return tuple(drawing for drawing in (trend(digest, texts), distribution(digest, texts)) if drawing)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where weeks and scores lie: weeks side by side, scores from `low` to `high`."""

    weeks: int
    low: int
    high: int
    most: int

    def x(self, number: int) -> float:
        return LEFT + (RIGHT - LEFT) * (number + 0.5) / self.weeks

    def y(self, score: float) -> float:
        return FLOOR - (FLOOR - TOP) * (score - self.low) / (self.high - self.low)

    @property
    def half(self) -> float:
        """Return half of what a week's bar takes of the width."""
        return (RIGHT - LEFT) / self.weeks * 0.36


def trend(digest: Digest, texts: Texts) -> Drawing | None:
    """Return the score week by week with its margin as a band, the target, and the answers below; None for one week."""
    told = trend_line(digest.trend, texts)
    if not told:
        return None
    scale = _scale(digest.trend, digest.yardstick.target)
    shapes: list[Shape] = [Label(EDGE, 40, texts("chart.trend"), size=28, bold=True), *_grid(scale, texts)]
    for run in _runs(digest.trend):
        shapes += _band(run, scale)
    if digest.yardstick.target is not None:
        y = scale.y(digest.yardstick.target)
        shapes.append(Line(((LEFT, y), (RIGHT, y)), "target", 3, dashed=True))
        label = f"{texts('chart.target')} {texts.signed(digest.yardstick.target)}"
        shapes.append(Label(LEFT + 6, y - 8, label, "target", 20))
    shapes += _bars(digest.trend, scale, texts)
    for run in _runs(digest.trend):
        shapes += _line(run, scale)
    shapes += _newest(digest.trend, scale, texts)
    return Drawing("trend", texts("chart.trend"), WIDTH, 420, f"{texts('chart.trend')}. {told}", tuple(shapes))


def _scale(points: Sequence[Point], target: int | None) -> _Scale:
    values: list[float] = [] if target is None else [target]
    for point in points:
        values += _reach(point.counts)
    step = 20
    low = max(-100, math.floor(min(values) / step) * step)
    high = min(100, math.ceil(max(values) / step) * step)
    if high - low < 2 * step:
        low, high = (low - step, high) if low > -100 else (low, high + step)
    return _Scale(len(points), low, high, max(point.counts.responses for point in points))


def _reach(counts: Counts) -> tuple[float, ...]:
    """Return the lower and the upper end of a score's margin, within what a score can be; nothing of nobody's."""
    score, margin = nps(counts), margin_of_error(counts)
    return () if score is None or margin is None else (max(-100.0, score - margin), min(100.0, score + margin))


def _runs(points: Sequence[Point]) -> Iterator[list[tuple[int, Counts]]]:
    """Yield the weeks with answers that follow each other, each with its place."""
    run: list[tuple[int, Counts]] = []
    for number, point in enumerate(points):
        if point.counts.responses:
            run.append((number, point.counts))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _grid(scale: _Scale, texts: Texts) -> list[Shape]:
    step = 20 if scale.high - scale.low <= 100 else 40
    shapes: list[Shape] = []
    for score in range(-100, 101, 20):
        if scale.low <= score <= scale.high and score % step == 0:
            y = scale.y(score)
            colour, width = ("quiet", 2) if score == 0 else ("grid", 1.5)
            shapes.append(Line(((LEFT, y), (RIGHT, y)), colour, width))
            shapes.append(Label(LEFT - 10, y + 7, texts.signed(score), "quiet", 20, "end"))
    return shapes


def _band(run: Sequence[tuple[int, Counts]], scale: _Scale) -> list[Shape]:
    ends = [(scale.x(number), _reach(counts)) for number, counts in run]
    if len(ends) == 1:
        [(x, (low, high))] = ends
        return [Box(x - 4, scale.y(high), 8, scale.y(low) - scale.y(high), "band")]
    upper = [(x, scale.y(high)) for x, (_, high) in ends]
    lower = [(x, scale.y(low)) for x, (low, _) in reversed(ends)]
    return [Area((*upper, *lower), "band")]


def _line(run: Sequence[tuple[int, Counts]], scale: _Scale) -> list[Shape]:
    points = tuple((scale.x(number), scale.y(nps(counts) or 0)) for number, counts in run)
    line: list[Shape] = [Line(points, "score", 4)] if len(points) > 1 else []
    return [*line, *(Dot(x, y, 4.5, "score") for x, y in points)]


def _newest(points: Sequence[Point], scale: _Scale, texts: Texts) -> list[Shape]:
    """Return the last week's score as a larger dot, and in figures beside the title."""
    number, counts = [*_runs(points)][-1][-1]
    score = nps(counts) or 0
    return [
        Dot(scale.x(number), scale.y(score), 8, "score"),
        Label(RIGHT, 40, texts.signed(score), "score", 28, "end", bold=True),
    ]


def _bars(points: Sequence[Point], scale: _Scale, texts: Texts) -> list[Shape]:
    """Return how many answered, week by week, and the weeks' numbers."""
    shapes: list[Shape] = []
    every = max(1, math.ceil(len(points) / 9))
    for number, point in enumerate(points):
        height = (COUNTS_FLOOR - COUNTS_TOP) * point.counts.responses / scale.most
        x = scale.x(number)
        shapes.append(Box(x - scale.half, COUNTS_FLOOR - height, 2 * scale.half, height, "count"))
        if (len(points) - 1 - number) % every == 0:
            week = texts("chart.week", week=str(point.first.isocalendar().week))
            shapes.append(Label(x, COUNTS_FLOOR + 28, week, "quiet", 20, "middle"))
    most = f"{texts('chart.answers')}, {texts('chart.at_most')} {texts.number(scale.most)}"
    shapes.append(Label(RIGHT, COUNTS_TOP - 6, most, "quiet", 19, "end"))
    return shapes


def distribution(digest: Digest, texts: Texts) -> Drawing | None:
    """Return who gave what: the categories as one bar, the scores as columns; None when nobody answered."""
    if not digest.counts.responses:
        return None
    shapes: list[Shape] = [Label(EDGE, 40, texts("chart.distribution"), size=28, bold=True)]
    shapes += _stack(digest.counts, texts)
    height = 208
    if any(digest.by_score):
        shapes += _columns(digest.by_score, texts)
        height = 420
    title = texts("chart.distribution")
    alt = f"{title}: {', '.join(_told(digest.counts, which, texts) for which in ORDER)}."
    return Drawing("distribution", title, WIDTH, height, alt, tuple(shapes))


def _share(counts: Counts, which: Category, texts: Texts) -> str:
    return texts.share(counts.of(which), counts.responses)


def _told(counts: Counts, which: Category, texts: Texts) -> str:
    return texts(f"share.{which}", n=counts.of(which), share=_share(counts, which, texts))


def _stack(counts: Counts, texts: Texts) -> list[Shape]:
    shapes: list[Shape] = []
    x, whole = float(EDGE), WIDTH - 2 * EDGE
    for number, which in enumerate(ORDER):
        width = whole * counts.of(which) / counts.responses
        shapes.append(Box(x, 62, max(0.0, width - 2), 50, which))
        if width > 70:
            share = _share(counts, which, texts)
            shapes.append(Label(x + width / 2, 96, share, f"on_{which}", 24, "middle", bold=True))
        x += width
        shapes.append(Box(EDGE, 126 + 27 * number, 16, 16, which))
        shapes.append(Label(EDGE + 26, 141 + 27 * number, _told(counts, which, texts), size=21))
    return shapes


def _columns(by_score: Sequence[int], texts: Texts) -> list[Shape]:
    shapes: list[Shape] = []
    most, floor, top = max(by_score), 380, 240
    place = (WIDTH - 2 * EDGE) / len(by_score)
    for score, n in enumerate(by_score):
        x, height = EDGE + place * score, (floor - top) * n / most
        shapes.append(Box(x + 4, floor - height, place - 8, height, category(score)))
        shapes.append(Label(x + place / 2, floor - height - 7, texts.number(n), "quiet", 19, "middle"))
        shapes.append(Label(x + place / 2, floor + 26, str(score), size=22, anchor="middle"))
    return [*shapes, Line(((EDGE, floor), (WIDTH - EDGE, floor)), "quiet", 1.5)]
