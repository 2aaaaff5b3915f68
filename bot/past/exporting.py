"""Responses written out as CSV, JSON lines or an Excel workbook; the file appears whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot import periods
from bot.model import category
from bot.past.cells import defused, defused_phone
from bot.past.progress import progress
from bot.past.tables import Trouble
from bot.past.workbook import write_sheet
from handlers.sources.form import in_survey
from storage import callbacks, calls, responses, scores
from storage.db import reading, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date, datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.model import Call
    from storage.db import Db, Row

COLUMNS = (
    "response_id",
    "id",
    "source",
    "survey",
    "touchpoint",
    "score",
    "category",
    "comment",
    "submitted_at",
    "name",
    "email",
    "phone",
    "company",
    "language",
    "link",
    "properties",
    "id_within",
    "themes",
)
"""What each format holds of a response, in this order; JSON lines hold the callback besides.

`id_within` is the survey that numbers its responses by itself, where ids are not unique in their source; `themes` are
what the response is about, nothing while nobody has looked.
"""

STEP = 1_000


JSON_LINES = frozenset({".jsonl", ".ndjson", ".json"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Which responses: of the local days from first to last inclusive, either side open when None; of one survey."""

    zone: ZoneInfo
    first: date | None = None
    last: date | None = None
    survey: str | None = None

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the instants between which they lie: [start, end)."""
        start = None if self.first is None else periods.start_of(self.first, self.zone)
        end = None if self.last is None else periods.start_of(self.last + timedelta(days=1), self.zone)
        return start, end


def export(store: Path, target: Path, choice: Choice) -> int:
    """Write responses to a file, in order of time, and return how many; raise Trouble when it cannot be written.

    They are of one moment, also while the bot runs. The file is its owner's alone: it holds what customers said.
    """
    ending = target.suffix.lower()
    write = {".csv": _write_csv, ".xlsx": _write_workbook} | dict.fromkeys(JSON_LINES, _write_lines)
    if ending not in write:
        raise Trouble(f"{target}: name a file that ends in .csv, .jsonl or .xlsx; what is written goes by the ending.")
    with whole(target) as unfinished, reading(store) as db:
        number = scores.counts(db, *choice.bounds, choice.survey).responses
        with progress(f"exporting {target.name}", number) as advance:
            write[ending](unfinished, db, _counted(responses.each(db, *choice.bounds, choice.survey), advance))
    return number


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Give a file to write, its owner's alone, that takes the target's place once it is whole; raise Trouble else."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield unfinished
        unfinished.replace(target)
    except Trouble as trouble:
        raise Trouble(f"{target}: {trouble}.") from None
    except OSError as error:
        raise Trouble(f"{target} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _counted(rows: Iterator[Row], advance: Callable[[int], None]) -> Iterator[Row]:
    for done, row in enumerate(rows, 1):
        yield row
        if done % STEP == 0:
            advance(STEP)


def content(row: Row) -> dict[str, Any]:
    """Return what is told of a response, by the names of COLUMNS."""
    told = {name: row.get(name) for name in COLUMNS}
    told |= {
        "response_id": row["public_id"],
        "id": row["sender_id"] or row["source_id"],
        "id_within": row["sender_id"] and row["source_id"].removesuffix(in_survey("", row["sender_id"])),
        "category": None if row["score"] is None else str(category(row["score"])),
        "themes": None if row.get("themes") is None else json.loads(row["themes"]),
    }
    return told | {"submitted_at": _instant(row["submitted_at"]), "properties": json.loads(row["properties"])}


def _instant(stamped: str) -> str:
    """Return the store's text of a time without a fraction that says nothing."""
    return stamped.replace(".000000Z", "Z")


def _write_csv(path: Path, _db: Db, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            cells = [defused_phone(cell) if name == "phone" else defused(cell) for name, cell in _cells(row)]
            writer.writerow(cells)


def _write_workbook(path: Path, _db: Db, rows: Iterable[Row]) -> None:
    write_sheet(path, COLUMNS, ([int(cell) if name == "score" else cell for name, cell in _cells(row)] for row in rows))


def _cells(row: Row) -> list[tuple[str, str]]:
    """Return what is told of a response as texts; what is missing is blank."""
    told = content(row)
    told["properties"] = json.dumps(told["properties"], ensure_ascii=False) if told["properties"] else None
    told["themes"] = ", ".join(told["themes"] or ())
    return [(name, "" if value is None else str(value)) for name, value in told.items()]


def _write_lines(path: Path, db: Db, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {**content(row), "callback": callback_of(db, row["id"])}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


def callback_of(db: Db, response_id: int) -> dict[str, Any] | None:
    """Return what is told of a response's callback, with its calls; None where there is none.

    One that is another's, which it shares with it, names it and leaves the calls there: so each is told once.
    """
    found = callbacks.of_response(db, response_id)
    if found is None:
        return None
    shared = {} if found.id == response_id else {"shared_with": responses.public_id(db, found.id)}
    return {
        **shared,
        "state": found.state,
        "holder": found.holder,
        "opened_at": _time(found.opened_at),
        "first_claimed_at": _time(found.first_claimed_at),
        "due": _time(found.due_at),
        "closed_at": _time(found.closed_at),
        "closed_by": found.closed_by,
        "outcome": found.outcome,
        "dismissed": found.dismissed,
        "preferred_time": found.preferred_time,
        "calls": [told_of(call) for call in calls.of_response(db, response_id).values()] if found.calls else [],
    }


def told_of(call: Call) -> dict[str, Any]:
    """Return what is told of a call."""
    return {
        "who": call.caller,
        "when": _time(call.at),
        "outcome": call.outcome,
        "notes": call.notes,
        "themes": list(call.themes),
        "next_step": call.next_step,
        "call_again_at": _time(call.call_again_at),
        "referral_name": call.referral_name,
        "referral_contact": call.referral_contact,
        "lesson": call.lesson,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else _instant(stamp(at))
