"""The numbers of a weekly digest against DuckDB on a table of its own, over three years of answers."""

from __future__ import annotations

import csv
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import duckdb

from bot import loop, numbers, periods
from bot.config import Settings
from bot.model import Counts
from storage import rollups, scores
from storage.db import Db, connect_writer, migrate, stamp
from tests.bench.figures import at_least, at_most, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.periods import Period

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 11, 16, 8, tzinfo=UTC)
LATER = MONDAY + timedelta(days=365)
"""When nobody who still waits has waited for less than any other took: medians are the usual ones then."""
DAYS, RECENT = 3 * 365, 100
WEEKS = 52
ROUNDS = 15
SURVEYS, TOUCHPOINTS = ("relationship", "purchase"), ("onboarding", "support", None)
LANGUAGES = ("sv", "nb", "da", "fi", "en")
RESPONSE = """insert into responses (id, public_id, source, source_id, survey, touchpoint, score, submitted_at,
  received_at, email, language) values (?1, 'r_' || ?1, 'json', ?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)"""
CALLBACK = """insert into callbacks
  (response_id, state, opened_at, due_at, closed_at, first_claimed_at, first_called_at,
  to_claim_us, to_call_us) values (?1, ?2, ?3, ?3, ?5, ?4, ?5, ?6, ?7)"""
DUCK = """create table responses as select * from read_csv(?, header = true, columns = {
  'survey': 'varchar', 'score': 'tinyint', 'day': 'date',
  'given': 'timestamp', 'claimed': 'timestamp', 'called': 'timestamp'})"""
DUCK_COUNTS = ", ".join(f"sum((score between {low} and {high})::int)" for low, high in ((9, 10), (7, 8), (0, 6)))


@dataclass(frozen=True)
class Found:
    """What both sides must agree on: counts of each period, and the medians."""

    counts: list[Counts]
    medians: list[float | None]


