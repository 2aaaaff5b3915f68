"""Logging a call: the form first, then the call, the state, the cards and the threads in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot import callbacks, lookup
from bot.calendars import next_try
from bot.cards import call_form, modals
from bot.cards.ids import VALUE, Action, Block, View
from bot.model import Refusal
from bot.slack import SlackFault
from handlers import claim, home
from handlers.desk import desk_of, reader_of
from handlers.errors import advised, in_form, privately, sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.call_form import Shape
    from bot.model import Received
    from handlers.desk import Desk, Reader

log = structlog.get_logger("call")


def register(bolt: AsyncApp) -> None:
    """Listen to the button and its form, to the buttons for unreachable and for a whole comment, and to links."""
    bolt.action(Action.LOG_CALL)(open_form)
    for block in (Block.OUTCOME, Block.NEXT_STEP):
        bolt.action({"type": "block_actions", "block_id": block, "action_id": VALUE})(follow)
    bolt.view(View.LOG_CALL)(submit)
    bolt.action(Action.UNREACHABLE)(give_up)
    bolt.action(Action.SHOW_COMMENT)(show_comment)
    bolt.action(Action.OPEN_LINK)(open_link)


async def open_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show the form that belongs to a button."""
    await ack()
    await show_form(desk_of(context), body, context, body["actions"][0]["value"])


async def show_form(desk: Desk, body: dict[str, Any], context: AsyncBoltContext, public_id: str) -> None:
    """Show the form to whoever may log a call on this callback."""
    reader = reader_of(context)
    try:
        told = await desk.store.read(lookup.found, desk.settings, public_id, reader.id)
        found = callbacks.may_log(told, reader.id)
    except Refusal as refusal:
        privately(desk, context, body, sentence(await advised(desk, reader, refusal), reader.texts))
    else:
        view = call_form.log_call(found, reader.texts, themes=desk.settings.themes, form=secrets.token_urlsafe(9))
        await desk.slack.open_view(body["trigger_id"], view)


async def follow(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Let the form follow what was chosen in it; what was entered stays."""
    await ack()
    desk, reader, view = desk_of(context), reader_of(context), body["view"]
    theirs = replace(desk.settings.working_hours, zone=reader.texts.zone)
    changed = str(body["actions"][0].get("block_id"))
    shapes = call_form.reshaped(view, changed, next_try(theirs, datetime.now(UTC)))
    found = await desk.store.read(lookup.found, desk.settings, call_form.about(view)[0], reader.id)
    if shapes and found is not None:
        try:
            await _reshape(desk, reader, view, found, shapes)
        except SlackFault as fault:
            log.info("form_not_changed", reason=fault.reason)


async def _reshape(desk: Desk, reader: Reader, view: dict[str, Any], found: Received, shapes: list[Shape]) -> None:
    """Put the form anew, in one shape after the other."""
    form, known = call_form.about(view)[1], str(view["hash"])
    for each in shapes:
        changed = call_form.log_call(found, reader.texts, themes=desk.settings.themes, form=form, shape=each)
        known = await desk.slack.update_view(view["id"], known, changed)


async def submit(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Log the call, or say at the field what is wrong; nothing that was typed is lost, nothing is logged twice."""
    desk, reader, values = desk_of(context), reader_of(context), view["state"]["values"]
    public_id, form = call_form.about(view)
    try:
        call, learned = call_form.read_call(values, reader.id, datetime.now(UTC)), call_form.read_learned(view)
        await desk.change(callbacks.log_call, desk.settings, public_id, call, learned=learned, form=form)
    except modals.Mistakes as mistakes:
        await ack(response_action="errors", errors={at: reader.texts(key) for at, key in mistakes.fields.items()})
    except Refusal as refusal:
        await ack(response_action="errors", errors={Block.OUTCOME: await in_form(desk, reader, refusal)})
    else:
        await ack()
        home.refresh(desk, body)


async def give_up(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Close as unreachable whoever has not answered as often as is to be tried."""
    await claim.move(ack, body, context, callbacks.give_up, desk_of(context).settings)


async def show_comment(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show the whole of a long comment."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    found = await desk.store.read(lookup.found, desk.settings, body["actions"][0]["value"], reader.id)
    if found is not None:
        await desk.slack.open_view(body["trigger_id"], modals.full_comment(found, reader.texts))


async def open_link(ack: AsyncAck) -> None:
    """Acknowledge a click on a link, which Slack reports all the same."""
    await ack()
