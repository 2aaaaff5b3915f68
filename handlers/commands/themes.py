"""/nps themes: what moves the score, and what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import crowds, periods, scores
from bot.cards import blocks as b
from bot.cards import themes as cards
from bot.segments import Segment
from bot.themes import tagged
from bot.themes.told import told
from handlers.commands.answers import no_such_survey
from handlers.commands.scores import title_of

if TYPE_CHECKING:
    from bot.themes.figures import ThemeFigure
    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader


async def themes(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Say which themes move the score over some days, in the customers' words, and which words are new."""
    texts, settings = reader.texts, desk.settings
    await desk.people.may_see(reader.id, settings.channel)
    known = await desk.store.read(scores.surveys)
    asked = scores.asked(rest, periods.local_day(datetime.now(UTC), settings.timezone), known, settings.periods)
    if asked.rest:
        return no_such_survey(asked.rest, known, texts)
    span = asked.span
    if await desk.store.read(tagged.is_behind, settings):
        await desk.store.run(tagged.sweep, settings)
    segment, few = Segment(asked.survey), await desk.store.read(crowds.fewest, settings)
    found = await desk.store.read(told, settings.timezone, span.period, span.before, segment, few=few)
    figures = [await _as_seen_by(desk, reader, figure) for figure in found.figures[: cards.SHOWN]]
    title = title_of(asked, texts)
    blocks = cards.answer(title, figures, found.words, texts, settings.score)
    if found.waiting:
        blocks.append(b.context(texts("themes.waiting", n=found.waiting)))
    return cards.in_words(title, figures, found.words, texts, settings.score), blocks


async def _as_seen_by(desk: Desk, reader: Reader, figure: ThemeFigure) -> ThemeFigure:
    """Return a theme with the comments alone whose cards the person can see."""
    return replace(figure, comments=tuple(await desk.shown_to(reader.id, list(figure.comments))))


ANSWERS = {"themes": themes}
