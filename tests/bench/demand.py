"""What leaders ask for at a million responses: commands to the bot as it runs, and its look for what is wrong."""

from __future__ import annotations

import json
import random
from contextlib import closing
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from bot import alerts
from bot.config import Settings
from bot.slack import SCOPES
from bot.themes.tagging import tagger
from demo.workspace import Workspace
from storage import rollups, search, settings, themes
from storage.db import Db, connect_reader, connect_writer, migrate, moment, stamp, stamp_or_none
from tests.bench.figures import at_most, table
from tests.bench.process import serving
from tests.labelled import labelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.labelled import Labelled

RESPONSES, DAYS = 1_000_000, 365
ROUNDS = 15
BOUND_MS = 1_000
ASKED = (
    *("score", "score last quarter", "score by touchpoint last quarter", "score by week", "score by company"),
    *("score by property.plan", "trend", "trend relationship", "themes", "themes 7d", "digest", "team", "huddle"),
)
GAVE = (0, 2, 4, 5, 6, 7, 7, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 10, 10)
"""A quarter detractors, a quarter passives, half promoters."""
RESPONSE = """insert into responses (id, public_id, source, source_id, survey, touchpoint, score, comment, submitted_at,
    received_at, language, company, email, properties)
  values (?1, 'r_' || ?1, 'json', ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)"""
CALLBACK = """insert into callbacks (response_id, state, opened_at, due_at, closed_at, closed_by, first_claimed_at,
    first_called_at, to_claim_us, to_call_us)
  values (?1, ?2, ?3, ?4, ?6, iif(?6 is null, null, 'U1'), ?5, ?6, ?7, ?8)"""
CALL = """insert into calls (response_id, caller, at, outcome, notes, next_step)
  values (?, 'U' || ?, ?, 'reached', 'Told us more.', 'close')"""
TAGS = "insert into tags (response_id, themes) values (?, ?)"
PLANS, SEATS, REGIONS = ("free", "team", "business"), range(1, 200), ("north", "south", "east", "west")
HOUR = timedelta(hours=1)


async def bench(folder: Path) -> None:
    """Print how long answers take, from the command to the acknowledgement that holds them."""
    path, now, rows = folder / "demand.db", datetime.now(UTC), []
    began = perf_counter()
    fill(path, now)
    print(f"\n  filled in {perf_counter() - began:.0f} s, {path.stat().st_size / 1e6:,.0f} MB")
    workspace = Workspace(SCOPES)
    await workspace.start()
    try:
        async with serving(path, "bot", "run", slack=workspace.api_url) as server:
            workspace.request_url = f"http://127.0.0.1:{server.port}/slack/events"
            for asked in ASKED:
                first, worked = await answered(workspace, asked), server.worked()
                took = [await answered(workspace, asked) for _ in range(ROUNDS)]
                processor = 1000 * (server.worked() - worked) / ROUNDS
                rows.append((f"/nps {asked}", first, median(took), max(took), processor))
    finally:
        await workspace.stop()
    table(f"on demand at {RESPONSES:,} responses, in ms", ("first", "median", "most", "processor"), rows)
    slowest = max(rows, key=lambda row: row[2])
    at_most(f"ms to answer {slowest[0]}, the slowest", slowest[2], BOUND_MS)
    look(path, now)


async def answered(workspace: Workspace, asked: str) -> float:
    """Return the milliseconds until a command is answered."""
    began = perf_counter()
    ack = await workspace.command("mikko", "#nps", "/nps", asked)
    if not ack.ok:
        raise RuntimeError(f"/nps {asked} was not answered: {ack}")
    return 1000 * (perf_counter() - began)


def look(path: Path, now: datetime) -> None:
    """Print what the look for alerts costs, which the bot takes every ten minutes."""
    with closing(connect_reader(path)) as connection:
        db, taken, processor = Db(connection), [], []
        for _ in range(ROUNDS):
            began, worked = perf_counter(), process_time()
            alerts.look(db, Settings(), now + HOUR)
            taken.append(1000 * (perf_counter() - began))
            processor.append(1000 * (process_time() - worked))
    table("the look for alerts, in ms", ("median", "most"), [("it takes", median(taken), max(taken))])
    at_most("% of a processor", median(processor) / (10 * alerts.EVERY.total_seconds()), 0.1)


def fill(path: Path, now: datetime) -> None:
    """Write a year of answers into a new store, tagged; detractors have callbacks, most of them with a call."""
    with closing(connect_writer(path, checkpoints=True)) as connection:
        migrate(connection, path)
        for quick in ("journal_mode = off", "synchronous = off", "cache_size = -200000"):
            connection.execute(f"pragma {quick}")
        connection.execute("begin")
        db, by = Db(connection), tagger()
        rollups.keep(db, Settings().timezone)
        draw, said = random.Random(6), list(labelled("tuning"))
        about = [json.dumps(by.tag(each.comment, each.language)) for each in said]
        chosen = [draw.randrange(2 * len(said)) for _ in range(RESPONSES)]
        db.many(RESPONSE, (_response(draw, number, said, chosen, now) for number in range(1, RESPONSES + 1)))
        db.many(TAGS, ((at + 1, about[place]) for at, place in enumerate(chosen) if place < len(said)))
        db.execute("delete from untagged")
        settings.put(db, themes.VERSION, by.version)
        settings.put(db, search.READ_TO, str(RESPONSES))
        rows = db.connection.execute("select id, submitted_at from responses where score <= 6 order by id").fetchall()
        called = [_callback(draw, number, opened_at, now) for number, opened_at in rows]
        db.many(CALLBACK, called)
        db.many(CALL, ((row[0], row[0] % 9, row[5]) for row in called if row[5]))
        connection.execute("commit")
        connection.execute("analyze")
        connection.execute("pragma journal_mode = wal")


def _response(
    draw: random.Random, number: int, said: Sequence[Labelled], chosen: Sequence[int], now: datetime
) -> tuple[object, ...]:
    at, place = stamp(now - timedelta(days=DAYS * (1 - number / RESPONSES))), chosen[number - 1]
    each = said[place % len(said)]
    return (
        number,
        ("relationship", "purchase")[number % 2],
        ("onboarding", "support", None)[number % 3],
        draw.choice(GAVE),
        each.comment if place < len(said) else None,
        at,
        each.language,
        f"Company {draw.randrange(5_000)}",
        f"kund{draw.randrange(300_000)}@nordlys.example",
        json.dumps({"plan": draw.choice(PLANS), "seats": draw.choice(SEATS), "region": draw.choice(REGIONS)}),
    )


def _callback(draw: random.Random, number: int, opened_at: str, now: datetime) -> tuple[Any, ...]:
    opened = moment(opened_at)
    took = draw.expovariate(1 / 6), draw.expovariate(1 / 6)
    claimed = opened + took[0] * HOUR if number % 50 else None
    called = claimed + took[1] * HOUR if claimed and number % 20 else None
    steps = [each if each and each < now else None for each in (claimed, called)]
    spans = (None if each is None else (each - opened) // timedelta(microseconds=1) for each in steps)
    state = "closed" if steps[1] else "open"
    return number, state, opened_at, stamp(opened + 24 * HOUR), *map(stamp_or_none, steps), *spans
