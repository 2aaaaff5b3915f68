"""What is wrong, and what to do about it: settings, store, token, scopes, channels, what could not be delivered."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bot import periods, privacy, retention
from bot.audience import FLAGS, SHARED
from bot.counted import counted
from bot.settings.privacy import folded_channel
from bot.settings.roles import is_group
from bot.settings.routes import OWNER, before
from bot.slack import SCOPES, Blocked, Slack, SlackFault
from storage import failures, fetches, lanes, quarantine, rollups, traffic
from storage.db import StoreError, beside, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.config import Settings, SourceSettings
    from bot.settings.privacy import Privacy
    from bot.settings.routes import Route
    from storage.db import Db, Row
    from storage.traffic import Tally


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and, where it is not, what to do."""

    subject: str
    ok: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)


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
    return [*found, *await _slack(settings)]


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
    """What the store tells of all sources: what was counted, what is in quarantine, what is to be asked for."""

    told: list[Tally]
    kept: dict[str, int]
    asked: dict[str, Row]


def _fares(settings: Settings) -> Fares:
    """Return how the sources fare; nothing without a store."""
    if not settings.database.exists():
        return Fares([], {}, {})
    try:
        with beside(settings.database) as db:
            today = periods.local_day(datetime.now(UTC), settings.timezone)
            return Fares(traffic.of_day(db, today), quarantine.by_source(db), fetches.waiting(db))
    except StoreError:
        return Fares([], {}, {})


def _source(settings: Settings, source: SourceSettings, fares: Fares) -> Finding:
    """Say how one source fares: a fault is a secret that does not fit, or what waits to be mapped or told."""
    told = [tally for tally in fares.told if tally.source == source.name]
    kept, asked = fares.kept.get(source.name, 0), fares.asked.get(source.name)
    refused = max((tally.last_at for tally in told if tally.answer == "401"), default=None)
    came = max((tally.last_at for tally in told if tally.answer != "401"), default=None)
    differs = refused is not None and (came is None or refused > came)
    says = f"{source.kind} at /webhooks/{source.name}, {_arrived(settings, source, told, came)}"
    if differs:
        says += "; the last was refused: the secret here and the tool's differ"
    if kept:
        says += f"; {kept} could not be mapped: npsbot quarantine says what is missing"
    if asked:
        says += f"; {asked['n']} wait for the tool's API{': ' * bool(asked['reason'])}{asked['reason'] or ''}"
    ok = not (differs or kept or (asked and asked["reason"]))
    return Finding(f"source {source.name}", ok=ok, says=says)


def _arrived(settings: Settings, source: SourceSettings, told: list[Tally], came: datetime | None) -> str:
    """Return when a source last delivered and how today's were answered, or what to paste where nothing ever came."""
    if not told:
        host = (settings.public_url or "https://your-host").rstrip("/")
        return f"nothing has arrived yet; paste {host}/webhooks/{source.name} into the tool"
    last = "none yet" if came is None else f"{came.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
    today = [f"{t.n} {_ANSWERS.get(t.answer, t.answer)}{f' (last: {t.reason})' * bool(t.reason)}" for t in told if t.n]
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
    return Finding(f"delivery to {where}", ok=False, says=f"waits: {remedy(reason, where)}")


async def _slack(settings: Settings) -> list[Finding]:
    if settings.bot_token is None:
        return [Finding("Slack", ok=False, says="SLACK_BOT_TOKEN is not set; npsbot run needs it")]
    mode = "Socket Mode" if settings.app_token else "HTTP mode at /slack/events"
    if settings.app_token is None and settings.signing_secret is None:
        mode = ""
    slack = Slack(settings.bot_token, settings.slack_api_url)
    await slack.open()
    try:
        identity = await slack.identity()
        found = [Finding("token", ok=True, says=f"{identity.url} as {identity.user_id}")]
        found.append(
            Finding("mode", ok=bool(mode), says=mode or "set SLACK_APP_TOKEN, or SLACK_SIGNING_SECRET for HTTP mode")
        )
        missing = [scope for scope in SCOPES if slack.scopes and scope not in slack.scopes]
        if missing:
            says = f"{', '.join(missing)} missing; add them at api.slack.com/apps and install the app again"
            found.append(Finding("scopes", ok=False, says=says))
        sales = (settings.referrals.channel,) if settings.referrals.channel else ()
        told = (settings.digests_go_to, *settings.told_besides)
        names = dict.fromkeys((*settings.card_channels, *told, *sales))
        found += [await _channel(slack, name, identity.user_id, settings.privacy) for name in names]
        found += [await _group(slack, group) for group in settings.rights.groups]
        assigned = dict.fromkeys(route.assign for route in settings.routes if route.assign and route.assign != OWNER)
        found += [await _person(slack, f"assigned by routes to {user}", user) for user in assigned]
        if settings.reminders.escalate_to and settings.reminders.escalate_after:
            found.append(await _escalation(slack, settings.reminders.escalate_to, settings.card_channels))
    except SlackFault as fault:
        return [Finding("token", ok=False, says=remedy(fault.reason, "Slack"))]
    finally:
        await slack.close()
    return found


