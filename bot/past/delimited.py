"""Text files with a separator between cells: commas, semicolons, tabs; in the encodings that tools and Excel write."""

from __future__ import annotations

import codecs
import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

from bot.past.tables import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEPARATORS = ",;\t|"
LONGEST_CELL = 16 * 1024 * 1024
"""Characters; the longest that a tool lets anyone write is a thousandth of it."""

SAMPLE = 65_536
PIECE = 1 << 20
END = "\x00the end\x00"


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file, all of it read: UTF-8, UTF-16, else Windows-1252."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(path, "utf-16", "UTF-16")
    if b"\x00" in head:
        wide = "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        return _checked(path, wide, "text")
    try:
        return _checked(path, "utf-8", "UTF-8")
    except Trouble:
        return _checked(path, "cp1252", "UTF-8 or Windows-1252")


def _checked(path: Path, encoding: str, name: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise Trouble(f"it is not {name}; save it as CSV in UTF-8, or as an Excel workbook (.xlsx)") from None
    return encoding


def separator_of(path: Path, encoding: str) -> str:
    """Return the separator that cuts the beginning of a file most evenly; a comma where nothing is cut."""
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(SAMPLE)
        cut = bool(file.read(1))
    if sample[:4].lower() == "sep=" and sample[4:5] not in {"", "\r", "\n"}:
        return sample[4]

    def evenness(separator: str) -> tuple[int, int]:
        widths = [len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if cells]
        widths = widths[:-1] if cut else widths
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual), usual) if usual > 1 else (0, 0)

    return max(SEPARATORS, key=evenness)


def records(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it starts on; line breaks within quotes belong to the cell.

    Raises Trouble for a quote that is opened and never closed: all that follows it would be one cell.
    """
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        told = first[:4].lower() == "sep="
        reader = csv.reader(chain(() if told else (first,), file, (END,)), delimiter=separator)
        start = opened = before = 1 + told
        try:
            for cells in reader:
                if len(cells) == 1 and cells[0] == END:
                    return
                yield start, cells
                opened, start = start, before + reader.line_num
        except csv.Error:
            opened = start
    raise Trouble(f"a quote that is opened on line {opened} is never closed; close it, or take it out")
