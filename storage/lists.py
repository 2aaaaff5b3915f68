"""The lists of a team's daily work: what waits, what one person has told, a page at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.veil import OPEN, Veil
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from storage.db import Db, Row


_PLACE = """coalesce(
  (select m.channel from messages m where m.kind = 'card' and m.subject = r.id),
  (select value from json_each(:channel_by_source) where key = r.source), :default_channel)"""
"""The channel of a response `r`."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Which responses a person sees: those whose card stands in one of some channels; None is all of them.

    What has no card counts as one in the channel that its source has, else in the default channel. The `veil` is over
    what they see: of `hidden` channels and `nameless` surveys they do not see who answered.
    """

    channels: frozenset[str] | None = None
    by_source: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    veil: Veil = OPEN
    hidden: frozenset[str] = frozenset()
    nameless: frozenset[str] = frozenset()

    @property
    def where(self) -> str:
        """Return the condition on a response `r`, for a query that has `values`."""
        if self.channels is None:
            return "1 = 1"
        return f"{_PLACE} in (select value from json_each(:seen_channels))"

    @property
    def by_name(self) -> str:
        """Return the condition on a response `r` that may be found by who answered."""
        found = self.where
        if self.nameless:
            found += " and coalesce(r.survey, '') not in (select value from json_each(:nameless))"
        if self.hidden:
            found += f""" and ({_PLACE} not in (select value from json_each(:hidden_channels)) or exists (
              select 1 from callbacks held
              where held.response_id = coalesce(r.callback_of, r.id) and held.holder = :reader))"""
        return found

    @property
    def answer(self) -> str:
        """Return the expression for the answer in sight of a callback `c`: the one it was opened for before others.

        Null where none of those that share it is.
        """
        if self.channels is None:
            return "c.response_id"
        return f"""coalesce(
          (select r.id from responses r where r.id = c.response_id and {self.where}),
          (select min(r.id) from responses r where r.callback_of = c.response_id and {self.where}))"""

    @property
    def values(self) -> dict[str, str]:
        """Return the values of the conditions."""
        found = {"nameless": json.dumps(sorted(self.nameless))} if self.nameless else {}
        if self.hidden:
            found |= {"hidden_channels": json.dumps(sorted(self.hidden)), "reader": self.veil.reader or ""}
        if self.channels is not None:
            found |= {"seen_channels": json.dumps(sorted(self.channels))}
        if self.channels is None and not self.hidden:
            return found
        return found | {"channel_by_source": json.dumps(dict(self.by_source)), "default_channel": self.default}


def channels(db: Db) -> frozenset[str]:
    """Return the channels in which cards stand; each is looked up from the one before, however many cards there are."""
    rows = db.rows(
        """with recursive c (channel) as (
             select min(channel) from messages where kind = 'card'
             union all
             select (select min(channel) from messages m where kind = 'card' and m.channel > c.channel) from c
             where c.channel is not null)
           select channel from c where channel is not null"""
    )
    return frozenset(row["channel"] for row in rows)


_ASLEEP = "coalesce(c.snoozed_until, '') > :now"
_OPEN = "c.state = 'open'"
_HELD = "c.holder = :holder"


def waiting(  # noqa: PLR0913  # whose, in whose sight, which of them
    db: Db, holder: str | None, sight: Sight, now: datetime, limit: int, skip: int = 0, *, asleep: bool = False
) -> list[int]:
    """Return what somebody (None: nobody) holds and has, or has not, put aside, by due time: an answer a callback."""
    rows = db.rows(
        f"""select {sight.answer} as answer from callbacks c
            where {_OPEN if holder is None else _HELD} and {"" if asleep else "not "}{_ASLEEP}
              and {sight.answer} is not null
            order by c.due_at, c.response_id limit :limit offset :skip""",
        **_values(holder, sight, now),
        limit=limit,
        skip=skip,
    )
    return [row["answer"] for row in rows]


def waiting_counts(db: Db, holder: str | None, sight: Sight, now: datetime) -> Row:
    """Count what `waiting` lists: `awake`, of which `overdue`, and `asleep`."""
    found = db.row(
        f"""select count(*) filter (where not {_ASLEEP}) as awake, count(*) filter (where {_ASLEEP}) as asleep,
              count(*) filter (where not {_ASLEEP} and c.due_at < :now) as overdue
            from callbacks c where {_OPEN if holder is None else _HELD} and {sight.answer} is not null""",
        **_values(holder, sight, now),
    )
    assert found is not None  # noqa: S101  # a count is always one row
    return found


def _values(holder: str | None, sight: Sight, now: datetime) -> dict[str, str]:
    return {"now": stamp(now), **({} if holder is None else {"holder": holder}), **sight.values}


def told_by(db: Db, email: str, sight: Sight, limit: int, skip: int = 0) -> tuple[list[Row], int]:
    """Return a page of all that one person answered and of the calls about it, and how many there are in all.

    Newest answers first, each followed by its calls, oldest first: `id`, `change` from the answer before, `call_id`.
    """
    rows = db.rows(
        f"""with answers as (
              select r.id, r.submitted_at, r.score - lag(r.score) over (order by r.submitted_at, r.id) as change
              from responses r
              where lower(r.email) = lower(:email) and r.email is not null and r.score is not null and {sight.by_name}),
            entries as (
              select id, submitted_at, change, 0 as call_id from answers
              union all
              select a.id, a.submitted_at, a.change, calls.id from answers a join calls on calls.response_id = a.id)
            select id, change, call_id, count(*) over () as total from entries
            order by submitted_at desc, id desc, call_id limit :limit offset :skip""",
        email=email,
        **sight.values,
        limit=limit,
        skip=skip,
    )
    return rows, rows[0]["total"] if rows else 0


def places(db: Db, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return where the cards of responses stand in Slack: channel and ts, for those that do."""
    rows = db.rows(
        """select subject, posted_to, ts from messages
           where kind = 'card' and ts is not null and subject in (select value from json_each(:ids))""",
        ids=json.dumps(list(ids)),
    )
    return {row["subject"]: (row["posted_to"], row["ts"]) for row in rows}


