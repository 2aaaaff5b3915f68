"""What is wrong in Slack, and what to do about it: token, scopes, and every channel, person and group that is named."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.audience import FLAGS, SHARED
from bot.channels import Listing, is_id
from bot.counted import counted
from bot.settings.privacy import folded_channel
from bot.settings.roles import is_group
from bot.settings.routes import OWNER
from bot.slack import SCOPES, Blocked, Later, Never, Slack, SlackFault, Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bot.cards.blocks import Json
    from bot.config import Settings
    from bot.settings.privacy import Privacy


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and, where it is not, what to do."""

    subject: str
    ok: bool
    says: str

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)


REFUSED = (Blocked, Never, Unknown)
"""Faults that say something of what was asked about; Later says something of Slack only."""


async def in_slack(settings: Settings) -> list[Finding]:
    """Ask Slack about everything that the settings name; a fault of the token is the only finding."""
    if settings.bot_token is None:
        return [Finding("Slack", ok=False, says="SLACK_BOT_TOKEN is not set; npsbot run needs it")]
    slack = Slack(settings.bot_token, settings.slack_api_url)
    await slack.open()
    try:
        identity = await slack.identity()
        found = [Finding("token", ok=True, says=f"{identity.url} as {identity.user_id}"), *_set_up(settings, slack)]
        return [*found, *await _taken(_looks(settings, slack, identity.user_id))]
    except Later as fault:
        return [_not_now(fault)]
    except SlackFault as fault:
        return [Finding("token", ok=False, says=remedy(fault.reason, "Slack"))]
    finally:
        await slack.close()


def _set_up(settings: Settings, slack: Slack) -> list[Finding]:
    """Look at how Slack reaches the bot, and at what the token may do."""
    mode = "Socket Mode" if settings.app_token else "HTTP mode at /slack/events"
    if settings.app_token is None and settings.signing_secret is None:
        mode = ""
    found = [Finding("mode", ok=bool(mode), says=mode or "set SLACK_APP_TOKEN, or SLACK_SIGNING_SECRET for HTTP mode")]
    missing = [scope for scope in SCOPES if slack.scopes and scope not in slack.scopes]
    if missing:
        says = f"{', '.join(missing)} missing; add them at api.slack.com/apps and install the app again"
        found.append(Finding("scopes", ok=False, says=says))
    return found


def _looks(settings: Settings, slack: Slack, bot: str) -> list[Callable[[], Awaitable[Finding]]]:
    """Return what is to be looked at; Slack's channels are listed once for all that is named by its name."""
    listing = Listing(slack, math.inf)
    sales = (settings.referrals.channel,) if settings.referrals.channel else ()
    told = (settings.digests_go_to, *settings.told_besides)
    names = dict.fromkeys((*settings.card_channels, *told, *sales))
    looks: list[Callable[[], Awaitable[Finding]]] = []
    looks += [partial(_channel, slack, listing, name, bot, settings.privacy) for name in names]
    looks += [partial(_group, slack, group) for group in settings.rights.groups]
    named = settings.rights.people.items()
    looks += [partial(_person, slack, f"{' and '.join(roles)} under roles, {user}", user) for user, roles in named]
    assigned = dict.fromkeys(route.assign for route in settings.routes if route.assign and route.assign != OWNER)
    looks += [partial(_person, slack, f"assigned by routes to {user}", user) for user in assigned]
    if settings.reminders.escalate_to and settings.reminders.escalate_after:
        looks.append(partial(_escalation, slack, listing, settings.reminders.escalate_to, settings.card_channels))
    return looks


async def _taken(looks: Iterable[Callable[[], Awaitable[Finding]]]) -> list[Finding]:
    """Take each look; where Slack has no time for some of them, say so once in their place."""
    found: list[Finding] = []
    put_off: list[Later] = []
    for look in looks:
        try:
            found.append(await look())
        except Later as fault:
            put_off.append(fault)
    if put_off:
        found.append(_not_now(max(put_off, key=lambda fault: fault.seconds or 0.0)))
    return found


