"""What is wrong between digests: found by a look at the store, told once until it is over, put to rest by people."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot import periods
from bot.groups import NOBODY
from bot.model import margin_of_error, nps
from bot.settings.routes import folded
from storage import alerts, outbox, scores, themes
from storage.themes import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.config import Settings
    from bot.settings.alerts import Alerts
    from storage.db import Db, Row

EVERY = timedelta(minutes=10)
"""How often the store is looked at."""
SNOOZE = timedelta(days=7)
SURE = 1.3
"""What stretches a margin of 95 % to one of 99 %: who looks every day of a year meets what is rare."""
USUAL_DAYS, ACTIVE_LEAST = 56, 10
"""Days from which a source's usual silence is told, and on how many of them it must have delivered."""
GROWTH, RELIEF = 1.5, 0.7
"""A backlog has grown to this multiple within a week, and is over at this share of what it was."""
SPIKE_LEAST, SPIKE, CALM_LEAST, CALM = 5, 3.5, 3, 1.5
"""Detractors in a week who make a theme spike at least, and how many deviations of a usual week beyond it.

Then how many a week leave it calm, and what multiple of a usual week does.
"""
WEEKS_BEFORE = 12
FORGOTTEN = timedelta(days=30)
"""After this a key account's answer is no news any more."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that is wrong since a moment; `details` are the figures that tell it."""

    kind: str
    about: str
    since: datetime
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """Something that was wrong and is not any more."""

    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be remembered until the next look."""

    name: str
    value: str


Seen = Wrong | Over | Note


def look(db: Db, settings: Settings, now: datetime) -> list[Seen]:
    """Return what is wrong, what is over and what to remember, in order; nothing while the last look is fresh.

    It only reads, since it may read much: what it has seen is written down by `sweep`.
    """
    looked = alerts.remembered(db, "looked")
    if looked is not None and datetime.fromisoformat(looked) + EVERY > now:
        return []
    looks = {"score": _score, "silence": _silence, "backlog": _backlog, "themes": _themes}
    found: list[Seen] = [Note("looked", now.isoformat())]
    for name, at in looks.items():
        if getattr(settings.alerts, name):
            found += at(db, settings, now)
    return [*found, *_key_accounts(db, settings, now)]


def sweep(db: Db, settings: Settings, now: datetime, seen: Sequence[Seen] | None = None) -> int:
    """Write down what a look has seen, and ask for what is to be told by now; return how many messages.

    What is found in quiet hours, or while its like is at rest, is told afterwards if it is not over by then.
    """
    for each in look(db, settings, now) if seen is None else seen:
        if isinstance(each, Wrong):
            alerts.found(db, each.kind, each.about, each.since, each.details, now)
        elif isinstance(each, Over):
            for alert_id in alerts.over(db, each.kind, each.about, now):
                outbox.refresh(db, "alert", alert_id, now)
        else:
            alerts.remember(db, each.name, each.value)
    if settings.alerts.quiet_at(now.astimezone(settings.timezone).time()):
        return 0
    return sum(_tell(db, settings, alert, now) for alert in alerts.standing(db) if alert["told_at"] is None)


def _tell(db: Db, settings: Settings, alert: Row, now: datetime) -> bool:
    rest = alert["rest"]
    if rest and (rest["until"] is None or rest["until"] > now):
        return False
    channel = settings.alerts.channel or settings.digests_go_to
    outbox.put(db, "alert", alert["id"], channel, now, urgent=True)
    alerts.told(db, alert["id"], now)
    return True


def _score(db: Db, settings: Settings, now: datetime) -> Iterator[Seen]:
    """Yield that the rolling score has fallen below an edge above which it stood: of a band, or the set level.

    It stands above an edge when the whole of its margin lies there, and has fallen when even a wider one lies below,
    so that chance alone hardly ever leads from the one to the other; how many edges it stands above is remembered.
    """
    period = periods.last_days(settings.alerts.days, periods.local_day(now, settings.timezone))
    counts = scores.within(db, settings.timezone, period)
    score, margin = nps(counts), margin_of_error(counts)
    if score is None or margin is None or counts.responses < settings.alerts.minimum:
        return
    for alert in alerts.standing(db, "score"):
        if score >= int(alert["about"]):
            yield Over(alert["kind"], alert["about"])
    level = settings.score.target if settings.alerts.level is None else settings.alerts.level
    edges = sorted({least for _, least in settings.score.bands} | ({level} if level is not None else set()))
    stood = min(int(alerts.remembered(db, "edges") or 0), len(edges))
    while stood < len(edges) and score >= min(100, edges[stood] + margin):
        stood += 1
    fallen = [edge for edge in edges[:stood] if score + SURE * margin < edge]
    if fallen:
        details = {"score": score, "margin": margin, "n": counts.responses, "days": period.days, "edge": fallen[0]}
        yield Wrong("score", str(fallen[0]), now, details)
    yield Note("edges", str(stood - len(fallen)))


def _silence(db: Db, settings: Settings, now: datetime) -> Iterator[Seen]:
    """Yield the sources that have delivered nothing for longer than is usual for them.

    Usual is the second longest gap between days with deliveries in the last eight weeks: a weekend, for most; one
    outage or one holiday among them changes nothing.
    """
    today = periods.local_day(now, settings.timezone)
    active = alerts.active_days(db, today - timedelta(days=USUAL_DAYS))
    for alert in alerts.standing(db, "silence"):
        if any(day > alert["since"].astimezone(settings.timezone).date() for day in active.get(alert["about"], ())):
            yield Over(alert["kind"], alert["about"])
    for source, days in active.items():
        gaps = sorted(((later - earlier).days for earlier, later in pairwise(days)), reverse=True)
        if source not in settings.sources or len(days) < ACTIVE_LEAST:
            continue
        usual, silent = gaps[1], (today - days[-1]).days
        if silent > usual + 1:
            since = periods.start_of(days[-1], settings.timezone)
            yield Wrong("silence", source, since, {"days": silent, "usual": usual})


def _backlog(db: Db, settings: Settings, now: datetime) -> Iterator[Seen]:
    """Yield that many more callbacks are nobody's than a week ago."""
    waiting = alerts.unclaimed(db)
    for alert in alerts.standing(db, "backlog"):
        if waiting <= RELIEF * alert["details"]["n"]:
            yield Over(alert["kind"], alert["about"])
    if waiting < settings.alerts.waiting:
        return
    week_ago = now - timedelta(days=7)
    before = alerts.unclaimed_at(db, week_ago, week_ago - timedelta(days=60))
    if waiting >= GROWTH * before:
        yield Wrong("backlog", "", week_ago, {"n": waiting, "before": before})


