"""How many were invited to which survey on which day, from a file, and back into one."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.past.cells import NO_BREAK, defused, themselves
from bot.past.columns import words
from bot.past.dates import Clock, Evidence
from bot.past.files import opened
from bot.past.tables import Imported, Trouble
from storage import invitations, scores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.past.dates import Order
    from bot.past.tables import Table
    from storage.db import Db

COLUMNS = ("day", "survey", "invited")
NAMES = {
    "day": frozenset({"day", "date", "sent at", "sent on", "invited at"}),
    "survey": frozenset({"survey", "survey name", "campaign"}),
    "invited": frozenset({"invited", "invitations", "sent", "delivered", "recipients"}),
}
"""What a file may call its columns, in lower case with spaces."""
GROUPED = re.compile(rf"[ {NO_BREAK}\u202f]")
"""What stands between the thousands of a number as people write it."""


@dataclass(slots=True)
class Invited(Imported):
    """What became of the rows; `unheard` are surveys without answers."""

    unheard: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    day: date
    survey: str
    invited: int


def import_invitations(
    db: Db, path: Path, zone: ZoneInfo, *, survey: str | None = None, order: Order | None = None
) -> Invited:
    """Take in a file with the columns day, survey and invited; raise Trouble.

    A day and survey that are known get the new number; a second run changes nothing. `survey` is that of a file that
    does not name any, `order` that of dates which can be read in two ways.
    """
    found = Invited()
    seen: dict[tuple[date, str], _Row] = {}
    try:
        for row in _rows(opened(path), zone, survey, order):
            if isinstance(row, str):
                found.refused.append(row)
            elif (earlier := seen.setdefault((row.day, row.survey), row)).invited != row.invited:
                found.refused.append(f"{row.where} gives {row.invited} for the day and survey of {earlier.where}")
            elif earlier is row and invitations.put(db, row.day, row.survey, row.invited):
                found.new += 1
            else:
                found.known += 1
    except Trouble as trouble:
        raise Trouble(f"{path}: {trouble}.") from None
    found.unheard = sorted({name for _, name in seen if name} - set(scores.surveys(db)))
    return found


def _rows(table: Table, zone: ZoneInfo, survey: str | None, order: Order | None) -> Iterator[_Row | str]:
    """Yield each row, or the sentence that says why it is none."""
    named = [words(name) for name in table.columns]
    at = {field: i for field, known in NAMES.items() for i, name in reversed([*enumerate(named)]) if name in known}
    missing = [field for field in COLUMNS if field not in at and not (field == "survey" and survey)]
    if missing:
        told = "; or say the survey with --survey" if missing == ["survey"] else ""
        raise Trouble(f"its first line must name the columns {', '.join(COLUMNS)}{told}")
    if order is None:
        evidence = Evidence()
        evidence.weigh(table.rows(), at["day"])
        order = evidence.order(table.columns[at["day"]], table.unit)
    clock = Clock(zone, order)
    for number, cells, fault in table.rows():
        where = f"{table.unit} {number}"
        plain = [themselves(cell) if table.defused else cell for cell in cells]
        yield f"{where} {fault}" if fault else _row(where, plain, at, clock, survey or "")


def _row(where: str, cells: list[str], at: dict[str, int], clock: Clock, survey: str) -> _Row | str:
    text, count = cells[at["day"]].strip(), GROUPED.sub("", cells[at["invited"]])
    try:
        written = clock.read(text)
    except ValueError as error:
        return f"{where}: {text!r} {error}"
    if not re.fullmatch(r"\d{1,9}", count, re.ASCII):
        return f"{where}: {cells[at['invited']]!r} is not how many were invited; it must be a whole number"
    name = cells[at["survey"]].strip() if "survey" in at else survey
    day = written.date() if written.tzinfo is None else written.astimezone(clock.zone).date()
    return _Row(where, day, name, int(count))


def as_csv(db: Db) -> str:
    """Return all that is known as a file that can be taken in again."""
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([row["day"], defused(row["survey"]), row["invited"]] for row in invitations.listing(db))
    return file.getvalue().rstrip("\n")
