"""The card's menu: assign, snooze, dismiss, history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import callbacks, lookup
from bot.cards import modals, notes
from bot.cards.blocks import RESPONSE
from bot.cards.ids import Action, Block, Menu, View
from bot.model import Refusal
from bot.people import NotAllowed
from handlers import Desk, desk_of, home, reader_of
from handlers.errors import in_form

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from bot.texts import Texts


class CannotTakeIt(NotAllowed):
    """Only full members of this workspace can take a callback."""

    key = "refusal.assignee"


def register(bolt: AsyncApp) -> None:
    """Listen to the menu and to the forms that it opens."""
    bolt.action(Action.MENU)(open_chosen)
    bolt.view(View.ASSIGN)(assign)
    bolt.view(View.SNOOZE)(snooze)
    bolt.view(View.DISMISS)(dismiss)


async def open_chosen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Open what was chosen: a form, or the history."""
    await ack()
    desk, reader, action = desk_of(context), reader_of(context), body["actions"][0]
    story = await desk.store.read(lookup.history, action["block_id"].removeprefix(RESPONSE))
    if story is not None:
        view = _view(Menu(action["selected_option"]["value"]), reader.texts, *story)
        await desk.slack.open_view(body["trigger_id"], view)


def _view(chosen: Menu, texts: Texts, found: Any, events: Any, calls: Any) -> Json:
    if chosen is Menu.ASSIGN:
        return modals.assign(found, texts)
    if chosen is Menu.SNOOZE:
        return modals.snooze(found, texts, now=datetime.now(UTC))
    if chosen is Menu.DISMISS:
        return modals.dismiss(found, texts)
    return notes.history(found, events, calls, texts)


async def assign(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Give the callback to a colleague who may act."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, user: str, now: datetime) -> None:
        assignee = modals.read_assignee(values)
        try:
            await desk.people.admit(assignee)
        except NotAllowed:
            raise CannotTakeIt from None
        await desk.change(callbacks.assign, about, user, assignee, now)

    await _submitted(ack, body, view, context, Block.ASSIGNEE, decide)


async def snooze(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Put the callback aside until a time."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, user: str, now: datetime) -> None:
        await desk.change(callbacks.snooze, about, user, modals.read_until(values, now), now)

    await _submitted(ack, body, view, context, Block.UNTIL, decide)


async def dismiss(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Close the callback without a call."""

    async def decide(desk: Desk, values: dict[str, Any], about: str, user: str, now: datetime) -> None:
        await desk.change(callbacks.dismiss, about, user, modals.read_reason(values), now)

    await _submitted(ack, body, view, context, Block.REASON, decide)


async def _submitted(  # noqa: PLR0913  # a submission, and what to do with it
    ack: AsyncAck,
    body: dict[str, Any],
    view: dict[str, Any],
    context: AsyncBoltContext,
    block: Block,
    decide: Callable[[Desk, dict[str, Any], str, str, datetime], Awaitable[None]],
) -> None:
    desk, reader = desk_of(context), reader_of(context)
    try:
        await decide(desk, view["state"]["values"], view["private_metadata"], reader.id, datetime.now(UTC))
    except modals.Mistakes as mistakes:
        await ack(response_action="errors", errors={at: reader.texts(key) for at, key in mistakes.fields.items()})
    except Refusal as refusal:
        await ack(response_action="errors", errors={block: await in_form(desk, reader.texts, refusal)})
    else:
        await ack()
        home.refresh(desk, body)
