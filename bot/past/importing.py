"""Taking past answers in: the file is read once to know its columns whole, and once more to take its rows in."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from bot import intake, opening, privacy, routing
from bot.past import files
from bot.past.answers import Reading, Refused, response
from bot.past.columns import Columns, recognise
from bot.past.dates import Clock, Evidence, Order
from bot.past.progress import progress
from bot.past.refused import RefusedRows
from bot.past.scores import Scale
from bot.past.tables import Trouble
from handlers.sources.kinds import NUMBERED_IN_SURVEYS
from storage import outbox, past, responses
from storage.db import bot_runs, moment_or_none, turns
from storage.past import Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.config import Settings
    from bot.model import Received
    from bot.past.tables import Row, Table
    from storage.db import Db
    from storage.past import Answer

SOURCE = "import"
SAMPLE = 1_000
TOGETHER = 1_000
"""Rows that are handled at once."""

HOLD_BESIDE, HOLD_ALONE = 0.2, 1.0
"""Seconds for which a transaction may hold the store: a running bot waits no longer, other commands do.

Long transactions are the cheaper ones, because each writes every page anew that it touched in an index.
"""

CACHE_MB = 64
"""Of the store's indexes, which the ids and addresses of answers reach into everywhere."""

TOLD = 20
"""Refused rows named on the terminal; all of them stand in the file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks of an import; `mapping` are pairs of column and field."""

    source: str | None = None
    survey: str | None = None
    mapping: tuple[tuple[str, str], ...] = ()
    order: Order | None = None
    post: bool = False
    callbacks: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that is read through: its columns are known, and how its times are written; nothing is taken in yet.

    `numbered` are the sources whose ids are unique within one survey only.
    """

    path: Path
    table: Table
    columns: Columns
    clock: Clock
    rows: int
    wanted: Wanted
    source: str
    survey: str | None
    numbered: frozenset[str]

    def reading(self, seen: past.Seen) -> Reading:
        """Return what reads the rows, from the top."""
        defused = self.table.defused
        return Reading(
            self.columns,
            self.clock,
            seen,
            source=self.source,
            survey=self.survey,
            numbered=self.numbered,
            defused=defused,
        )


@dataclass(slots=True)
class Outcome:
    """What became of the rows: `new` are stored, `filled` said more of what was known, `known` nothing."""

    unit: str
    new: int = 0
    filled: int = 0
    known: int = 0
    refused: int = 0
    reasons: list[str] = field(default_factory=list)
    refused_file: Path | None = None

    def refuse(self, row: Row, refused: Refused) -> None:
        """Count a row that is refused, and keep its reason when it is among the first."""
        self.refused += 1
        if len(self.reasons) < TOLD:
            self.reasons.append(f"{self.unit} {row[0]}, {refused}")


def prepare(path: Path, wanted: Wanted, settings: Settings) -> Prepared:
    """Read a file through without taking anything in; raise Trouble for whatever no row can be blamed for."""
    try:
        return _prepare(path, wanted, settings)
    except Trouble as trouble:
        raise Trouble(f"{path}: {trouble}.") from None


def _prepare(path: Path, wanted: Wanted, settings: Settings) -> Prepared:
    table = files.opened(path)
    source = wanted.source or SOURCE
    known = settings.sources.get(source)
    top = list(islice(table.rows(), SAMPLE))
    columns = recognise(table, top, wanted.mapping, known.fields if known else {})
    given = {"source": wanted.source, "survey": wanted.survey}
    said = {name for name, value in given.items() if value is not None} - columns.said
    columns = replace(columns, index={name: at for name, at in columns.index.items() if name not in said})
    rows, order = _weigh(path, table, columns, wanted.order)
    zone = UTC if columns.in_utc else (known and known.zone) or settings.timezone
    survey = wanted.survey or (known.survey if known else None)
    numbered = frozenset(name for name, each in settings.sources.items() if each.kind in NUMBERED_IN_SURVEYS)
    return Prepared(path, table, columns, Clock(zone, order), rows, wanted, source, survey, numbered)


def _weigh(path: Path, table: Table, columns: Columns, order: Order | None) -> tuple[int, Order]:
    """Return how many rows a table has and which order its dates have; check its scale."""
    scale, dates, count = Scale(), Evidence(), 0
    at, when = columns.index["score"], columns.index.get("submitted_at")
    with progress(f"reading {path.name}") as advance:
        for rows in batches(table.rows()):
            scale.weigh([cells[at] for _, cells, fault in rows if fault is None])
            if when is not None:
                dates.weigh(rows, when)
            count += len(rows)
            advance(len(rows))
    scale.check(columns.name("score"), said="score" in columns.said)
    if order is None:
        order = Order.DAY_FIRST if when is None else dates.order(columns.names[when], table.unit)
    return count, order


def batches(rows: Iterator[Row], size: int = TOGETHER) -> Iterator[list[Row]]:
    """Yield rows in lists of a size."""
    while batch := list(islice(rows, size)):
        yield batch


def preview(prepared: Prepared, shown: int = 3) -> tuple[Outcome, list[Answer]]:
    """Read every row and store nothing: return how many would be taken and refused, and the first answers."""
    outcome = Outcome(prepared.table.unit)
    first: list[Answer] = []
    with closing(past.Seen()) as seen, progress(f"trying {prepared.path.name}", prepared.rows) as advance:
        reading = prepared.reading(seen)
        for rows in batches(prepared.table.rows()):
            for row in rows:
                try:
                    answer = reading.answer(row)
                except Refused as refused:
                    outcome.refuse(row, refused)
                    continue
                outcome.new += 1
                if len(first) < shown:
                    first.append(answer)
            advance(len(rows))
    return outcome, first


def take_in(prepared: Prepared, settings: Settings, now: Callable[[], datetime]) -> Outcome:
    """Store what the rows say, each answer once, whatever was imported or delivered before.

    Rows are committed by thousands: an import that is broken off goes on where it was when it is started again.
    Beside a running bot the store is its own for as long as it was ours.
    """
    outcome, index = Outcome(prepared.table.unit), prepared.columns.index
    crowded = bot_runs(settings.database)
    with (
        closing(past.Seen()) as seen,
        RefusedRows(prepared.path, prepared.table, index.get("id"), index.get("submitted_at")) as refused_rows,
        turns(settings.database, cache_mb=CACHE_MB) as turn,
        progress(f"importing {prepared.path.name}", prepared.rows) as advance,
    ):
        reading, waiting = prepared.reading(seen), batches(prepared.table.rows())
        while batch := next(waiting, None):
            with turn() as db:
                until = time.perf_counter() + (HOLD_BESIDE if crowded else HOLD_ALONE)
                while batch:
                    answers = list(_good(batch, reading, outcome, refused_rows))
                    _store(db, settings, prepared.wanted, answers, now(), outcome)
                    advance(len(batch))
                    batch = next(waiting, None) if time.perf_counter() < until else None
            if crowded:
                time.sleep(HOLD_BESIDE)
        outcome.refused_file = refused_rows.finish()
    return outcome


def _good(batch: list[Row], reading: Reading, outcome: Outcome, refused_rows: RefusedRows) -> Iterator[Answer]:
    """Yield the answers of a batch; set the rows aside that are none."""
    for row in batch:
        try:
            yield reading.answer(row)
        except Refused as refused:
            outcome.refuse(row, refused)
            refused_rows.add(row, refused, reading.instant(row))


def _store(  # noqa: PLR0913  # what, as it is wanted, and where it is counted
    db: Db, settings: Settings, wanted: Wanted, answers: list[Answer], now: datetime, outcome: Outcome
) -> None:
    """Store a batch of answers in the caller's transaction."""
    if settings.test_domains or settings.test_property:
        answers = [a._replace(test=int(intake.is_test(settings, response(a, None)))) for a in answers]
    if settings.surveys:
        answers = [_kept(settings, answer) for answer in answers]
    for answer, fate in zip(answers, past.add(db, answers, now), strict=True):
        if fate is Fate.NEW:
            outcome.new += 1
            if wanted.post or wanted.callbacks:
                _announce(db, settings, wanted, answer, now)
        elif fate is Fate.MORE and _fill(db, settings, answer, now):
            outcome.filled += 1
        else:
            outcome.known += 1


