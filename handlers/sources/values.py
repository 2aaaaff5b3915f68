"""Values of a payload as our own types: a score, a text, a time; what cannot be read says where it stood."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.sources import Unmappable

if TYPE_CHECKING:
    from datetime import tzinfo

LONGEST_TEXT = 500
"""Characters of a name, a survey, a touchpoint; only a comment may be longer."""

DEEPEST = 100
"""Levels of a value; deeper than any survey, shallower than what breaks a program."""

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_YEARS = (1990, 2200)


def score(value: Any, where: str = "score") -> int:
    """Return a whole number from 0 to 10, also from a text such as "9"; nothing else is bent into one."""
    if is_score(value):
        return int(value)
    raise Unmappable(where, f"{where} must be a whole number from 0 to 10, not {_shown(value)}")


def is_score(value: Any) -> bool:
    """Tell whether a value is a whole number from 0 to 10, as a number or as a text."""
    if isinstance(value, str):
        return re.fullmatch(r"\s*(10|[0-9])\s*", value, re.ASCII) is not None
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10 and value == int(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a number of any size, as a number or as a text."""
    if isinstance(value, str):
        return re.fullmatch(r"\s*-?\d{1,15}([.,]\d{1,15})?\s*", value, re.ASCII) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def only(value: Any) -> Any:
    """Return the one element of a list of one, as some tools wrap each answer; anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _shown(value: Any) -> str:
    """Return a value for a sentence, without repeating what a person may have written."""
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value) if not isinstance(value, int) or abs(value) < 10**12 else "a huge number"
    return "another text" if isinstance(value, str) else "a list" if isinstance(value, list) else "an object"


def text(value: Any, where: str, *, most: int | None = LONGEST_TEXT) -> str | None:
    """Return a text without NUL and half characters, None for an empty or missing one; numbers become text."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Unmappable(where, f"{where} must be a text, not {_shown(value)}")
    cleaned = well_formed(value).strip()
    return (cleaned if most is None else cleaned[:most]) or None


def well_formed(value: str) -> str:
    """Return a text that every store and encoding takes: no NUL, no half of a surrogate pair."""
    if value.isascii() and "\x00" not in value:  # nearly every one of the dozens in a delivery
        return value
    return _LONE_SURROGATES.sub("\ufffd", value.replace("\x00", ""))


def tidy(value: Any, levels: int = DEEPEST) -> Any:
    """Return any JSON value with its texts well formed and its numbers within what a store takes.

    Raises ValueError for one that is too deep.
    """
    if levels == 0:
        raise ValueError("too deep")
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(str(key)): tidy(inner, levels - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [tidy(inner, levels - 1) for inner in value]
    huge = isinstance(value, int | float) and not abs(value) < 2**63
    return str(value) if huge else value


def time(value: Any, where: str, zone: tzinfo = UTC) -> datetime | None:
    """Return an aware time from ISO 8601 or Unix seconds or milliseconds; None for a missing one.

    A time without an offset is one of `zone`.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unmappable(where, f"{where} must be a time such as 2026-11-20T08:15:00Z, not {_shown(value)}")
    try:
        if isinstance(value, str) and not re.fullmatch(r"\d{9,17}(\.\d+)?", value, re.ASCII):
            found = datetime.fromisoformat(value.strip())
        else:
            found = _unix(float(value))
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unmappable(where, f"{where} must be a time such as 2026-11-20T08:15:00Z") from None
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        raise Unmappable(where, f"{where} must be a time between {_YEARS[0]} and {_YEARS[1]}")
    return found


def _unix(number: float) -> datetime:
    if not math.isfinite(number):
        raise ValueError(number)
    return datetime.fromtimestamp(number / 1000 if abs(number) > 1e11 else number, UTC)