def _not_now(fault: Later) -> Finding:
    """Say when to come back; the fault of none that was asked about."""
    if fault.seconds is None:
        return Finding("Slack", ok=False, says=remedy(fault.reason, "Slack"))
    wait = counted(max(1, math.ceil(fault.seconds)), "second")
    return Finding("Slack", ok=False, says=f"Slack wants fewer calls just now; run it again in {wait}")


async def _channel(slack: Slack, listing: Listing, name: str, bot: str, chosen: Privacy) -> Finding:
    subject = f"channel {name}"
    try:
        told = await _told_of(listing, name)
        channel = str(told["id"])
        if bot not in await slack.members(channel):
            raise Blocked("not_in_channel", everywhere=False)
        info = told if told.keys() >= set(FLAGS) else await slack.channel_info(channel)
    except REFUSED as fault:
        return Finding(subject, ok=False, says=remedy(fault.reason, name))
    says, names = f"{channel}, the bot is in it", (name, channel, str(info.get("name") or ""))
    if not chosen.channels.isdisjoint(map(folded_channel, names)):
        says += ", its cards name nobody"
    if any(info.get(flag) for flag in FLAGS):
        if not chosen.lets_others_read(names):
            return Finding(subject, ok=False, says=remedy(SHARED, name))
        says += ", shared with another organisation, as [privacy] allows"
    return Finding(subject, ok=True, says=says)


async def _told_of(listing: Listing, name: str) -> Json:
    """Return what the listing tells of a channel that is set by its name; of one that is set by its id, only that."""
    told = {"id": name} if is_id(name) else await listing.find(name)
    if told is None:
        raise Blocked("channel_not_found", everywhere=False)
    return told


async def _group(slack: Slack, group: str) -> Finding:
    try:
        members = await slack.group(group)
    except REFUSED as fault:
        return Finding(
            f"user group {group}", ok=False, says=f"its members have no rights: {remedy(fault.reason, group)}"
        )
    return Finding(f"user group {group}", ok=True, says=counted(len(members), "member"))


async def _escalation(slack: Slack, listing: Listing, whom: str, channels: Iterable[str]) -> Finding:
    """Look whether those whom an escalation names read it: a name reaches nobody who is not in the channel."""
    subject = f"escalations to {whom}"
    if not is_group(whom):
        person = await _person(slack, subject, whom)
        if not person.ok:
            return person
    try:
        people = await slack.group(whom) if is_group(whom) else {whom}
    except REFUSED as fault:
        return Finding(subject, ok=False, says=f"nobody is told: {remedy(fault.reason, whom)}")
    if not people:
        return Finding(subject, ok=False, says="the user group has no members, so nobody is told")
    if deaf := [name for name in channels if await _is_without(slack, listing, name, people)]:
        says = f"not in {', '.join(deaf)}, where they are named, and do not hear of it; invite them there"
        return Finding(subject, ok=False, says=says)
    return Finding(subject, ok=True, says="in every channel of cards")


async def _is_without(slack: Slack, listing: Listing, name: str, people: set[str]) -> bool:
    """Tell whether a channel has none of these members; one that cannot be asked about has a finding of its own."""
    try:
        return people.isdisjoint(await slack.members(str((await _told_of(listing, name))["id"])))
    except REFUSED:
        return False


async def _person(slack: Slack, subject: str, user: str) -> Finding:
    try:
        told = await slack.user(user)
    except REFUSED as fault:
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
    "ratelimited": "Slack wants fewer calls just now; it goes on by itself",
    "missing_scope": "add the scope at api.slack.com/apps, and install the app again",
    "no connection": "Slack cannot be reached from here; check the network and SLACK_API_URL",
    "no answer": "Slack did not answer in time; check the network",
}
