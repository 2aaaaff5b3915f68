"""App Home and /nps queue, find, customer on a store of 100,000 responses against the bare SQL on the same file."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bot import periods, scores, worklists
from bot.cards import home as home_card
from bot.cards import lists as list_cards
from bot.cards.ids import Listing
from bot.cards.lists import Place
from bot.cards.scores import score_line
from bot.config import Settings
from bot.texts import Texts
from storage import Store, rollups, search
from storage.db import Db, connect_writer, migrate, stamp
from storage.lists import Sight
from tests.bench.figures import at_most, table
from tests.bench.load import Measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RESPONSES, OPEN, HELD, CALLS = 100_000, 10_000, 40, 30_000
ROUNDS = 200
TOO_QUICK = 0.5
"""Milliseconds below which a multiple says nothing: a call of SQLite alone against a page that is read and rendered."""
ALL = Sight()
NAMES = ("Åse", "Bjørn", "Cæcilie", "Dörte", "Eero", "Fanny", "Gunnar", "Håkon", "Inga", "Jörgen")
WORDS = [
    *("leveransen", "kom", "för", "sent", "snabb", "bra", "support", "dyrt", "aldrig", "igen", "faktura", "fejl"),
    *("nemt", "at", "bruge", "palvelu", "oli", "erinomaista", "hinta", "korkea", "hjelp", "kunne", "ikke", "är"),
    *("produkten", "jättebra", "tack", "mycket", "delivery", "late", "great", "invoice", "wrong"),
]
FIND = ("Sørensen", "jorgen berg", "erinom", "leveransen", '"för sent"', "kom", "xylofon")
"""What people look for: names, parts of words, what nearly everybody says, what nobody says."""

QUEUE = """select c.due_at, r.score, r.name, r.company, r.comment, m.posted_to, m.ts,
    (select count(*) from calls where calls.response_id = r.id),
    (select json_group_array(e.score) from responses e where lower(e.email) = lower(r.email) and e.email is not null
       and e.id <> r.id and e.submitted_at <= r.submitted_at)
  from callbacks c join responses r on r.id = c.response_id left join messages m on m.kind = 'card' and m.subject = r.id
  where {} and (c.snoozed_until is null or c.snoozed_until <= :now) order by c.due_at, c.response_id limit 6"""
COUNT = """select count(*), count(*) filter (where due_at < :now), count(*) filter (where snoozed_until > :now)
  from callbacks where {}"""
NOBODYS, MINE = "state = 'open'", "holder = 'U1'"
STORY = """select r.score, r.comment, r.submitted_at, r.name, c.state, l.notes, l.outcome, l.caller, l.at, m.ts
  from responses r left join callbacks c on c.response_id = r.id left join calls l on l.response_id = r.id
  left join messages m on m.kind = 'card' and m.subject = r.id
  where lower(r.email) = lower(:email) and r.email is not null order by r.submitted_at desc, r.id desc, l.id"""
FOUND = """select r.score, r.name, r.company, r.comment, c.state, c.due_at, m.posted_to, m.ts
  from search s join responses r on r.id = s.rowid left join callbacks c on c.response_id = r.id
  left join messages m on m.kind = 'card' and m.subject = r.id
  where search match :tokens and instr(s.words, :text) order by r.submitted_at desc, r.id desc limit 6"""
DONE = """select count(*), count(distinct caller),
  (select count(*) from callbacks where closed_at >= :week) from calls where at >= :week"""
GAVE = "select score, count(*) from responses where submitted_at >= :since and score is not null group by score"


async def bench(folder: Path) -> None:
    """Print median and 99th percentile of each answer, of reading it alone, and of the bare SQL."""
    path, now = folder / "team.db", datetime.now(UTC)
    began = perf_counter()
    fill(path, now)
    print(f"\n  filled in {perf_counter() - began:.1f} s, {path.stat().st_size / 1e6:,.0f} MB")
    store = Store(path)
    await store.run(rollups.keep, Settings().timezone)
    rows, figures = [], {}
    for name, subject in subjects(now).items():
        whole = await timed(lambda turn, s=subject: store.read(s.shown, turn))
        read = await timed(lambda turn, s=subject: store.read(s.read, turn))
        bare = await timed(lambda turn, s=subject: store.read(_raw, *s.bare(turn)))
        for what, run in (("read and rendered", whole), ("read", read), ("bare SQL", bare)):
            rows.append((f"{name}, {what}", run.percentile(50), run.percentile(99)))
        figures[name] = whole, read, bare
    store.close()
    table(f"team: {RESPONSES:,} responses, {OPEN:,} open callbacks", ("p50 ms", "p99 ms"), rows)
    for name, (whole, read, bare) in figures.items():
        at_most(f"{name}, read and rendered, p99 in ms", whole.percentile(99), 100)
        if bare.percentile(50) < TOO_QUICK:
            at_most(f"{name}, ms beyond the bare SQL", read.percentile(50) - bare.percentile(50), 2)
        else:
            at_most(f"{name}, times the bare SQL", read.percentile(50) / bare.percentile(50), 3)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: reading a page, making of it what Slack gets, and the bare SQL that tells as much."""

    read: Callable[[Db, int], Any]
    card: Callable[[Any, int], Any]
    bare: Callable[[int], list[tuple[str, dict[str, Any]]]]

    def shown(self, db: Db, turn: int) -> str:
        """Return an answer as JSON, the way Slack gets it."""
        return json.dumps(self.card(self.read(db, turn), turn))


def _raw(db: Db, *statements: tuple[str, dict[str, Any]]) -> None:
    """Run statements and fetch what they tell, nothing else."""
    for sql, values in statements:
        db.connection.execute(sql, values).fetchall()


