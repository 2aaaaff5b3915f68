"""What callbacks are reminded of: the table [reminders], each of its parts to be set or switched off."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.model import Category
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOURS_MOST = 24 * 365


class Stale(StrEnum):
    """What happens to a claim of which no call is logged by its due time."""

    WARN = "warn"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Reminders:
    """Who is reminded of what, and when; None where it is switched off.

    `before_due` counts the holder's own working hours; all others count as the customer waits. `release_after` is how
    long after its warning a stale claim ends, and how fresh a claim is that is not warned of yet.
    """

    before_due: timedelta | None = timedelta(hours=4)
    most_a_day: int = 3
    at_due: bool = True
    categories: frozenset[Category] = frozenset({Category.DETRACTOR})
    unclaimed_after: timedelta | None = None
    escalate_after: timedelta | None = timedelta(days=1)
    escalate_to: str | None = None
    stale_claims: Stale | None = None
    release_after: timedelta = timedelta(hours=4)


_KNOWN = {field.name for field in fields(Reminders)}
_SPANS = ("before_due", "unclaimed_after", "escalate_after")


def read(table: Any, path: Path) -> Reminders:
    """Return what stands in [reminders]."""
    if not isinstance(table, dict) or set(table) - _KNOWN:
        raise SettingError(f"reminders in {path} must be a table with only {', '.join(sorted(_KNOWN))}.")
    checks: dict[str, Callable[[str, Any], Any]] = {
        **dict.fromkeys(_SPANS, partial(_span, may_be_off=True)),
        "release_after": partial(_span, may_be_off=False),
        "most_a_day": _most,
        "at_due": _switch,
        "categories": _categories,
        "escalate_to": _whom,
        "stale_claims": _stale,
    }
    return Reminders(**{name: checks[name](f"reminders.{name} in {path}", value) for name, value in table.items()})


def _span(label: str, value: Any, *, may_be_off: bool) -> timedelta | None:
    if value is False and may_be_off:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= HOURS_MOST:
        off = ", or false for never" if may_be_off else ""
        raise SettingError(f"{label} is {value!r}, but must be a number of hours above 0{off}.")
    return timedelta(hours=value)


def _most(label: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 20:
        raise SettingError(f"{label} is {value!r}, but must be 1 to 20 messages a day for one person.")
    return value


def _switch(label: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise SettingError(f"{label} is {value!r}, but must be true or false.")
    return value


def _categories(label: str, value: Any) -> frozenset[Category]:
    if not isinstance(value, list) or not value or not all(each in list(Category) for each in value):
        raise SettingError(f"{label} is {value!r}, but must be a list of detractor, passive and promoter.")
    return frozenset(map(Category, value))


def _whom(label: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[UWS][A-Z0-9]{2,}", value):
        raise SettingError(
            f"{label} is {value!r}, but must be the id of a person (U…) or of a user group (S…); "
            "Slack shows it in the profile's menu."
        )
    return value


def _stale(label: str, value: Any) -> Stale | None:
    if value is False:
        return None
    if value not in list(Stale):
        raise SettingError(f'{label} is {value!r}, but must be "warn", "release" (a warning first) or false.')
    return Stale(value)
