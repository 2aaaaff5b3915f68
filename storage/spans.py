"""How long callbacks took to be claimed and to be called: what medians are read from, however many there are."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from bot.segments import EVERYONE
from storage.db import moment
from storage.followups import CALLED_FOR, opened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.segments import Segment
    from storage.db import Db

STEPS = ("to_claim_us", "to_call_us")
ONE_OF = 32
"""Of how many callbacks one is looked at to see about how long they took."""
MICROSECOND = timedelta(microseconds=1)


class Waits(NamedTuple):
    """How long all who wait for one of STEPS have waited, and of some callbacks how long it took, or they wait; µs."""

    waiting: list[int]
    some: list[int]
    some_waiting: list[int]


class Times(NamedTuple):
    """How long one of STEPS took where that lies between two edges, and how many took less, and more; µs."""

    between: list[int]
    shorter: int
    longer: int


def waits(db: Db, first: datetime, end: datetime, now: datetime, segment: Segment = EVERYONE) -> tuple[Waits, ...]:
    """Return of each step who waits for it of the callbacks opened in [first, end): until now, or their closing.

    Those dismissed before anybody claimed them or called are left out: they were never to be called.
    """
    source, values = opened(first, end, segment)
    rows = db.connection.execute(
        f"""select c.to_claim_us, c.to_call_us, c.opened_at, c.closed_at, c.response_id % :one_of = 0 {source}
              and (c.response_id % :one_of = 0 or c.to_claim_us is null or c.to_call_us is null) and {CALLED_FOR}""",
        {"one_of": ONE_OF, **values},
    )
    found = tuple(Waits([], [], []) for _ in STEPS)
    for *steps, opened_at, closed_at, is_one in rows:
        waited = ((moment(closed_at) if closed_at else now) - moment(opened_at)) // MICROSECOND if None in steps else 0
        for step, took in zip(found, steps, strict=True):
            if took is None:
                step.waiting.append(waited)
                if is_one:
                    step.some_waiting.append(waited)
            elif is_one:
                step.some.append(took)
    return found


def times(
    db: Db,
    first: datetime,
    end: datetime,
    edges: Sequence[tuple[float, float]],
    segment: Segment = EVERYONE,
) -> list[Times]:
    """Return how long each step took of the callbacks opened in [first, end), between its edges."""
    source, values = opened(first, end, segment)
    columns = ", ".join(
        f"""json_group_array(c.{step}) filter (where c.{step} between :least_{step} and :most_{step}),
            count(*) filter (where c.{step} < :least_{step}), count(*) filter (where c.{step} > :most_{step})"""
        for step in STEPS
    )
    for step, (least, most) in zip(STEPS, edges, strict=True):
        values |= {f"least_{step}": least, f"most_{step}": most}
    row = db.connection.execute(f"select {columns} {source}", values).fetchone()
    return [Times(json.loads(row[at]), *row[at + 1 : at + 3]) for at in range(0, len(row), 3)]