async def timed(run: Callable[[int], Any]) -> Measured:
    """Return how long each of many runs took; the first ones do not count."""
    measured = Measured()
    for turn in range(-10, ROUNDS):
        began = perf_counter()
        await run(turn)
        if turn >= 0:
            measured.latencies.append(perf_counter() - began)
    return measured


def subjects(now: datetime) -> dict[str, Subject]:
    """Return each answer by its name."""
    texts, zone = Texts("sv", Settings().timezone), Settings().timezone
    today = periods.local_day(now, zone)
    week, _ = periods.holding("week", today).bounds(zone)
    times = {"now": stamp(now), "week": stamp(week), "since": stamp(now - timedelta(days=90))}
    waits = [(sql.format(whose), times) for whose in (NOBODYS, MINE) for sql in (QUEUE, COUNT)]

    def looked_for(turn: int) -> Place:
        return Place(Listing.FIND, 1, FIND[turn % len(FIND)])

    def whose(turn: int) -> Place:
        return Place(Listing.CUSTOMER, 1, email(turn))

    def page(title: str, place: Callable[[int], Place]) -> Callable[[Any, int], Any]:
        return lambda found, turn: list_cards.callbacks(title, found, place(turn), texts, now)

    return {
        "App Home": Subject(
            lambda db, _: (worklists.home(db, "U1", ALL, now, week), scores.now(db, zone, today)),
            lambda found, _: home_card.view(found[0], score_line(found[1], texts), texts, now),
            lambda _: [*waits, (DONE, times), (GAVE, times)],
        ),
        "/nps queue": Subject(
            lambda db, turn: worklists.waiting(db, None, ALL, now, 1 + turn % 5),
            page("Queue", lambda turn: Place(Listing.QUEUE, 1 + turn % 5)),
            lambda _: waits[:2],
        ),
        "/nps find": Subject(
            lambda db, turn: worklists.containing(db, looked_for(turn).asked, ALL),
            page("Found", looked_for),
            lambda turn: [(FOUND, _tokens(looked_for(turn).asked))],
        ),
        "/nps customer": Subject(
            lambda db, turn: worklists.customer(db, email(turn), ALL),
            lambda found, turn: list_cards.customer(email(turn), found, whose(turn), texts, now),
            lambda turn: [(STORY, {"email": email(turn)})],
        ),
    }


def _tokens(asked: str) -> dict[str, str]:
    text = search.folded(asked.strip('"'))[0]
    return {"text": text, "tokens": " AND ".join(f'"{text[at : at + 3]}"' for at in range(len(text) - 2))}


def email(number: int) -> str:
    """Return the address of one of the customers, each of whom has answered several times."""
    return f"kund{abs(number) * 37 % 30_000}@nordlys.example"


def fill(path: Path, now: datetime) -> None:
    """Write a year of answers, callbacks of which many are open, calls and cards into a new store."""
    draw, numbers = random.Random(4), range(1, RESPONSES + 1)  # sample data
    connection = connect_writer(path, checkpoints=True)
    migrate(connection, path)
    connection.execute("begin")
    for statement, row in ((RESPONSE, _response), (CALLBACK, _callback), (CARD, _card), (CALL, _call)):
        every = RESPONSES // CALLS if statement == CALL else 1
        connection.executemany(statement, (row(draw, number, now) for number in numbers[::every]))
    search.catch_up(connection)
    connection.execute("commit")
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


RESPONSE = """insert into responses (id, public_id, source, source_id, survey, score, comment, submitted_at,
    received_at, name, email, company)
  values (?1, 'r_' || ?1, 'json', 'r-' || ?1, 'relationship', ?2, ?3, ?4, ?4, ?5, ?6, ?7)"""
CALLBACK = """insert into callbacks (response_id, state, opened_at, due_at, holder, snoozed_until, closed_at, closed_by)
  values (?, ?, ?, ?, ?, ?, ?, ?)"""
CARD = """insert into messages (public_id, kind, subject, channel, ts, posted_to, posted_at)
  values ('m_' || ?1, 'card', ?1, '#nps', ?2, 'C0NPS', ?3)"""
CALL = """insert into calls (response_id, caller, at, outcome, notes, next_step)
  values (?, ?, ?, 'reached', ?, 'close')"""


def _at(number: int, now: datetime) -> str:
    return stamp(now - timedelta(minutes=5.2 * (RESPONSES - number)))


def _response(draw: random.Random, number: int, now: datetime) -> tuple[Any, ...]:
    name = f"{draw.choice(NAMES)} {draw.choice(('Berg', 'Sørensen', 'Virtanen', 'Åkesson'))} {number % 997}"
    comment, company = " ".join(draw.choices(WORDS, k=draw.randrange(25))), f"Företag {number % 5000} AB"
    return number, draw.randrange(11), comment, _at(number, now), name, email(number), company


def _callback(draw: random.Random, number: int, now: datetime) -> tuple[Any, ...]:
    due, at = stamp(now + timedelta(minutes=draw.randrange(-5000, 5000))), _at(number, now)
    asleep = stamp(now + timedelta(days=1)) if number % 10 == 0 else None
    if number > RESPONSES - OPEN:
        return number, "open", at, due, None, asleep, None, None
    if number > RESPONSES - OPEN - HELD:
        return number, "claimed", at, due, "U1", asleep, None, None
    return number, "closed", at, due, None, None, at, "U2"


def _card(_draw: random.Random, number: int, now: datetime) -> tuple[Any, ...]:
    return number, f"17{number:08}.000100", _at(number, now)


def _call(draw: random.Random, number: int, now: datetime) -> tuple[Any, ...]:
    return number, f"U{number % 7}", _at(number, now), " ".join(draw.choices(WORDS, k=12))
