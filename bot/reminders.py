"""What time does to callbacks: snoozes end, detractors whom nobody took are called out; each once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from storage import callbacks, outbox

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db

ESCALATE_AFTER = timedelta(days=1)
"""How long after the reminder the whole channel hears of it."""


def sweep(db: Db, now: datetime) -> int:
    """Do what is due by now, in one transaction; return how many messages were asked for.

    What was missed while the process was down is made up for; what is marked here is never said again.
    """
    said = 0
    for row in callbacks.wake(db, now):
        said += _say(db, row["response_id"], "awake", row["holder"], now)
    for response_id in callbacks.overdue_unheld(db, now, "reminded_at", "due_at", now):
        said += _say(db, response_id, "reminded", None, now)
    for response_id in callbacks.overdue_unheld(db, now, "escalated_at", "reminded_at", now - ESCALATE_AFTER):
        said += _say(db, response_id, "escalated", None, now)
    return said


_KINDS = {"awake": "awake", "reminded": "reminder", "escalated": "escalation"}


def _say(db: Db, response_id: int, action: str, holder: str | None, now: datetime) -> int:
    """Write it into the history, and tell it in the card's thread, or to the holder when there is one."""
    event = callbacks.record(db, response_id, now, None, action)
    card = outbox.message_of(db, "card", response_id)
    if card is None:
        return 0
    outbox.refresh(db, "card", response_id, now)
    if holder is not None:
        outbox.put(db, _KINDS[action], event, holder, now, urgent=True)
    else:
        outbox.put(db, _KINDS[action], event, card.channel, now, parent=card.id, urgent=True)
    return 1
