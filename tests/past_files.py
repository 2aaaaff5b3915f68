"""What the tests of import and export share: files written, files taken in, and what then stands in the store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import openpyxl
from conftest import NOW

from bot.past.importing import Outcome, Wanted, prepare, take_in
from storage.db import beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.config import Settings

OWN = "id,score,comment,submitted_at,email\n"


def written(path: Path, content: str | bytes | list[list[Any]], encoding: str = "utf-8") -> Path:
    """Write a file: bytes as they are, a text in an encoding, rows as an Excel workbook."""
    if isinstance(content, list):
        book = openpyxl.Workbook()
        assert book.active is not None
        for row in content:
            book.active.append(row)
        book.save(path)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def imported(settings: Settings, path: Path, **wanted: Any) -> Outcome:
    """Take a file in, as the command does; `mapping` may be a dict."""
    mapping = tuple(dict(wanted.pop("mapping", {})).items())
    return take_in(prepare(path, Wanted(mapping=mapping, **wanted), settings), settings, lambda: NOW)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    """Return how many rows were new, known and refused."""
    return outcome.new, outcome.known, outcome.refused


def stored(settings: Settings, columns: str = "*") -> list[dict[str, Any]]:
    """Return the responses in the store, in the order in which they came."""
    with beside(settings.database) as db:
        return db.rows(f"select {columns} from responses order by id")


def many(path: Path, rows: int, line: Callable[[int], str]) -> Path:
    """Write a CSV of many rows with ids."""
    path.write_text(OWN + "".join(f"{line(i)}\n" for i in range(rows)), encoding="utf-8")
    return path


def number_stored(database: Path) -> int:
    """Return how many responses are in a store, 0 where there is none yet."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database)) as connection:
        if connection.execute("select 1 from sqlite_master where name = 'responses'").fetchone() is None:
            return 0
        return int(connection.execute("select count(*) from responses").fetchone()[0])
