"""The rows that were refused, written to a file in which they can be mended and from which they can be imported."""

from __future__ import annotations

import csv
import filecmp
import hashlib
import os
from itertools import chain, count
from typing import TYPE_CHECKING, Self

from bot.past.cells import defused, themselves
from handlers.sources.values import well_formed
from storage.db import stamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import TextIO

    from bot.past.answers import Refused
    from bot.past.tables import Row, Table

ADDED = ("refused line", "refused because")
ID = "npsbot id"
"""A column for an id where the file has none, so that a row that is mended is known by it from then on."""


class RefusedRows:
    """Writes refused rows beside the file they come from; nothing is made where nothing is refused."""

    def __init__(self, path: Path, table: Table, id_at: int | None, time_at: int | None) -> None:
        self._path, self._table, self._id_at, self._time_at = path, table, id_at, time_at
        self._unfinished = path.with_name(f"{path.name}.refused.csv.unfinished")
        self._file: TextIO | None = None
        self._kept = [i for i, name in enumerate(table.columns) if name not in ADDED]

    def add(self, row: Row, refused: Refused, when: datetime | None) -> None:
        """Write one row as it came, with its place and the reason, and its time so that no order is in doubt."""
        number, given, _ = row
        width = len(self._table.columns)
        cells, beyond = given[:width], given[width:]
        if self._table.defused:
            cells = [themselves(cell) for cell in cells]
        if when is not None and self._time_at is not None:
            cells[self._time_at] = stamp(when)
        content = "\x1f".join((str(number), *given))
        row_id = f"{hashlib.blake2b(content.encode(), digest_size=12).hexdigest()}-mended"
        added = [str(number), str(refused)]
        if self._id_at is None:
            added.append(row_id)
        else:
            cells[self._id_at] = cells[self._id_at].strip() or row_id
        written = [*(cells[i] for i in self._kept), *added, *beyond]
        csv.writer(self._begun()).writerow([defused(well_formed(cell)) for cell in written])

    def _begun(self) -> TextIO:
        """Return the file, with its header in it."""
        if self._file is None:
            mine = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(mine, "w", encoding="utf-8", newline="")
            names = [self._table.columns[i] for i in self._kept]
            csv.writer(self._file).writerow([*names, *ADDED, *([ID] if self._id_at is None else [])])
        return self._file

    def finish(self) -> Path | None:
        """Give the file its name and return it, None where there is none; what stands there already stays.

        The same rows refused again are the same file; other rows, or mended ones, are left alone.
        """
        if self._file is None:
            return None
        self._file.close()
        names = (f"{self._path.name}.refused{suffix}.csv" for suffix in chain([""], map("-{}".format, count(2))))
        free = (target for target in map(self._path.with_name, names) if self._may_be(target))
        return self._unfinished.replace(next(free))

    def _may_be(self, target: Path) -> bool:
        return not target.exists() or filecmp.cmp(target, self._unfinished, shallow=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._unfinished.unlink(missing_ok=True)