async def _channel(slack: Slack, name: str, bot: str, chosen: Privacy) -> Finding:
    subject = f"channel {name}"
    try:
        channel = await _id_of(slack, name)
        if bot not in await slack.members(channel):
            raise Blocked("not_in_channel", everywhere=False)
        info = await slack.channel_info(channel)
    except SlackFault as fault:
        return Finding(subject, ok=False, says=remedy(fault.reason, name))
    says, names = f"{channel}, the bot is in it", (name, channel, str(info.get("name") or ""))
    if not chosen.channels.isdisjoint(map(folded_channel, names)):
        says += ", its cards name nobody"
    if any(info.get(flag) for flag in FLAGS):
        if not chosen.lets_others_read(names):
            return Finding(subject, ok=False, says=remedy(SHARED, name))
        says += ", shared with another organisation, as [privacy] allows"
    return Finding(subject, ok=True, says=says)


async def _id_of(slack: Slack, name: str) -> str:
    channel = name if name.upper() == name and not name.startswith("#") else await slack.channel_id(name)
    if channel is None:
        raise Blocked("channel_not_found", everywhere=False)
    return channel


async def _group(slack: Slack, group: str) -> Finding:
    try:
        members = await slack.group(group)
    except SlackFault as fault:
        return Finding(
            f"user group {group}", ok=False, says=f"its members have no rights: {remedy(fault.reason, group)}"
        )
    return Finding(f"user group {group}", ok=True, says=counted(len(members), "member"))


async def _escalation(slack: Slack, whom: str, channels: Iterable[str]) -> Finding:
    """Look whether those whom an escalation names read it: a name reaches nobody who is not in the channel."""
    subject = f"escalations to {whom}"
    if not is_group(whom):
        person = await _person(slack, subject, whom)
        if not person.ok:
            return person
    try:
        people = await slack.group(whom) if is_group(whom) else {whom}
    except SlackFault as fault:
        return Finding(subject, ok=False, says=f"nobody is told: {remedy(fault.reason, whom)}")
    if not people:
        return Finding(subject, ok=False, says="the user group has no members, so nobody is told")
    if deaf := [name for name in channels if await _is_without(slack, name, people)]:
        says = f"not in {', '.join(deaf)}, where they are named, and do not hear of it; invite them there"
        return Finding(subject, ok=False, says=says)
    return Finding(subject, ok=True, says="in every channel of cards")


async def _is_without(slack: Slack, name: str, people: set[str]) -> bool:
    """Tell whether a channel has none of these members; one that cannot be asked about has a finding of its own."""
    try:
        return people.isdisjoint(await slack.members(await _id_of(slack, name)))
    except SlackFault:
        return False


async def _person(slack: Slack, subject: str, user: str) -> Finding:
    try:
        told = await slack.user(user)
    except SlackFault as fault:
        return Finding(subject, ok=False, says=remedy(fault.reason, user))
    if any(told.get(flag) for flag in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")):
        return Finding(subject, ok=False, says="is no full member of this workspace, and could not act; name another")
    return Finding(subject, ok=True, says=str(told.get("real_name") or told.get("name") or user))


def remedy(reason: str, where: str) -> str:
    """Return a fault of Slack's with what to do about it."""
    for code, advice in _REMEDIES.items():
        if reason.startswith(code):
            return f"{reason}: {advice.format(where=where)}"
    return reason


_REMEDIES = {
    "not_in_channel": "write /invite @npsbot in {where}",
    "channel_not_found": "there is no channel {where} that the bot can see; create it and /invite @npsbot",
    "is_archived": "the channel {where} is archived; bring it back, or name another in NPSBOT_CHANNEL",
    "restricted_action": "an admin restricts who may post in {where}; allow the bot",
    "invalid_auth": "the token is wrong; copy it again from api.slack.com/apps",
    "not_authed": "the token is wrong; copy it again from api.slack.com/apps",
    "token_revoked": "the token was revoked; install the app again and set the new one",
    "account_inactive": "the app was removed or its owner deactivated; install the app again",
    "user_not_found": "there is nobody with the id {where}; mend it in npsbot.toml",
    "no_such_subteam": "there is no user group {where}; mend its id in npsbot.toml",
    SHARED: "another organisation would read what your customers say in {where}, so what is to go there waits; stop "
    "sharing it, name another channel, or add it to allow_shared under [privacy]",
    "missing_scope": "add the scope at api.slack.com/apps, and install the app again",
    "no connection": "Slack cannot be reached from here; check the network and SLACK_API_URL",
    "no answer": "Slack did not answer in time; check the network",
}
