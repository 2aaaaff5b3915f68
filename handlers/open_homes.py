"""Who has their App Home open, as far as that can be known: Slack tells when it is opened, never when it is closed."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.cards.ids import Listing

OPEN_FOR = 600.0
"""Seconds after somebody last opened their home, or acted there, for which it is kept up to date."""
MOST = 500
"""Homes that are kept up to date at a time; of more, those that were opened last."""


@dataclass(slots=True)
class OpenHome:
    """One person's home: the workspace they act from, the pages they are on, and what was published last."""

    user: str
    team: str | None
    until: float
    pages: dict[Listing, int] = field(default_factory=dict)
    move: int | None = None
    shown: dict[str, Any] | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class OpenHomes:
    """The homes that are open just now, by person; of each only the newest state counts."""

    def __init__(self) -> None:
        self._open: dict[str, OpenHome] = {}
        self.anybody = asyncio.Event()

    def look(self, user: str, team: str | None) -> OpenHome:
        """Note that a person looks at their home just now, and return it."""
        home = self._open.pop(user, None) or OpenHome(user, team, 0.0)
        home.team, home.until = team, time.monotonic() + OPEN_FOR
        self._open[user] = home
        if len(self._open) > MOST:
            del self._open[next(iter(self._open))]
        self.anybody.set()
        return home

    def of(self, user: str) -> OpenHome | None:
        """Return the home that a person has open, if any."""
        return self._open.get(user)

    def stale(self, move: int) -> list[OpenHome]:
        """Return the open homes that do not show what happened up to a move yet; those long left are let go."""
        now = time.monotonic()
        for left in [home.user for home in self._open.values() if home.until < now]:
            del self._open[left]
        if not self._open:
            self.anybody.clear()
        return [home for home in self._open.values() if home.move != move]
