"""/nps team: what each colleague did, for leads alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import loop, periods, scores
from bot.cards import blocks as b
from bot.cards import team as card

if TYPE_CHECKING:
    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader

SPAN = "30d"


async def team(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Tell a lead what each colleague did over some days, the last 30 when none are named.

    Where nobody is named as lead, raises NotAMember for whoever sees no cards: what colleagues do for customers is
    their team's to know.
    """
    zone, texts = desk.settings.timezone, reader.texts
    span = scores.span(rest or SPAN, periods.local_day(datetime.now(UTC), zone), desk.settings.periods)
    if span is None:
        return texts("team.no_span", given=b.literal(rest, 60)), None
    if not desk.settings.rights.lead:
        await desk.sight(reader.id)
    found = await desk.store.read(loop.people, span.period.bounds(zone))
    days = texts.days(span.period.first, span.period.last)
    text = card.people(days, found, texts)
    return text, [b.section(text)]


ANSWERS = {"team": team}
