"""Which conversation of Slack's a channel's name stands for."""

from __future__ import annotations

import asyncio
import math
import re
import time
from typing import TYPE_CHECKING

import structlog

from bot.audience import FLAGS
from bot.slack import Blocked, Later, Never, SlackFault, Unknown
from storage import channels

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.slack import Slack
    from storage import Store

log = structlog.get_logger("channels")

STANDS_FOR = 5.0
"""Seconds for which one listing answers all who ask: of listings Slack takes twenty a minute, pages counted."""
KEPT = ("id", "name", *FLAGS)
"""What is kept of a listing, where Slack tells it: there may be thousands of channels."""


class Listing:
    """Slack's channels by their names, listed once for all who ask while it is under way or `stands_for` seconds after.

    A fault answers these, too, but for Later, which is over as soon as it says: that one only those who waited for it.
    """

    def __init__(self, slack: Slack, stands_for: float) -> None:
        self._slack, self._stands_for = slack, stands_for
        self._turn = asyncio.Lock()
        self._told: dict[str, Json] = {}
        self._fault: SlackFault | None = None
        self._began = -math.inf
        self._ended: float | None = None

    async def find(self, name: str, since: float = -math.inf) -> Json | None:
        """Return KEPT of a channel as listed since a time.monotonic(); None when the bot sees none of that name.

        Raises SlackFault where Slack did not list them all and the name was not on the pages before.
        """
        asked = time.monotonic()
        async with self._turn:
            stands_for = 0.0 if isinstance(self._fault, Later) else self._stands_for
            if self._ended is None or self._began < since or self._ended + stands_for < asked:
                await self._list()
        found = self._told.get(name.removeprefix("#"))
        if found is None and self._fault is not None:
            raise self._fault
        return found

    async def _list(self) -> None:
        self._began, self._ended = time.monotonic(), None
        self._told, self._fault = {}, None
        try:
            async for channel in self._slack.channels():
                self._told[str(channel.get("name"))] = {key: channel[key] for key in KEPT if key in channel}
        except SlackFault as fault:
            self._fault = fault
        self._ended = time.monotonic()


def is_id(channel: str) -> bool:
    """Tell whether a channel, or a person, is set by Slack's id instead of by a name."""
    return not channel.startswith("#") and channel.upper() == channel


class Channels:
    """The ids of channels by their names, asked of Slack once and remembered in the store."""

    def __init__(self, store: Store, slack: Slack) -> None:
        self._store, self._slack = store, slack
        self._names: dict[str, str] = {}
        self._listing = Listing(slack, STANDS_FOR)
        self._forgotten: dict[str, float] = {}

    async def place(self, channel: str) -> str:
        """Return the id of the conversation that a channel's name, its id or a person's id stands for."""
        found = await self.id_of(channel)
        return await self._slack.direct(found) if re.match(r"[UW]", found) else found

    async def id_of(self, channel: str) -> str:
        """Return the id of a channel that is set by its name; the name itself where Slack does not tell."""
        if is_id(channel):
            return channel
        if channel in self._names:
            return self._names[channel]
        found = await self._store.read(channels.id_of, channel) or await self._listed(channel)
        if found is None:
            return f"#{channel.removeprefix('#')}"
        await self.learn(channel, found)
        return found

    async def _listed(self, channel: str) -> str | None:
        try:
            told = await self._listing.find(channel, self._forgotten.get(channel, -math.inf))
        except (Blocked, Never, Unknown) as fault:
            log.info("channel_not_resolved", channel=channel, reason=fault.reason)
            return None
        return None if told is None else str(told["id"])

    async def learn(self, name: str, channel_id: str) -> None:
        """Remember the id under which Slack took what was meant for a name."""
        if name != channel_id and self._names.get(name) != channel_id and not re.match(r"[UW]", name):
            self._names[name] = channel_id
            await self._store.run(channels.remember, name, channel_id)

    def forget(self, name: str) -> None:
        """Ask again what a name stands for: what was listed before counts no more."""
        self._names.pop(name, None)
        self._forgotten[name] = time.monotonic()
