"""Which conversation of Slack's a channel's name stands for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import structlog

from bot.slack import Blocked, Never, Unknown
from storage import channels

if TYPE_CHECKING:
    from bot.slack import Slack
    from storage import Store

log = structlog.get_logger("channels")


class Channels:
    """The ids of channels by their names, asked of Slack once and remembered in the store."""

    def __init__(self, store: Store, slack: Slack) -> None:
        self._store, self._slack = store, slack
        self._names: dict[str, str] = {}

    async def place(self, channel: str) -> str:
        """Return the id of the conversation that a channel's name, its id or a person's id stands for."""
        found = await self.id_of(channel)
        return await self._slack.direct(found) if re.match(r"[UW]", found) else found

    async def id_of(self, channel: str) -> str:
        """Return the id of a channel that is set by its name; the name itself where Slack does not tell."""
        if not channel.startswith("#") and channel.upper() == channel:
            return channel
        if channel not in self._names:
            found = await self._store.read(channels.id_of, channel)
            try:
                found = found or await self._slack.channel_id(channel)
            except (Blocked, Never, Unknown) as fault:
                log.info("channel_not_resolved", channel=channel, reason=fault.reason)
            if found is None:
                return f"#{channel.removeprefix('#')}"
            await self.learn(channel, found)
        return self._names[channel]

    async def learn(self, name: str, channel_id: str) -> None:
        """Remember the id under which Slack took what was meant for a name."""
        if name != channel_id and self._names.get(name) != channel_id and not re.match(r"[UW]", name):
            self._names[name] = channel_id
            await self._store.run(channels.remember, name, channel_id)

    def forget(self, name: str) -> None:
        """Ask again what a name stands for."""
        self._names.pop(name, None)
