"""/nps score and digest: where the score stands."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot import crowds, periods, scores
from bot import digest as digests
from bot.cards import blocks as b
from bot.cards import digest as digest_card
from bot.cards import groups as groups_card
from bot.cards import scores as cards
from bot.groups import Group, Groups
from bot.segments import PROPERTY, Segment
from handlers.commands.answers import no_such_survey

if TYPE_CHECKING:
    from bot.scores import Asked
    from bot.texts import Texts
    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader


async def score(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Say where the score stands over some days, of all surveys or of one, whole or told apart, and how it changed."""
    texts, settings = reader.texts, desk.settings
    known = await desk.store.read(scores.surveys)
    today = periods.local_day(datetime.now(UTC), settings.timezone)
    asked = scores.asked(rest, today, known, settings.periods)
    if asked.rest:
        return no_such_survey(asked.rest, known, texts)
    title = title_of(asked, texts)
    segment = Segment(asked.survey)
    if asked.group:
        text = await _told_apart(desk, asked, title, reader)
    else:
        counts, before = await desk.store.read(scores.score, settings.timezone, asked.span, segment)
        invited = await desk.store.read(scores.invited, settings.timezone, asked.span.period, segment)
        line = cards.glance(counts, invited, texts, settings.score)
        text = texts("score.title", period=title, line=line)
        if counts.responses and before.responses:
            since = texts("change.from", period=texts(f"period_before.{asked.span.since}"))
            text += "\n" + cards.change_line(counts, before, since, texts, settings.score)
    return text, [b.section(text)]


async def _told_apart(desk: Desk, asked: Asked, title: str, reader: Reader) -> str:
    """Return the score of each group; raise NotAMember where that says who the customers are to who sees no cards."""
    if asked.group == "company" or str(asked.group).startswith(PROPERTY):
        await desk.sight(reader.id)
    settings, segment = desk.settings, Segment(asked.survey)
    few = await desk.store.read(crowds.fewest, settings)
    if asked.group in periods.KINDS:
        found = await desk.store.read(
            scores.scores_by, settings.timezone, asked.group, asked.span.period, asked.survey, few=few
        )
        groups = Groups(str(asked.group), tuple(Group(label, counts) for label, counts in reversed(found)))
    else:
        groups = await desk.store.read(
            scores.grouped, settings.timezone, str(asked.group), asked.span, settings.score.minimum, segment, few=few
        )
    text = groups_card.told_apart(title, groups, reader.texts, settings.score)
    concerned = [least for survey, least in few.items() if asked.survey in {None, survey}]
    return f"{text}\n{reader.texts('groups.too_few', n=max(concerned))}" if concerned else text


def title_of(asked: Asked, texts: Texts) -> str:
    """Return the days in words: as the texts know them, by the team's own name, or from first to last."""
    span = asked.span
    if texts.has(f"span.{span.word}"):
        title = texts(f"span.{span.word}")
    elif span.word.endswith("d") and span.word[:-1].isdecimal():
        title = texts("span.days", n=span.period.days)
    else:
        title = texts.days(span.period.first, span.period.last)
        title = f"{b.literal(span.word, 60)}, {title}" if span.named else title
    return texts("score.survey", period=title, survey=b.literal(asked.survey, 60)) if asked.survey else title


async def digest(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Show the asker alone the digest of the last whole week, or of another period or name; it quotes customers."""
    await desk.people.may_see(reader.id, desk.settings.channel)
    schedule = digests.named(desk.settings, rest)
    if schedule is None:
        known = ", ".join((*periods.KINDS, *(b.literal(each.name, 60) for each in desk.settings.digests if each.name)))
        return reader.texts("digest.no_such", name=b.literal(rest, 60), known=known), None
    now = datetime.now(UTC)
    today = periods.local_day(now, desk.settings.timezone)
    period = periods.before(schedule.period, periods.holding(schedule.period, today))
    numbers = await desk.store.read(digests.of_schedule, desk.settings, schedule, period, now)
    rendered = digest_card.render(numbers, reader.texts)
    return rendered.text, rendered.blocks


ANSWERS = {"score": score, "digest": digest}
