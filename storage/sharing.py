"""One person, one callback: which answers share it, and where their cards stand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from storage import outbox
from storage.db import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db import Db, Row


LOOKED_AT = 50
"""Of somebody's answers the newest, among which a callback under way is looked for, however often they answered."""
SHARING_MOST = 20
"""Answers of one callback: each move brings the cards of all of them up to date."""

_UNDER_WAY = """
with me as (select source, email, respondent_id from responses where id = :id),
theirs as (
  select * from (select id, coalesce(callback_of, id) as callback_of, email, forgotten, 1 as rank from responses
    where email is not null and lower(email) = (select lower(email) from me where trim(email) <> '')
    order by submitted_at desc, id desc limit :looked_at)
  union all
  select * from (select id, coalesce(callback_of, id) as callback_of, email, forgotten, 2 as rank from responses
    where respondent_id = (select respondent_id from me where trim(respondent_id) <> '')
      and source = (select source from me)
    order by id desc limit :looked_at)
)
select c.response_id from theirs t join me join callbacks c on c.response_id = t.callback_of
where t.id <> :id and t.forgotten = 0 and c.state <> 'closed'
  and (t.email is null or me.email is null or lower(t.email) = lower(me.email))
  and (select count(*) from responses s where s.callback_of = c.response_id) < :most - 1
  and not exists (select 1 from responses s where (s.id = c.response_id or s.callback_of = c.response_id)
    and lower(s.email) <> lower(me.email))
order by t.rank, c.opened_at desc, c.response_id limit 1
"""


def answered_before(db: Db, ids: Sequence[int]) -> set[int]:
    """Return those of new responses beside which there are others of what may be the same person; see `under_way`."""
    rows = db.rows(
        """select r.id from json_each(:ids) join responses r on r.id = value
           where (trim(r.email) <> '' and exists (select 1 from responses o
               where lower(o.email) = lower(r.email) and o.email is not null and o.id <> r.id))
             or (trim(r.respondent_id) <> '' and exists (select 1 from responses o
               where o.respondent_id = r.respondent_id and o.source = r.source and o.id <> r.id))""",
        ids=json.dumps(ids),
    )
    return {row["id"] for row in rows}


def under_way(db: Db, response_id: int) -> int | None:
    """Return whose callback, open or claimed, the person of a response has already; None when there is none.

    A person is known by their e-mail, whatever its case; where one of two answers has none, by what the same source
    calls them, unless others share it who have another one. Who is neither known nor remembered is nobody's second
    self.
    """
    found: int | None = db.value(_UNDER_WAY, id=response_id, looked_at=LOOKED_AT, most=SHARING_MOST)
    return found


def share(db: Db, response_id: int, callback_id: int) -> None:
    """Let a response share a callback that is another's."""
    db.execute("update responses set callback_of = :callback where id = :id", id=response_id, callback=callback_id)


def of_callback(db: Db, callback_id: int) -> list[int]:
    """Return the responses that a callback is about, the one that it was opened for first."""
    rows = db.rows("select id from responses where callback_of = :id order by id", id=callback_id)
    return [callback_id, *(row["id"] for row in rows)]


def worst(db: Db, callback_id: int) -> int:
    """Return the lowest score of the answers that a callback is about."""
    score: int = db.value("select min(score) from responses where id = :id or callback_of = :id", id=callback_id)
    return score


def refresh(db: Db, callback_id: int, now: datetime) -> None:
    """Ask for every card of a callback to be brought up to date."""
    refresh_all(db, [callback_id], now)


def refresh_all(db: Db, callback_ids: Sequence[int], now: datetime) -> None:
    """Ask for every card of several callbacks to be brought up to date."""
    sharing = db.rows(
        "select id from responses where callback_of in (select value from json_each(:ids))",
        ids=json.dumps(callback_ids),
    )
    outbox.refresh_all(db, "card", [*callback_ids, *(row["id"] for row in sharing)], now)


def others(db: Db, callback_id: int, response_id: int) -> list[Row]:
    """Return the other responses of a callback, oldest first: id, score, submitted_at; of the card channel, ts, place.

    The channel is the id that Slack has answered, the place its name or id as it is set.
    """
    rows = db.rows(
        """select r.id, r.score, r.submitted_at, m.posted_to as channel, m.ts, m.channel as place
           from responses r left join messages m on m.kind = 'card' and m.subject = r.id
           where (r.id = :callback or r.callback_of = :callback) and r.id <> :id order by r.submitted_at, r.id""",
        callback=callback_id,
        id=response_id,
    )
    return [{**row, "submitted_at": moment(row["submitted_at"])} for row in rows]
