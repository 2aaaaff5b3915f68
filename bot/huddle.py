"""What is worth fifteen minutes of the team's time: a few callbacks to share out, and what the week has taught."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import privacy
from bot.cards.huddle import Huddle
from storage import huddles, lessons, responses

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db
    from storage.lists import Sight

CALLBACKS, LESSONS = 5, 5
WEEK = timedelta(days=7)


def pack(db: Db, sight: Sight, now: datetime) -> Huddle:
    """Return the most urgent callbacks in sight that nobody has called yet, and the lessons of the last week."""
    ids = huddles.urgent(db, sight, now, CALLBACKS)
    found = [response for response_id in ids if (response := responses.by_id(db, response_id))]
    learnt = [pair for pair in lessons.listed(db, sight, limit=LESSONS) if pair[1].at > now - WEEK]
    shown = privacy.shown(db, sight.veil, found)
    return Huddle(tuple(shown), tuple(privacy.with_calls(db, sight.veil, learnt)))
