"""Which column is what: as the person says, as the source's settings say, else by the name that it goes by."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from bot.past.scores import is_score
from bot.past.tables import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.past.tables import Row, Table

FIELDS = (
    "id",
    "score",
    "comment",
    "submitted_at",
    "name",
    "email",
    "phone",
    "company",
    "language",
    "survey",
    "touchpoint",
    "source",
    "link",
)
"""What --map can name, besides property.NAME."""

OWN = frozenset({"response_id", "id", "source", "score", "category", "submitted_at"})
"""Columns by which a file that npsbot exported is known; in such a file `source` says whose ids they are."""

ROW = "#"
HALF = 0.5
LISTED = 30

PROPERTY = "property."
UTC_ZONES = frozenset({"utc", "gmt"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The index of the column of each field; `said` are the fields that the person named themselves.

    Fields are those of FIELDS, `property.NAME`, `properties` (an object as JSON), `first_name` and `last_name`, and
    `id_within` of our own exports.
    """

    names: tuple[str, ...]
    index: Mapping[str, int]
    said: frozenset[str]

    def name(self, field: str) -> str:
        """Return the column's name for a field that has one."""
        return self.names[self.index[field]]

    @property
    def in_utc(self) -> bool:
        """Tell whether the name of the column of times says that they are in UTC."""
        return "submitted_at" in self.index and bool(UTC_ZONES & set(words(self.name("submitted_at")).split()))

    @property
    def left(self) -> list[str]:
        """Return the columns that are not taken in."""
        return [name for i, name in enumerate(self.names) if i not in self.index.values()]


def words(name: str) -> str:
    """Return a name in lower case with a space between its words: SubmittedAt and submitted_at are submitted at."""
    apart = re.sub(r"(?<=[^\W\d_A-ZÅÄÖÆØ])(?=[A-ZÅÄÖÆØ])", " ", unicodedata.normalize("NFKC", name))
    found = " ".join(re.findall(r"[^\W_]+", apart.casefold()))
    return found or name.strip()


@cache
def known() -> dict[str, dict[str, list[str]]]:
    """Return the names by which the columns of each field go; columns.toml says how they are used."""
    table: dict[str, dict[str, list[str]]] = tomllib.loads(
        resources.files("bot.past").joinpath("columns.toml").read_text(encoding="utf-8")
    )
    return table


def recognise(
    table: Table, sample: Sequence[Row], said: Sequence[tuple[str, str]], settled: Mapping[str, str]
) -> Columns:
    """Return which column is what; `said` are pairs of column and field, `settled` the source's own by field.

    `sample` are rows from the top. Raises Trouble when a column named is not there, or none is the score.
    """
    index = dict(_said(table, said))

    def take(found: Iterable[tuple[str, int]]) -> None:
        for field, at in found:
            if field not in index and at not in index.values():
                index[field] = at

    take(_settled(table, settled))
    take(_own(table, sample))
    take(_by_name(table, sample))
    take(_by_wording(table, sample, scored="score" in index))
    if "score" not in index:
        raise Trouble(
            f'no column is known as the score (there are {_listed(table)}); say which with --map "COLUMN=score"'
        )
    in_order = sorted(index, key=lambda field: FIELDS.index(field) if field in FIELDS else len(FIELDS))
    return Columns(table.columns, {field: index[field] for field in in_order}, frozenset(field for _, field in said))


