"""Lessons for product: notes of calls that are for the outer loop, marked when they are written or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import privacy
from bot.cards.lessons import SHOWN, Lessons
from bot.refusals import NoSuchCallback
from storage import callbacks, calls, lessons, outbox, responses

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db
    from storage.lists import Sight


def mark(  # noqa: PLR0913  # which call, who marks it, and which way
    db: Db, public_id: str, call_id: int, user: str, now: datetime, *, lesson: bool
) -> None:
    """Mark the notes of a call about a response as a lesson, or take the mark away, and say so in the thread."""
    found = responses.by_public_id(db, public_id)
    if found is None or call_id not in calls.of_response(db, found.id):
        raise NoSuchCallback
    if lessons.mark(db, call_id, lesson=lesson):
        callbacks.record(db, found.id, now, user, "lesson" if lesson else "no_lesson", call_id=call_id)
        outbox.refresh(db, "call", call_id, now)


def page(db: Db, sight: Sight, number: int) -> Lessons:
    """Return a page of the lessons in sight, counted from 1, newest first; one beyond the last is the last."""
    total = lessons.count(db, sight)
    number = max(1, min(number, -(-total // SHOWN)))
    found = privacy.with_calls(db, sight.veil, lessons.listed(db, sight, limit=SHOWN, skip=(number - 1) * SHOWN))
    return Lessons(tuple(found), total, tuple(lessons.themes(db, sight)), number)