async def bench(folder: Path) -> None:
    """Print how long each takes, and compare."""
    with duckdb.connect(str(folder / "duck.db")) as duck:
        small = _store(folder / "million.db", 1_000_000 // DAYS, DAYS, folder / "million.csv")
        duck.execute(DUCK, [str(folder / "million.csv")])
        large = _store(folder / "ten.db", 10_000_000 // DAYS, RECENT)
        _as_if_before(large)
        if not _all(small) == _duck(duck, _together) == _duck(duck, _one_by_one):
            raise RuntimeError("the two do not agree")
        took = _ms(
            {
                "scores alone": lambda: _scores(small),
                "scores and medians": lambda: _all(small),
                "the whole digest": lambda: _digest(small),
                "DuckDB, a statement a period": lambda: _duck(duck, _one_by_one),
                "DuckDB, all periods in one": lambda: _duck(duck, _together),
                "scores alone, 10 M": lambda: _scores(large),
                "scores and medians, 10 M": lambda: _all(large),
                "the whole digest, 10 M": lambda: _digest(large),
            }
        )
    table(
        f"a week's digest, median of {ROUNDS}, in ms; of 10 M all roll-ups and the responses of the last {RECENT} days",
        ("1 M", "10 M"),
        [(name, ms, took.get(f"{name}, 10 M", "-")) for name, ms in took.items() if not name.endswith("10 M")],
    )
    ours, one_by_one = took["scores and medians"], took["DuckDB, a statement a period"]
    at_most("scores and medians at 1 M in ms", ours, 15)
    at_least("times ahead of DuckDB, which is asked period by period as the floor was", one_by_one / ours, 3)
    print(f"  times ahead of DuckDB, asked as it is fastest: {took['DuckDB, all periods in one'] / ours:.2f}")
    at_most("scores alone, 10 M by 1 M", took["scores alone, 10 M"] / took["scores alone"], 2)
    at_most("scores and medians at 10 M in ms", took["scores and medians, 10 M"], 120)


def _ms(subjects: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median of several runs of each, which take turns, after one that warms up."""
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS + 1):
        for name, fn in subjects.items():
            began = time.perf_counter()
            fn()
            taken[name].append(1000 * (time.perf_counter() - began))
    return {name: median(times[1:]) for name, times in taken.items()}


def _periods() -> list[Period]:
    week = periods.before("week", periods.holding("week", MONDAY.date()))
    return [
        week,
        periods.before("week", week),
        periods.year_before("week", week),
        periods.last_days(numbers.ROLLING_DAYS, week.last),
        *periods.weeks_until(week.last, WEEKS),
    ]


PERIODS = _periods()


def _scores(db: Db) -> list[Counts]:
    return scores.within_each(db, ZONE, PERIODS)


def _all(db: Db) -> Found:
    medians = loop.medians(db, PERIODS[0].bounds(ZONE), LATER)
    return Found(_scores(db), [None if span is None else span.total_seconds() for span in medians])


def _digest(db: Db) -> object:
    return numbers.numbers(db, Settings(timezone=ZONE), "week", PERIODS[0], MONDAY)


def _duck(duck: duckdb.DuckDBPyConnection, counts: Callable[[duckdb.DuckDBPyConnection], list[Counts]]) -> Found:
    """Return the same from DuckDB; its statements are the fastest of all that were tried."""
    first, end = (edge.replace(tzinfo=None) for edge in PERIODS[0].bounds(ZONE))
    medians = duck.execute(
        """select quantile_cont(date_diff('second', given, coalesce(claimed, given + interval 9999 day)), 0.5),
             quantile_cont(date_diff('second', given, coalesce(called, given + interval 9999 day)), 0.5)
           from responses where given >= ? and given < ?""",
        [first, end],
    ).fetchone()
    assert medians is not None  # an aggregate always has a row
    return Found(counts(duck), list(medians))


def _one_by_one(duck: duckdb.DuckDBPyConnection) -> list[Counts]:
    """Ask for one period after the other."""
    asked = f"select {DUCK_COUNTS} from responses where day between ? and ?"
    return [Counts(*duck.execute(asked, [each.first, each.last]).fetchall()[0]) for each in PERIODS]


def _together(duck: duckdb.DuckDBPyConnection) -> list[Counts]:
    """Count by day, which each period adds up, in one statement."""
    places, firsts, lasts = range(len(PERIODS)), [each.first for each in PERIODS], [each.last for each in PERIODS]
    rows = duck.execute(
        f"""with spans (place, since, until) as (select unnest(?), unnest(?), unnest(?)),
              days (day, p, n, d) as (select day, {DUCK_COUNTS} from responses where day >= ? group by day)
            select sum(p), sum(n), sum(d) from spans join days on day between since and until
            group by place order by place""",
        [list(places), firsts, lasts, min(firsts)],
    )
    return [Counts(*given) for given in rows.fetchall()]


def _store(path: Path, a_day: int, days: int, copy: Path | None = None) -> Db:
    """Fill a store with answers and their callbacks, and DuckDB's file with the same."""
    connection = connect_writer(path, checkpoints=True)
    migrate(connection, path)
    for quick in ("journal_mode = off", "synchronous = off", "cache_size = -400000"):
        connection.execute(f"pragma {quick}")
    connection.execute("begin")
    db = Db(connection)
    rollups.keep(db, ZONE)
    answers = list(_answers(a_day, days))
    connection.executemany(RESPONSE, (answer.response for answer in answers))
    connection.executemany(CALLBACK, (answer.callback for answer in answers))
    connection.execute("commit")
    connection.execute("analyze")
    if copy:
        with copy.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["survey", "score", "day", "given", "claimed", "called"])
            writer.writerows(answer.copy for answer in answers)
    return db


class Answer(NamedTuple):
    """An answer and its callback, which was claimed and called so many seconds later, or not at all."""

    number: int
    score: int
    at: datetime
    person: int
    claimed: int | None
    called: int | None

    @property
    def response(self) -> tuple[object, ...]:
        """Return its row among the responses."""
        survey, touchpoint, language = (names[self.number % len(names)] for names in (SURVEYS, TOUCHPOINTS, LANGUAGES))
        email = f"person{self.person}@customer.example"
        return self.number, survey, touchpoint, self.score, stamp(self.at), email, language

    @property
    def callback(self) -> tuple[object, ...]:
        """Return its row among the callbacks."""
        claimed, called = (None if s is None else stamp(self.at + timedelta(seconds=s)) for s in self._steps)
        spans = (None if s is None else 1_000_000 * s for s in self._steps)
        return self.number, "closed" if called else "open", stamp(self.at), claimed, called, *spans

    @property
    def copy(self) -> tuple[object, ...]:
        """Return its row in DuckDB's table."""
        steps = (None if s is None else f"{self.at + timedelta(seconds=s):%F %T}" for s in self._steps)
        return SURVEYS[self.number % 2], self.score, self.at.astimezone(ZONE).date(), f"{self.at:%F %T}", *steps

    @property
    def _steps(self) -> tuple[int | None, int | None]:
        return self.claimed, self.called


def _answers(a_day: int, days: int) -> Iterator[Answer]:
    draw, began = random.Random(7), MONDAY - timedelta(days=days)
    for number in range(a_day * days):
        at = (began + timedelta(days=number / a_day)).replace(microsecond=0)
        claimed = int(draw.expovariate(1 / 20_000)) if number % 50 else None
        called = None if claimed is None else claimed + int(draw.expovariate(1 / 20_000))
        yield Answer(number + 1, min(10, draw.randrange(14)), at, draw.randrange(200_000), claimed, called)


def _as_if_before(db: Db) -> None:
    """Count as many answers a day in the years before the responses as in the days of these."""
    db.execute(
        f"""insert or ignore into daily
           select date(day, (-:recent * back.n) || ' days'), survey, {", ".join(rollups.SCORES)}
           from daily, (with recursive back (n) as (select 1 union all select n + 1 from back where n < 10)
             select n from back) as back where day > (select date(max(day), -:recent || ' days') from daily)""",
        recent=RECENT,
    )
