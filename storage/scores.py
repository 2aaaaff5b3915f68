"""How many gave each score over time, for scores and digests: from the roll-ups, else from the responses themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from bot.groups import NOBODY
from bot.model import Category, Counts, category, tally
from bot.periods import EVER, Period, local_day
from bot.segments import EVERYONE, PROPERTY, Segment, is_group
from storage import rollups
from storage.db import moment, stamp, stamp_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storage.db import Db

_GIVEN = [
    [score for score in range(11) if category(score) is which]
    for which in (Category.PROMOTER, Category.PASSIVE, Category.DETRACTOR)
]
_ROLLED_UP = ", ".join(f"sum({' + '.join(rollups.SCORES[score] for score in given)})" for given in _GIVEN)
BY_CATEGORY = ", ".join(f"count(*) filter (where score between {min(given)} and {max(given)})" for given in _GIVEN)
"""What makes Counts of the rows of a roll-up, and of responses."""


def counts(db: Db, first: datetime | None, end: datetime | None, survey: str | None = None) -> Counts:
    """Count the responses of the instants [first, end) by category; None leaves that side open."""
    rows = db.rows(
        """select score, count(*) as n from responses
           where score is not null and test = 0 and (:first is null or submitted_at >= :first)
             and (:end is null or submitted_at < :end) and (:survey is null or survey = :survey)
           group by score""",
        first=stamp_or_none(first),
        end=stamp_or_none(end),
        survey=survey,
    )
    return tally({row["score"]: row["n"] for row in rows})


def by_score(db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE) -> tuple[int, ...]:
    """Return how many gave each score, 0 to 10, in the local days of a period: eleven numbers."""
    source = _source(db, zone, period, segment)
    found: tuple[int, ...] = db.connection.execute(f"select {source.sums} {source.rows}", source.values).fetchone()
    return found


def within(db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE) -> Counts:
    """Count the responses in the local days of a period by category."""
    return tallied(by_score(db, zone, period, segment))


def within_each(db: Db, zone: ZoneInfo, several: Sequence[Period], segment: Segment = EVERYONE) -> list[Counts]:
    """Count by category for each of several periods, which may overlap, in their order: one query of a roll-up."""
    source = _source(db, zone, EVER, segment)
    if source.table is None or not several:
        return [within(db, zone, period, segment) for period in several]
    spans = ", ".join(f"({place}, '{p.first.isoformat()}', '{p.last.isoformat()}')" for place, p in enumerate(several))
    query = f"""with spans (place, since, until) as (values {spans})
      select place, {source.counts} from spans cross join {source.table}
      where day between since and until{source.only} group by place"""
    found = {place: Counts(*given) for place, *given in db.connection.execute(query, source.values)}
    return [found.get(place, NOBODY) for place in range(len(several))]


def tallied(given: Sequence[int]) -> Counts:
    """Add up how many gave each score, 0 to 10, by category."""
    return tally(dict(enumerate(given)))


def grouped(
    db: Db, zone: ZoneInfo, group: str, period: Period, segment: Segment = EVERYONE
) -> list[tuple[str, Counts]]:
    """Count by category for each value of a field or property.NAME, the largest first; '' stands for no value."""
    source = _source(db, zone, period, segment, group)
    query = f"select {source.label} as label, {source.counts} {source.rows} group by label"
    found = [(label, Counts(*given)) for label, *given in db.connection.execute(query, source.values)]
    return sorted((pair for pair in found if pair[1].responses), key=lambda pair: (-pair[1].responses, pair[0]))


def reach(db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE) -> Period | None:
    """Return the days of a period from the first to the last on which somebody answered; None when nobody did."""
    source = _source(db, zone, period, segment)
    query = f"select min({source.when}), max({source.when}) {source.rows} and {source.answered}"
    first, last = db.connection.execute(query, source.values).fetchone()
    return Period(source.day(first, zone), source.day(last, zone)) if first else None


def answered_on(db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE) -> set[tuple[str, date]]:
    """Return each survey, '' for one without a name, with each local day of a period on which anybody answered it."""
    source = _source(db, zone, period, segment, "survey")
    query = f"select distinct {source.label}, {source.when} {source.rows} and {source.answered}"
    return {(survey, source.day(told, zone)) for survey, told in db.connection.execute(query, source.values)}


def surveys(db: Db) -> list[str]:
    """Return the names of all surveys that have responses that count."""
    source = "from responses where score is not null and test = 0"
    if rollups.zone(db) is not None:
        source = f"from daily where {' + '.join(rollups.SCORES)} > 0"
    rows = db.rows(f"select distinct survey {source} and survey <> '' order by survey")
    return [row["survey"] for row in rows]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where counts are read: `rows` is a query's `from` and `where`, `only` the part of it that makes the segment.

    `table` is the roll-up, None for the responses themselves; the others are what is asked of the rows: `sums` how many
    gave each score, `counts` how many are of each category.
    """

    table: str | None
    only: str
    rows: str
    sums: str
    counts: str
    when: str
    answered: str
    label: str
    values: dict[str, Any]

    def day(self, told: str, zone: ZoneInfo) -> date:
        """Return the local day that a value of `when` tells: it is a day already, or a stamp."""
        return date.fromisoformat(told) if self.table else local_day(moment(told), zone)


