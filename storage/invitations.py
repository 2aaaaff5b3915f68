"""How many people were invited to which survey on which day: told by hand, since no survey tool's webhook tells it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.segments import EVERYONE, Segment
from storage import scores

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.periods import Period
    from storage.db import Db, Row


def put(db: Db, day: date, survey: str, invited: int) -> bool:
    """Remember how many were invited to a survey on a local day, '' for one without a name; False when known."""
    return bool(
        db.execute(
            """insert into invitations (day, survey, invited) values (:day, :survey, :invited)
               on conflict (day, survey) do update set invited = excluded.invited where invited <> excluded.invited""",
            day=day.isoformat(),
            survey=survey,
            invited=invited,
        )
    )


def listing(db: Db) -> list[Row]:
    """Return day, survey and invited of all that is known, in order of time."""
    return db.rows("select day, survey, invited from invitations order by day, survey")


def within(db: Db, zone: ZoneInfo, period: Period, segment: Segment = EVERYONE) -> int | None:
    """Return how many were invited in the local days of a period; None where that is not known.

    Known it is when it was told for each survey and each day on which anybody answered, and never of a part of a
    survey's answers: a part of the invitations beside all of the answers would make a false rate.
    """
    surveys = {value for field, value in segment.wanted if field == "survey"}
    if len(surveys) > 1 or any(field != "survey" for field, _ in segment.wanted):
        return None
    rows = db.rows(
        """select day, survey, invited from invitations
           where day between :first and :last and (:survey is null or survey = :survey)""",
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        survey=next(iter(surveys), None),
    )
    told = {(row["survey"], date.fromisoformat(row["day"])) for row in rows}
    if not told or not scores.answered_on(db, zone, period, segment) <= told:
        return None
    return sum(int(row["invited"]) for row in rows)