def _kept(settings: Settings, answer: Answer) -> Answer:
    """Return what is kept of an answer: of an anonymous one nothing that tells who gave it."""
    came = response(answer, None)
    left = privacy.kept(settings, came)
    if left is came:
        return answer
    properties = json.dumps(dict(left.properties), ensure_ascii=False) if left.properties else "{}"
    return answer._replace(name=None, email=None, phone=None, link=None, properties=properties)


def _announce(db: Db, settings: Settings, wanted: Wanted, answer: Answer, now: datetime) -> None:
    """Open the callback and queue the card of a new answer, as far as they are wanted."""
    stored = _stored(db, answer)
    if wanted.callbacks and not stored.test:
        opening.open_if_asked(db, settings, stored, stored.response, now)
    if wanted.post:
        channel = routing.channel(settings, answer.source, stored.response)
        outbox.put(db, "card", stored.id, channel, now, public_id=stored.public_id)
        routing.follow(db, settings, stored, now)


def _fill(db: Db, settings: Settings, answer: Answer, now: datetime) -> bool:
    """Add what an answer says and the store does not; what it knows already, from whomever, stays. Tell if any."""
    stored = _stored(db, answer)
    came = response(answer, moment_or_none(answer.submitted_at))
    known = stored.response.told()
    missing = {name: value for name, value in came.told().items() if name not in known}
    merged, told_by = intake.merge(stored, came.retold(missing, None))
    if missing:
        responses.change(db, stored, merged, told_by)
        intake.set_apart_tests(db, settings, stored, merged)
        outbox.refresh(db, "card", stored.id, now)
    return bool(missing)


def _stored(db: Db, answer: Answer) -> Received:
    found = responses.by_source(db, answer.source, answer.source_id)
    assert found is not None  # noqa: S101  # what became of it says that it is there
    return found