def _settled(table: Table, settled: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for field, name in settled.items():
        at = _find(table, name)
        if field in FIELDS and at is not None:
            yield field, at


def _listed(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.columns[:LISTED])


def _said(table: Table, said: Sequence[tuple[str, str]]) -> Iterator[tuple[str, int]]:
    fields = [field for _, field in said]
    for name, field in said:
        at = _find(table, name)
        if at is None:
            raise Trouble(f'--map names the column "{name}", which is not in it; there are {_listed(table)}')
        if fields.count(field) > 1:
            raise Trouble(f"--map names several columns for {field}; name one")
        yield field, at


def _own(table: Table, sample: Sequence[Row]) -> Iterator[tuple[str, int]]:
    """Yield the columns that only our own exports have, and objects of properties."""
    if set(table.columns) >= OWN:
        yield from ((name, table.columns.index(name)) for name in ("source", "id_within") if name in table.columns)
    if "properties" in table.columns:
        at = table.columns.index("properties")
        if all(cells[at].strip()[:1] in {"", "{"} for _, cells, _ in sample):
            yield "properties", at


def _find(table: Table, name: str) -> int | None:
    """Return the column of this name: letter for letter, else but for case and punctuation."""
    for names in (table.columns, table.aliases):
        if name in names:
            return names.index(name)
    for names in (table.columns, table.aliases):
        if words(name) in map(words, names):
            return [*map(words, names)].index(words(name))
    return None


def _by_name(table: Table, sample: Sequence[Row]) -> Iterator[tuple[str, int]]:
    """Yield fields and columns that their names tell, the surest first."""
    names = [_bare(name) for name in table.columns]
    if {"respondent id", "collector id"} <= set(names):  # SurveyMonkey: each answer is a respondent
        yield "id", names.index("respondent id")
    yield from (("score", at) for at, name in enumerate(names) if f"{name} nps group" in names)  # Qualtrics
    for field, entry in known().items():
        for name in entry["names"]:
            yield from ((field, at) for at in _all(names, name) if _holds(field, name, at, sample))


def _by_wording(table: Table, sample: Sequence[Row], *, scored: bool) -> Iterator[tuple[str, int]]:
    """Yield columns that the wording of their question tells; the score's come first, by the share of scores in them.

    Raises Trouble where two questions may as well be the score, unless it is known already (`scored`). What goes by
    a score's name or wording and holds none comes last: then that is what is wrong with the file.
    """
    names = [_bare(name) for name in table.columns]
    score, comment = known()["score"], known()["comment"]
    share = {at: _scores(at, sample) for at in range(len(names))}
    worded = [at for at in _worded(names, score["wording"]) if not set(names[at].split()) & set(score["never"])]
    worded.sort(key=lambda at: -share[at])
    if not scored and sum(share[at] > HALF for at in worded) > 1:
        one, other = (f'"{table.columns[at]}"' for at in worded[:2])
        raise Trouble(f'{one} and {other} may both be the score; say which with --map "COLUMN=score"')
    yield from (("score", at) for at in worded if share[at])
    for name in score["perhaps"]:
        yield from (("score", at) for at in _all(names, name) if share[at] > HALF)
    yield from (("comment", at) for at in _worded(names, comment["wording"]) if share[at] <= HALF)
    for name in score["names"]:
        yield from (("score", at) for at in _all(names, name))
    yield from (("score", at) for at in worded)


def _all(names: Sequence[str], name: str) -> list[int]:
    return [at for at, given in enumerate(names) if given == name]


def _worded(names: Sequence[str], wording: Sequence[str]) -> list[int]:
    return [at for at, given in enumerate(names) if any(part in given for part in wording)]


def _holds(field: str, name: str, at: int, sample: Sequence[Row]) -> bool:
    """Tell whether a column's cells can be what its name says, where the name leaves a doubt.

    Numbers of rows are no ids: they mean other answers in the next file.
    """
    if name == ROW:
        return not all(cells[at].strip().isdigit() for _, cells, _ in sample)
    return field != "score" or _scores(at, sample) > 0


def _bare(name: str) -> str:
    """Return a column's name without what it says of zone and scale: Score (0-10), Date UTC."""
    plain = words(re.sub(r"\([^)]*\)", " ", name))
    return " ".join(word for word in plain.split() if word not in UTC_ZONES and not word.isdigit()) or words(name)


def _scores(at: int, sample: Sequence[Row]) -> float:
    """Return the share of a column's cells that hold a score, of those that hold anything."""
    found = [cells[at] for _, cells, fault in sample if fault is None and cells[at].strip()]
    return sum(map(is_score, found)) / len(found) if found else 0.0
