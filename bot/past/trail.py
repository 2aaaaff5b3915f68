"""The audit trail as a file: who did what, to which response, when; names of customers are nowhere in it."""

from __future__ import annotations

import csv
import json
import os
from typing import TYPE_CHECKING

from bot.past.cells import defused
from bot.past.tables import Trouble
from storage import audit
from storage.db import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.db import Row

COLUMNS = ("at", "actor", "action", "response_id", "details")
LINES = frozenset({".jsonl", ".ndjson", ".json"})


def export(store: Path, target: Path) -> int:
    """Write the trail to a file and return how many entries it has; raise Trouble when it cannot be written."""
    ending = target.suffix.lower()
    if ending != ".csv" and ending not in LINES:
        raise Trouble(f"{target}: name a file that ends in .csv or .jsonl; what is written goes by the ending.")
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with reading(store) as db:
            number = _write_csv(unfinished, audit.each(db)) if ending == ".csv" else _write(unfinished, audit.each(db))
        unfinished.replace(target)
    except OSError as error:
        raise Trouble(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return number


def _write_csv(target: Path, rows: Iterator[Row]) -> int:
    number = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, row in enumerate(rows, 1):  # noqa: B007  # how many there were
            writer.writerow([defused(row[name] or "") for name in COLUMNS])
    return number


def _write(target: Path, rows: Iterator[Row]) -> int:
    number = 0
    with target.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows, 1):  # noqa: B007  # how many there were
            file.write(json.dumps(row | {"details": json.loads(row["details"])}, ensure_ascii=False) + "\n")
    return number
