"""Digests in the store: which period was posted, and the numbers of one."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from bot.model import Category, category
from bot.segments import EVERYONE
from storage import callbacks, responses, scores
from storage.db import moment, stamp
from storage.followups import WORST

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.model import Received
    from bot.segments import Segment
    from storage.db import Db, Row


def first_start(db: Db, now: datetime, digest: str = "") -> datetime:
    """Return when the bot was first started on this store, or first knew of such a digest; remember `now` if never."""
    name = f"first_start {digest}".rstrip()
    db.execute(
        "insert into settings (name, value) values (:name, :now) on conflict (name) do nothing",
        name=name,
        now=stamp(now),
    )
    return moment(db.value("select value from settings where name = :name", name=name))


def claim(  # noqa: PLR0913  # which, and when
    db: Db, kind: str, first: date, last: date, due_at: datetime, now: datetime, name: str = ""
) -> int | None:
    """Take the posting of a period's digest; None when it was taken before: it is posted once."""
    row = db.row(
        """insert into digests (name, period, first_day, last_day, due_at, queued_at)
           values (:name, :kind, :first, :last, :due, :now)
           on conflict (name, period, first_day) do nothing returning id""",
        name=name,
        kind=kind,
        first=first.isoformat(),
        last=last.isoformat(),
        due=stamp(due_at),
        now=stamp(now),
    )
    return None if row is None else int(row["id"])


def by_id(db: Db, digest_id: int) -> Row | None:
    """Return a digest's row with days and times as such."""
    row = db.row("select * from digests where id = :id", id=digest_id)
    if row is None:
        return None
    days = {name: date.fromisoformat(row[name]) for name in ("first_day", "last_day")}
    return {**row, **days, "due_at": moment(row["due_at"]), "queued_at": moment(row["queued_at"])}


def waiting_detractors(db: Db, limit: int, segment: Segment = EVERYONE) -> tuple[list[Row], int]:
    """Return the detractors whom nobody has called, most overdue first, with where their cards stand, and how many.

    Of several answers that share a callback the worst stands for it.
    """
    only, wanted = scores.condition(segment, "r")
    rows = db.rows(
        f"""with waiting as materialized (
              select r.id, c.due_at from callbacks c join responses r on r.id = (
                select s.id from responses s where s.id = c.response_id or s.callback_of = c.response_id
                order by s.score, s.id limit 1)
              where c.state <> 'closed' and c.first_called_at is null and r.score <= :worst{only})
            select r.*, (select count(*) from waiting) as in_all,
              (select ts from messages where kind = 'card' and subject = r.id) as card_ts,
              (select posted_to from messages where kind = 'card' and subject = r.id) as card_channel
            from (select * from waiting order by due_at, id limit :limit) as first join responses r on r.id = first.id
            order by first.due_at, r.id""",
        worst=WORST,
        limit=limit,
        **wanted,
    )
    found = [
        {
            "found": responses.received(row, callbacks.of_response(db, row["id"])),
            "ts": row["card_ts"],
            "channel": row["card_channel"],
        }
        for row in rows
    ]
    return found, rows[0]["in_all"] if rows else 0


def comments(
    db: Db, first: datetime, end: datetime, segment: Segment = EVERYONE, but: Collection[int] = ()
) -> list[Received]:
    """Return one telling comment of each category in [first, end): of a readable length, else the longest.

    Those of the ids in `but` are left out.
    """
    only, wanted = scores.condition(segment)
    chosen = []
    for which in Category:
        given = [score for score in range(11) if category(score) is which]
        row = db.row(
            f"""select * from responses
               where submitted_at >= :first and submitted_at < :end and test = 0 and score between :low and :high
                 and trim(coalesce(comment, '')) <> '' and id not in (select value from json_each(:but)){only}
               order by length(comment) between 40 and 400 desc, length(comment) desc, id limit 1""",
            first=stamp(first),
            end=stamp(end),
            low=min(given),
            high=max(given),
            but=json.dumps([*but]),
            **wanted,
        )
        if row is not None:
            chosen.append(responses.received(row))
    return chosen