def standing_at(db: Db, channel: str, stamps: Sequence[str], sight: Sight) -> str | None:
    """Return the public id of the response in sight whose card stands at one of some places in a channel, if any."""
    found: str | None = db.value(
        f"""select r.public_id from messages card join responses r on r.id = card.subject
            where card.kind = 'card' and card.posted_to = :channel and card.ts is not null
              and card.ts in (select value from json_each(:stamps)) and {sight.where}""",
        channel=channel,
        stamps=json.dumps(stamps),
        **sight.values,
    )
    return found


def of_addresses(db: Db, emails: Sequence[str], sight: Sight, limit: int) -> list[int]:
    """Return what those with some addresses answered: what still waits for a call first, then the newest."""
    rows = db.rows(
        f"""select r.id from responses r left join callbacks c on c.response_id = coalesce(r.callback_of, r.id)
            where lower(r.email) in (select lower(value) from json_each(:emails)) and r.email is not null
              and r.score is not null and {sight.by_name}
            order by coalesce(c.state, 'closed') = 'closed', r.submitted_at desc, r.id desc limit :limit""",
        emails=json.dumps(emails),
        limit=limit,
        **sight.values,
    )
    return [row["id"] for row in rows]


def done_since(db: Db, since: datetime) -> Row:
    """Count what a team has done since a time: `calls`, by how many `people`, and how many callbacks `closed`."""
    found = db.row(
        """select count(*) as calls, count(distinct caller) as people,
             (select count(*) from callbacks where closed_at >= :since and closed_by is not null) as closed
           from calls where at >= :since""",
        since=stamp(since),
    )
    assert found is not None  # noqa: S101  # a count is always one row
    return found


def last_move(db: Db) -> int:
    """Return a number that grows with every move of a callback: the history is only ever added to."""
    found: int = db.value("select coalesce(max(id), 0) from history")
    return found
