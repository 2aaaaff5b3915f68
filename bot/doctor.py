"""What is wrong, and what to do about it: settings, store, token, scopes, channels, what could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot import periods, privacy, retention
from bot.counted import counted
from bot.settings.routes import before
from bot.slack_findings import Finding, in_slack, remedy
from storage import failures, fetches, lanes, quarantine, rollups, traffic
from storage.db import StoreError, beside, moment, reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings, SourceSettings
    from bot.settings.routes import Route
    from storage.db import Db, Row
    from storage.traffic import Tally


async def examine(read: Callable[[], Settings]) -> list[Finding]:
    """Look at everything, and go on after a fault as far as that is possible."""
    try:
        settings = read()
    except click.ClickException as error:
        return [Finding("settings", ok=False, says=error.message)]
    found = [Finding("settings", ok=True, says=f"time zone {settings.timezone}, language {settings.language}")]
    found += _sources(settings)
    found += [_route(settings, rule) for rule in settings.routes]
    found += _store(settings)
    return [*found, *await in_slack(settings)]


def _route(settings: Settings, rule: Route) -> Finding:
    earlier = before(settings.routes, rule)
    says = f"{rule}; its turn never comes, for rule {earlier.number} takes all of it first" if earlier else str(rule)
    return Finding(f"route {rule.number}", ok=earlier is None, says=says)


def _sources(settings: Settings) -> list[Finding]:
    if not settings.sources:
        says = "none is set, so no response can arrive; set NPSBOT_WEBHOOK_SECRET, or add [sources.NAME] to npsbot.toml"
        return [Finding("sources", ok=False, says=says)]
    fares = _fares(settings)
    return [_source(settings, source, fares) for source in settings.sources.values()]


@dataclass(frozen=True, slots=True)
class Fares:
    """What the store tells of all sources: what was counted, is in quarantine, is to be asked for, and is stored."""

    told: list[Tally]
    kept: dict[str, int]
    asked: dict[str, Row]
    stored: dict[str, Row]


def _fares(settings: Settings) -> Fares:
    """Return how the sources fare; nothing without a store."""
    if not settings.database.exists():
        return Fares([], {}, {}, {})
    today = periods.local_day(datetime.now(UTC), settings.timezone)
    try:
        with beside(settings.database) as db:
            told, kept, asked = traffic.of_day(db, today), quarantine.by_source(db), fetches.waiting(db)
        with reading(settings.database) as db:
            stored = traffic.stored(db, periods.start_of(today, settings.timezone))
    except StoreError:
        return Fares([], {}, {}, {})
    return Fares(told, kept, asked, stored)


def _source(settings: Settings, source: SourceSettings, fares: Fares) -> Finding:
    """Say how one source fares: a fault is a secret that does not fit, or what waits to be mapped or told."""
    told = [tally for tally in fares.told if tally.source == source.name]
    kept, asked = fares.kept.get(source.name, 0), fares.asked.get(source.name)
    refused = max((tally.last_at for tally in told if tally.answer == "401"), default=None)
    moments = [tally.last_at for tally in told if tally.answer != "401"]
    stored = 0
    if row := fares.stored.get(source.name):
        moments.append(moment(row["last_at"]))
        stored = row["n"]
    came = max(moments, default=None)
    differs = refused is not None and (came is None or refused > came)
    says = f"{source.kind} at /webhooks/{source.name}, {_arrived(settings, source, told, came, stored)}"
    if differs:
        says += "; the last was refused: the secret here and the tool's differ"
    if kept:
        says += f"; {kept} could not be mapped: npsbot quarantine says what is missing"
    if asked:
        says += f"; {asked['n']} wait for the tool's API{': ' * bool(asked['reason'])}{asked['reason'] or ''}"
    ok = not (differs or kept or (asked and asked["reason"]))
    return Finding(f"source {source.name}", ok=ok, says=says)


def _arrived(settings: Settings, source: SourceSettings, told: list[Tally], came: datetime | None, stored: int) -> str:
    """Return when a source last delivered and how today's were answered, or what to paste where nothing ever came."""
    if not told and came is None:
        host = (settings.public_url or "https://your-host").rstrip("/")
        return f"nothing has arrived yet; paste {host}/webhooks/{source.name} into the tool"
    last = "none yet" if came is None else f"{came.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
    today = [f"{t.n} {_ANSWERS.get(t.answer, t.answer)}{f' (last: {t.reason})' * bool(t.reason)}" for t in told if t.n]
    if stored > sum(tally.n for tally in told if tally.answer not in _ANSWERS):
        today.append(f"{stored} stored")
    return f"last delivery {last}, today {', '.join(today) or 'nothing'}"


_ANSWERS = {"401": "refused", "400": "not JSON", "413": "too large", "415": "of another type", "422": "wrong"}
"""Words for what was answered with a bare number."""


def _store(settings: Settings) -> list[Finding]:
    if not settings.database.exists():
        return [Finding("store", ok=False, says=f"there is no {settings.database} yet; npsbot run makes it")]
    try:
        with beside(settings.database) as db:
            found = _content(db, settings)
        return [*found, *_rollups(settings)]
    except StoreError as error:
        return [Finding("store", ok=False, says=str(error))]


def _content(db: Db, settings: Settings) -> list[Finding]:
    responses = db.value("select count(*) from responses")
    found = [Finding("store", ok=True, says=f"{settings.database}, {counted(responses, 'response')}")]
    found.append(Finding("retention", ok=True, says=retention.told(db, settings.retention, datetime.now(UTC))))
    found += [
        _waits(lane["reason"], "everything" if lane["lane"] == "*" else lane["lane"]) for lane in lanes.paused(db)
    ]
    found += [Finding("privacy", ok=False, says=says) for says in privacy.doubts(db, settings)]
    found += [Finding("outbox", ok=False, says=remedy(reason, "Slack")) for reason in failures.unanswerable(db)]
    failed = [row for row in failures.listing(db) if row["state"] == "failed"]
    if failed:
        says = f"{len(failed)} could not be posted, the first for {failed[0]['reason']}; see npsbot outbox"
        found.append(Finding("outbox", ok=False, says=says))
    if kept := quarantine.listing(db):
        says = f"{len(kept)} could not be mapped, the last from {kept[-1]['source']}: {kept[-1]['reason']}"
        found.append(Finding("quarantine", ok=False, says=f"{says}; mend the mapping, then npsbot quarantine retry"))
    return found


def _rollups(settings: Settings) -> list[Finding]:
    """Count everything anew beside the daily counts; where they differ, have no score read from them any more.

    It is counted on one moment of the store, with no lock on it: it takes seconds with a million responses.
    """
    with reading(settings.database) as db:
        zone = rollups.zone(db)
        wrong = 0 if zone is None else rollups.check(db)
    if zone is None:
        return []
    if not wrong:
        return [Finding("daily counts", ok=True, says=f"right on every day, in {zone}")]
    with beside(settings.database) as db:
        rollups.distrust(db)
    until = "so scores are counted from the responses until npsbot run starts the next time"
    return [Finding("daily counts", ok=False, says=f"wrong on {counted(wrong, 'day')}, {until}")]


def _waits(reason: str, where: str) -> Finding:
    """Say what a lane waits for: a fault, unless it is Slack's own pace."""
    return Finding(f"delivery to {where}", ok="ratelimited" in reason, says=f"waits: {remedy(reason, where)}")
