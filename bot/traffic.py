"""Counting deliveries in memory, written down every few seconds: a delivery costs the disk nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import periods
from storage import Unavailable, traffic
from storage.traffic import Tally

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storage import Store

LONGEST_REASON = 300


class Traffic:
    """What was answered since it was last written down; a crash loses these seconds of counting, and nothing else."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._counted: list[Tally] = []

    def count(self, source: str, answer: str, now: datetime, reason: str = "") -> None:
        """Count one delivery on its local day."""
        self._add(Tally(source, periods.local_day(now, self._zone), answer, 1, now, reason[:LONGEST_REASON]))

    async def write(self, store: Store) -> None:
        """Write down what was counted; raises Unavailable, and counts on, where the store takes nothing."""
        counted, self._counted = self._counted, []
        if not counted:
            return
        try:
            await store.run(traffic.add, counted)
        except Unavailable:
            for tally in counted:
                self._add(tally)
            raise

    def _add(self, came: Tally) -> None:
        for at, known in enumerate(self._counted):
            if (known.source, known.day, known.answer) == (came.source, came.day, came.answer):
                newer = came if came.last_at >= known.last_at else known
                self._counted[at] = replace(newer, n=known.n + came.n)
                return
        self._counted.append(came)
