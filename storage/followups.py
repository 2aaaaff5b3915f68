"""What became of callbacks, and who did it, over a time: the rows behind a digest's figures of the loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bot.closing import Recovery, Team
from bot.groups import NOBODY
from bot.model import Category, Outcome, category
from bot.segments import EVERYONE
from storage.db import stamp
from storage.scores import condition, tallied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.segments import Segment
    from storage.db import Db

UNREACHED = (Outcome.UNREACHABLE, Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.WRONG_NUMBER)
"""What a closed callback ended with when the customer was never spoken to."""
WORST = max(score for score in range(11) if category(score) is Category.DETRACTOR)


_OPENED = "c.opened_at >= :first and c.opened_at < :end"
CALLED_FOR = """(c.to_claim_us is not null or c.to_call_us is not null
  or c.closed_at is null or c.dismissed is null)"""
"""What was dismissed before anybody claimed it or called was never to be called; only what is closed can be that."""


def became(db: Db, first: datetime, end: datetime, now: datetime, segment: Segment = EVERYONE) -> dict[str, int]:
    """Return how many callbacks were opened in [first, end), and what became of them until now."""
    source, values = opened(first, end, segment)
    unreached = ", ".join(f"'{outcome}'" for outcome in UNREACHED)
    row = db.row(
        f"""select count(*) as opened, count(c.to_claim_us) as claimed, count(c.to_call_us) as called,
              count(c.closed_at) as closed, count(c.dismissed) as dismissed,
              count(*) filter (where c.closed_at is null and c.due_at < :now) as overdue,
              count(*) filter (where c.closed_at is not null and c.outcome in ({unreached})) as unreachable {source}""",
        now=stamp(now),
        **values,
    )
    return row or {}


class Detractor(NamedTuple):
    """A detractor who was to be called: when that began, and when one of us spoke to them."""

    opened_at: str
    reached_at: str | None


def detractors(db: Db, first: datetime, end: datetime, segment: Segment = EVERYONE) -> Iterator[Detractor]:
    """Yield the detractors whose callback was opened in [first, end); reached is the first call logged as that.

    Of several answers that share a callback, one of a detractor is enough.
    """
    only, values = condition(segment, "r")
    rows = db.connection.execute(
        f"""select c.opened_at, case when c.first_called_at is not null then
                (select min(at) from calls where response_id = c.response_id and outcome = :reached) end
            from callbacks c join responses r on r.id = c.response_id
            where {_OPENED} and {CALLED_FOR}{only} and (r.score <= :worst
              or exists (select 1 from responses s where s.callback_of = c.response_id and s.score <= :worst))""",
        {"first": stamp(first), "end": stamp(end), "worst": WORST, "reached": Outcome.REACHED, **values},
    )
    return map(Detractor._make, rows)


def opened(first: datetime, end: datetime, segment: Segment) -> tuple[str, dict[str, Any]]:
    """Return the callbacks opened in [first, end); of everyone without a look at their responses."""
    only, values = condition(segment, "r")
    join = " join responses r on r.id = c.response_id" if only else ""
    return f"from callbacks c{join} where {_OPENED}{only}", {"first": stamp(first), "end": stamp(end), **values}


def team(db: Db, first: datetime, end: datetime) -> Team:
    """Return how many colleagues logged how many calls in [first, end), and how many of these were conversations."""
    row = db.row(
        """select count(distinct caller) as colleagues, count(*) as calls,
             count(*) filter (where outcome = :reached) as conversations
           from calls where at >= :first and at < :end""",
        first=stamp(first),
        end=stamp(end),
        reached=Outcome.REACHED,
    )
    return Team(**row) if row else Team()


def calls_by_person(db: Db, first: datetime, end: datetime) -> dict[str, int]:
    """Return how many calls each person logged in [first, end)."""
    return _by_person(
        db, "select caller, count(*) from calls where at >= :first and at < :end group by caller", first, end
    )


def closed_by_person(db: Db, first: datetime, end: datetime) -> dict[str, int]:
    """Return how many callbacks that are closed now each person closed after a call in [first, end)."""
    return _by_person(
        db,
        """select closed_by, count(*) from callbacks
           where closed_at >= :first and closed_at < :end and closed_by is not null and dismissed is null
           group by closed_by""",
        first,
        end,
    )


def _by_person(db: Db, sql: str, first: datetime, end: datetime) -> dict[str, int]:
    return dict(db.connection.execute(sql, {"first": stamp(first), "end": stamp(end)}).fetchall())


def first_calls(db: Db, first: datetime, end: datetime) -> list[tuple[str, int]]:
    """Return who made each callback's first call in [first, end), and how many microseconds after its opening."""
    return db.connection.execute(
        """select k.caller, c.to_call_us from calls k
           join callbacks c on c.response_id = k.response_id and c.first_called_at = k.at
           where k.at >= :first and k.at < :end""",
        {"first": stamp(first), "end": stamp(end)},
    ).fetchall()


def marked(db: Db, first: datetime, end: datetime) -> tuple[int, int]:
    """Return how many referrals customers gave and how many lessons were noted, in the calls of [first, end)."""
    referrals, lessons = db.connection.execute(
        """select count(*) filter (where referral_name is not null or referral_contact is not null),
             count(*) filter (where lesson = 1)
           from calls where at >= :first and at < :end""",
        {"first": stamp(first), "end": stamp(end)},
    ).fetchone()
    return int(referrals), int(lessons)


def recovery(db: Db, first: datetime, end: datetime, most: int, segment: Segment = EVERYONE) -> Recovery:
    """Return how detractors answered the next time, where that was in [first, end), with and without a call between.

    Looked at are the last `most` answers with an e-mail, so that it takes as long however many there are.

    The next time is the same person's next answer, told by the e-mail; those for whom no callback was opened here
    (imported answers) are on neither side, for nobody knows whether they were called.
    """
    only, wanted = condition(segment, "r")
    gave = ", ".join(f"count(*) filter (where score = {score})" for score in range(11))
    rows = db.connection.execute(
        f"""with next as (
              select r.score as score, r.submitted_at as at, (
                select e.id from responses e
                where lower(e.email) = lower(r.email) and e.email is not null and e.submitted_at < r.submitted_at
                  and e.score is not null and e.test = 0
                order by e.submitted_at desc, e.id desc limit 1) as before
              from responses r
              where r.submitted_at >= :first and r.submitted_at < :end and r.score is not null and r.test = 0
                and r.email is not null{only}
              order by r.submitted_at desc, r.id desc limit :most)
            select coalesce(c.first_called_at < next.at, false) as called, {gave.replace("score", "next.score")}
            from next join responses e on e.id = next.before and e.score <= :worst
            join callbacks c on c.response_id = coalesce(e.callback_of, e.id)
            group by called""",
        {"first": stamp(first), "end": stamp(end), "worst": WORST, "most": most, **wanted},
    )
    found = {called: tallied(given) for called, *given in rows}
    return Recovery(found.get(1, NOBODY), found.get(0, NOBODY))
