"""/nps score and digest: where the score stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import digest as digests
from bot import lookup, periods
from bot.cards import blocks as b
from bot.cards import digest as digest_card

if TYPE_CHECKING:
    from handlers import Desk, Reader
    from handlers.commands.answers import Answer


async def score(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Say where the score stands over a span, of all surveys or of one, and whether it changed."""
    texts, zone = reader.texts, desk.settings.timezone
    word, _, survey = rest.partition(" ")
    today = periods.local_day(datetime.now(UTC), zone)
    period = lookup.span(word.lower(), today)
    if period is None:
        word, survey, period = "90d", rest, periods.last_days(90, today)
    known = await desk.store.read(lookup.surveys)
    named = next((name for name in known if name.casefold() == survey.strip().casefold()), None)
    if survey.strip() and named is None:
        shown = ", ".join(b.literal(name, 60) for name in known)
        return texts("score.no_survey" if known else "score.no_surveys", name=b.literal(survey, 60), known=shown), None
    counts, before = await desk.store.read(lookup.score, period, zone, named)
    days = (period.last - period.first).days + 1
    span = texts(f"span.{word.lower()}") if texts.has(f"span.{word.lower()}") else texts("span.days", n=days)
    title = texts("score.survey", period=span, survey=b.literal(named, 60)) if named else span
    text = texts("score.title", period=title, line=digest_card.score_line(counts, texts))
    if counts.responses and before.responses:
        since = texts("change.from", period=texts("period_before.days"))
        text += "\n" + digest_card.change_line(counts, before, since, texts)
    return text, [b.section(text)]


async def digest(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """Show the digest of the last whole week, which quotes customers, to the asker alone."""
    await desk.people.may_see(reader.id, desk.settings.channel)
    now = datetime.now(UTC)
    today = periods.local_day(now, desk.settings.timezone)
    period = periods.holding("week", today - timedelta(days=7))
    numbers = await desk.store.read(digests.numbers, desk.settings, "week", period, now)
    rendered = digest_card.render(numbers, reader.texts)
    return rendered.text, rendered.blocks


ANSWERS = {"score": score, "digest": digest}
