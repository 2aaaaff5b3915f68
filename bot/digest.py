"""Which period is due, once each, and its numbers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import time, timedelta
from typing import TYPE_CHECKING

from bot import periods
from bot.cards.digest import Digest, Loop, Waiting
from bot.model import margin_of_error, more_than_noise, nps
from bot.periods import Period
from storage import digests, outbox, scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.config import Settings
    from storage.db import Db

HOUR = time(9)
ROLLING_DAYS = 90
WAITING_SHOWN = 5
LATE = timedelta(minutes=30)
"""How long after its hour a digest says that it is late."""


def queue_due(db: Db, settings: Settings, now: datetime) -> int | None:
    """Queue the digest of the last whole week once its hour has come: Monday 09:00 in the configured zone.

    Nothing is queued that was due before the bot was first started on this store. A week is queued once,
    however often and wherever this is asked; of several missed weeks, the last. Returns the digest's id.
    """
    since = digests.first_start(db, now)
    this_week = periods.holding("week", periods.local_day(now, settings.timezone))
    due_at = periods.at(this_week.first, HOUR, settings.timezone)
    if now < due_at:
        this_week = periods.before("week", this_week)
        due_at = periods.at(this_week.first, HOUR, settings.timezone)
    if due_at < since:
        return None
    return queue(db, settings, "week", periods.before("week", this_week), due_at, now)


def queue(  # noqa: PLR0913  # which, where, when
    db: Db, settings: Settings, kind: str, period: Period, due_at: datetime, now: datetime
) -> int | None:
    """Queue one period's digest; None when that was done before."""
    digest_id = digests.claim(db, kind, period.first, period.last, due_at, now)
    if digest_id is not None:
        outbox.put(db, "digest", digest_id, settings.digests_go_to, now, urgent=True)
    return digest_id


def stored(db: Db, settings: Settings, digest_id: int, now: datetime) -> Digest | None:
    """Return the numbers of a queued digest as they are now."""
    row = digests.by_id(db, digest_id)
    if row is None:
        return None
    late = row["due_at"] if row["queued_at"] - row["due_at"] > LATE else None
    return numbers(db, settings, row["period"], Period(row["first_day"], row["last_day"]), now, late_since=late)


def numbers(  # noqa: PLR0913  # which period, seen when
    db: Db,
    settings: Settings,
    kind: str,
    period: Period,
    now: datetime,
    *,
    late_since: datetime | None = None,
) -> Digest:
    """Return all numbers of a period, read from the store at this moment."""
    zone = settings.timezone
    first, end = period.bounds(zone)
    before = periods.before(kind, period).bounds(zone)
    rolling = periods.last_days(ROLLING_DAYS, period.last).bounds(zone)
    cohort = digests.cohort(db, first, end, now)
    waiting, waiting_in_all = digests.waiting_detractors(db, WAITING_SHOWN)
    workspace = db.value("select value from settings where name = 'workspace_url'")
    return Digest(
        kind=kind,
        first=period.first,
        last=period.last,
        counts=scores.counts(db, first, end),
        before=scores.counts(db, *before),
        rolling=scores.counts(db, *rolling),
        loop=Loop(
            opened=cohort["opened"],
            claimed=len(cohort["to_claim"]),
            called=len(cohort["to_call"]),
            closed=cohort["closed"],
            overdue=cohort["overdue"],
            to_claim=median_of_all(cohort["to_claim"], cohort["called_for"]),
            to_call=median_of_all(cohort["to_call"], cohort["called_for"]),
        ),
        waiting=tuple(Waiting(row["found"], link(workspace, row["channel"], row["ts"])) for row in waiting),
        waiting_in_all=waiting_in_all,
        comments=tuple(digests.comments(db, first, end)),
        late_since=late_since,
    )


def as_json(digest: Digest) -> dict[str, object]:
    """Return the numbers of a digest for programs; spans in seconds."""
    margin = margin_of_error(digest.counts)
    loop = asdict(digest.loop)
    return {
        "nps": nps(digest.counts),
        "responses": digest.counts.responses,
        "promoters": digest.counts.promoters,
        "passives": digest.counts.passives,
        "detractors": digest.counts.detractors,
        "margin_of_error": None if margin is None else round(margin, 3),
        "nps_before": nps(digest.before),
        "responses_before": digest.before.responses,
        "more_than_noise": more_than_noise(digest.counts, digest.before),
        "nps_rolling": nps(digest.rolling),
        "responses_rolling": digest.rolling.responses,
        "waiting_detractors": digest.waiting_in_all,
        "callbacks": {k: v.total_seconds() if isinstance(v, timedelta) else v for k, v in loop.items()},
    }


def median_of_all(known: Sequence[timedelta], total: int) -> timedelta | None:
    """Return the median over `total`, where those not in `known` count as longer than all; None while it is theirs.

    Leaving out those who wait would make a slow team look fast.
    """
    if total == 0 or 2 * len(known) < total + 1:
        return None
    ordered = sorted(known)
    lower, upper = (total - 1) // 2, total // 2
    return None if upper >= len(ordered) else (ordered[lower] + ordered[upper]) / 2


def link(workspace: str | None, channel: str | None, ts: str | None) -> str | None:
    """Return the address of a message in its workspace, where all parts of it are known."""
    if not workspace or not channel or not ts:
        return None
    return f"{workspace.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
