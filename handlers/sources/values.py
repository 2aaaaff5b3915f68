"""Values of a payload as our own types: a score, a text, a time; what cannot be read says where it stood."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from handlers.sources import NotJson, Unmappable

LONGEST_TEXT = 500
"""Characters of a name, a survey, a touchpoint; only a comment may be longer."""

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_YEARS = (1990, 2200)


def read_json(body: bytes) -> Any:
    """Return what a body says; NotJson for what is none: wrong encoding, NaN, too deep, numbers of absurd length."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise NotJson from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def score(value: Any, where: str = "score") -> int:
    """Return a whole number from 0 to 10, also from a text such as "9"; nothing else is bent into one."""
    if isinstance(value, str) and re.fullmatch(r"\s*(10|[0-9])\s*", value, re.ASCII):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10:
        raise Unmappable(where, f"{where} must be a whole number from 0 to 10, not {_shown(value)}")
    return int(value)


def _shown(value: Any) -> str:
    """Return a value for a sentence, without repeating what a person may have written."""
    if value is None or isinstance(value, bool | int | float):
        return f"{value}" if not isinstance(value, int) or abs(value) < 10**12 else "a huge number"
    return f"a {type(value).__name__}"


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
    return _LONE_SURROGATES.sub("\ufffd", value.replace("\x00", ""))


def tidy(value: Any) -> Any:
    """Return any JSON value with its texts well formed and its numbers within what a store takes."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {well_formed(str(key)): tidy(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [tidy(inner) for inner in value]
    if isinstance(value, int | float) and not abs(value) < 2**63:
        return str(value)
    return value


def time(value: Any, where: str) -> datetime | None:
    """Return an aware time from ISO 8601 or Unix seconds or milliseconds; None for a missing one.

    A time without an offset is taken as UTC.
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
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
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
