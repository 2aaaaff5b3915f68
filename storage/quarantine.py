"""Authentic deliveries that could not be mapped: kept whole until the mapping is mended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage.db import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.db import Db, Row

SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


def keep(  # noqa: PLR0913  # a delivery is all of this
    db: Db, source: str, headers: Mapping[str, str], body: bytes, reason: str, now: datetime
) -> int:
    """Keep a delivery; headers that bear a secret are left out."""
    kept = {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
    return db.insert(
        """insert into quarantine (source, received_at, headers, body, reason)
           values (:source, :now, :headers, :body, :reason)""",
        source=source,
        now=stamp(now),
        headers=json.dumps(kept),
        body=body,
        reason=reason,
    )


def listing(db: Db) -> list[Row]:
    """Return what is kept, oldest first: id, source, received_at, headers, body, reason."""
    rows = db.rows("select * from quarantine order by id")
    return [{**row, "received_at": moment(row["received_at"]), "headers": json.loads(row["headers"])} for row in rows]


def by_source(db: Db) -> dict[str, int]:
    """Return how many deliveries of each source are kept."""
    rows = db.rows("select source, count(*) as n from quarantine group by source")
    return {row["source"]: row["n"] for row in rows}


def still(db: Db, entry: int, reason: str) -> None:
    """It still cannot be mapped, for this reason."""
    db.execute("update quarantine set reason = :reason where id = :id", id=entry, reason=reason)


def drop(db: Db, entry: int) -> int:
    """Let a delivery go; return how many there were."""
    return db.execute("delete from quarantine where id = :id", id=entry)
