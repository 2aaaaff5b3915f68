"""How each source fares: how many of its deliveries were answered how, a row a day and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.db import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from storage.db import Db, Row


@dataclass(frozen=True, slots=True)
class Tally:
    """Deliveries of one source that were answered alike: `n` of a day, the last of them when and why."""

    source: str
    day: date
    answer: str
    n: int
    last_at: datetime
    reason: str = ""


def add(db: Db, tallies: Iterable[Tally]) -> None:
    """Add what was counted to what is known."""
    for tally in tallies:
        db.execute(
            """insert into traffic (source, day, answer, n, last_at, reason)
               values (:source, :day, :answer, :n, :last_at, :reason)
               on conflict (source, day, answer) do update set
                 n = n + excluded.n,
                 reason = case when excluded.last_at >= last_at then excluded.reason else reason end,
                 last_at = max(last_at, excluded.last_at)""",
            source=tally.source,
            day=tally.day.isoformat(),
            answer=tally.answer,
            n=tally.n,
            last_at=stamp(tally.last_at),
            reason=tally.reason,
        )


def of_day(db: Db, day: date) -> list[Tally]:
    """Return for each source and answer how many came on a day, 0 for none, and the last that ever came."""
    rows = db.rows(
        """select source, answer, sum(case when day = :day then n else 0 end) as n, max(last_at) as last_at, reason
           from traffic group by source, answer order by source, answer""",
        day=day.isoformat(),
    )
    return [Tally(r["source"], day, r["answer"], r["n"], moment(r["last_at"]), r["reason"]) for r in rows]


def last(db: Db) -> dict[str, datetime]:
    """Return when each source last delivered something authentic."""
    rows = db.rows("select source, max(last_at) as last_at from traffic where answer <> '401' group by source")
    return {row["source"]: moment(row["last_at"]) for row in rows}


def stored(db: Db, since: datetime) -> dict[str, Row]:
    """Return for each source when its last stored response came, and how many since a time.

    A process that is killed loses what it has counted for some seconds, but never a response.
    """
    rows = db.rows(
        """select source, max(received_at) as last_at, sum(received_at >= :since) as n
           from responses where imported = 0 group by +source""",
        since=stamp(since),
    )
    return {row["source"]: row for row in rows}
