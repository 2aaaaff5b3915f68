"""Past answers in the store: many in one statement, each once."""

from __future__ import annotations

import secrets
import sqlite3
from enum import Enum, auto
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from storage import forgotten, search
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.db import Db


class Answer(NamedTuple):
    """A past answer as its row in the store.

    `submitted_at` is a stamp, None for the time of the import; `properties` are JSON; `test` is 1 for an answer that
    only tries things out; `sender_id` is as in `bot.model.Response`.
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
    sender_id: str | None = None


class Fate(Enum):
    """What became of an answer: it is new, it says more of what is known, or it says nothing that is not known."""

    NEW = auto()
    MORE = auto()
    KNOWN = auto()


_GAPS = ("survey", "touchpoint", "score", "comment", "name", "email", "phone", "company", "language", "link")
_SAID = itemgetter(*(Answer._fields.index(name) for name in _GAPS))
_COLUMNS = ("public_id", "received_at", *Answer._fields, "imported")
_INSERT = f"""insert into responses ({", ".join(_COLUMNS)})
  values ({", ".join("?" * (len(_COLUMNS) - 1))}, 1) on conflict (source, source_id) do nothing"""
_STORED = f"select public_id, properties, {', '.join(_GAPS)} from responses where source = ? and source_id = ?"


def add(db: Db, answers: Sequence[Answer], now: datetime) -> list[Fate]:
    """Store the answers that are not known yet, in their order, and tell what became of each.

    What a forgotten person once answered is known and stays forgotten.
    """
    erased = _erased(db, answers)
    fresh = [answer for answer in answers if answer not in erased] if erased else answers
    ids, received = _public_ids(len(fresh), now), stamp(now)
    rows = (
        (public_id, received, *answer[:6], answer.submitted_at or received, *answer[7:])
        for public_id, answer in zip(ids, fresh, strict=True)
    )
    inserted = db.many(_INSERT, rows)
    search.catch_up(db.connection)
    if inserted == len(answers):
        return [Fate.NEW] * len(answers)
    given = iter(ids)
    return [Fate.KNOWN if answer in erased else _fate(db, answer, next(given)) for answer in answers]


def _fate(db: Db, answer: Answer, public_id: str) -> Fate:
    """Tell what became of an answer that was to be stored under this id."""
    found, properties, *stored = db.connection.execute(_STORED, answer[:2]).fetchone()
    if found == public_id:
        return Fate.NEW
    gaps = any(has is None and says is not None for has, says in zip(stored, _SAID(answer), strict=True))
    return Fate.MORE if gaps or answer.properties not in {"{}", properties} else Fate.KNOWN


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
        self._connection.execute("pragma cache_size = -16384")
        self._connection.execute(
            "create table seen (text text primary key, times integer not null) strict, without rowid"
        )
        self._connection.execute("begin")

    def before(self, text: str) -> int:
        """Return how often a text came before, and count it."""
        (times,) = self._connection.execute(
            """insert into seen (text, times) values (?, 0) on conflict (text) do update set times = times + 1
               returning times""",
            (text,),
        ).fetchone()
        return int(times)

    def close(self) -> None:
        """Let the counts go."""
        self._connection.close()
