"""Who may do what: full members of the workspace act, members of the cards' channel see customers."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.model import Refusal
from bot.slack import Later, Slack, SlackFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bot.slack import Identity

log = structlog.get_logger("people")

ANSWER_WITHIN = 1.2
"""Seconds for each question about a person: what they did is to be acknowledged within three."""
REMEMBERED = 300.0
"""Seconds for which a yes stands while Slack is too busy to be asked again."""


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
    """A full member, as Slack tells of them: `locale` such as sv-SE, `zone` such as Europe/Stockholm."""

    id: str
    locale: str | None = None
    zone: str | None = None


class People:
    """Asks Slack who somebody is, each time anew: who was made a guest a moment ago can do nothing from then on."""

    def __init__(
        self,
        slack: Slack,
        identity: Callable[[], Awaitable[Identity]],
        place: Callable[[str], Awaitable[str]],
    ) -> None:
        self._slack, self._identity, self._place = slack, identity, place
        self._confirmed: dict[str | tuple[str, str], float] = {}
        self._persons: dict[str, Person] = {}

    async def admit(self, user: str, team: str | None = None) -> Person:
        """Return a full member of this workspace or organisation; raise NotAllowed or Unconfirmed."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                identity = await self._identity()
                found = await self._slack.user(user)
        except (SlackFault, TimeoutError) as fault:
            log.info("person_not_confirmed", user=user, reason=str(fault))
            if isinstance(fault, Later) and fault.seconds is not None and self._fresh(user):
                return self._persons[user]
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
        person = self._persons[user] = Person(user, found.get("locale"), found.get("tz"))
        return person

    async def name(self, user: str) -> str | None:
        """Return what a person is called; None when Slack does not tell just now."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                found = await self._slack.user(user)
        except (SlackFault, TimeoutError) as fault:
            log.info("name_not_found", user=user, reason=str(fault))
            return None
        return (found.get("profile") or {}).get("real_name") or found.get("real_name") or found.get("name")

    async def may_see(self, user: str, channel_name: str) -> None:
        """Return for a member of a channel of cards; raise NotAMember or Unconfirmed."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                channel = await self._place(channel_name)
                members = await self._slack.members(channel)
        except (SlackFault, TimeoutError) as fault:
            log.info("membership_not_confirmed", user=user, reason=str(fault))
            if isinstance(fault, Later) and fault.seconds is not None and self._fresh((user, channel_name)):
                return
            raise Unconfirmed from fault
        if user not in members:
            raise NotAMember(channel=channel_name if channel_name.startswith("#") else f"<#{channel}>")
        self._confirmed[user, channel_name] = time.monotonic() + REMEMBERED

    async def seen(self, user: str, channels: Iterable[str]) -> set[str]:
        """Return those of the channels that a person is in; raise NotAMember for somebody who is in none of them."""
        asked = list(channels)
        told = await asyncio.gather(*(self.may_see(user, channel) for channel in asked), return_exceptions=True)
        refused = [fault for fault in told if fault is not None]
        for fault in refused:
            if not isinstance(fault, NotAMember) or len(refused) == len(asked):
                raise fault
        return {channel for channel, fault in zip(asked, told, strict=True) if fault is None}

    def _fresh(self, what: str | tuple[str, str]) -> bool:
        """Tell whether Slack said yes not long ago: good enough while it asks for fewer calls, never otherwise."""
        return self._confirmed.get(what, 0.0) > time.monotonic()
