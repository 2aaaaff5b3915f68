"""Excel workbooks (.xlsx): the first sheet that holds anything, read row by row; and one sheet written row by row."""

from __future__ import annotations

import warnings
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from bot.past.tables import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

MOST_ROWS = 1_048_576
"""What a sheet holds, its header included."""

LONGEST_CELL = 32_767
"""Characters."""


def sheet_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the first sheet that is not empty, with their numbers; every cell as text.

    Days and times become ISO 8601 as they stand in the sheet, which knows no time zone.
    """
    import openpyxl  # noqa: PLC0415  # a third of a second, for those who bring a workbook

    try:
        with warnings.catch_warnings(action="ignore"):  # styles and extensions that are not for us
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError) as error:  # broken XML is a SyntaxError
        raise Trouble(f"it cannot be read as an Excel workbook: {error}") from None
    try:
        for sheet in book.worksheets:
            empty = True
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
                cells = [_text(value) for value in row]
                empty = empty and not any(cells)
                yield number, cells
            if not empty:
                return
    finally:
        book.close()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


def write_sheet(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> None:
    """Write one sheet; a text is a text, whatever it looks like: Excel runs none as a formula.

    Raises Trouble for more rows than a sheet holds. Characters that a workbook cannot hold are left out.
    """
    import openpyxl  # noqa: PLC0415  # as above
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("responses")
    sheet.append(list(columns))

    def cell(value: str | int | None) -> Any:
        if not isinstance(value, str):
            return value
        made = WriteOnlyCell(sheet, "")
        made.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL]
        made.data_type = "s"
        return made

    try:
        for number, row in enumerate(rows, 2):
            if number > MOST_ROWS:
                raise Trouble(
                    f"a sheet holds {MOST_ROWS - 1:,} rows; choose days with --from and --to, or write a .csv"
                )
            sheet.append([cell(value) for value in row])
    finally:
        sheet.close()
    book.save(path)
