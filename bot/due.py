"""When a callback is due: hours by category, survey or company, on the customer's clock or in business hours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.calendars import Clock, business_time_after, business_time_between
from bot.model import Category
from bot.settings import checks
from bot.settings.checks import SettingError
from bot.settings.routes import folded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from bot.config import Settings
    from bot.model import Callback, Response

HOURS = {Category.DETRACTOR: 24.0, Category.PASSIVE: 72.0, Category.PROMOTER: 168.0}
PLAIN = frozenset({"due", "attempts", "one_per_person", "dismiss_reasons"})
"""What stands in [callbacks] beside the hours of each category."""
REASON_MOST = 75
UNREACHED_AFTER = 3
"""Attempts without an answer after which a callback can be closed as unreachable."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Hours by category for one survey, one company, or one survey of one company."""

    hours: Mapping[Category, float | None]
    survey: str | None = None
    company: str | None = None

    def fits(self, response: Response) -> bool:
        """Tell whether a response is of this survey and company; None stands for any, case and spaces for nothing."""
        wanted = ((self.survey, response.survey), (self.company, response.respondent.company))
        return all(one is None or folded(one) == folded(other or "") for one, other in wanted)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The table [callbacks]: when they are due, whether a person has one at a time, when trying ends."""

    hours: Mapping[Category, float | None] = field(default_factory=lambda: dict(HOURS))
    rules: tuple[Rule, ...] = ()
    attempts: int | None = UNREACHED_AFTER
    one_per_person: bool = True
    dismiss_reasons: tuple[str, ...] = ()


def due(settings: Settings, which: Category, response: Response, start: datetime) -> datetime | None:
    """Return when a callback of this category is due that counts from `start`; None where none is asked for.

    The first rule that fits the response and names the category decides, else the hours of the category.
    """
    fitting = (rule.hours[which] for rule in settings.callbacks.rules if which in rule.hours and rule.fits(response))
    hours = next(fitting, settings.callbacks.hours[which])
    if hours is None:
        return None
    if settings.calendar.clock is Clock.BUSINESS:
        return business_time_after(settings.working_hours, start, timedelta(hours=hours))
    return start + timedelta(hours=hours)


def clocks(settings: Settings, callback: Callback | None, now: datetime) -> tuple[timedelta, timedelta] | None:
    """Return how long a callback has been, or was, open: as the customer waits, and in business hours."""
    if callback is None:
        return None
    end = callback.closed_at or now
    business = business_time_between(settings.working_hours, callback.opened_at, end)
    return end - callback.opened_at, business


def read(table: Any, path: Path) -> Callbacks:
    """Return what stands in [callbacks] and [[callbacks.due]]."""
    if not isinstance(table, dict):
        raise SettingError(f"callbacks in {path} is {table!r}, but must be a table [callbacks] with detractor = 24.")
    plain = {name: value for name, value in table.items() if name not in PLAIN}
    attempts, alone = table.get("attempts", UNREACHED_AFTER), table.get("one_per_person", True)
    if attempts is not False and (not isinstance(attempts, int) or attempts is True or not 1 <= attempts <= 50):
        raise SettingError(f"callbacks.attempts in {path} is {attempts!r}, but must be 1 to 50, or false for never.")
    if not isinstance(alone, bool):
        raise SettingError(f"callbacks.one_per_person in {path} is {alone!r}, but must be true or false.")
    return Callbacks(
        HOURS | _hours("callbacks", plain, path),
        _rules(table.get("due", []), path),
        attempts or None,
        alone,
        _reasons(table["dismiss_reasons"], path) if "dismiss_reasons" in table else (),
    )


def _reasons(given: Any, path: Path) -> tuple[str, ...]:
    """Return the team's own reasons to close without a call, as they fit into a choice of Slack's."""
    words = tuple(dict.fromkeys(checks.list_of_words("callbacks.dismiss_reasons", given, path)))
    if not 0 < len(words) <= 100 or any(len(word) > REASON_MOST for word in words):
        raise SettingError(
            f"callbacks.dismiss_reasons in {path} is {given!r}, but must be 1 to 100 texts of 1 to {REASON_MOST} "
            "characters; leave it out for the usual ones."
        )
    return words


def _rules(given: Any, path: Path) -> tuple[Rule, ...]:
    if not isinstance(given, list) or not all(isinstance(rule, dict) for rule in given):
        raise SettingError(f"callbacks.due in {path} is {given!r}, but must be tables [[callbacks.due]].")
    return tuple(_rule(rule, path) for rule in given)


def _rule(given: Mapping[str, Any], path: Path) -> Rule:
    conditions = {name: given[name] for name in ("survey", "company") if name in given}
    hours = _hours("callbacks.due", {name: given[name] for name in given if name not in conditions}, path)
    if not conditions or not hours or not all(isinstance(text, str) and text for text in conditions.values()):
        raise SettingError(
            f"callbacks.due in {path} has {dict(given)!r}, but each names a survey, a company or both, and the hours "
            "of one category at least."
        )
    return Rule(hours, **conditions)


def _hours(label: str, table: Mapping[str, Any], path: Path) -> dict[Category, float | None]:
    hours: dict[Category, float | None] = {}
    for name, value in table.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 8760
        if name not in list(Category) or not (value is False or number):
            raise SettingError(
                f"{label}.{name} in {path} is {value!r}, but under {label} stand detractor, passive and promoter, "
                "each with hours from the response to the call, or false for none."
            )
        hours[Category(name)] = None if value is False else float(value)
    return hours
