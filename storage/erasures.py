"""What was erased, of whom it is not said: asked for by somebody, or a day's retention; and how far it has got.

First the rows are erased, then the file is scrubbed of their traces, and what colleagues wrote themselves into the
threads, which an app cannot delete, is looked for, so that a person can.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from storage.db import moment_or_none, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db import Db, Row

Place = tuple[str, str]
"""A message in Slack: its channel's id and its ts."""
Reply = tuple[str, str, str]
"""A reply: its channel's id, its own ts, and that of the thread's first message."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much was erased, for whom, and how far it has got; `day` is the local day of a retention.

    `bodies` are deliveries that were kept as they came; `looked` is how many of the threads were looked through, and
    `replies` what was found in them, None until all were.
    """

    id: int
    actor: str | None
    day: date | None
    responses: int
    messages: int
    bodies: int
    threads: tuple[Place, ...]
    erased_at: datetime | None
    scrubbed_at: datetime | None
    looked: int
    replies: tuple[Reply, ...] | None


def add(  # noqa: PLR0913  # what was erased, for whom, when
    db: Db,
    now: datetime,
    *,
    actor: str | None,
    responses: int,
    messages: int,
    bodies: int,
    threads: Sequence[Place],
) -> int:
    """Note what has just been erased because somebody asked for it; return the id."""
    return db.insert(
        """insert into erasures (at, actor, responses, messages, bodies, threads, erased_at, replies)
           values (:now, :actor, :responses, :messages, :bodies, :threads, :now, :replies)""",
        now=stamp(now),
        actor=actor,
        responses=responses,
        messages=messages,
        bodies=bodies,
        threads=json.dumps(threads),
        replies=None if threads else "[]",
    )


def of_day(db: Db, day: date, now: datetime) -> Erasure:
    """Return the retention of a local day, begun when it was not yet."""
    db.execute(
        "insert into erasures (at, day, replies) values (:now, :day, '[]') on conflict (day) do nothing",
        now=stamp(now),
        day=day.isoformat(),
    )
    row = db.row("select * from erasures where day = :day", day=day.isoformat())
    assert row is not None  # noqa: S101  # it was written just now
    return _erasure(row)


def more(  # noqa: PLR0913  # to which, and how much of what
    db: Db, erasure: Erasure, *, responses: int, messages: int, bodies: int, threads: Sequence[Place]
) -> None:
    """Add to what a retention has erased so far."""
    db.execute(
        """update erasures set responses = responses + :responses, messages = messages + :messages,
             bodies = bodies + :bodies, threads = :threads
           where id = :id""",
        id=erasure.id,
        responses=responses,
        messages=messages,
        bodies=bodies,
        threads=json.dumps([*erasure.threads, *threads]),
    )


def finish(db: Db, erasure: int, now: datetime) -> None:
    """Note that a day's retention is through; where it erased nothing there is nothing to scrub."""
    db.execute(
        """update erasures set erased_at = :now, scrubbed_at = case when responses + bodies = 0 then :now end,
             replies = case when threads = '[]' then '[]' end
           where id = :id""",
        id=erasure,
        now=stamp(now),
    )


def through(db: Db, day: date) -> bool:
    """Tell whether the retention of a local day is through."""
    return db.value("select erased_at from erasures where day = :day", day=day.isoformat()) is not None


def by_id(db: Db, erasure: int) -> Erasure | None:
    """Return one erasure."""
    row = db.row("select * from erasures where id = :id", id=erasure)
    return None if row is None else _erasure(row)


def last_of_a_day(db: Db) -> Erasure | None:
    """Return the latest retention that is through."""
    row = db.row("select * from erasures where day is not null and erased_at is not null order by day desc limit 1")
    return None if row is None else _erasure(row)


def nights(db: Db, most: int) -> list[Erasure]:
    """Return the latest retentions that are through and erased something, newest first."""
    rows = db.rows(
        """select * from erasures where day is not null and erased_at is not null and responses + bodies > 0
           order by day desc limit :most""",
        most=most,
    )
    return [_erasure(row) for row in rows]


def under_way(db: Db) -> list[Erasure]:
    """Return what is erased, but still to be scrubbed or asked about, oldest first."""
    rows = db.rows(
        """select * from erasures where (scrubbed_at is null or replies is null) and erased_at is not null
           order by id"""
    )
    return [_erasure(row) for row in rows]


def to_put(db: Db, erasure: Erasure) -> int:
    """Return how many messages still wait to be put without whom an erasure concerned; not those set aside."""
    waiting = "select count(*) from outbox where queued_at = :at and state <> 'failed'"
    return 0 if erasure.erased_at is None else int(db.value(waiting, at=stamp(erasure.erased_at)))


def scrubbed(db: Db, ids: Sequence[int], now: datetime) -> None:
    """Note that no trace is left of these in file and log."""
    for erasure in ids:
        db.execute("update erasures set scrubbed_at = :now where id = :id", id=erasure, now=stamp(now))


def replied(db: Db, erasure: int, looked: int, found: Sequence[Reply]) -> Erasure | None:
    """Note where colleagues have written themselves into so many threads more; return the erasure as it is then."""
    db.execute(
        """update erasures set looked = looked + :looked, found = :found where id = :id""",
        id=erasure,
        looked=looked,
        found=json.dumps([*json.loads(db.value("select found from erasures where id = :id", id=erasure)), *found]),
    )
    db.execute(
        "update erasures set replies = found where id = :id and looked >= json_array_length(threads)", id=erasure
    )
    return by_id(db, erasure)


def _erasure(row: Row) -> Erasure:
    return Erasure(
        id=row["id"],
        actor=row["actor"],
        day=None if row["day"] is None else date.fromisoformat(row["day"]),
        responses=row["responses"],
        messages=row["messages"],
        bodies=row["bodies"],
        threads=tuple((channel, ts) for channel, ts in json.loads(row["threads"])),
        erased_at=moment_or_none(row["erased_at"]),
        scrubbed_at=moment_or_none(row["scrubbed_at"]),
        looked=row["looked"],
        replies=None
        if row["replies"] is None
        else tuple((channel, ts, thread) for channel, ts, thread in json.loads(row["replies"])),
    )
