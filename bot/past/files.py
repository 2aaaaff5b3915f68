"""What kind of file it is, by what stands in it, and the table that it holds."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from bot.past import delimited, documents, workbook
from bot.past.tables import Trouble, headed

if TYPE_CHECKING:
    from pathlib import Path

    from bot.past.tables import Table

STRANGERS = (
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|II\*\x00|MM\x00\*", "it is a picture"),
    (rb"%PDF", "it is a PDF"),
    (rb"\xd0\xcf\x11\xe0", "it is an old or a locked Excel file; save it as an Excel workbook (.xlsx) or as CSV"),
    (rb"\x1f\x8b|BZh|7z\xbc\xaf|Rar!|\xfd7zXZ", "it is packed; unpack it first"),
    (rb"SQLite format 3", "it is a database"),
    (rb"(?i)(?:\xef\xbb\xbf)?\s*(?:<!doctype|<html|<\?xml|<table)", "it is a web page or XML"),
)
ASKED = "answers come as CSV, JSON, JSON lines or an Excel workbook (.xlsx)"
HEAD = 4096


def opened(path: Path) -> Table:
    """Return the table in a file; raise Trouble when it holds none, with a sentence that says what to do."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if not head.strip():
            raise Trouble(f"it is empty; {ASKED}")
        return _table(path, head)
    except OSError as error:
        raise Trouble(f"it cannot be read: {error.strerror}") from None


def _table(path: Path, head: bytes) -> Table:
    for signature, what in STRANGERS:
        if re.match(signature, head, re.DOTALL):
            raise Trouble(what if ";" in what else f"{what}; {ASKED}")
    if head.startswith(b"PK"):
        if not _is_workbook(path):
            raise Trouble(f"it is an archive and no Excel workbook; {ASKED}")
        return headed(lambda: workbook.sheet_records(path), "row")
    if b"\x00" in head and not re.match(rb"\xff\xfe|\xfe\xff|[^\x00]\x00[^\x00]\x00|\x00[^\x00]\x00[^\x00]", head):
        raise Trouble(f"it holds no text; {ASKED}")
    encoding = delimited.encoding_of(path)
    with path.open(encoding=encoding) as file:
        start = file.read(HEAD)
    if documents.looks_like_json(start) or path.suffix.lower() in {".json", ".jsonl", ".ndjson"}:
        return documents.documents(path, encoding)
    separator = delimited.separator_of(path, encoding)
    return headed(lambda: delimited.records(path, encoding, separator), "line", defused=True)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False
