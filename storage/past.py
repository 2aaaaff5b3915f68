"""Past answers in the store: many in one statement, each once."""

from __future__ import annotations

import secrets
import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from storage import forgotten
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db import Db


class Answer(NamedTuple):
    """A past answer as its row in the store.

    `submitted_at` is a stamp, None for the time of the import; `properties` are JSON; `test` is 1 for an answer that
    only tries things out.
    """

    source: str
    source_id: str
    survey: str | None
    touchpoint: str | None
    score: int
    comment: str | None
    submitted_at: str | None
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    language: str | None
    link: str | None
    properties: str
    test: int = 0


_GAPS = ("survey", "touchpoint", "score", "comment", "name", "email", "phone", "company", "language", "link")
_COLUMNS = ("public_id", "received_at", *Answer._fields, "imported")
_INSERT = f"""insert into responses ({", ".join(_COLUMNS)})
  values ({", ".join("?" * (len(_COLUMNS) - 1))}, 1) on conflict (source, source_id) do nothing"""
_STORED = f"select public_id, properties, {', '.join(_GAPS)} from responses where source = ? and source_id = ?"


def add(db: Db, answers: Sequence[Answer], now: datetime) -> list[bool]:
    """Store the answers that are not known yet, in their order; tell for each whether it is new.

    What a forgotten person once answered is known and stays forgotten.
    """
    erased = _erased(db, answers)
    fresh = [answer for answer in answers if answer not in erased] if erased else answers
    ids, received = _public_ids(len(fresh), now), stamp(now)
    rows = (
        (public_id, received, *answer[:6], answer.submitted_at or received, *answer[7:])
        for public_id, answer in zip(ids, fresh, strict=True)
    )
    if db.many(_INSERT, rows) == len(answers):
        return [True] * len(answers)
    given = iter(ids)
    return [answer not in erased and _row(db, answer)[0] == next(given) for answer in answers]


def fills(db: Db, answer: Answer) -> bool:
    """Tell whether an answer that is known says something that the store does not."""
    _, properties, *stored = _row(db, answer)
    if answer.properties not in {"{}", properties}:
        return True
    return any(has is None and getattr(answer, name) is not None for name, has in zip(_GAPS, stored, strict=True))


def _row(db: Db, answer: Answer) -> tuple[str | int | None, ...]:
    row: tuple[str | int | None, ...] | None = db.connection.execute(_STORED, answer[:2]).fetchone()
    return row or (None,) * (2 + len(_GAPS))


def _erased(db: Db, answers: Sequence[Answer]) -> set[Answer]:
    if db.value("select 1 from forgotten limit 1") is None:
        return set()
    return {answer for answer in answers if forgotten.known(db, answer.source, answer.source_id)}


def _public_ids(count: int, now: datetime) -> list[str]:
    """Return ids as `storage.db.new_id` makes them, told apart by their place: all are of one moment."""
    prefix, chance = f"r_{int(now.timestamp() * 1000):012x}", secrets.token_hex(6 * count)
    return [f"{prefix}{i:06x}{chance[12 * i : 12 * i + 12]}" for i in range(count)]


class Seen:
    """Counts texts in a file of its own that goes with it: memory stays flat however many there are."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute("pragma journal_mode = off")
        self._connection.execute("create table seen (key integer primary key, times integer not null) strict")
        self._connection.execute("begin")

    def before(self, digest: bytes) -> int:
        """Return how often a digest came before, and count it; eight bytes of it tell it from others well enough."""
        key = int.from_bytes(digest[:8], "big", signed=True)
        (times,) = self._connection.execute(
            """insert into seen (key, times) values (?, 0) on conflict (key) do update set times = times + 1
               returning times""",
            (key,),
        ).fetchone()
        return int(times)

    def close(self) -> None:
        """Let the counts go."""
        self._connection.close()
