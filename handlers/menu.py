"""The card's menu: assign, snooze, bring back, dismiss, history."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import callbacks, due, lookup, moves
from bot.calendars import next_opening
from bot.cards import modals, notes
from bot.cards.ids import Action, Block, Menu, View
from bot.model import Refusal
from bot.people import NotAllowed, NotAMember
from bot.refusals import NoSuchCallback
from bot.settings.roles import ActorsOnly
from handlers import claim, home, rights
from handlers.desk import Desk, Reader, desk_of, reader_of
from handlers.errors import advised, in_form, privately, sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from bot.model import Received

MOVES = {Menu.SNOOZE: moves.SNOOZE, Menu.DISMISS: moves.DISMISS}


class CannotTakeIt(NotAllowed):
    """Only somebody who may act on the card can take a callback."""

    key = "refusal.assignee"


def register(bolt: AsyncApp) -> None:
    """Listen to the menu and to the forms that it opens."""
    bolt.action(Action.MENU)(choose)
    bolt.view(View.ASSIGN)(assign)
    bolt.view(View.SNOOZE)(snooze)
    bolt.view(View.DISMISS)(dismiss)


async def choose(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Do what was chosen, or open its form; a move that is possible no more is refused before a form is filled in."""
    chosen = Menu(body["actions"][0]["selected_option"]["value"])
    if chosen is Menu.WAKE:
        await claim.move(ack, body, context, callbacks.wake)
        return
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    try:
        view = await _view(desk, reader, chosen, rights.about(body))
    except Refusal as refusal:
        privately(desk, context, body, sentence(await advised(desk, reader, refusal), reader.texts))
    else:
        await desk.slack.open_view(body["trigger_id"], view)


async def _view(desk: Desk, reader: Reader, chosen: Menu, about: str) -> Json:
    story = await desk.store.read(lookup.history, desk.settings, about, reader.id)
    if story is None:
        raise NoSuchCallback
    if chosen is Menu.HISTORY:
        clocks = due.clocks(desk.settings, story[0].callback, datetime.now(UTC))
        return notes.history(*story, reader.texts, clocks=clocks)
    if chosen is Menu.ASSIGN:
        found: Received = callbacks.may_assign(story[0], reader.id, lead=await desk.people.leads(reader.id))
        return modals.assign(found, reader.texts, user=reader.id)
    found = callbacks.may(MOVES[chosen], story[0], reader.id)
    if chosen is Menu.SNOOZE:
        theirs = replace(desk.settings.working_hours, zone=reader.texts.zone)
        return modals.snooze(found, reader.texts, until=next_opening(theirs, datetime.now(UTC)))
    return modals.dismiss(found, reader.texts, reasons=_reasons(desk))


def _reasons(desk: Desk) -> Sequence[str]:
    return modals.dismissals(desk.texts, desk.settings.callbacks.dismiss_reasons)


async def assign(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Give the callback to a colleague who may act on it."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, seen: str, user: str) -> None:
        assignee = modals.read_assignee(values)
        comment = modals.read_comment(values, required=seen.partition(":")[2] not in {"", user})
        _, lead = await asyncio.gather(may_take(desk, assignee, about), desk.people.leads(user))
        now = datetime.now(UTC)
        await desk.change(callbacks.assign, about, user, assignee, now, lead=lead, comment=comment, seen=seen)

    await _submitted(ack, body, view, context, Block.ASSIGNEE, decide)


async def may_take(desk: Desk, assignee: str, about: str) -> None:
    """Return when a colleague may act on a card; raise CannotTakeIt, or Unconfirmed."""
    try:
        await rights.let_in(desk, assignee, None, rights.Asked(View.ASSIGN, rights.ACTS, about))
    except (NotAllowed, NotAMember, ActorsOnly):
        raise CannotTakeIt from None


async def snooze(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Put the callback aside until a time."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, seen: str, user: str) -> None:
        now = datetime.now(UTC)
        await desk.change(callbacks.snooze, about, user, modals.read_until(values, now), now, seen=seen)

    await _submitted(ack, body, view, context, Block.UNTIL, decide)


async def dismiss(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Close the callback without a call."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, seen: str, user: str) -> None:
        reason = modals.read_reason(values, _reasons(desk))
        await desk.change(callbacks.dismiss, about, user, reason, datetime.now(UTC), seen=seen)

    await _submitted(ack, body, view, context, Block.REASON, decide)


async def _submitted(  # noqa: PLR0913  # a submission, and what to do with it
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    block: Block,
    decide: Callable[[Desk, dict[str, Any], str, str, str], Awaitable[None]],
) -> None:
    """Make the move that a form asks for, as of the moment the form was opened, or say at its field why not."""
    desk, reader = desk_of(context), reader_of(context)
    about, _, seen = view["private_metadata"].partition(" ")
    try:
        await decide(desk, view["state"]["values"], about, seen, reader.id)
    except modals.Mistakes as mistakes:
        await ack(response_action="errors", errors={at: reader.texts(key) for at, key in mistakes.fields.items()})
    except Refusal as refusal:
        await ack(response_action="errors", errors={block: await in_form(desk, reader, refusal)})
    else:
        await ack()
        home.refresh(desk, body)
