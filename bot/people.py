"""Who may do what: full members of the workspace who are in a card's channel, and those named for more."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.model import Refusal
from bot.settings.roles import ActorsOnly, AdminsOnly, LeadsOnly, Role, Roles, is_group
from bot.slack import Blocked, Later, Never, Slack, SlackFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from bot.slack import Identity

log = structlog.get_logger("people")

ANSWER_WITHIN = 1.2
"""Seconds for each question about a person: what they did is to be acknowledged within three."""
REMEMBERED = 300.0
"""Seconds for which a yes stands while Slack is too busy to be asked again."""
KNOWN_FOR = 60.0
"""Seconds for which the members of a channel or a group are known to whoever acts; admins are asked about each time."""
LEFT_OUT = ("channel_not_found", "not_in_channel", "is_archived")
"""Why Slack does not tell a channel's members: it is lost to the bot, and nobody sees its cards."""
TOLD_FOR = 3600.0
"""Seconds after which it is asked again in which language and time zone somebody is."""


class NotAllowed(Refusal):
    """Only full members of this workspace can do this."""

    key = "refusal.not_allowed"


class Unconfirmed(Refusal):
    """Slack could not confirm who this is; what cannot be confirmed is denied."""

    key = "refusal.unconfirmed"


class NotAMember(Refusal):
    """Customers are shown to members of the cards' channel only."""

    key = "refusal.not_a_member"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Slack tells of them: `locale` such as sv-SE, `zone` such as Europe/Stockholm."""

    id: str
    locale: str | None = None
    zone: str | None = None


def _person(user: str, found: Mapping[str, Any]) -> Person:
    return Person(user, found.get("locale"), found.get("tz"))


class People:
    """Asks Slack who somebody is, each time anew: who was made a guest a moment ago can do nothing from then on."""

    def __init__(
        self,
        slack: Slack,
        identity: Callable[[], Awaitable[Identity]],
        place: Callable[[str], Awaitable[str]],
        roles: Roles = Roles(),  # noqa: B008  # frozen
    ) -> None:
        self._slack, self._identity, self._place, self._roles = slack, identity, place, roles
        self._confirmed: dict[str | tuple[str, str], float] = {}
        self._members: dict[str, tuple[float, set[str]]] = {}
        self._told: dict[str, tuple[float, Person | None]] = {}

    async def admit(self, user: str, team: str | None = None, *, live: bool = False) -> Person:
        """Return a full member of this workspace or organisation; raise NotAllowed or Unconfirmed.

        While Slack is too busy to be asked, a yes of the last minutes stands, but not where it is to be `live`.
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                identity = await self._identity()
                found = await self._slack.user(user)
        except (SlackFault, TimeoutError) as fault:
            log.info("person_not_confirmed", user=user, reason=str(fault))
            known = self.known(user)
            if known is not None and self._stands(user, fault) and not live:
                return known
            raise Unconfirmed from fault
        flags = (
            "is_bot",
            "deleted",
            "is_stranger",
            "is_restricted",
            "is_ultra_restricted",
            "is_workflow_bot",
        )
        if any(found.get(flag) for flag in flags) or found.get("id") == "USLACKBOT":
            raise NotAllowed
        organisation = (found.get("enterprise_user") or {}).get("enterprise_id")
        if identity.enterprise_id is None or organisation != identity.enterprise_id:
            teams = {known for known in (found.get("team_id"), team) if known}
            if identity.team_id and teams - {identity.team_id}:
                raise NotAllowed
        self._confirmed[user] = time.monotonic() + REMEMBERED
        person = _person(user, found)
        self._told[user] = (time.monotonic() + TOLD_FOR, person)
        return person

    def known(self, user: str) -> Person | None:
        """Return somebody as Slack last told of them, for the language of what they read; it gives no rights."""
        return self._told.get(user, (0.0, None))[1]

    async def name(self, user: str) -> str | None:
        """Return what a person is called; None when Slack does not tell just now."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                found = await self._slack.user(user)
        except (SlackFault, TimeoutError) as fault:
            log.info("name_not_found", user=user, reason=str(fault))
            return None
        return (found.get("profile") or {}).get("real_name") or found.get("real_name") or found.get("name")

    async def person(self, user: str) -> Person | None:
        """Return somebody with the language and the zone that Slack told of within the last hour; it gives no rights.

        None for whom Slack does not know. Raises Unconfirmed while Slack does not answer.
        """
        until, known = self._told.get(user, (0.0, None))
        if until > time.monotonic():
            return known
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                known = _person(user, await self._slack.user(user))
        except Never as fault:
            log.info("person_not_found", user=user, reason=fault.reason)
            known = None
        except (SlackFault, TimeoutError) as fault:
            raise Unconfirmed from fault
        self._told[user] = (time.monotonic() + TOLD_FOR, known)
        return known

    async def must_be(self, user: str, role: Role, command: str = "--help") -> None:
        """Return for whoever has a role; raise the refusal of who may not, or Unconfirmed.

        Groups are asked about each time for an admin's role. `command` is what does the same on the server.
        """
        if self.is_named(user, role):
            return
        live = role is Role.ADMIN
        groups = [each for each in sorted(self._roles.named(role) or ()) if is_group(each)]
        if not live and any(self.knows(user, group) for group in groups):
            return
        told = await asyncio.gather(*(self._holds(user, group, live=live) for group in groups), return_exceptions=True)
        if any(each is True for each in told):
            return
        for each in told:
            if isinstance(each, BaseException):
                raise each
        raise AdminsOnly(command=command) if live else LeadsOnly if role is Role.LEAD else ActorsOnly

    def is_named(self, user: str, role: Role) -> bool:
        """Tell whether a person has a role without anybody being asked: it is everybody's, or they are named for it."""
        named = self._roles.named(role)
        return named is None or user in named

    async def leads(self, user: str) -> bool:
        """Tell whether a person is a lead; whoever cannot be confirmed is none."""
        try:
            await self.must_be(user, Role.LEAD)
        except (LeadsOnly, ActorsOnly, Unconfirmed):
            return False
        return True

    async def _holds(self, user: str, group: str, *, live: bool) -> bool:
        return await self._among(user, group, lambda: self._slack.group(group), stands=not live)

    async def may_see(self, user: str, channel_name: str) -> None:
        """Return for a member of a channel of cards; raise NotAMember or Unconfirmed.

        Slack tells now; while it is too busy, what it told within the last five minutes stands.
        """
        channel = channel_name

        async def members() -> set[str]:
            nonlocal channel
            channel = await self._place(channel_name)
            return await self._slack.members(channel)

        if not await self._among(user, channel_name, members, stands=True):
            raise NotAMember(channel=channel_name if channel_name.startswith("#") else f"<#{channel}>")

    async def _among(self, user: str, where: str, ask: Callable[[], Awaitable[set[str]]], *, stands: bool) -> bool:
        """Tell whether a person is in a channel or group; raise Unconfirmed where Slack does not tell.

        Where it `stands`, a yes of the last minutes will do while Slack is too busy.
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                members = await ask()
        except (SlackFault, TimeoutError) as fault:
            log.info("membership_not_confirmed", user=user, where=where, reason=str(fault))
            if stands and self._stands((user, where), fault):
                return True
            raise Unconfirmed from fault
        self._members[where] = time.monotonic() + KNOWN_FOR, members
        if user in members:
            self._confirmed[user, where] = time.monotonic() + REMEMBERED
        return user in members

    def knows(self, user: str, where: str) -> bool:
        """Tell whether Slack has said within the last minute that a person is in a channel or group."""
        until, members = self._members.get(where, (0.0, set()))
        return user in members and until > time.monotonic()

    async def seen(self, user: str, channels: Iterable[str]) -> set[str]:
        """Return those of the channels that a person is in; raise NotAMember for somebody who is in none of them.

        A channel that is lost to the bot is nobody's; the others go on.
        """
        asked = list(channels)
        told = await asyncio.gather(*(self.may_see(user, channel) for channel in asked), return_exceptions=True)
        refused = [fault for fault in told if fault is not None]
        for fault in refused:
            if not (isinstance(fault, NotAMember) or _lost(fault)) or len(refused) == len(asked):
                raise fault
        return {channel for channel, fault in zip(asked, told, strict=True) if fault is None}

    def _stands(self, what: str | tuple[str, str], fault: BaseException) -> bool:
        """Tell whether Slack said yes not long ago: good enough while it asks for fewer calls, never otherwise."""
        busy = isinstance(fault, Later) and fault.seconds is not None
        return busy and self._confirmed.get(what, 0.0) > time.monotonic()


def _lost(fault: BaseException) -> bool:
    return isinstance(fault.__cause__, Blocked) and fault.__cause__.reason in LEFT_OUT
