"""Counts of responses by category over time, for scores and digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Counts, tally
from storage.db import moment, stamp_or_none

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db

GROUPS = ("survey", "touchpoint", "company", "language", "source")

_WITHIN = """score is not null and test = 0 and (:first is null or submitted_at >= :first)
  and (:end is null or submitted_at < :end) and (:survey is null or survey = :survey)"""


def _bounds(first: datetime | None, end: datetime | None, survey: str | None) -> dict[str, str | None]:
    return {"first": stamp_or_none(first), "end": stamp_or_none(end), "survey": survey}


def counts(db: Db, first: datetime | None, end: datetime | None, survey: str | None = None) -> Counts:
    """Count the responses of [first, end) by category; None leaves that side open."""
    rows = db.rows(
        f"select score, count(*) as n from responses where {_WITHIN} group by score",
        **_bounds(first, end, survey),
    )
    return tally({row["score"]: row["n"] for row in rows})


def grouped(
    db: Db, group: str, first: datetime | None, end: datetime | None, survey: str | None = None
) -> list[tuple[str | None, Counts]]:
    """Count by category for each value of one of GROUPS, the largest group first."""
    if group not in GROUPS:
        raise ValueError(f"no such group: {group}")
    rows = db.rows(
        f"select {group} as label, score, count(*) as n from responses where {_WITHIN} group by {group}, score",
        **_bounds(first, end, survey),
    )
    scores: dict[str | None, dict[int, int]] = {}
    for row in rows:
        scores.setdefault(row["label"], {})[row["score"]] = row["n"]
    found = [(label, tally(by_score)) for label, by_score in scores.items()]
    return sorted(found, key=lambda pair: (-pair[1].responses, pair[0] or ""))


def span(
    db: Db, first: datetime | None, end: datetime | None, survey: str | None = None
) -> tuple[datetime, datetime] | None:
    """Return the times of the first and of the last response in [first, end), None when there is none."""
    row = db.row(
        f"select min(submitted_at) as first, max(submitted_at) as last from responses where {_WITHIN}",
        **_bounds(first, end, survey),
    )
    return (moment(row["first"]), moment(row["last"])) if row and row["first"] else None


def surveys(db: Db) -> list[str]:
    """Return the names of all surveys that have responses."""
    rows = db.rows("select distinct survey from responses where survey is not null order by survey")
    return [row["survey"] for row in rows]
