"""Days with a name of the team's own, such as a campaign or a season: [periods] in npsbot.toml."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.periods import EVER, Period
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def read(given: Any, path: Path) -> Mapping[str, Period]:
    """Return the periods that [periods] names: black_friday = { from = 2026-11-23, to = 2026-11-30 }, both included."""
    if not isinstance(given, dict):
        raise SettingError(f"periods in {path} is {given!r}, but must be a table [periods] of names with from and to.")
    return {_name(name, path): _period(name, days, path) for name, days in given.items()}


def _name(name: str, path: Path) -> str:
    """Return a name as people write it, with spaces for underscores."""
    found = " ".join(name.replace("_", " ").split())
    if not found:
        raise SettingError(f"periods in {path} has {name!r}, but a period's name must not be empty.")
    return found


def _period(name: str, given: Any, path: Path) -> Period:
    days = [_day(given[side]) for side in ("from", "to")] if isinstance(given, dict) and set(given) == _SIDES else []
    first, last = days or (None, None)
    if first is None or last is None or not EVER.first <= first <= last <= EVER.last:
        raise SettingError(
            f"periods.{name} in {path} is {given!r}, but must be two days, such as "
            "{ from = 2026-11-23, to = 2026-11-30 }, the first not after the last."
        )
    return Period(first, last)


_SIDES = {"from", "to"}


def _day(given: Any) -> date | None:
    if isinstance(given, str):
        try:
            return date.fromisoformat(given)
        except ValueError:
            return None
    return given if isinstance(given, date) and not isinstance(given, datetime) else None
