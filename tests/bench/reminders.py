"""The sweep: ten thousand callbacks fall due at once, and one pass has done with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from bot import callbacks, reminders
from bot.config import Settings
from bot.intake import receive
from bot.model import Respondent, Response
from bot.settings.reminding import Reminders, Stale
from storage.db import Db, connect_writer, migrate
from tests.bench.figures import at_most, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CALLBACKS, HOLDERS = 10_000, 50
BOUND_MS = 200.0
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def bench(folder: Path) -> None:
    """Print how long one sweep takes over ten thousand callbacks: held by nobody, by fifty people, who forget them."""
    free = (("they fall due", DAY), ("they are escalated", 2 * DAY), ("nothing is due any more", 3 * DAY))
    held = (("they are due soon", 6 * HOUR), ("all have been told", 7 * HOUR))
    forgot = (("they are stale", DAY), ("they lapse", DAY + 4 * HOUR), ("all have lapsed", DAY + 5 * HOUR))
    taken_back = Reminders(before_due=None, stale_claims=Stale.RELEASE)
    for name, holders, wanted, moments in (
        ("nobody holds", 0, Reminders(), free),
        (f"{HOLDERS} people hold", HOLDERS, Reminders(), held),
        (f"{HOLDERS} people forget", HOLDERS, taken_back, forgot),
    ):
        settings = Settings(database=folder / f"{name}.db", reminders=wanted)
        db = _store(settings, holders)
        rows = [(when, *_timed(db, partial(reminders.sweep, db, settings, START + at))) for when, at in moments]
        db.connection.close()
        table(f"A sweep over {CALLBACKS:,} callbacks that {name}, its commit included", ("messages", "ms"), rows)
        for when, _, took in rows:
            at_most(f"milliseconds when {when}", took, BOUND_MS)


def _store(settings: Settings, holders: int) -> Db:
    """Return a store with ten thousand detractors, each claimed by one of the holders where there are any."""
    connection = connect_writer(settings.database, checkpoints=True)
    migrate(connection, settings.database)
    db = Db(connection)
    connection.execute("begin immediate")
    for number in range(CALLBACKS):
        person = Respondent(name=f"Person {number}", email=f"p{number}@nordlys.example")
        receipt = receive(db, settings, "json", Response(f"r-{number}", score=number % 7, respondent=person), START)
        if holders and receipt.response_id:
            callbacks.claim(db, receipt.response_id, f"U{number % holders}", START)
    connection.execute("commit")
    return db


def _timed(db: Db, step: Callable[[], int]) -> tuple[int, float]:
    """Return what a step in a transaction of its own gives, and the milliseconds it takes with its commit."""
    began = perf_counter()
    db.connection.execute("begin immediate")
    said = step()
    db.connection.execute("commit")
    return said, 1000 * (perf_counter() - began)
