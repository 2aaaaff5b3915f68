"""Who watches: each subscription gets every event of the workspace, in order."""

from __future__ import annotations

import asyncio
from typing import Any, Self

Event = dict[str, Any]


class Subscription:
    """Events from now on: `async with … as events: async for event in events`, or `await events.get()`."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._queue: asyncio.Queue[Event] = asyncio.Queue()
        self.put = self._queue.put_nowait
        self.get = self._queue.get
        feed.watching.add(self)

    def close(self) -> None:
        """Hear no more."""
        self._feed.watching.discard(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        return await self.get()


class Feed:
    """Hands each event to all who watch."""

    def __init__(self) -> None:
        self.watching: set[Subscription] = set()

    def publish(self, event: Event) -> None:
        """Tell all who watch."""
        for subscription in self.watching:
            subscription.put(event)
