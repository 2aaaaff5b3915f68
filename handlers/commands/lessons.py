"""/nps lessons: what product can learn from; and the button in a card's history that marks a note as such."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot import lessons, lookup
from bot.cards import lessons as card
from bot.cards import notes
from bot.cards.ids import Action
from bot.model import Refusal
from bot.slack import SlackFault
from handlers.desk import desk_of, reader_of
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader

log = structlog.get_logger("lessons")


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons in the history."""
    bolt.action(Action.MARK_LESSON)(mark)
    bolt.action(Action.UNMARK_LESSON)(mark)


async def listed(desk: Desk, rest: str, reader: Reader) -> Answer:
    """List the latest lessons from the customers whom the asker sees, or the page that was asked for."""
    number = int(rest) if rest.isdecimal() and len(rest) < 7 else 1
    page = await desk.store.read(lessons.page, await desk.sight(reader.id), number)
    return card.listed(page, reader.texts)


async def mark(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Mark a note as a lesson, or no longer, and let the history that is open show it."""
    desk, reader, action = desk_of(context), reader_of(context), body["actions"][0]
    public_id, _, call_id = action["value"].partition(" ")
    lesson = action["action_id"] == Action.MARK_LESSON
    try:
        await desk.change(lessons.mark, public_id, int(call_id), reader.id, datetime.now(UTC), lesson=lesson)
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
    await ack()
    story = await desk.store.read(lookup.history, desk.settings, public_id, reader.id)
    if story is not None:
        try:
            view = notes.history(*story, reader.texts)
            await desk.slack.update_view(body["view"]["id"], body["view"]["hash"], view)
        except SlackFault as fault:
            log.info("history_not_changed", reason=fault.reason)


ANSWERS = {"lessons": listed}
