"""Lanes that are kept still."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.db import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db, Row
    from storage.sending import Task


def pause(db: Db, lane: str, until: datetime, reason: str, now: datetime) -> None:
    """Keep a lane ('*': all of them) still until a time, and say why to whoever asks."""
    db.execute(
        """insert into lanes (lane, paused_until, reason, since) values (:lane, :until, :reason, :now)
           on conflict (lane) do update set paused_until = excluded.paused_until, reason = excluded.reason""",
        lane=lane,
        until=stamp(until),
        reason=reason,
        now=stamp(now),
    )


def resume(db: Db, task: Task, now: datetime) -> None:
    """Let a task's lane go on, now that Slack has dealt with it; what paused all of them is over, too.

    A change that has gone through tells that its channel is free; its posts still wait as long as a 429 asked.
    """
    db.execute(
        "delete from lanes where lane in (:lane, '*') or (lane = :channel and paused_until <= :now)",
        lane=task.lane,
        channel=task.message.channel,
        now=stamp(now),
    )


def paused(db: Db) -> list[Row]:
    """Return the lanes that are kept still and in which anything waits: lane, reason, since, paused_until."""
    return db.rows(
        """select lane, reason, since, paused_until from lanes l
           where exists (select 1 from outbox o join messages m on m.id = o.message_id
                         where o.state <> 'failed' and l.lane in (o.lane, m.channel, '*'))
           order by lane"""
    )
