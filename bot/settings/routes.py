"""Rules in npsbot.toml that say where a response goes, whether it asks for a call, and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from bot.model import Category, category
from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bot.model import Response

CONDITIONS = ("survey", "touchpoint", "category", "company", "language", "source")
PROPERTY = "property."
OWNER = "owner"
"""What a rule's `assign` says instead of a person: whoever looks after the customer's company."""
ASKED_WITHIN = timedelta(days=1)
"""When a callback is due that a rule asks for and no setting of its category does."""
_PERSON = re.compile(r"[UW][A-Z0-9]{2,}")


def folded(text: object) -> str:
    """Return a text as it is compared: whatever its case, however its words are spaced and its letters composed."""
    return normalize("NFC", " ".join(str(text).split()).casefold())


def is_person(text: str) -> bool:
    """Tell whether a text is a person's id in Slack."""
    return _PERSON.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Route:
    """One table [[routes]]: `when` has for each condition the values that fit, folded; what is None is not decided."""

    number: int
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    channel: str | None = None
    callback: bool | None = None
    assign: str | None = None
    mention: bool = False

    def fits(self, source: str, response: Response) -> bool:
        """Tell whether a response meets every condition; what it does not say meets none."""
        return all(folded(_said(name, source, response)) in values for name, values in self.when.items())

    def __str__(self) -> str:
        conditions = [f"{name} is {' or '.join(sorted(values))}" for name, values in self.when.items()]
        results = [
            f"to {self.channel}" if self.channel else "",
            {True: "with a callback", False: "without a callback", None: ""}[self.callback],
            f"assigned to {'its owner' if self.assign == OWNER else self.assign}" if self.assign else "",
            "mentions the owner" if self.mention else "",
        ]
        return f"{', '.join(conditions) or 'everything'}: {', '.join(filter(None, results))}"


def chosen(routes: Iterable[Route], source: str, response: Response) -> Route | None:
    """Return the first rule that a response fits; None where it fits none."""
    return next((route for route in routes if route.fits(source, response)), None)


def before(routes: Sequence[Route], route: Route) -> Route | None:
    """Return an earlier rule that takes all that a rule would, so that its turn never comes; None for most."""
    for other in routes[: route.number - 1]:
        if all(name in route.when and route.when[name] <= values for name, values in other.when.items()):
            return other
    return None


def _said(name: str, source: str, response: Response) -> object:
    if name.startswith(PROPERTY):
        found = response.properties.get(name.removeprefix(PROPERTY))
    elif name == "category":
        found = None if response.score is None else category(response.score)
    elif name == "source":
        found = source
    else:
        found = getattr(response if name in {"survey", "touchpoint"} else response.respondent, name)
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else found


@dataclass(frozen=True, slots=True)
class Routing:
    """The table [routing]: which property of a response holds the Slack id of its owner."""

    owner_property: str | None = None


def read_routing(table: Any, path: Path) -> Routing:
    """Return what stands in [routing]. Raises SettingError."""
    given = table.get("owner_property") if isinstance(table, dict) and not set(table) - {"owner_property"} else None
    if not isinstance(given, str) or not given.strip():
        raise SettingError(f'routing in {path} is {table!r}, but must be a table with owner_property = "a property".')
    return Routing(given.strip())


def read(tables: Any, path: Path) -> tuple[Route, ...]:
    """Return the rules [[routes]] in their order. Raises SettingError."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingError(f"routes in {path} is {tables!r}, but must be tables [[routes]].")
    return tuple(_route(number, table, path) for number, table in enumerate(tables, 1))


def _route(number: int, table: Mapping[str, Any], path: Path) -> Route:
    label = f"routes in {path}, rule {number}"
    given = dict(table)
    channel = given.pop("channel", None)
    if channel is not None:
        channel = checks.channel(f"{label}: channel", channel if isinstance(channel, str) else "")
    assign = given.pop("assign", None)
    if assign is not None and not (isinstance(assign, str) and (assign == OWNER or is_person(assign))):
        raise SettingError(f'{label}: assign is {assign!r}, but must be a person\'s id (U…) or "owner".')
    flags = {name: given.pop(name, None) for name in ("callback", "mention")}
    for name, flag in flags.items():
        if flag is not None and not isinstance(flag, bool):
            raise SettingError(f"{label}: {name} is {flag!r}, but must be true or false.")
    when = {name: _values(label, name, value) for name, value in _flat(given).items()}
    if not (channel or assign or flags["callback"] is not None or flags["mention"]):
        raise SettingError(f"{label} decides nothing; give it channel, callback, assign or mention.")
    if assign and flags["callback"] is False:
        raise SettingError(f"{label} has assign = {assign!r} and callback = false; without a callback nobody gets one.")
    return Route(number, when, channel, flags["callback"], assign, bool(flags["mention"]))


def _flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return conditions by their dotted names: TOML reads property.plan = "pro" as a table within a table."""
    found = {name: value for name, value in given.items() if not (name == "property" and isinstance(value, dict))}
    inner = given.get("property")
    return found | ({f"{PROPERTY}{name}": value for name, value in inner.items()} if isinstance(inner, dict) else {})


def _values(label: str, name: str, given: Any) -> frozenset[str]:
    if name not in CONDITIONS and not name.startswith(PROPERTY):
        known = ", ".join((*CONDITIONS, f"{PROPERTY}NAME"))
        raise SettingError(f"{label}: {name} is no condition and no result; conditions are {known}.")
    listed = given if isinstance(given, list) else [given]
    if not listed or not all(isinstance(each, str | int | float) and folded(each) for each in listed):
        raise SettingError(f"{label}: {name} is {given!r}, but must be a value or a list of values.")
    values = frozenset("true" if each is True else "false" if each is False else folded(each) for each in listed)
    if name == "category" and values - set(Category):
        raise SettingError(f"{label}: category is {given!r}, but must be of {', '.join(Category)}.")
    return values
