"""Lessons for product in the store: notes of calls that somebody has marked."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from storage.calls import call
from storage.forgotten import row as response_row
from storage.lists import Sight
from storage.responses import received

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.model import Call, Received
    from storage.db import Db

EVERYTHING = Sight()


def mark(db: Db, call_id: int, *, lesson: bool) -> bool:
    """Mark the notes of a call as a lesson, or take the mark away; False when that is so already."""
    changed = db.execute(
        "update calls set lesson = :new where id = :id and lesson <> :new", id=call_id, new=int(lesson)
    )
    return changed == 1


def listed(db: Db, sight: Sight = EVERYTHING, *, limit: int = -1, skip: int = 0) -> list[tuple[Received, Call]]:
    """Return responses in sight and the calls whose notes are lessons, newest first; a negative limit is none."""
    rows = db.rows(
        f"select c.* {_marked(sight)} order by c.at desc, c.id desc limit :limit offset :skip",
        **sight.values,
        limit=limit,
        skip=skip,
    )
    return [(received(response_row(db, row["response_id"])), call(row)) for row in rows]


def themes(db: Db, sight: Sight = EVERYTHING) -> Sequence[tuple[str, int]]:
    """Return how many lessons in sight bear each theme, the most frequent first."""
    rows = db.rows(f"select c.themes {_marked(sight)}", **sight.values)
    counted = Counter(theme for row in rows for theme in json.loads(row["themes"]))
    return sorted(counted.items(), key=lambda each: (-each[1], each[0]))


def count(db: Db, sight: Sight = EVERYTHING) -> int:
    """Return how many lessons there are in sight."""
    found: int = db.value(f"select count(*) {_marked(sight)}", **sight.values)
    return found


def _marked(sight: Sight) -> str:
    return (
        f"from calls c join responses r on r.id = c.response_id where c.lesson = 1 and c.notes <> '' and {sight.where}"
    )
