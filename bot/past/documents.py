"""JSON and JSON lines as tables: a column for each key, `respondent.email` for a key within an object."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from bot.past.tables import Table, Trouble
from handlers.sources.values import well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

    from bot.past.tables import Row

WHOLE = frozenset({"properties", "callback"})
"""Keys whose object stays one cell."""

PIECE = 1 << 16
GAP = re.compile(r"[\s,]*")


def looks_like_json(head: str) -> bool:
    """Tell whether a text starts as an object or a list of objects does."""
    return re.match(r'\s*(\{\s*["}]|\[\s*[\[{\]])', head) is not None


def documents(path: Path, encoding: str) -> Table:
    """Return the table of a JSON file: a list of objects, an object that holds one list, or an object a line.

    Raises Trouble for what is none of these.
    """
    by_line = _is_by_line(path, encoding)
    source = _lines if by_line else _items
    found: dict[str, None] = {}
    for _, value in source(path, encoding):
        if isinstance(value, dict):
            found.update(dict.fromkeys(_flat(value)))
    if not found:
        raise Trouble("there are no answers in it")
    columns = tuple(found)

    def rows() -> Iterator[Row]:
        for number, value in source(path, encoding):
            if isinstance(value, dict):
                cells = _flat(value)
                yield number, [cells.get(name, "") for name in columns], None
            else:
                yield number, [_text(value), *[""] * (len(columns) - 1)], "is not a JSON object such as {...}"

    return Table(columns, rows, "line" if by_line else "item")


def _flat(value: dict[str, Any]) -> dict[str, str]:
    """Return an object's values as texts: null is blank, an object's own keys follow a dot, a list stays JSON."""
    cells: dict[str, str] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and key not in WHOLE:
            cells.update({well_formed(f"{key}.{name}"): _text(deeper) for name, deeper in inner.items()})
        else:
            cells[well_formed(key)] = _text(inner)
    return cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    return well_formed(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _value(text: str) -> Any:
    """Return what a line says, or the line itself where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()


def _is_by_line(path: Path, encoding: str) -> bool:
    """Tell whether each line of a file is an object of its own."""
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return True
    with path.open(encoding=encoding) as file:
        if not file.read(PIECE).lstrip().startswith("{"):
            return False
        file.seek(0)
        filled = (line for line in file if line.strip())
        return isinstance(_value(next(filled)), dict) and next(filled, None) is not None


def _lines(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    with path.open(encoding=encoding, newline="\n") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _value(line)


def _items(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    """Yield the items of a list one by one, or of the one list within an object."""
    with path.open(encoding=encoding) as file:
        start = file.read(PIECE).lstrip()
        if start.startswith("["):
            yield from enumerate(_of_list(file, start[1:]), 1)
            return
        try:
            whole = json.loads(start + file.read())
        except (ValueError, RecursionError) as error:
            raise Trouble(f"it is not JSON: {error}") from None
    lists = [value for value in whole.values() if isinstance(value, list) and any(isinstance(v, dict) for v in value)]
    yield from enumerate(lists[0] if len(lists) == 1 else [whole], 1)


def _of_list(file: TextIO, text: str) -> Iterator[Any]:
    """Yield the items of a list whose bracket is open already, with little more than one of them in memory."""
    decoder = json.JSONDecoder()
    at = count = 0
    while True:
        at = _after_gap(text, at)
        if text.startswith("]", at):
            break
        try:
            value, end = decoder.raw_decode(text, at)
            more = file.read(PIECE) if end == len(text) else ""  # a number may go on in the next piece
        except (ValueError, RecursionError) as error:
            more = file.read(max(PIECE, len(text)))
            if not more:
                raise Trouble(f"it is not JSON after item {count}: {error}") from None
        if more:
            text, at = text[at:] + more, 0
        else:
            yield value
            at, count = end, count + 1
    if (text[at + 1 :] + file.read(PIECE)).strip():
        raise Trouble(f"something stands after the list of {count} items")


def _after_gap(text: str, at: int) -> int:
    found = GAP.match(text, at)
    return found.end() if found else at
