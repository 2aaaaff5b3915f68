"""Daily counts of responses, kept by the database itself in the transaction of every write.

`daily` counts by local day and survey, `daily_groups` by touchpoint, language and source besides; a row holds how many
gave each score, `s0` to `s10`. Company and properties are not rolled up: they have nearly as many values as there are
responses, and their roll-up would be no shorter than the table.

Triggers on `responses` keep both, so that no function, command or import can forget to, and neither can a hand at the
database's own prompt. They are plain SQL: the local day follows from `clock_changes`, where the offsets of the team's
zone stand with the times from which they hold. A function of Python's, registered on each connection, would make the
write of every other tool fail, and a column of local days would have to be written anew, row by row, with each zone.

They count in the zone of the bot that started on the store last. Whoever asks in another zone reads the responses
themselves, which gives the same figures more slowly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import periods
from storage import settings
from storage.db import stamp

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from storage.db import Db

TABLES = {"daily": ("survey",), "daily_groups": ("survey", "touchpoint", "language", "source")}
"""Each roll-up and by what it counts, besides the day."""

SCORES = tuple(f"s{score}" for score in range(11))
REACH = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC))
"""Between these the clocks' changes are known; before and after, the nearest offset holds. NPS is of 2003."""
STEP = timedelta(days=6)
"""No zone has changed its clocks and changed them back within such a span."""

_ZONE = "rollups_zone"
_LOCAL_DAY = """date(substr(submitted_at, 1, 19), (select seconds from clock_changes
  where since <= submitted_at order by since desc limit 1) || ' seconds')"""


def zone(db: Db) -> str | None:
    """Return the name of the zone in whose days the roll-ups count; None while they cannot be trusted."""
    return settings.get(db, _ZONE)


def keep(db: Db, wanted: ZoneInfo) -> bool:
    """Count in the local days of a zone from now on; return whether everything had to be counted anew.

    That is so after a change of the zone, of its rules in the tz database, and on a store from before the roll-ups.
    """
    changes = clock_changes(wanted)
    known = [(row["since"], row["seconds"]) for row in db.rows("select * from clock_changes order by since")]
    if zone(db) == str(wanted) and known == changes:
        return False
    db.execute("delete from clock_changes")
    db.many("insert into clock_changes (since, seconds) values (?, ?)", changes)
    for table in TABLES:
        db.execute(f"delete from {table}")
        db.execute(f"insert into {table} {_recount(table)}")
    settings.put(db, _ZONE, str(wanted))
    return True


def clock_changes(wanted: ZoneInfo) -> list[tuple[str, int]]:
    """Return the offsets of a zone from UTC in seconds, each with the stamp from which it holds, the first always."""
    day, end = REACH
    offset = periods.offset(day, wanted)
    found = [("", _seconds(offset))]
    while day < end:
        following = day + STEP
        while (then := periods.offset(following, wanted)) != offset:
            since = periods.clock_change(day, following, wanted)
            day, offset = since, periods.offset(since, wanted)
            found.append((stamp(since), _seconds(offset)))
            if offset == then:
                break
        day = following
    return found


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def check(db: Db) -> int:
    """Count everything anew and return on how many days a roll-up differs from that, 0 when all is well."""
    wrong: set[str] = set()
    for table in TABLES:
        nothing = " and ".join(f"{score} = 0" for score in SCORES)
        kept = f"select * from {table} where not ({nothing})"
        for one, other in ((kept, _recount(table)), (_recount(table), kept)):
            wrong.update(row["day"] for row in db.rows(f"select day from (select * from ({one}) except {other})"))
    return len(wrong)


def distrust(db: Db) -> None:
    """Read the responses themselves from now on, until the bot starts the next time and counts them anew."""
    db.execute("delete from settings where name = :name", name=_ZONE)


def _recount(table: str) -> str:
    """Return the query that gives a roll-up's rows from the responses themselves."""
    columns = ", ".join(f"coalesce({column}, '')" for column in TABLES[table])
    places = ", ".join(str(place + 1) for place in range(len(TABLES[table]) + 1))
    sums = ", ".join(f"sum(score = {score})" for score in range(11))
    return f"""select {_LOCAL_DAY} as day, {columns}, {sums} from responses
      where score is not null and test = 0 group by {places}"""
