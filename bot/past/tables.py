"""A file of answers as a table of texts: columns once, rows as often as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEARCHED = 10
"""Records in which the header is looked for: some tools and many people write a title above it."""


class Trouble(Exception):  # noqa: N818  # an answer to a person, not a fault
    """A file cannot be taken in or written; the message says what is wrong and what to do."""


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file that the team keeps; `refused` says of each bad one what is wrong."""

    new: int = 0
    known: int = 0
    refused: list[str] = field(default_factory=list)


Record = tuple[int, list[str]]
"""Cells, and where in the file they stand."""

Row = tuple[int, list[str], str | None]
"""Where it stands in the file, a cell for each column, and why it cannot be read where that is so."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns and rows.

    `aliases` are other names of the same columns, in the same order or none at all; `unit` is what a row's number
    counts: line, row or item. `rows` starts at the top each time and holds one row in memory at a time. `defused`
    tells that cells may bear an apostrophe against spreadsheets that run formulas.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    unit: str = "line"
    aliases: tuple[str, ...] = ()
    defused: bool = False


def headed(records: Callable[[], Iterator[Record]], unit: str, *, defused: bool = False) -> Table:
    """Return the table whose records start with a header, perhaps of several lines, below a title at most.

    Raises Trouble when there is no header, or nothing below it.
    """
    first = list(islice(filled(records()), SEARCHED + 3))
    if not first:
        raise Trouble("there is nothing in it")
    at = next((i for i, (_, cells) in enumerate(first[:SEARCHED]) if sum(map(bool, cells)) > 1), 0)
    names, aliases, last = _names(first[at:])
    if first[-1][0] <= last:
        raise Trouble("it has a header and no rows below it, so there is nothing to take in")

    def rows() -> Iterator[Row]:
        width = len(names)
        for number, cells in filled(records()):
            if len(cells) == width:
                if number > last:
                    yield number, cells, None
            elif number > last:
                yield _fitted(number, cells, width)

    return Table(names, rows, unit, aliases, defused)


def filled(records: Iterator[Record]) -> Iterator[Record]:
    """Leave out the records in which every cell is blank."""
    for number, cells in records:
        if cells and (cells[0] > " " or "".join(cells).strip()):  # most rows show it at once
            yield number, cells


def _fitted(number: int, cells: list[str], width: int) -> Row:
    """Return a row as wide as the header: what is missing at the end is blank, what is too much is a fault."""
    if any(cell.strip() for cell in cells[width:]):
        why = f"has {len(cells)} cells where the header has {width}; a text with a separator in it needs quotes"
        return number, cells, why
    return number, (cells + [""] * width)[:width], None


def _names(records: list[Record]) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Return the columns' names, other names of theirs, and the number of the header's last record.

    Qualtrics writes codes, then questions, then import ids; SurveyMonkey writes questions, then what each column
    of them holds.
    """
    number, head = records[0]
    second, third = (records[i] if len(records) > i else (0, [""] * len(head)) for i in (1, 2))
    if any(cell.startswith('{"ImportId"') for cell in third[1]):
        return _named(second[1]), _named(head), third[0]
    if second[0] and {"Respondent ID", "Collector ID"} <= set(head) and not second[1][head.index("Respondent ID")]:
        return _named(_below(head, second[1])), (), second[0]
    return _named(head), (), number


def _below(head: list[str], second: list[str]) -> list[str]:
    """Name a column without a question after the last question before it."""
    named, question = [], ""
    for name, part in zip(head, second, strict=False):
        question = name or question
        named.append(name or f"{question} {part}".strip())
    return named


def _named(cells: list[str]) -> tuple[str, ...]:
    return tuple(cell.strip() or f"column {i}" for i, cell in enumerate(cells, 1))
