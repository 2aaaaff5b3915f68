"""Which callbacks are worth a team's time together, in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Category, category
from storage.db import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db
    from storage.lists import Sight


def urgent(db: Db, sight: Sight, now: datetime, limit: int) -> list[int]:
    """Return the responses whose callbacks wait: detractors first, of these the late, then those who say why."""
    worst = max(score for score in range(11) if category(score) is Category.DETRACTOR)
    rows = db.rows(
        f"""select r.id from callbacks c join responses r on r.id = {sight.answer}
            where c.state <> 'closed' and c.first_called_at is null
              and coalesce(c.snoozed_until, '') <= :now
            order by r.score <= :worst desc, c.due_at < :now desc, r.comment is not null desc, r.score, c.due_at, r.id
            limit :limit""",
        now=stamp(now),
        worst=worst,
        limit=limit,
        **sight.values,
    )
    return [row["id"] for row in rows]