def _source(db: Db, zone: ZoneInfo, period: Period, segment: Segment, group: str | None = None) -> _Source:
    """Return the roll-up that can tell, when it counts in days of this zone; else the responses."""
    fields = dict.fromkeys([*(name for name, _ in segment.wanted), *([group] if group else [])])
    for field in fields:
        if not is_group(field):
            raise ValueError(f"no such group: {field}")
    if rollups.zone(db) == str(zone):
        table = next((name for name, columns in rollups.TABLES.items() if fields.keys() <= set(columns)), None)
        if table is not None:
            return _rolled_up(table, period, segment, group)
    return _one_by_one(zone, period, segment, group)


def condition(segment: Segment, table: str = "responses") -> tuple[str, dict[str, Any]]:
    """Return what follows a `where` over responses to have those of a segment alone, and the values that it binds."""
    sql, values = "", {}
    for place, (field, value) in enumerate(segment.wanted):
        sql += f" and {_column(field, f'path_{place}', table)} = :wanted_{place}"
        values[f"wanted_{place}"] = value
        if field.startswith(PROPERTY):
            values[f"path_{place}"] = _path(field)
    return sql, values


def _rolled_up(table: str, period: Period, segment: Segment, group: str | None) -> _Source:
    wanted = {f"wanted_{place}": value for place, (_, value) in enumerate(segment.wanted)}
    only = "".join(f" and {field} = :wanted_{place}" for place, (field, _) in enumerate(segment.wanted))
    return _Source(
        table=table,
        only=only,
        rows=f"from {table} where day between :first and :last{only}",
        sums=", ".join(f"coalesce(sum({score}), 0)" for score in rollups.SCORES),
        counts=_ROLLED_UP,
        when="day",
        answered=f"{' + '.join(rollups.SCORES)} > 0",
        label=group or "''",
        values={"first": period.first.isoformat(), "last": period.last.isoformat(), **wanted},
    )


def _one_by_one(zone: ZoneInfo, period: Period, segment: Segment, group: str | None) -> _Source:
    only, values = condition(segment)
    if group and group.startswith(PROPERTY):
        values["path"] = _path(group)
    first, end = period.bounds(zone)
    return _Source(
        table=None,
        only=only,
        rows=f"""from responses where score is not null and test = 0
                 and submitted_at >= :first and submitted_at < :end{only}""",
        sums=", ".join(f"coalesce(sum(score = {score}), 0)" for score in range(11)),
        counts=BY_CATEGORY,
        when="submitted_at",
        answered="true",
        label=_column(group, "path", "responses") if group else "''",
        values={"first": stamp(first), "end": stamp(end), **values},
    )


def _column(field: str, path: str, table: str) -> str:
    """Return what holds a field's value as text; of a property's the one at a bound path."""
    if not field.startswith(PROPERTY):
        return f"coalesce({table}.{field}, '')"
    kind = f"json_type({table}.properties, :{path})"
    value = f"cast(json_extract({table}.properties, :{path}) as text)"
    return f"coalesce(case {kind} when 'true' then 'true' when 'false' then 'false' else {value} end, '')"


def _path(field: str) -> str:
    """Return the path of a property in the JSON of all."""
    return f'$."{field.removeprefix(PROPERTY)}"'
