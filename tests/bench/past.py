"""Import of a million past answers against a bare loop of csv and executemany in one transaction, on the same file."""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage.db import connect_writer, migrate
from tests.bench.figures import at_most, table
from tests.bench.process import environment

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 1_000_000
WORDS = ("delivery", "late", "great", "support", "price", "never", "helpful", "slow", "invoice", "wrong", "för", "sent")
BARE = """insert into responses
  (public_id, source, source_id, score, comment, submitted_at, received_at, name, email, company, language)
  values (?1, 'bare', ?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8)"""
BOUND = 4.0
MEMORY_MB = 300


async def bench(folder: Path) -> None:
    """Print seconds, ratio and peak memory."""
    path = folder / "past.csv"
    _write(path)
    bare = _bare(path, folder / "bare.db")
    first, peak = _import(path, folder / "npsbot.db")
    again, _ = _import(path, folder / "npsbot.db")
    table(
        f"import of {ROWS:,} rows, {path.stat().st_size / 1e6:,.0f} MB of CSV",
        ("seconds", "rows/s", "MB"),
        [
            ("bare loop into the same table", bare, f"{ROWS / bare:,.0f}", "-"),
            ("npsbot import", first, f"{ROWS / first:,.0f}", f"{peak:,.0f}"),
            ("npsbot import, all known", again, f"{ROWS / again:,.0f}", "-"),
        ],
    )
    at_most("import, times the bare loop", first / bare, BOUND)
    at_most("import, peak memory in MB", peak, MEMORY_MB)


def _write(path: Path) -> None:
    draw, at = random.Random(5), datetime(2020, 1, 1, tzinfo=UTC)  # sample data
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "score", "comment", "submitted_at", "name", "email", "company", "language"])
        for i in range(ROWS):
            at += timedelta(seconds=draw.randrange(300))
            comment = " ".join(draw.choices(WORDS, k=draw.randrange(20)))
            who = f"Person {i}", f"person{i}@customer{i % 5000}.example", f"Company {i % 5000}"
            writer.writerow([f"r-{i}", draw.randrange(11), comment, f"{at:%Y-%m-%dT%H:%M:%SZ}", *who, "sv"])


def _bare(path: Path, store: Path) -> float:
    connection = connect_writer(store, checkpoints=True)
    migrate(connection, store)
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        connection.execute("begin")
        connection.executemany(BARE, rows)
        connection.execute("commit")
    connection.close()
    return time.perf_counter() - began


def _import(path: Path, store: Path) -> tuple[float, float]:
    """Run the command in a process of its own; return its seconds and its peak memory in MB."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot", "import", str(path)]
    quiet = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(sys.executable, command, environment(store), file_actions=quiet)
    _, status, usage = os.wait4(process, 0)
    if status:
        raise RuntimeError(f"npsbot import ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024
