"""What [alerts] in npsbot.toml asks for: what is told between digests, where, and when it is kept for the morning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SWITCHES = ("score", "silence", "backlog", "themes")
NUMBERS = {"days": (7, 365), "minimum": (5, 10_000), "waiting": (1, 10_000), "level": (-100, 100)}


@dataclass(frozen=True, slots=True)
class Alerts:
    """Each alert can be switched off; nothing is told between the two local times of `quiet`.

    The score is that of the last `days` with at least `minimum` answers; `level`, else the target, is one more that it
    must not fall below, besides its bands. `waiting` is how many unclaimed callbacks make a backlog. Customers of
    `key_accounts`, or with a value for `key_property`, are key accounts.
    """

    channel: str | None = None
    quiet: tuple[time, time] | None = (time(20), time(7))
    score: bool = True
    silence: bool = True
    backlog: bool = True
    themes: bool = True
    days: int = 30
    minimum: int = 30
    level: int | None = None
    waiting: int = 10
    key_accounts: tuple[str, ...] = ()
    key_property: str | None = None

    def quiet_at(self, clock: time) -> bool:
        """Tell whether nothing is told at a local time."""
        if self.quiet is None:
            return False
        start, end = self.quiet
        return start <= clock < end if start <= end else clock >= start or clock < end


def read(given: Any, path: Path) -> Alerts:
    """Return what [alerts] asks for."""
    if not isinstance(given, dict):
        raise SettingError(f"alerts in {path} is {given!r}, but must be a table [alerts].")
    checks_of: dict[str, Callable[[Any, Path], Any]] = {
        **{name: partial(_switch, name) for name in SWITCHES},
        **{name: partial(_number, name) for name in NUMBERS},
        "channel": lambda value, path: checks.channel(f"alerts.channel in {path}", str(value)),
        "quiet": _quiet,
        "key_accounts": lambda value, path: tuple(checks.list_of_words("alerts.key_accounts", value, path)),
        "key_property": lambda value, path: checks.list_of_words("alerts.key_property", [value], path)[0],
    }
    for name in given:
        if name not in checks_of:
            raise SettingError(f"alerts.{name} in {path} is no setting; known are {', '.join(checks_of)}.")
    return Alerts(**{name: checks_of[name](value, path) for name, value in given.items()})


def _switch(name: str, given: Any, path: Path) -> bool:
    if not isinstance(given, bool):
        raise SettingError(f"alerts.{name} in {path} is {given!r}, but must be true or false.")
    return given


def _number(name: str, given: Any, path: Path) -> int:
    least, most = NUMBERS[name]
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise SettingError(f"alerts.{name} in {path} is {given!r}, but must be a whole number, {least} to {most}.")
    return given


def _quiet(given: Any, path: Path) -> tuple[time, time] | None:
    if given is False:
        return None
    clock = r"([01]?\d|2[0-3]):([0-5]\d)"
    match = re.fullmatch(rf"\s*{clock}\s*[-–]\s*{clock}\s*", given) if isinstance(given, str) else None
    if match is None:
        raise SettingError(f"alerts.quiet in {path} is {given!r}, but must be two times such as 20:00-07:00, or false.")
    start, start_minute, end, end_minute = map(int, match.groups())
    return time(start, start_minute), time(end, end_minute)
