"""Times as tools, spreadsheets and people write them; the whole column says which of day and month comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from bot.past.tables import Trouble
from bot.texts import LANGUAGES
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from bot.past.tables import Row

YEARS = (1990, 2200)
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a serial counts days on the wall's calendar
SERIALS = (20_000, 80_000)
"""Days since Excel's epoch: from 1954 to 2119, which no year and no Unix time looks like."""


class Order(StrEnum):
    """Which comes first in 03/04/2025."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


_REST = r"""
  (?:[T,]?\s*(?:klo|kl\.?|at)?\s*
    (?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?
    \s*(?P<half>[ap])?(?(half)\.?m\.?)
    \s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?
    (?:\s*\([^)]*\))?
  )?
"""
_FLAGS = re.VERBOSE | re.IGNORECASE
_NUMBERS = re.compile(r"(?P<a>\d{1,4})(?P<dash>[./-])\s?(?P<b>\d{1,2})(?P=dash)\s?(?P<c>\d{1,4})\.?" + _REST, _FLAGS)
_WORD = r"[^\W\d_]+"
_NAMED = re.compile(
    rf"(?:{_WORD}\.?,?\s+)?(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[.\s-]+(?P<month>{_WORD})\.?,?[\s-]+(?P<year>\d{{4}})"
    rf"|(?P<month2>{_WORD})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>\d{{4}}))" + _REST,
    _FLAGS,
)
_COUNT = re.compile(r"\d+(?:[.,]\d+)?", re.ASCII)


@dataclass(slots=True)
class Evidence:
    """What a column of dates says about its order, as it is read from top to bottom."""

    day_first: tuple[int, str] | None = None
    month_first: tuple[int, str] | None = None
    either: tuple[int, str] | None = None
    dotted: bool = field(default=True)

    def weigh(self, rows: Iterable[Row], at: int) -> None:
        """Take in some rows of the column with this index; times that start with their year say nothing."""
        for number, cells, fault in rows:
            if fault is None and not cells[at][:4].isdigit() and (found := _NUMBERS.fullmatch(cells[at].strip())):
                self._weigh(int(found["a"]), int(found["b"]), (number, cells[at].strip()))
                self.dotted = self.dotted and found["dash"] == "."

    def _weigh(self, first: int, second: int, where: tuple[int, str]) -> None:
        if first > 12 >= second:
            self.day_first = self.day_first or where
        elif second > 12 >= first:
            self.month_first = self.month_first or where
        elif first != second:
            self.either = self.either or where

    def order(self, column: str, unit: str) -> Order:
        """Return the order of the whole column; raise Trouble where it stays open.

        Dates with dots are written day first wherever they are written.
        """
        if self.day_first and self.month_first:
            raise Trouble(
                f'in the column "{column}" {unit} {self.day_first[0]} has the day first ({self.day_first[1]}) and '
                f"{unit} {self.month_first[0]} the month ({self.month_first[1]}). Say which is right with "
                "--dates day-first or --dates month-first; rows that do not fit are then refused by name"
            )
        if self.day_first:
            return Order.DAY_FIRST
        if self.month_first:
            return Order.MONTH_FIRST
        if self.either and not self.dotted:
            raise Trouble(
                f'the dates in the column "{column}" can be read in two ways: {self.either[1]} on {unit} '
                f"{self.either[0]}, and no other date tells which. Say it with --dates day-first or "
                "--dates month-first"
            )
        return Order.DAY_FIRST


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads the times of one column: its order, and the zone of those that name none."""

    zone: ZoneInfo | timezone
    order: Order = Order.DAY_FIRST

    def read(self, text: str) -> datetime:
        """Return the time as it is written, aware only where it names its offset; ValueError says why it is none."""
        found = _iso(text) or _numbers(text, self.order) or _named(text) or _counted(text)
        if found is None:
            raise ValueError("is not a time such as 2026-11-20T08:15:00Z, 20.11.2026 09:15 or Nov 20, 2026")
        if not YEARS[0] <= found.year <= YEARS[1]:
            raise ValueError(f"is not between the years {YEARS[0]} and {YEARS[1]}")
        return found

    def stamped(self, text: str, written: datetime) -> str:
        """Return the instant as the store writes it, of a text and the time that was read from it."""
        if written.tzinfo is UTC and len(text) == 20:  # 2026-11-20T08:15:00Z needs no reckoning, and most are so
            return f"{text[:10]}T{text[11:19]}.000000Z"
        return stamp(self.instant(written))

    def instant(self, written: datetime) -> datetime:
        """Return the instant in UTC: of a local time that comes twice the first, of one there is not, as much later."""
        return (written if written.tzinfo else written.replace(tzinfo=self.zone)).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    if text[4:5] != "-" or text[5:6] == "W":
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _numbers(text: str, order: Order) -> datetime | None:
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return None
    first, second, third = found["a"], found["b"], found["c"]
    if len(first) == 4:
        return _made(found, int(first), int(second), int(third))
    if len(third) == 2 and found["dash"] != "-":  # 25-03-04 may well start with its year
        third = f"20{third}"
    if len(third) != 4:
        return None
    month, day = (second, first) if order is not Order.MONTH_FIRST else (first, second)
    if int(month) > 12 >= int(day):
        raise ValueError(f"does not fit the other dates of its column, which are {order}")
    return _made(found, int(third), int(month), int(day))


def _named(text: str) -> datetime | None:
    found = _NAMED.fullmatch(text)
    month = found and months().get((found["month"] or found["month2"]).lower())
    if not found or month is None:
        return None
    return _made(found, int(found["year"] or found["year2"]), month, int(found["day"] or found["day2"]))


def _counted(text: str) -> datetime | None:
    """Read Unix seconds or milliseconds, days since Excel's epoch, 20261120 and 20261120081500."""
    if not _COUNT.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    if SERIALS[0] <= number < SERIALS[1]:
        return EXCEL_EPOCH + timedelta(seconds=round(number * 86_400))
    if 5e8 <= number < 5e9:
        return datetime.fromtimestamp(number, UTC)
    if 5e11 <= number < 5e12:
        return datetime.fromtimestamp(number / 1000, UTC)
    if text.isdigit() and len(text) in {8, 14}:
        parts = [int(text[:4]), *(int(text[i : i + 2]) for i in range(4, len(text), 2))]
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  # local, as it is written
    return None


def _made(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    hour = int(found["hour"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("has no such hour")
        hour = hour % 12 + 12 * (found["half"].lower() == "p")
    micros = int((found["fraction"] or "0").ljust(6, "0")[:6])
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    try:
        return datetime(year, month, day, hour, minute, second, micros, tzinfo=_offset(found["zone"]))
    except ValueError as error:
        raise ValueError(f"is no time: {error}") from None


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", zone)
    if not found:
        return UTC
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


@cache
def months() -> dict[str, int]:
    """Return the names of the months in all our languages, long and short, in lower case."""
    from babel.dates import get_month_names  # noqa: PLC0415  # for those who need it

    return {
        name.lower().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, name in get_month_names(width, context, language).items()
    } | {"sept": 9}
