"""How the loop gets closed: figures of what became of callbacks, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.groups import NOBODY

if TYPE_CHECKING:
    from datetime import timedelta

    from bot.model import Counts

FEW = 30
"""Answers on one side below which nothing should be read into a comparison."""


@dataclass(frozen=True, slots=True)
class InTime:
    """How many of `of` detractors were spoken to within the target; of `undecided` more the time is not up yet."""

    hours: float
    reached: int = 0
    of: int = 0
    undecided: int = 0


@dataclass(frozen=True, slots=True)
class Colleague:
    """What one colleague did in a period: calls logged, callbacks closed, and how long first calls took to come."""

    user: str
    calls: int = 0
    closed: int = 0
    to_call: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """What all of the team did in a period, for thanks: it is no ranking."""

    colleagues: int = 0
    calls: int = 0
    conversations: int = 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """How detractors answered the next time: those who had been called in between, and those who had not.

    Nobody has drawn lots over who is called, so a difference need not come from the calls.
    """

    called: Counts = NOBODY
    not_called: Counts = NOBODY

    @property
    def few(self) -> bool:
        """Tell whether there are too few of either to read anything into the difference."""
        return min(self.called.responses, self.not_called.responses) < FEW


NO_TEAM, NO_RECOVERY = Team(), Recovery()
