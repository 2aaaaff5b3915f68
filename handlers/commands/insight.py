"""/nps trend and huddle: how the score went, and what the team looks at together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import callbacks, crowds, huddle, numbers, periods, scores
from bot.cards import blocks as b
from bot.cards import huddle as huddle_card
from bot.cards import scores as words
from bot.cards.ids import Action
from bot.model import Refusal
from bot.segments import Segment
from handlers.commands.answers import no_such_survey
from handlers.desk import desk_of, reader_of
from handlers.errors import privately, sentence
from handlers.menu import may_take

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader


def register(bolt: AsyncApp) -> None:
    """Listen to who takes what in a huddle."""
    bolt.action(Action.HUDDLE)(taken)


async def trend(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Tell the score of each of the last 26 weeks, of all surveys or of one."""
    texts, settings = reader.texts, desk.settings
    known = await desk.store.read(scores.surveys)
    survey = next((name for name in known if name.casefold() == rest.casefold()), None)
    if rest and survey is None:
        return no_such_survey(rest, known, texts)
    today = periods.local_day(datetime.now(UTC), settings.timezone)
    segment, few = Segment(survey), await desk.store.read(crowds.fewest, settings)
    weeks = await desk.store.read(numbers.trend, settings.timezone, today, numbers.TREND_WEEKS, segment, few=few)
    title = texts("chart.trend")
    title = texts("score.survey", period=title, survey=b.literal(survey, 60)) if survey else title
    line = words.trend_line(weeks, texts) or texts("trend.too_short")
    text, drawn = f"*{title}*\n{line}", words.week_by_week(weeks, texts)
    if not drawn:
        return text, [b.section(text)]
    return f"{text}\n{drawn}", [b.section(text), b.rich(b.preformatted(drawn))]


async def together(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """Give the callbacks and lessons that are worth fifteen minutes of the team's time."""
    found = await desk.store.read(huddle.pack, await desk.sight(reader.id), datetime.now(UTC))
    return huddle_card.pack(found, reader.texts)


async def taken(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Give a callback to whoever was chosen for it in a huddle."""
    await ack()
    desk, reader, action = desk_of(context), reader_of(context), body["actions"][0]
    about, taker = action["block_id"].removeprefix(b.RESPONSE), action["selected_user"]
    try:
        await may_take(desk, taker, about)
        lead, comment = await desk.people.leads(reader.id), desk.texts("huddle.agreed")
        now = datetime.now(UTC)
        await desk.change(callbacks.assign, about, reader.id, taker, now, lead=lead, comment=comment)
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
    else:
        privately(desk, context, body, reader.texts("huddle.taken", user=b.mention(taker)))


ANSWERS = {"trend": trend, "huddle": together}
