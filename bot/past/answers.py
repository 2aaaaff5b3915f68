"""One row of a file as an answer, or the column and the reason why it is none."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from bot.model import Respondent, Response
from bot.past.cells import themselves
from bot.past.columns import PROPERTY
from bot.past.scores import score
from handlers.sources.values import LONGEST_TEXT, tidy, well_formed
from storage.db import stamp
from storage.past import Answer

if TYPE_CHECKING:
    from datetime import datetime

    from bot.past.columns import Columns
    from bot.past.dates import Clock
    from bot.past.tables import Row
    from storage.past import Seen

SHOWN = 40
"""Characters of a cell that a reason repeats."""

LONGEST_LINK = 3_000
DIGEST_BYTES = 12


class Refused(Exception):  # noqa: N818  # an answer to a person, not a fault
    """A row is no answer: the column, None for the whole row, and why."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(f"{column}: {reason}" if column else reason)
        self.column, self.reason = column, reason


class Reading:
    """Reads the rows of one file, one after another: rows without an id are told apart by how many came before."""

    def __init__(  # noqa: PLR0913  # all that decides what a row says
        self, columns: Columns, clock: Clock, seen: Seen, *, source: str, survey: str | None, defused: bool
    ) -> None:
        self.columns = columns
        self._clock, self._seen, self._defused = clock, seen, defused
        self._source, self._survey = source, survey
        at = columns.index.get
        self._id, self._score, self._time = at("id"), columns.index["score"], at("submitted_at")
        self._comment, self._link, self._own_properties = at("comment"), at("link"), at("properties")
        self._from, self._of = at("source"), at("survey")
        self._plain = tuple(at(name) for name in ("touchpoint", "name", "email", "phone", "company", "language"))
        self._parts = tuple(i for i in (at("first_name"), at("last_name")) if i is not None)
        self._properties = {
            name.removeprefix(PROPERTY): i for name, i in columns.index.items() if name.startswith(PROPERTY)
        }

    def answer(self, row: Row) -> Answer:
        """Return what a row says; raise Refused."""
        if row.fault is not None:
            raise Refused(None, row.fault)
        cells = row.cells
        value = score(cells[self._score])
        if value is None:
            raise self._no_score(cells[self._score])
        written = self.written(cells) if self._time is not None else None
        text = self._text
        touchpoint, name, email, phone, company, language = [text(cells, at) for at in self._plain]
        answer = Answer(
            text(cells, self._from) or self._source,
            text(cells, self._id) or "",
            text(cells, self._of) or self._survey,
            touchpoint,
            value,
            text(cells, self._comment, None),
            None if written is None else stamp(self._clock.instant(written)),
            name or " ".join(filter(None, (text(cells, at) for at in self._parts))) or None,
            email,
            phone,
            company,
            language,
            text(cells, self._link, LONGEST_LINK),
            self._all_properties(cells) if self._properties or self._own_properties is not None else "{}",
        )
        return answer if answer.source_id else self._told_apart(answer, written)

    def written(self, cells: list[str]) -> datetime:
        """Return the time of a row as it is written; raise Refused."""
        assert self._time is not None  # noqa: S101  # asked only of files with times
        cell = cells[self._time].strip()
        try:
            return self._clock.read(cell)
        except ValueError as error:
            why = f'"{cell[:SHOWN]}" {error}' if cell else "is empty, and the answer's time is not known without it"
            raise Refused(self.columns.name("submitted_at"), why) from None

    def instant(self, row: Row) -> datetime | None:
        """Return the time of a row in UTC, None where it has none that can be read."""
        if self._time is None or row.fault is not None:
            return None
        try:
            return self._clock.instant(self.written(row.cells))
        except Refused:
            return None

    def _no_score(self, cell: str) -> Refused:
        given = f'not "{cell.strip()[:SHOWN]}"' if cell.strip() else "and is empty"
        return Refused(self.columns.name("score"), f"must be a whole number from 0 to 10, {given}")

    def _text(self, cells: list[str], at: int | None, most: int | None = LONGEST_TEXT) -> str | None:
        if at is None:
            return None
        cell = cells[at].strip()
        if not cell:
            return None
        if cell[0] == "'" and self._defused:
            cell = themselves(cell).strip()
        if not cell.isprintable():
            cell = well_formed(cell)
        return cell[:most] or None

    def _all_properties(self, cells: list[str]) -> str:
        found: dict[str, object] = {}
        if (whole := self._text(cells, self._own_properties, None)) is not None:
            try:
                given = tidy(json.loads(whole))
            except (ValueError, RecursionError):
                given = None
            if not isinstance(given, dict):
                raise Refused(self.columns.name("properties"), 'must be a JSON object such as {"plan": "pro"}')
            found = given
        named = ((name, self._text(cells, at)) for name, at in self._properties.items())
        found |= {name: value for name, value in named if value is not None}
        return json.dumps(found, ensure_ascii=False) if found else "{}"

    def _told_apart(self, answer: Answer, written: datetime | None) -> Answer:
        """Give an answer without an id one made of its content and of how many like it came before.

        Its time counts as it is written: a time zone that is set right later makes no other answer of it.
        """
        said = (*answer[:6], None if written is None else written.isoformat(), *answer[7:])
        content = "\x1f".join("" if part is None else str(part) for part in said)
        digest = hashlib.blake2b(content.encode(), digest_size=DIGEST_BYTES)
        return answer._replace(source_id=f"{digest.hexdigest()}-{self._seen.before(digest.digest())}")


def response(answer: Answer, submitted_at: datetime | None) -> Response:
    """Return a past answer as the response that intake knows."""
    return Response(
        id=answer.source_id,
        score=answer.score,
        comment=answer.comment,
        survey=answer.survey,
        touchpoint=answer.touchpoint,
        submitted_at=submitted_at,
        respondent=Respondent(None, answer.name, answer.email, answer.phone, answer.company, answer.language),
        link=answer.link,
        properties=json.loads(answer.properties),
    )
