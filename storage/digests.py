"""Digests in the store: which period was posted, and the numbers of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.model import Category, category
from storage import callbacks, responses
from storage.db import moment, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model import Received
    from storage.db import Db, Row


def first_start(db: Db, now: datetime) -> datetime:
    """Return when the bot was started on this store for the first time; remember `now` when it never was."""
    db.execute(
        "insert into settings (name, value) values ('first_start', :now) on conflict (name) do nothing",
        now=stamp(now),
    )
    return moment(db.value("select value from settings where name = 'first_start'"))


def claim(  # noqa: PLR0913  # which, and when
    db: Db, kind: str, first: date, last: date, due_at: datetime, now: datetime
) -> int | None:
    """Take the posting of a period's digest; None when it was taken before: it is posted once."""
    row = db.row(
        """insert into digests (period, first_day, last_day, due_at, queued_at)
           values (:kind, :first, :last, :due, :now)
           on conflict (name, period, first_day) do nothing returning id""",
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


def cohort(db: Db, first: datetime, end: datetime, now: datetime) -> Row:
    """Return what became of the callbacks opened in [first, end): counts, and the times to claim and to first call.

    `called_for` leaves out what was dismissed without a claim or a call; `to_claim` and `to_call` are lists of
    timedeltas, of those only that were claimed or called.
    """
    rows = db.rows(
        """select state, opened_at, due_at, first_claimed_at, first_called_at, dismissed from callbacks
           where opened_at >= :first and opened_at < :end""",
        first=stamp(first),
        end=stamp(end),
    )

    def spans(name: str) -> list[timedelta]:
        return [moment(row[name]) - moment(row["opened_at"]) for row in rows if row[name]]

    return {
        "opened": len(rows),
        "called_for": sum(
            row["dismissed"] is None or bool(row["first_claimed_at"] or row["first_called_at"]) for row in rows
        ),
        "closed": sum(row["state"] == "closed" for row in rows),
        "overdue": sum(row["state"] != "closed" and row["due_at"] < stamp(now) for row in rows),
        "to_claim": spans("first_claimed_at"),
        "to_call": spans("first_called_at"),
    }


def waiting_detractors(db: Db, limit: int) -> tuple[list[Row], int]:
    """Return the detractors whom nobody has called, most overdue first, with where their cards stand, and how many."""
    worst = max(score for score in range(11) if category(score) is Category.DETRACTOR)
    condition = """from callbacks c join responses r on r.id = c.response_id
        where c.state <> 'closed' and c.first_called_at is null and r.score <= :worst"""
    rows = db.rows(
        f"""select r.*, (select ts from messages where kind = 'card' and subject = r.id) as card_ts,
              (select posted_to from messages where kind = 'card' and subject = r.id) as card_channel
            {condition} order by c.due_at, r.id limit :limit""",
        worst=worst,
        limit=limit,
    )
    found = [
        {
            "found": responses.received(row, callbacks.of_response(db, row["id"])),
            "ts": row["card_ts"],
            "channel": row["card_channel"],
        }
        for row in rows
    ]
    return found, int(db.value(f"select count(*) {condition}", worst=worst))


def comments(db: Db, first: datetime, end: datetime) -> list[Received]:
    """Return one telling comment of each category in [first, end): of a readable length, else the longest."""
    chosen = []
    for which in Category:
        scores = [score for score in range(11) if category(score) is which]
        row = db.row(
            """select * from responses
               where submitted_at >= :first and submitted_at < :end and test = 0 and score between :low and :high
                 and trim(coalesce(comment, '')) <> ''
               order by length(comment) between 40 and 400 desc, length(comment) desc, id limit 1""",
            first=stamp(first),
            end=stamp(end),
            low=min(scores),
            high=max(scores),
        )
        if row is not None:
            chosen.append(responses.received(row))
    return chosen
