"""Figures for people: a table, and what was to be reached beside what was."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.load import Measured

LOAD = ("requests/s", "p50 ms", "p99 ms")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their columns, the first to the left, the others to the right."""
    shown = [
        ("", *columns),
        *([f"{cell:,.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows),
    ]
    widths = [max(len(line[column]) for line in shown) for column in range(len(columns) + 1)]
    print(f"\n{title}\n")
    for first, *others in shown:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        print(f"  {first:<{widths[0]}}  {'  '.join(cells)}".rstrip())


def load_row(name: str, runs: Sequence[Measured]) -> tuple[object, ...]:
    """Return a row of the median run of several: how many requests a second, and how long they took."""
    run = middle(runs)
    return name, f"{run.rate:,.0f}", run.percentile(50), run.percentile(99)


def middle(runs: Sequence[Measured]) -> Measured:
    """Return the run with the median rate."""
    return sorted(runs, key=lambda run: run.rate)[len(runs) // 2]


def at_least(what: str, figure: float, bound: float) -> None:
    """Say whether a figure is as high as it should be."""
    _say(what, figure, f"at least {bound:g}", reached=figure >= bound)


def at_most(what: str, figure: float, bound: float) -> None:
    """Say whether a figure is as low as it should be."""
    _say(what, figure, f"at most {bound:g}", reached=figure <= bound)


def _say(what: str, figure: float, bound: str, *, reached: bool) -> None:
    print(f"  {'reached' if reached else 'MISSED '}  {what}: {figure:,.2f}, {bound}")
