"""Measure what should be fast: python -m tests.bench, with some of SUBJECTS after it or with none for all."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from importlib import import_module
from pathlib import Path

SUBJECTS = (
    *("start", "claim", "intake", "outage", "past", "sources", "team", "reminders"),
    *("digest", "charts", "themes", "demand"),
)


def main(chosen: list[str]) -> int:
    """Run the chosen benchmarks, or all, one after the other; ratios hold within one run alone."""
    if set(chosen) - set(SUBJECTS):
        print(f"usage: python -m tests.bench [{'] ['.join(SUBJECTS)}]", file=sys.stderr)
        return 2
    for subject in chosen or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="npsbot-bench-") as folder:
            asyncio.run(import_module(f"tests.bench.{subject}").bench(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
