"""All numbers of one period's digest, read from the store at one moment."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot import crowds, groups, loop, periods
from bot.cards.digest import Digest, Point, Waiting
from bot.invited import rate
from bot.model import margin_of_error, more_than_noise, nps
from bot.segments import EVERYONE
from bot.themes.plain import theme_json, word_json
from storage import digests, invitations, scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from bot.closing import Recovery
    from bot.config import Settings
    from bot.groups import Group, Groups
    from bot.model import Counts
    from bot.periods import Period
    from bot.segments import Segment
    from storage.db import Db, Row

ROLLING_DAYS = 90
WAITING_SHOWN = 5
TREND_WEEKS = 26
TOLD_APART = ("survey", "touchpoint", "language", "source")
"""By what a digest tells its score apart."""


def numbers(  # noqa: PLR0913  # which period, seen when
    db: Db,
    settings: Settings,
    kind: str,
    period: Period,
    now: datetime,
    *,
    late_since: datetime | None = None,
    segment: Segment = EVERYONE,
) -> Digest:
    """Return all numbers of a period, of all responses or of a segment."""
    zone, bounds = settings.timezone, period.bounds(settings.timezone)
    compared = (
        periods.before(kind, period),
        periods.year_before(kind, period),
        periods.last_days(ROLLING_DAYS, period.last),
        periods.last_days(ROLLING_DAYS, period.first - timedelta(days=1)),
    )
    before, year_before, rolling, rolling_before = scores.within_each(db, zone, compared, segment)
    by_score = scores.by_score(db, zone, period, segment)
    waiting, waiting_in_all = digests.waiting_detractors(db, WAITING_SHOWN, segment)
    workspace = db.value("select value from settings where name = 'workspace_url'")
    return Digest(
        kind=kind,
        first=period.first,
        last=period.last,
        counts=scores.tallied(by_score),
        before=before,
        rolling=rolling,
        rolling_before=rolling_before,
        loop=loop.of_period(db, settings, bounds, now, segment),
        waiting=tuple(_waiting(row, link(workspace, row["channel"], row["ts"]), now) for row in waiting),
        waiting_in_all=waiting_in_all,
        comments=tuple(digests.comments(db, *bounds, segment)),
        late_since=late_since,
        segment=segment,
        yardstick=settings.score,
        year_before=year_before if year_before.responses else None,
        by_score=by_score,
        trend=trend(db, zone, period.last, TREND_WEEKS, segment, few=crowds.fewest(db, settings)),
        where=tuple(told_apart(db, settings, kind, period, segment)),
        invited=invitations.within(db, zone, period, segment),
    )


def _waiting(row: Row, address: str | None, now: datetime) -> Waiting:
    waits = Waiting(row["found"], address)
    return replace(waits, overdue=waits.due < now)


def trend(  # noqa: PLR0913  # of which responses, until when, but for which
    db: Db,
    zone: ZoneInfo,
    last: date,
    weeks: int,
    segment: Segment = EVERYONE,
    *,
    few: Mapping[str, int] | None = None,
) -> tuple[Point, ...]:
    """Return the last whole weeks that have ended by a day, oldest first, from the first in which anybody answered.

    Of a survey among the `few`, a week of too few answers shows as one of none (see `bot.crowds`).
    """
    several = periods.weeks_until(last, weeks)
    counted = scores.within_each(db, zone, several, segment)
    least = (few or {}).get(segment.survey or "", 0)
    counted = [counts if counts.responses >= least else groups.NOBODY for counts in counted]
    found = [Point(week.first, counts) for week, counts in zip(several, counted, strict=True)]
    began = next((place for place, point in enumerate(found) if point.counts.responses), len(found))
    return tuple(found[began:])


def told_apart(  # noqa: PLR0913  # of which responses, by what
    db: Db,
    settings: Settings,
    kind: str,
    period: Period,
    segment: Segment = EVERYONE,
    fields: Iterable[str] = TOLD_APART,
) -> list[Groups]:
    """Return the score by each field that tells at least two groups apart, with their change."""
    zone, before, few = settings.timezone, periods.before(kind, period), crowds.fewest(db, settings)
    found = (
        groups.told_apart(
            by,
            crowds.grouped(db, zone, by, period, segment, few),
            crowds.grouped(db, zone, by, before, segment, few),
            settings.score.minimum,
        )
        for by in fields
    )
    return [each for each in found if len(each.every) > 1]


def as_json(digest: Digest) -> dict[str, object]:
    """Return the numbers of a digest for programs; spans in seconds."""
    return {
        **score_json(digest.counts),
        **rate_json(digest.counts, digest.invited),
        "nps_before": nps(digest.before),
        "responses_before": digest.before.responses,
        "more_than_noise": more_than_noise(digest.counts, digest.before),
        "nps_year_before": nps(digest.year_before) if digest.year_before else None,
        "responses_year_before": digest.year_before.responses if digest.year_before else 0,
        "nps_rolling": nps(digest.rolling),
        "responses_rolling": digest.rolling.responses,
        "nps_rolling_before": nps(digest.rolling_before),
        "responses_rolling_before": digest.rolling_before.responses,
        "more_than_noise_rolling": more_than_noise(digest.counts, digest.rolling_before),
        "by_score": list(digest.by_score),
        "waiting_detractors": digest.waiting_in_all,
        "callbacks": _loop(digest),
        "trend": [{"week": periods.label("week", _week(point)), **score_json(point.counts)} for point in digest.trend],
        "where": [_groups(each) for each in digest.where],
        "themes": [theme_json(each) for each in digest.themes],
        "themes_rolling": [theme_json(each) for each in digest.themes_rolling],
        "new_words": [word_json(each) for each in digest.new_words],
    }


def _week(point: Point) -> Period:
    return periods.holding("week", point.first)


def score_json(counts: Counts) -> dict[str, object]:
    """Return a score with its counts and its margin for programs."""
    margin = margin_of_error(counts)
    return {
        "nps": nps(counts),
        "responses": counts.responses,
        "promoters": counts.promoters,
        "passives": counts.passives,
        "detractors": counts.detractors,
        "margin_of_error": None if margin is None else round(margin, 3),
    }


def rate_json(counts: Counts, invited: int | None) -> dict[str, object]:
    """Return how many were invited, and which part of them answered, for programs; nothing where nobody knows."""
    found = rate(counts.responses, invited)
    return {} if found is None else {"invited": invited, "response_rate": round(found, 4)}


def _loop(digest: Digest) -> dict[str, object]:
    """Return the figures of the loop; spans in seconds, and of recovery both scores."""
    told = {name: getattr(digest.loop, name) for name in digest.loop.__slots__}
    recovery: Recovery = told.pop("recovery")
    plain = {name: _plain(value) for name, value in told.items()}
    both = {"called": score_json(recovery.called), "not_called": score_json(recovery.not_called), "few": recovery.few}
    return {**plain, "recovery": both}


def _plain(value: Any) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _groups(told: Groups) -> dict[str, object]:
    names = {"best": told.best, "worst": told.worst}
    return {
        "by": told.by,
        "groups": [_group(group) for group in told.every],
        **{name: [group.label for group in some] for name, some in names.items()},
        "apart": told.apart,
        "mix_misleads": told.mix_misleads,
    }


def _group(group: Group) -> dict[str, object]:
    then = {"nps_before": nps(group.before), "responses_before": group.before.responses}
    return {"group": group.label, **score_json(group.counts), **then, "more_than_noise": group.more_than_noise}


def link(workspace: str | None, channel: str | None, ts: str | None) -> str | None:
    """Return the address of a message in its workspace, where all parts of it are known."""
    if not workspace or not channel or not ts:
        return None
    return f"{workspace.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
