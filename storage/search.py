"""Finding words in what customers and colleagues wrote, as people type them.

The index holds a row for each response: its name, company, comment and notes of calls, folded, every three letters
of it a token. So a part of a word is found as quickly as a whole one, and what the letters narrow down is looked
at itself. Where one letter has several spellings, the text stands in it also with the one that all of them fold to.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from storage.db import Db
    from storage.lists import Sight

CREATED = "create virtual table search using fts5 (words, tokenize = 'trigram', detail = none, columnsize = 0)"
READ_TO = "search_read_to"
"""The setting that holds how far the index has come."""
ASKED_MOST = 300
"""Characters of a question that are looked at; what is longer is nothing that anybody looks for."""
COUNTED_MOST = 300
"""Responses that are sorted at once; where more hold the words, the newest of all are walked through instead."""
LETTERS = 3
"""Letters of a token; shorter words are looked for without the index."""
NARROWED_MOST = 12
"""Words, and tokens of a word, that narrow down where to look."""

_QUOTES = '"“”„«»'
_TERM = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|([^\s{_QUOTES}]+)")


class _Folding(dict[int, str]):
    """What becomes of each letter, found out once: without case and diacritics."""

    def __missing__(self, code: int) -> str:
        kind = unicodedata.category(chr(code))
        found = " " if kind in {"Cc", "Zl", "Zp"} else "" if kind in {"Cf", "Cs"} else self._plain(chr(code))
        self[code] = found
        return found

    @staticmethod
    def _plain(letter: str) -> str:
        parts = unicodedata.normalize("NFKD", letter.casefold())
        return "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Me"})


_LETTERS = {"æÆ": "ae", "øØ": "o", "ßẞ": "ss", "đĐ": "d", "łŁ": "l"}
"""What Unicode does not take apart."""
_FOLDING = _Folding({ord(letter): plain for letters, plain in _LETTERS.items() for letter in letters})
_SECOND = re.compile("(?<=a)[ae]+|(?<=[ou])e+")
"""What stands second in the spellings of one letter with two: aa, ae, oe, ue."""


def folded(text: str | None) -> tuple[str, ...]:
    """Return a text in the two ways in which it is looked for, often they are one; both without case and diacritics.

    The first is as it is written, so that any part of a word is found. In the second a letter is the same however it
    is typed: å, aa and a; ä, æ, ae and a; ö, ø, oe and o; ü, ue and u; all of them mixed.
    """
    if not text:
        return ()
    whole = text if text.isascii() else unicodedata.normalize("NFC", text)
    written = " ".join(whole.translate(_FOLDING).split())
    return tuple(dict.fromkeys(way for way in (written, _SECOND.sub("", written)) if way))


def words(*texts: str | None) -> str:
    """Return what the index holds of texts: each in all its ways, a line each."""
    return "\n".join(way for text in texts for way in folded(text))


def terms(asked: str) -> tuple[tuple[str, ...], ...]:
    """Return what to look for: each word, or phrase between quotation marks, in all its ways."""
    found = (folded(phrase or word) for phrase, word in _TERM.findall(asked[:ASKED_MOST]))
    return tuple(dict.fromkeys(ways for ways in found if ways))


def first_in(text: str, wanted: tuple[tuple[str, ...], ...]) -> int | None:
    """Return where in a text the first word stands that holds the beginning of what is looked for, None for nowhere."""
    heads = {way.partition(" ")[0] for ways in wanted for way in ways}
    spoken = ((word.start(), folded(word[0])) for word in re.finditer(r"\S+", text))
    return next((at for at, ways in spoken if any(head in way for head in heads for way in ways)), None)


def catch_up(connection: sqlite3.Connection, most: int = -1) -> int:
    """Put responses that are newer than the index into it, the oldest first, and their calls' notes; all by default.

    Nothing is indexed on receipt, where it would take a third of the time. Returns how many were done.
    """
    behind = _read_to(connection)
    ahead, done = connection.execute(
        "select max(id), count(*) from (select id from responses where id > ? order by id limit ?)", (behind, most)
    ).fetchone()
    if done:
        _add(connection, behind, ahead)
        connection.execute(
            """insert into settings (name, value) values (?, ?)
               on conflict (name) do update set value = excluded.value""",
            (READ_TO, str(ahead)),
        )
    return int(done)


def is_behind(db: Db) -> bool:
    """Tell whether a response is newer than the index."""
    return bool(db.value("select max(id) > :read_to from responses", read_to=_read_to(db.connection)))


def put(db: Db, response_id: int) -> None:
    """Bring a response's row up to date with what the store holds of it and of its calls, if it has one."""
    if response_id <= _read_to(db.connection):
        erase(db, [response_id])
        _add(db.connection, response_id - 1, response_id)


