"""How far a long piece of work is, with its rate and the time left, on a terminal and nowhere else."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(label: str, length: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while the work goes on; what is given is called with each further number of rows done.

    Without a length there is a rate and no time left.
    """
    began, done = time.monotonic(), 0
    with click.progressbar(
        () if length is None else None,
        length=length,
        label=label,
        show_eta=length is not None,
        show_percent=length is not None,
        item_show_func=lambda rate: rate,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            rate = done / max(time.monotonic() - began, 0.001)
            bar.update(rows, f"{done:,} rows, {rate:,.0f} a second")

        yield advance
