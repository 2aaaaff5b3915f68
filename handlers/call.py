"""Logging a call: the form first, then the call, the state, the card and the thread in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import callbacks, lookup
from bot.cards import modals
from bot.cards.ids import Action, Block, View
from bot.model import Refusal
from handlers import desk_of, home, reader_of
from handlers.errors import in_form, privately, sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext


def register(bolt: AsyncApp) -> None:
    """Listen to the button and its form, to the button for a whole comment, and to links."""
    bolt.action(Action.LOG_CALL)(open_form)
    bolt.view(View.LOG_CALL)(submit)
    bolt.action(Action.SHOW_COMMENT)(show_comment)
    bolt.action(Action.OPEN_LINK)(open_link)


async def open_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show the form to whoever may log a call on this callback."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    try:
        found = callbacks.may_log(await desk.store.read(lookup.found, body["actions"][0]["value"]), reader.id)
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
    else:
        await desk.slack.open_view(
            body["trigger_id"], modals.log_call(found, reader.texts, themes=desk.settings.themes)
        )


async def submit(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Log the call, or say at the field what is wrong; nothing that was typed is lost."""
    desk, reader = desk_of(context), reader_of(context)
    try:
        call = modals.read_call(view["state"]["values"], reader.id, datetime.now(UTC))
        await desk.change(callbacks.log_call, desk.settings, view["private_metadata"], call)
    except modals.Mistakes as mistakes:
        await ack(response_action="errors", errors={at: reader.texts(key) for at, key in mistakes.fields.items()})
    except Refusal as refusal:
        await ack(response_action="errors", errors={Block.OUTCOME: await in_form(desk, reader.texts, refusal)})
    else:
        await ack()
        home.refresh(desk, body)


async def show_comment(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show the whole of a long comment."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    found = await desk.store.read(lookup.found, body["actions"][0]["value"])
    if found is not None:
        await desk.slack.open_view(body["trigger_id"], modals.full_comment(found, reader.texts))


async def open_link(ack: AsyncAck) -> None:
    """Acknowledge a click on a link, which Slack reports all the same."""
    await ack()
