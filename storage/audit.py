"""The audit trail: who looked at what, and did what beside the moves of the history; nothing in it is changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.db import Db, Row


def note(  # who did what to which, when and how
    db: Db, actor: str | None, action: str, public_id: str | None, now: datetime, **details: object
) -> None:
    """Append to the trail; details hold ids, numbers and words of ours alone, never what a customer said or is."""
    db.execute(
        """insert into audit (at, actor, action, response_id, details)
           values (:at, :actor, :action, (select id from responses where public_id = :id), :details)""",
        at=stamp(now),
        actor=actor,
        action=action,
        id=public_id,
        details=json.dumps(details) if details else "{}",
    )


def each(db: Db) -> Iterator[Row]:
    """Yield the whole trail with every move and call, in order of time: at, actor, action, response_id, details."""
    return db.each(
        """select t.at, t.actor, t.action, r.public_id as response_id, t.details from (
             select at, actor, action, response_id, details, id, 0 as looked from history
             union all select at, actor, action, response_id, details, id, 1 as looked from audit) t
           left join responses r on r.id = t.response_id
           order by t.at, t.looked, t.id"""
    )


def of_response(db: Db, response_id: int) -> list[Row]:
    """Return who looked at a response, beside its history, oldest first: at, actor, action."""
    return db.rows("select at, actor, action from audit where response_id = :id order by id", id=response_id)
