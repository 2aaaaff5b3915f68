"""Contact details: shown to the one person who holds a callback, or a referral, at the moment of the click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import privacy, referrals
from bot.cards import contact as cards
from bot.cards.ids import Action
from bot.model import Refusal
from handlers.desk import desk_of, reader_of
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from handlers.desk import Desk, Reader


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons."""
    bolt.action(Action.CONTACT)(of_customer)
    bolt.action(Action.CONTACT_REFERRAL)(of_referral)


async def of_customer(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show who answered to whoever holds the callback."""

    async def view(desk: Desk, reader: Reader, public_id: str) -> Json:
        return cards.of_customer(await desk.store.read(privacy.contact, public_id, reader.id), reader.texts)

    await _show(ack, body, context, view)


async def of_referral(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show whom a customer passed on to whoever of sales has the referral."""

    async def view(desk: Desk, reader: Reader, value: str) -> Json:
        await desk.people.may_see(reader.id, body["channel"]["id"])
        call_id = int(value.rpartition(" ")[2])
        return cards.of_referral(await desk.store.read(referrals.contact, call_id, reader.id), reader.texts)

    await _show(ack, body, context, view)


async def _show(
    ack: AsyncAck,
    body: dict[str, Any],
    context: AsyncBoltContext,
    view: Callable[[Desk, Reader, str], Awaitable[Json]],
) -> None:
    """Open a modal for one person, or tell them privately why there is none for them."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    try:
        shown = await view(desk, reader, body["actions"][0]["value"])
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
    else:
        await desk.slack.open_view(body["trigger_id"], shown)
