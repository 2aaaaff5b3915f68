"""Who else reads a channel: nothing about customers goes where another organisation is, unless that is allowed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog

from bot.slack import Blocked, Later, SlackFault, Unknown

if TYPE_CHECKING:
    from bot.channels import Channels
    from bot.settings.privacy import Privacy
    from bot.slack import Slack

log = structlog.get_logger("audience")

KNOWN_FOR = 300.0
"""Seconds for which Slack's word holds that a channel is a company's own; its events end that at once."""
SHARED = "shared_with_another_organisation"
FLAGS = ("is_ext_shared", "is_pending_ext_shared")
"""What Slack calls a channel with another organisation in it, or invited; `is_org_shared` is within one."""


class Audience:
    """Whether channels are shared with another organisation, asked of Slack now and then, never for each message."""

    def __init__(self, slack: Slack, channels: Channels, privacy: Privacy) -> None:
        self._slack, self._channels, self._privacy = slack, channels, privacy
        self._own: dict[str, float] = {}
        self._shared: set[str] = set()

    def ask_again(self, channel_id: str) -> None:
        """Take nothing for granted about a channel that Slack tells news of."""
        self._own.pop(channel_id, None)

    async def why_not(self, name: str) -> SlackFault | None:
        """Return why nothing may be written to a channel now, by its name or id as it is set; None where it may.

        A question that Slack has not taken is asked again before anything is written. Where it refuses to tell, what
        it told last holds; `npsbot doctor` says what it needs.
        """
        try:
            channel_id = await self._channels.id_of(name)
            if self._own.get(channel_id, 0.0) > time.monotonic():
                return None
            shared = await self._is_shared(name, channel_id)
        except Later as fault:
            return fault
        except Unknown as fault:
            if not fault.answered:
                return Later(fault.reason)
            shared = self._not_told(channel_id, fault)
        except SlackFault as fault:
            shared = self._not_told(channel_id, fault)
        if shared:
            self._shared.add(channel_id)
            return Blocked(SHARED, everywhere=False)
        self._shared.discard(channel_id)
        self._own[channel_id] = time.monotonic() + KNOWN_FOR
        return None

    async def _is_shared(self, name: str, channel_id: str) -> bool:
        """Ask whether others are in a channel who may not be; keep the name that it goes by for [privacy]."""
        told = await self._slack.channel_info(channel_id)
        called = str(told.get("name") or "")
        if called and self._privacy.channels:
            await self._channels.learn(f"#{called}", channel_id)
        if not any(told.get(flag) for flag in FLAGS):
            return False
        return not self._privacy.lets_others_read((name, channel_id, called))

    def _not_told(self, channel_id: str, fault: SlackFault) -> bool:
        log.warning("audience_not_told", channel=channel_id, reason=fault.reason)
        return channel_id in self._shared
