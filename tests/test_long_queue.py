"""However much waits, each step finds what is due by an index."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from conftest import NOW, a_response

from bot import reminders
from bot.config import Settings
from bot.intake import receive
from storage import lists, sending

STEPS = {
    "take what can go": lambda db: sending.take(db, NOW, frozenset()),
    "take up what was interrupted": sending.interrupted,
    "look for what is in doubt": lambda db: sending.in_doubt(db, NOW),
    "wait for the next moment": lambda db: sending.next_moment(db, NOW),
    "remind and escalate": lambda db: reminders.sweep(db, Settings(), NOW + timedelta(days=3)),
    "list what nobody holds": lambda db: lists.waiting(db, None, lists.Sight(), NOW, 20),
}


@pytest.mark.parametrize("step", STEPS)
def test_no_step_reads_all_that_waits(db, settings, step):
    """Each runs every few seconds, or with every delivery, and the queue may hold what an outage of days has left."""
    receive(db, settings, "json", a_response(), NOW)
    run: list[str] = []
    db.connection.set_trace_callback(run.append)
    STEPS[step](db)
    db.connection.set_trace_callback(None)
    found = [statement for statement in run if not statement.startswith("insert")]
    assert found
    plans = [row["detail"] for statement in found for row in db.rows(f"explain query plan {statement}")]
    whole = re.compile(r"SCAN (outbox|o|messages|m|callbacks|responses)\b(?! USING INDEX outbox_under_way)")
    assert [plan for plan in plans if whole.match(plan)] == []