def _add(connection: sqlite3.Connection, after: int, to: int) -> None:
    told = connection.execute(
        """select id, name, company, comment, (
             select group_concat(notes, char(10)) from (
               select notes from calls where response_id = responses.id order by calls.id))
           from responses where id > ? and id <= ?""",
        (after, to),
    )
    rows = ((number, said) for number, *texts in told if (said := words(*texts)))
    connection.executemany("insert into search (rowid, words) values (?, ?)", rows)


def _read_to(connection: sqlite3.Connection) -> int:
    """Return the id of the newest response that the index knows of."""
    row = connection.execute("select value from settings where name = ?", (READ_TO,)).fetchone()
    return int(row[0]) if row else 0


def erase(db: Db, ids: Iterable[int]) -> None:
    """Take responses out of the index; what they said stands in its pages until `optimize`."""
    db.many("delete from search where rowid = ?", [(each,) for each in ids])


def optimize(db: Db) -> None:
    """Write the index anew, without what was taken out of it: about four seconds for a million responses."""
    db.execute("insert into search (search) values ('optimize')")


@dataclass(frozen=True, slots=True)
class Found:
    """A page of ids, newest first; `total` is None when more than COUNTED_MOST hold the words."""

    ids: list[int]
    total: int | None


def containing(db: Db, asked: str, sight: Sight, limit: int, skip: int = 0) -> Found:
    """Return the responses in sight that hold every word of what is asked, newest first."""
    wanted = terms(asked)
    if not wanted:
        return Found([], 0)
    where, values = _holding(wanted)
    narrowed = _narrowed(wanted)
    hits = db.rows(
        f"select rowid from search s where {'search match :tokens and ' if narrowed else ''}{where} limit :most",
        **values,
        **({"tokens": narrowed} if narrowed else {}),
        most=COUNTED_MOST + 1,
    )
    if len(hits) > COUNTED_MOST:
        rows = db.rows(
            f"""select r.id from responses r cross join search s on s.rowid = r.id
                where r.score is not null and {where} and {sight.by_name}
                order by r.submitted_at desc, r.id desc limit :limit offset :skip""",
            **values,
            **sight.values,
            limit=limit,
            skip=skip,
        )
        return Found([row["id"] for row in rows], None)
    rows = db.rows(
        f"""select r.id from responses r where r.id in (select value from json_each(:hits))
              and r.score is not null and {sight.by_name} order by r.submitted_at desc, r.id desc""",
        hits=json.dumps([row["rowid"] for row in hits]),
        **sight.values,
    )
    return Found([row["id"] for row in rows[skip : skip + limit]], len(rows))


def _holding(wanted: tuple[tuple[str, ...], ...]) -> tuple[str, dict[str, str]]:
    """Return the condition that a row holds each term in one of its ways, and its values."""
    values = {f"t{n}_{m}": way for n, ways in enumerate(wanted) for m, way in enumerate(ways)}
    told = (" or ".join(f"instr(s.words, :t{n}_{m})" for m in range(len(ways))) for n, ways in enumerate(wanted))
    return " and ".join(f"({ways})" for ways in told), values


def _narrowed(wanted: tuple[tuple[str, ...], ...]) -> str:
    """Return the question to the index that every row holding the terms meets; empty when no term is long enough."""
    long_enough = (ways for ways in wanted if min(map(len, ways)) >= LETTERS)
    return " AND ".join(f"({' OR '.join(map(_tokens, ways))})" for ways in list(long_enough)[:NARROWED_MOST])


def _tokens(way: str) -> str:
    starts = range(0, len(way) - LETTERS + 1, -(-(len(way) - LETTERS + 1) // NARROWED_MOST))
    quoted = (way[start : start + LETTERS].replace('"', '""') for start in starts)
    return "(" + " AND ".join(f'"{token}"' for token in quoted) + ")"
