"""Which period is due, once each; its numbers are computed when they are shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot import crowds, periods, privacy, where
from bot.cards.digest_sections import themes
from bot.groups import NOBODY
from bot.numbers import ROLLING_DAYS, as_json, link, numbers, told_apart
from bot.periods import Period
from bot.settings import schedules
from bot.settings.schedules import WEEKLY, Schedule
from bot.themes.told import told
from storage import digests, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.cards.digest import Digest
    from bot.config import Settings
    from bot.model import Counts, Received
    from bot.themes.figures import ThemeFigure
    from bot.veil import Veil
    from storage.db import Db

__all__ = (
    "as_json",
    "link",
    "named",
    "numbers",
    "of_schedule",
    "queue",
    "queue_all_due",
    "queue_due",
    "schedule_of",
    "stored",
)

LATE = timedelta(minutes=30)
"""How long after its hour a digest says that it is late."""


def queue_all_due(db: Db, settings: Settings, now: datetime) -> list[int]:
    """Queue every digest of the settings that is due by now; return their ids."""
    asked = (queue_due(db, settings, now, schedule) for schedule in settings.digests)
    return [digest_id for digest_id in asked if digest_id is not None]


def queue_due(db: Db, settings: Settings, now: datetime, schedule: Schedule = WEEKLY) -> int | None:
    """Queue the digest of the last whole period once its hour has come; the week's on Monday 09:00, local time.

    Nothing is queued that was due before the bot first knew of such a digest. A period is queued once, however
    often and wherever this is asked; of several missed periods, the last. Returns the digest's id.
    """
    since = digests.first_start(db, now, "" if schedule.key == WEEKLY.key else " ".join(schedule.key))
    period, due_at = schedules.last_due(schedule, now, settings.timezone)
    if due_at < since:
        return None
    return queue(db, settings, schedule.period, period, due_at, now, schedule=schedule)


def queue(  # noqa: PLR0913  # which, where, when
    db: Db,
    settings: Settings,
    kind: str,
    period: Period,
    due_at: datetime,
    now: datetime,
    *,
    schedule: Schedule = WEEKLY,
) -> int | None:
    """Queue one period's digest; None when that was done before."""
    digest_id = digests.claim(db, kind, period.first, period.last, due_at, now, schedule.name)
    if digest_id is not None:
        outbox.put(db, "digest", digest_id, schedule.channel or settings.digests_go_to, now, urgent=True)
    return digest_id


def stored(db: Db, settings: Settings, digest_id: int, now: datetime) -> Digest | None:
    """Return the numbers of a queued digest as they are now."""
    row = digests.by_id(db, digest_id)
    if row is None:
        return None
    late = row["due_at"] if row["queued_at"] - row["due_at"] > LATE else None
    period, schedule = Period(row["first_day"], row["last_day"]), schedule_of(settings, row["name"], row["period"])
    return of_schedule(db, settings, schedule, period, now, late_since=late)


def schedule_of(settings: Settings, name: str, kind: str) -> Schedule:
    """Return the digest of a name and period as it is set now, or as one that is set no more."""
    known = {schedule.key: schedule for schedule in settings.digests}
    return known.get((name, kind), replace(WEEKLY, name=name, period=kind))


def named(settings: Settings, words: str) -> Schedule | None:
    """Return the digest that people mean by its period or its name, the week's without a word; None for other words."""
    word = words.casefold()
    if not word or word in periods.KINDS:
        return schedule_of(settings, "", word or WEEKLY.period)
    return next((schedule for schedule in settings.digests if schedule.name.casefold() == word), None)


def of_schedule(  # noqa: PLR0913  # which digest, of which period, seen when
    db: Db,
    settings: Settings,
    schedule: Schedule,
    period: Period,
    now: datetime,
    *,
    late_since: datetime | None = None,
) -> Digest:
    """Return all numbers of one period of a digest as it is set."""
    found = numbers(db, settings, schedule.period, period, now, late_since=late_since, segment=schedule.segment)
    before = periods.before(schedule.period, period)
    few = crowds.fewest(db, settings)
    why = told(db, settings.timezone, period, before, schedule.segment, few=few)
    asked = (db, settings, schedule.period, period, schedule.segment)
    apart = (*found.where, *where.striking(*asked)) if schedule.by is None else told_apart(*asked, schedule.by)
    whole = replace(found, name=schedule.name, language=schedule.language, where=tuple(apart))
    whole = replace(whole, themes=why.figures, new_words=why.words)
    whole = replace(whole, themes_rolling=_themes_rolling(db, settings, whole, few))
    whole = replace(whole, comments=_not_quoted(db, settings, whole))
    return veiled(db, privacy.veil(db, settings), _hushed(whole, few))


def _themes_rolling(db: Db, settings: Settings, digest: Digest, few: Mapping[str, int]) -> tuple[ThemeFigure, ...]:
    """Return the themes of the rolling 90 days, where none of the period's own has answers enough to act on."""
    rolling = periods.last_days(ROLLING_DAYS, digest.last)
    if digest.first <= rolling.first or any(digest.yardstick.enough(each.counts) for each in digest.themes):
        return ()
    return told(db, settings.timezone, rolling, periods.just_before(rolling), digest.segment, few=few).figures


def _not_quoted(db: Db, settings: Settings, digest: Digest) -> tuple[Received, ...]:
    """Return the comments worth reading, others in place of those that stand for a theme already."""
    quoted = {each.id for _, comments in themes(digest) for each in comments}
    if quoted.isdisjoint(each.id for each in digest.comments):
        return digest.comments
    bounds = Period(digest.first, digest.last).bounds(settings.timezone)
    return tuple(digests.comments(db, *bounds, digest.segment, but=quoted))


def _hushed(digest: Digest, few: Mapping[str, int]) -> Digest:
    """Return a digest that tells nothing of a period in which too few of a nameless survey's group answered."""
    least = few.get(digest.segment.survey or "", 0) if digest.segment.group else 0
    if not least:
        return digest

    def told_of(counts: Counts | None) -> Counts:
        return counts if counts and counts.responses >= least else NOBODY

    hushed = replace(
        digest,
        counts=told_of(digest.counts),
        before=told_of(digest.before),
        rolling=told_of(digest.rolling),
        year_before=told_of(digest.year_before),
        rolling_before=told_of(digest.rolling_before),
    )
    if hushed.counts.responses:
        return hushed
    return replace(hushed, by_score=(), comments=(), where=(), themes=(), themes_rolling=(), new_words=())


def veiled(db: Db, veil: Veil, digest: Digest) -> Digest:
    """Return a digest without those whom the veil hides: who waits, who said what, who is quoted."""

    def quoting(figures: tuple[ThemeFigure, ...]) -> tuple[ThemeFigure, ...]:
        return tuple(replace(each, comments=tuple(privacy.shown(db, veil, each.comments))) for each in figures)

    waiting = privacy.shown(db, veil, [each.found for each in digest.waiting])
    return replace(
        digest,
        waiting=tuple(replace(each, found=found) for each, found in zip(digest.waiting, waiting, strict=True)),
        comments=tuple(privacy.shown(db, veil, digest.comments)),
        themes=quoting(digest.themes),
        themes_rolling=quoting(digest.themes_rolling),
    )
