"""Which properties responses bear, into how many groups each would tell them apart, and how those groups answered."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.model import Category, Counts
from bot.segments import EVERYONE, PROPERTY, Segment, is_group
from storage.db import stamp
from storage.scores import BY_CATEGORY, condition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.groups import Told
    from storage.db import Db

_WHICH = (Category.PROMOTER, Category.PASSIVE, Category.DETRACTOR)


class Property(NamedTuple):
    """A property by its group's name, property.plan: on how many responses of how many, with how many values.

    `numbers` tells that every value is a number.
    """

    by: str
    answers: int
    of: int
    values: int
    numbers: bool


def borne(db: Db, first: datetime, end: datetime, most: int, segment: Segment = EVERYONE) -> list[Property]:
    """Return the properties of the last `most` responses of the instants [first, end), the most frequent first.

    What is a list or an object, or empty, is no value.
    """
    source, values = _responses(first, end, segment)
    source += " order by r.submitted_at desc limit :most"
    values["most"] = most
    looked_at = int(db.value(f"select count(*) from (select 1 {source})", **values))
    rows = db.connection.execute(
        f"""select j.key, count(*), count(distinct j.type || ' ' || j.value),
              sum(j.type not in ('integer', 'real')) = 0
            from (select r.properties {source}) as some, json_each(some.properties) as j
            where j.type in ('text', 'integer', 'real', 'true', 'false') and j.value <> ''
            group by j.key order by count(*) desc, j.key""",
        values,
    )
    found = (Property(f"{PROPERTY}{name}", n, looked_at, several, bool(num)) for name, n, several, num in rows)
    return [each for each in found if is_group(each.by)]


def grouped(
    db: Db, first: datetime, end: datetime, fields: Sequence[str], segment: Segment = EVERYONE
) -> dict[str, Told]:
    """Count by category for each value of several properties, as `storage.scores.grouped` does for one.

    Each response is read once for all of them.
    """
    if not fields:
        return {}
    source, values = _responses(first, end, segment)
    paths = {f"of_{place}": f'$."{field.removeprefix(PROPERTY)}"' for place, field in enumerate(fields)}
    twice = ", ".join(f":{name}" for name in (*paths, "of_0"))  # of a single path, SQLite would make no list
    rows = db.connection.execute(
        f"select json_extract(r.properties, {twice}) as told, {BY_CATEGORY} {source} group by told", values | paths
    )
    found: dict[str, dict[str, Counter[Category]]] = {field: {} for field in fields}
    for told, *counts in rows:
        for field, value in zip(fields, json.loads(told), strict=False):
            found[field].setdefault(_label(value), Counter()).update(dict(zip(_WHICH, counts, strict=True)))
    return {field: _largest_first(groups) for field, groups in found.items()}


def _largest_first(groups: dict[str, Counter[Category]]) -> Told:
    told = ((label, Counts(*(counted[which] for which in _WHICH))) for label, counted in groups.items())
    return sorted(told, key=lambda pair: (-pair[1].responses, pair[0]))


def _label(value: Any) -> str:
    """Return a value as the text by which its group is called, '' for none."""
    if value is None or isinstance(value, str):
        return value or ""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if plain else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _responses(first: datetime, end: datetime, segment: Segment) -> tuple[str, dict[str, Any]]:
    """Return the responses of the instants [first, end) that count, of a segment, and the values that it binds."""
    only, wanted = condition(segment, "r")
    source = f"""from responses r where r.score is not null and r.test = 0
      and r.submitted_at >= :first and r.submitted_at < :end{only}"""
    return source, {"first": stamp(first), "end": stamp(end), **wanted}
