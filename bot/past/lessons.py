"""Lessons for product written out as CSV or JSON lines, for whoever plans what is built."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from bot.past.cells import defused
from bot.past.exporting import JSON_LINES, content, told_of, whole
from bot.past.tables import Trouble
from storage import forgotten, lessons
from storage.db import reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bot.model import Call, Received
    from storage.db import Db

ABOUT = ("response_id", "score", "category", "survey", "touchpoint", "name", "company")
NOTED = ("when", "who", "outcome", "themes", "notes")


def write(store: Path, target: Path) -> tuple[int, Sequence[tuple[str, int]]]:
    """Write all lessons to a file, newest first; return how many, and how many bear each theme; raise Trouble."""
    ending = target.suffix.lower()
    if ending != ".csv" and ending not in JSON_LINES:
        raise Trouble(f"{target}: name a file that ends in .csv or .jsonl; what is written goes by the ending.")
    with whole(target) as unfinished, reading(store) as db:
        rows = [_told(db, about, call) for about, call in lessons.listed(db)]
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            if ending == ".csv":
                writer = csv.writer(file)
                writer.writerow((*ABOUT, *NOTED))
                writer.writerows([_cell(row[name]) for name in (*ABOUT, *NOTED)] for row in rows)
            else:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return len(rows), lessons.themes(db)


def _told(db: Db, about: Received, call: Call) -> dict[str, Any]:
    answer, noted = content(forgotten.row(db, about.id)), told_of(call)
    return {**{name: answer[name] for name in ABOUT}, **{name: noted[name] for name in NOTED}}


def _cell(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, list) else value
    return "" if text is None else defused(str(text))