def _themes(db: Db, settings: Settings, now: datetime) -> Iterator[Seen]:
    """Yield the themes that far more detractors mention this week than in a usual one of the twelve before.

    A usual week of `expected` has a deviation of √(expected + 1), a Poisson's with one more for what is rare; where
    nobody had answered twelve weeks ago, nothing is known to be usual. A spike is over when two weeks were calm again;
    calm by what was usual before it, until it has itself become usual.
    """
    today = periods.local_day(now, settings.timezone)
    week = periods.last_days(7, today)
    before = periods.last_days(7 * WEEKS_BEFORE, week.first - timedelta(days=1))
    these = themes.mentions(db, Span(*week.bounds(settings.timezone))).by_theme
    usual = themes.mentions(db, Span(*before.bounds(settings.timezone))).by_theme
    weekly = {theme: counts.detractors / WEEKS_BEFORE for theme, counts in usual.items()}
    known = scores.within(db, settings.timezone, periods.Period(before.first, before.first + timedelta(days=6)))
    those = themes.mentions(db, Span(*periods.just_before(week).bounds(settings.timezone))).by_theme
    for alert in alerts.standing(db, "theme"):
        theme, lasts = alert["about"], now - alert["since"]
        usually = alert["details"]["usual"] if lasts < timedelta(weeks=WEEKS_BEFORE) else weekly.get(theme, 0.0)
        here = max(each.get(theme, NOBODY).detractors for each in (these, those))
        if here <= max(CALM_LEAST, CALM * usually):
            yield Over(alert["kind"], alert["about"])
    for theme, counts in these.items():
        expected = weekly.get(theme, 0.0)
        if known.responses and counts.detractors >= max(SPIKE_LEAST, expected + SPIKE * math.sqrt(expected + 1)):
            since = periods.start_of(week.first, settings.timezone)
            yield Wrong("theme", theme, since, {"n": counts.detractors, "usual": round(expected, 1)})


def _key_accounts(db: Db, settings: Settings, now: datetime) -> Iterator[Seen]:
    """Yield the key accounts that have answered as detractors since the last look, and those that did better."""
    for alert in alerts.standing(db, "account"):
        if alert["since"] + FORGOTTEN <= now:
            yield Over(alert["kind"], alert["about"])
    chosen = settings.alerts
    if not chosen.key_accounts and chosen.key_property is None:
        return
    known = alerts.remembered(db, "response")
    if known is None:
        yield Note("response", str(alerts.newest_response(db)))
        return
    for row in alerts.answers_after(db, int(known)):
        if row["company"] and _is_key(row, chosen) and not settings.nameless(row["survey"]):
            details = {"response": row["id"], "score": row["score"]}
            fell = Wrong("account", row["company"], row["received_at"], details)
            yield fell if row["detractor"] else Over("account", row["company"])
        yield Note("response", str(row["id"]))


def _is_key(row: Row, chosen: Alerts) -> bool:
    named = {folded(name) for name in chosen.key_accounts}
    return folded(row["company"]) in named or bool(chosen.key_property and row["properties"].get(chosen.key_property))


def rest(db: Db, alert_id: int, actor: str, now: datetime, until: datetime | None = None) -> None:
    """Let alerts like this one rest until a time, or for good; it says so itself."""
    alert = alerts.by_id(db, alert_id)
    if alert is not None:
        alerts.rest(db, alert, until, actor)
        outbox.refresh(db, "alert", alert_id, now)


def wake(db: Db, alert_id: int, now: datetime) -> None:
    """Let alerts like this one be told again."""
    alert = alerts.by_id(db, alert_id)
    if alert is not None:
        alerts.wake(db, alert)
        outbox.refresh(db, "alert", alert_id, now)
