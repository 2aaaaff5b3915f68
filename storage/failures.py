"""Messages that a person has to decide about: those that failed, and those nobody can look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.outbox import CANNOT_ASK
from storage.sending import again, by_id

if TYPE_CHECKING:
    from storage.db import Db, Row


def unanswerable(db: Db) -> list[str]:
    """Return why messages stay in doubt that Slack cannot be asked about, each reason once."""
    rows = db.rows(
        "select distinct reason from outbox where state = 'unknown' and reason like :pattern", pattern=f"{CANNOT_ASK}%"
    )
    return [row["reason"] for row in rows]


def listing(db: Db, limit: int = 200) -> list[Row]:
    """Return what waits or failed, failures first: id, kind, subject, channel, state, attempts, queued_at, reason."""
    return db.rows(
        """select o.id, m.kind, m.subject, m.channel, o.state, o.attempts, o.queued_at, o.reason
           from outbox o join messages m on m.id = o.message_id
           order by o.state = 'failed' desc, o.id limit :limit""",
        limit=limit,
    )


def retry(db: Db, ids: list[int]) -> int:
    """Queue again the failed rows, or those given; one in doubt is queued too, on a person's word."""
    changed = 0
    for task_id in ids or _failed(db):
        task = by_id(db, task_id)
        if task is not None and task.state in {"failed", "unknown"}:
            again(db, task, None, "asked for by hand")
            changed += 1
    return changed


def drop(db: Db, ids: list[int]) -> int:
    """Forget the failed rows, or those given, and what waits for them in their threads."""
    changed = 0
    for task_id in ids or _failed(db):
        changed += db.execute(
            """delete from outbox where state <> 'sending' and (id = :id or message_id in (
                 select m.id from messages m join outbox o on m.parent = o.message_id
                 join messages p on p.id = o.message_id where o.id = :id and p.ts is null))""",
            id=task_id,
        )
    return changed


def _failed(db: Db) -> list[int]:
    return [row["id"] for row in db.rows("select id from outbox where state = 'failed'")]
