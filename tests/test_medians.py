"""The medians of many callbacks are exact, though few of their times are read."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from bot import loop, survival
from storage import spans
from storage.db import stamp

MONDAY = datetime(2026, 11, 9, tzinfo=UTC)
WEEK, MICROSECOND = timedelta(days=7), timedelta(microseconds=1)
MANY = 5_000
RESPONSE = """insert into responses (id, public_id, source, source_id, score, submitted_at, received_at)
  values (?1, ?1, 'json', ?1, 3, ?2, ?2)"""
CALLBACK = """insert into callbacks
  (response_id, state, opened_at, due_at, closed_at, dismissed, to_claim_us, to_call_us)
  values (?1, iif(?3 is null, 'open', 'closed'), ?2, ?2, ?3, ?4, ?5, ?6)"""


def a_week(db, *, waiting, times):
    """Write a week's callbacks, some of which wait; every ONE_OF-th takes so many times as long as the others."""
    draw, rows = random.Random(3), []
    for number in range(1, MANY + 1):
        opened, slow = MONDAY + number * WEEK / (MANY + 1), times if number % spans.ONE_OF == 0 else 1
        claim = None if draw.random() < waiting else int(slow * draw.expovariate(1 / 2e10))
        call = None if claim is None or draw.random() < waiting else claim + int(slow * draw.expovariate(1 / 2e10))
        closed = opened + timedelta(hours=draw.randrange(200)) if draw.random() < 0.5 else None
        rows.append((number, opened, closed, "A test" if closed and draw.random() < 0.2 else None, claim, call))
    written = [(number, stamp(opened), closed and stamp(closed), *rest) for number, opened, closed, *rest in rows]
    db.many(RESPONSE, [row[:2] for row in written])
    db.many(CALLBACK, written)
    return rows


def all_times(rows, step, now):
    """Return the median of one step, claim or call, from all times."""
    took = [row[step] for row in rows if row[step] is not None]
    called_for = [row for row in rows if row[4:] != (None, None) or row[3] is None]
    waited = [((closed or now) - at) // MICROSECOND for _, at, closed, *rest in called_for if rest[step - 3] is None]
    middle = survival.median(took, waited)
    return None if middle is None else timedelta(microseconds=middle)


@pytest.mark.parametrize("waiting", [0, 0.02, 0.3, 0.45, 0.7])
@pytest.mark.parametrize("times", [1, 9])
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=300)])
def test_medians_of_many(db, waiting, times, later):
    """They are what all times give: whoever waits, for how long, and whatever the callbacks that are looked at tell."""
    rows, now = a_week(db, waiting=waiting, times=times), MONDAY + WEEK + later
    assert loop.medians(db, (MONDAY, MONDAY + WEEK), now) == (all_times(rows, 4, now), all_times(rows, 5, now))


def test_few_are_read(db):
    """Where one in so many tells about where a median lies, times away from there are counted, not read."""
    a_week(db, waiting=0.02, times=1)
    bounds = MONDAY, MONDAY + WEEK
    waits = spans.waits(db, *bounds, MONDAY + timedelta(days=300))
    edges = [survival.about(step.some, step.some_waiting, step.waiting) for step in waits]
    for step, took in zip(waits, spans.times(db, *bounds, edges), strict=True):
        assert took.shorter > 0
        assert took.longer > MANY / 4
        assert len(took.between) + took.shorter + took.longer + len(step.waiting) <= MANY
