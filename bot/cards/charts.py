"""Slack's own charts and tables, for workspaces that take them; elsewhere the same is said in words or signs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.model import margin_of_error, nps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.cards.blocks import Json
    from bot.cards.digest import Point
    from bot.groups import Group
    from bot.settings.yardstick import Yardstick
    from bot.texts import Texts

WEEKS_MOST = 20
"""Points that Slack takes in a series."""
NAME_MOST = 60


def charted(trend: Sequence[Point]) -> Sequence[Point]:
    """Return the weeks of a trend that the chart shows: the last that had answers."""
    return [point for point in trend if point.counts.responses][-WEEKS_MOST:]


def trend_chart(trend: Sequence[Point], texts: Texts, yardstick: Yardstick) -> Json | None:
    """Return the score of the charted weeks, with its margin and the target; None for a single week."""
    scored: dict[str, tuple[int, float]] = {}
    for point in charted(trend):
        score, margin = nps(point.counts), margin_of_error(point.counts)
        if score is not None and margin is not None:
            scored[texts("chart.week", week=str(point.first.isocalendar().week))] = (score, margin)
    if len(scored) < 2:
        return None
    lines = {
        "chart.score": {week: score for week, (score, _) in scored.items()},
        "chart.high": {week: min(100, round(score + margin)) for week, (score, margin) in scored.items()},
        "chart.low": {week: max(-100, round(score - margin)) for week, (score, margin) in scored.items()},
    }
    if yardstick.target is not None:
        lines["chart.target"] = dict.fromkeys(scored, yardstick.target)
    series = {texts(key): values for key, values in lines.items()}
    return _chart(texts("chart.trend"), "line", list(scored), series)


def distribution_chart(by_score: Sequence[int], texts: Texts) -> Json | None:
    """Return how many gave each score as columns; None when nobody answered."""
    if not any(by_score):
        return None
    given = {str(score): n for score, n in enumerate(by_score)}
    return _chart(texts("chart.distribution"), "bar", list(given), {texts("chart.answers"): given})


def _chart(title: str, kind: str, categories: list[str], series: Mapping[str, Mapping[str, int]]) -> Json:
    told = [
        {"name": name, "data": [{"label": label, "value": value} for label, value in values.items()]}
        for name, values in series.items()
    ]
    chart = {"type": kind, "series": told, "axis_config": {"categories": categories}}
    return {"type": "data_visualization", "title": title, "chart": chart}


def groups_table(title: str, rows: Sequence[tuple[str, Group]], texts: Texts, yardstick: Yardstick) -> Json:
    """Return groups with their score, margin, answers and change as a table."""
    head = (title, texts("chart.score"), texts("chart.answers"), texts("chart.change"))
    told = [head, *((b.one_line(name, NAME_MOST), *_figures(group, texts, yardstick)) for name, group in rows)]
    cells = [[{"type": "raw_text", "text": text} for text in row] for row in told]
    columns = [{"is_wrapped": True}, *({"align": "right"} for _ in range(2)), {"is_wrapped": True}]
    return {"type": "table", "rows": cells, "column_settings": columns}


def _figures(group: Group, texts: Texts, yardstick: Yardstick) -> tuple[str, ...]:
    score, margin = nps(group.counts), margin_of_error(group.counts)
    change = "–"
    if group.change is not None and yardstick.enough(group.counts, group.before):
        verdict = texts("change.real" if group.more_than_noise else "change.noise")
        change = f"{texts.signed(group.change)}, {verdict}"
    told = f"{texts.signed(score or 0)} ±{texts.number(round(margin or 0))}"
    return told, texts.number(group.counts.responses), change
