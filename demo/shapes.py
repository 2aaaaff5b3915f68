"""The small language of the tables in `limits` and `blocks`: strings, numbers, lists, objects with fields.

What is checked is JSON as Python reads it: dictionaries, lists, strings, numbers, booleans and None.

Each shape has `faults(value, at)`: one sentence for each thing Slack would refuse, each beginning with `at`,
the JSON pointer of the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Faults = Iterator[str]
Rule = Callable[[Mapping[str, Any], str], Faults]


class Shape(Protocol):
    """What a value must look like."""

    def faults(self, value: object, at: str) -> Faults:
        """Yield one sentence for each thing Slack would refuse in `value`, which stands at `at`."""
        ...


@dataclass(frozen=True, slots=True)
class String:
    """A string of `least` to `most` characters, matching `form` from its beginning when one is given."""

    most: int = 3000
    least: int = 1
    form: str = ""

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the string."""
        if not isinstance(value, str):
            yield f"{at}: must be a string, not {kind_of(value)}"
        elif len(value) < self.least:
            yield f"{at}: must have at least {self.least} characters"
        elif len(value) > self.most:
            yield f"{at}: must have at most {self.most} characters, has {len(value)}"
        elif self.form and not re.match(self.form, value):
            yield f"{at}: has not the form that Slack takes"


@dataclass(frozen=True, slots=True)
class Text:
    """A text object of at most `most` characters."""

    most: int = 3000
    kinds: tuple[str, ...] = ("plain_text", "mrkdwn")

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the text object."""
        if not isinstance(value, dict):
            yield f"{at}: must be a text object, not {kind_of(value)}"
            return
        kind = value.get("type")
        if kind not in self.kinds:
            yield f"{at}/type: must be {' or '.join(self.kinds)}, not {kind}"
        yield from String(self.most).faults(value.get("text"), f"{at}/text")
        mark = "emoji" if kind == "plain_text" else "verbatim"
        for name in value.keys() - {"type", "text", mark}:
            yield f"{at}/{name}: is no field of a {kind} text"
        if mark in value:
            yield from Flag().faults(value[mark], f"{at}/{mark}")


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the flag."""
        if not isinstance(value, bool):
            yield f"{at}: must be true or false, not {kind_of(value)}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number within bounds; whole unless said otherwise."""

    least: float = float("-inf")
    most: float = float("inf")
    whole: bool = True

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the number."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            yield f"{at}: must be a {'whole ' if self.whole else ''}number, not {kind_of(value)}"
        elif not self.least <= value <= self.most:
            yield f"{at}: must lie between {self.least} and {self.most}, is {value}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the word."""
        if value not in self.words:
            yield f"{at}: must be one of {', '.join(self.words)}, not {value}"


@dataclass(frozen=True, slots=True)
class Many:
    """A list of `least` to `most` items of one shape."""

    of: Shape
    least: int = 1
    most: int = 10_000

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the list and its items."""
        if not isinstance(value, list):
            yield f"{at}: must be a list, not {kind_of(value)}"
            return
        if not self.least <= len(value) <= self.most:
            yield f"{at}: must have {self.least} to {self.most} items, has {len(value)}"
        for number, item in enumerate(value):
            yield from self.of.faults(item, f"{at}/{number}")


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with fields it must and may have, and sets of these of which it has at least or exactly one.

    The rules are asked last, of objects whose fields are all as they should be.
    """

    must: Mapping[str, Shape] = field(default_factory=dict)
    may: Mapping[str, Shape] = field(default_factory=dict)
    any_of: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the object."""
        if not isinstance(value, dict):
            yield f"{at}: must be an object, not {kind_of(value)}"
            return
        found = [*self._of_fields(value, at), *self._of_presence(value, at)]
        yield from found
        if not found:
            for rule in self.rules:
                yield from rule(value, at)

    def _of_fields(self, value: dict[str, Any], at: str) -> Faults:
        for name, item in value.items():
            shape = self.must.get(name) or self.may.get(name)
            if shape is not None:
                yield from shape.faults(item, f"{at}/{name}")
            elif name != "type":
                yield f"{at}/{name}: is no field that Slack knows here"

    def _of_presence(self, value: dict[str, Any], at: str) -> Faults:
        yield from (f"{at}/{name}: is missing" for name in self.must if name not in value)
        if self.any_of and not any(name in value for name in self.any_of):
            yield f"{at}: needs {' or '.join(self.any_of)}"
        if self.one_of and sum(name in value for name in self.one_of) != 1:
            yield f"{at}: needs exactly one of {' and '.join(self.one_of)}"


@dataclass(frozen=True, slots=True)
class Anything:
    """An object with whatever fields it likes."""

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the object."""
        if not isinstance(value, dict):
            yield f"{at}: must be an object, not {kind_of(value)}"


@dataclass(frozen=True, slots=True)
class Typed:
    """An object whose `type` says which of a table's shapes it has; only some types may stand here."""

    table: Mapping[str, Shape]
    kinds: tuple[str, ...] = ()

    def faults(self, value: object, at: str) -> Faults:
        """Yield what is wrong with the object."""
        if not isinstance(value, dict):
            yield f"{at}: must be an object, not {kind_of(value)}"
            return
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in (self.kinds or self.table):
            yield f"{at}/type: no {kind} may stand here"
        else:
            yield from self.table[kind].faults(value, at)


def objects_in(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list; none when it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def kind_of(value: object) -> str:
    """Name the JSON kind of a value, as a sentence needs it."""
    names = {bool: "true or false", int: "a number", float: "a number", str: "a string", type(None): "null"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a list")


def texts_in(value: object) -> Iterator[str]:
    """Yield every `text` of a JSON value, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
