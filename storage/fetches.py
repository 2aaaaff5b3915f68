"""What is still to be asked of a tool's API: responses that are known by their id only, one row each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model import Thin
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db, Row


@dataclass(frozen=True, slots=True)
class Fetch:
    """A response to be asked for; `turn` counts the events that named it, `attempts` what failed since the last."""

    id: int
    source: str
    thin: Thin
    received_at: datetime
    turn: int
    attempts: int


def put(db: Db, source: str, thin: Thin, now: datetime) -> None:
    """Ask for a response; one that is asked for already is asked for as its latest event says, from the start."""
    db.execute(
        """insert into fetches (source, response_id, requests, content_type, event, received_at)
           values (:source, :response_id, :requests, :content_type, :event, :now)
           on conflict (source, response_id) do update set
             requests = excluded.requests, content_type = excluded.content_type, event = excluded.event,
             received_at = excluded.received_at, turn = turn + 1, attempts = 0, reason = null""",
        source=source,
        response_id=thin.id,
        requests=json.dumps(thin.requests),
        content_type=thin.content_type,
        event=thin.event,
        now=stamp(now),
    )


def due(db: Db, source: str, now: datetime) -> Fetch | None:
    """Return what of a source is to be asked for next."""
    row = db.row(
        """select * from fetches where source = :source and coalesce(not_before, '') <= :now
           order by not_before, id limit 1""",
        source=source,
        now=stamp(now),
    )
    if row is None:
        return None
    thin = Thin(row["response_id"], tuple(json.loads(row["requests"])), row["event"], row["content_type"])
    return Fetch(row["id"], source, thin, moment(row["received_at"]), row["turn"], row["attempts"])


def next_moment(db: Db, source: str) -> datetime | None:
    """Return when the next of a source is due that has to wait; None where none has."""
    return moment_or_none(db.value("select min(not_before) from fetches where source = :source", source=source))


def again(db: Db, fetch: Fetch, not_before: datetime, reason: str) -> None:
    """It could not be had: ask again at a later time, unless a newer event has come meanwhile."""
    db.execute(
        """update fetches set attempts = attempts + 1, not_before = :not_before, reason = :reason
           where id = :id and turn = :turn""",
        id=fetch.id,
        turn=fetch.turn,
        not_before=stamp_or_none(not_before),
        reason=reason,
    )


def hold(db: Db, source: str, until: datetime, reason: str) -> None:
    """Nothing of a source is asked for until then."""
    db.execute(
        """update fetches set not_before = max(coalesce(not_before, ''), :until), reason = :reason
           where source = :source""",
        source=source,
        until=stamp(until),
        reason=reason,
    )


def done(db: Db, fetch: Fetch) -> bool:
    """Strike it off, unless a newer event asks for it again; False when it was taken away meanwhile."""
    struck = db.execute("delete from fetches where id = :id and turn = :turn", id=fetch.id, turn=fetch.turn)
    return struck > 0 or db.value("select 1 from fetches where id = :id", id=fetch.id) is not None


def waiting(db: Db) -> dict[str, Row]:
    """Return for each source how many wait (n), and why the last that failed did (reason, None for none)."""
    rows = db.rows("select source, count(*) as n, max(reason) as reason from fetches group by source")
    return {row["source"]: row for row in rows}
