"""What has been kept for as long as it may be: deliveries as they came, and answers that still tell of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.db import stamp
from storage.forgotten import BODIES

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db


def drop_bodies(db: Db, before: datetime, most: int) -> int:
    """Drop deliveries that were received before a time, at most so many of each kind; return how many."""
    return sum(
        db.execute(
            f"""delete from {table} where id in (
                  select id from {table} where received_at < :before order by id limit :most)""",
            before=stamp(before),
            most=most,
        )
        for table, _ in BODIES
    )


def persons(db: Db, before: datetime, most: int) -> list[int]:
    """Return the oldest answers from before a time that still tell of a person."""
    rows = db.rows(
        """select id from responses where forgotten = 0 and submitted_at < :before
           order by submitted_at limit :most""",
        before=stamp(before),
        most=most,
    )
    return [row["id"] for row in rows]


def count(db: Db, before: datetime) -> int:
    """Return how many answers from before a time still tell of a person."""
    found: int = db.value(
        "select count(*) from responses where forgotten = 0 and submitted_at < :before", before=stamp(before)
    )
    return found
