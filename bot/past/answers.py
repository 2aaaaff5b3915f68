"""One row of a file as an answer, or the column and the reason why it is none."""

from __future__ import annotations

import hashlib
import json
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.model import Respondent, Response
from bot.past.cells import themselves
from bot.past.columns import PROPERTY
from bot.past.scores import score
from handlers.sources.form import in_survey
from handlers.sources.values import LONGEST_TEXT, tidy, well_formed
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
TEXTS = (
    "source",
    "id",
    "id_within",
    "survey",
    "touchpoint",
    "comment",
    "name",
    "email",
    "phone",
    "company",
    "language",
    "link",
)
NOWHERE = -1
"""The index of the blank cell that stands for a column which the file has not."""


class Refused(Exception):  # noqa: N818  # an answer to a person, not a fault
    """A row is no answer: the column, None for the whole row, and why."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(f"{column}: {reason}" if column else reason)
        self.column, self.reason = column, reason


class Reading:
    """Reads the rows of one file, one after another: rows without an id are told apart by how many came before."""

    def __init__(  # noqa: PLR0913  # all that decides what a row says
        self,
        columns: Columns,
        clock: Clock,
        seen: Seen,
        *,
        source: str,
        survey: str | None,
        numbered: frozenset[str],
        defused: bool,
    ) -> None:
        self.columns = columns
        self._clock, self._seen, self._defused = clock, seen, defused
        self._source, self._survey, self._numbered = source, survey, numbered
        index = columns.index
        self._score, self._time = index["score"], index.get("submitted_at")
        self._says_within = "id_within" in index
        self._texts = itemgetter(*(index.get(name, NOWHERE) for name in TEXTS))
        self._names = tuple(index[name] for name in ("first_name", "last_name") if name in index)
        self._own_properties = index.get("properties")
        self._properties = {name.removeprefix(PROPERTY): at for name, at in index.items() if name.startswith(PROPERTY)}
        longest = {"comment": None, "properties": None, "link": LONGEST_LINK}
        self._longest: dict[int, int | None] = dict.fromkeys(range(len(columns.names)), LONGEST_TEXT)
        self._longest |= {index[name]: most for name, most in longest.items() if name in index}

    def answer(self, row: Row) -> Answer:
        """Return what a row says; raise Refused."""
        _, given, fault = row
        if fault is not None:
            raise Refused(None, fault)
        value = score(given[self._score])
        if value is None:
            raise self._no_score(given[self._score])
        when = "" if self._time is None else given[self._time].strip()
        written = None if self._time is None else self._written(when)
        cells = self._clean(given)
        source, source_id, within, survey, touchpoint, comment, name, email, phone, company, language, link = [
            text or None for text in self._texts(cells)
        ]
        answer = Answer(
            source or self._source,
            source_id or "",
            survey or self._survey,
            touchpoint,
            value,
            comment,
            None if written is None else self._clock.stamped(when, written),
            name or " ".join(filter(None, (cells[at] for at in self._names))) or None,
            email,
            phone,
            company,
            language,
            link,
            self._all_properties(cells) if self._properties or self._own_properties is not None else "{}",
        )
        return self._in_its_survey(answer, within) if source_id else self._told_apart(answer, written)

    def instant(self, row: Row) -> datetime | None:
        """Return the time of a row in UTC, None where it has none that can be read."""
        _, cells, fault = row
        if self._time is None or fault is not None:
            return None
        try:
            return self._clock.instant(self._written(cells[self._time].strip()))
        except Refused:
            return None

    def _written(self, cell: str) -> datetime:
        """Return a time as it is written."""
        try:
            return self._clock.read(cell)
        except ValueError as error:
            why = f'"{cell[:SHOWN]}" {error}' if cell else "is empty, and the answer's time is not known without it"
            raise Refused(self.columns.name("submitted_at"), why) from None

    def _no_score(self, cell: str) -> Refused:
        given = f'not "{cell.strip()[:SHOWN]}"' if cell.strip() else "and is empty"
        return Refused(self.columns.name("score"), f"must be a whole number from 0 to 10, {given}")

    def _clean(self, given: list[str]) -> list[str]:
        """Return cells without blanks around them, well formed and of a length, and a blank one at their end."""
        cells = list(map(str.strip, given))
        whole = f"|{'|'.join(cells)}"
        if len(whole) > LONGEST_TEXT or "|'" in whole or not whole.isprintable():  # one look for all of them
            cells = [self._cleaned(cell)[: self._longest[at]] for at, cell in enumerate(cells)]
        cells.append("")
        return cells

    def _cleaned(self, cell: str) -> str:
        cell = well_formed(cell)
        return themselves(cell).strip() if self._defused else cell

    def _all_properties(self, cells: list[str]) -> str:
        found: dict[str, object] = {}
        if self._own_properties is not None and cells[self._own_properties]:
            try:
                given = tidy(json.loads(cells[self._own_properties]))
            except (ValueError, RecursionError):
                given = None
            if not isinstance(given, dict):
                raise Refused(self.columns.name("properties"), 'must be a JSON object such as {"plan": "pro"}')
            found = given
        found |= {name: cells[at] for name, at in self._properties.items() if cells[at]}
        return json.dumps(found, ensure_ascii=False) if found else "{}"

    def _in_its_survey(self, answer: Answer, within: str | None) -> Answer:
        """Name the survey in an id that its sender numbers within each; our own exports say themselves which it is."""
        if not self._says_within and answer.source in self._numbered:
            if answer.survey is None:
                raise Refused(None, f"{answer.source} numbers answers within each survey; say which with --survey")
            within = answer.survey
        if within is None:
            return answer
        return answer._replace(source_id=in_survey(within, answer.source_id), sender_id=answer.source_id)

    def _told_apart(self, answer: Answer, written: datetime | None) -> Answer:
        """Give an answer without an id one made of its content and of how many like it came before.

        Its time counts as it is written: a time zone that is set right later makes no other answer of it.
        """
        at = "" if written is None else written.isoformat()
        content = "\x1f".join("" if part is None else str(part) for part in (*answer[:6], at, *answer[7:14]))
        digest = hashlib.blake2b(content.encode(), digest_size=DIGEST_BYTES).hexdigest()
        known_by = f"{at}_{digest}" if at else digest  # rows in order of time stay so in the store's index
        return answer._replace(source_id=f"{known_by}_{self._seen.before(known_by)}")


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
