"""Somebody whom a customer passed on: where sales is told of them, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class Referred(StrEnum):
    """Whose turn it is on a referral, or how it ended."""

    OPEN = "open"
    CLAIMED = "claimed"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Referral:
    """What became of somebody whom a customer passed on in a call; the call says who they are."""

    call_id: int
    response_id: int
    state: Referred
    holder: str | None = None
    claimed_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Referrals:
    """The table [referrals]: the channel of sales; without one a referral stands in the card's thread alone."""

    channel: str | None = None


def read(table: Any, path: Path) -> Referrals:
    """Return what stands in [referrals]. Raises SettingError."""
    if not isinstance(table, dict) or set(table) - {"channel"} or not isinstance(table.get("channel", ""), str):
        raise SettingError(
            f'referrals in {path} is {table!r}, but must be a table [referrals] with channel = "#sales".'
        )
    given = table.get("channel")
    return Referrals(None if given is None else checks.channel(f"referrals.channel in {path}", given))
