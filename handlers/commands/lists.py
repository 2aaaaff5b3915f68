"""/nps queue, mine, find and customer: callbacks and what customers said, a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import trail, worklists
from bot.cards import blocks as b
from bot.cards import lists
from bot.cards.ids import Action, Listing
from bot.cards.lists import Place, place_of
from bot.model import Refusal
from handlers import home
from handlers.commands.answers import Answer, address
from handlers.desk import desk_of, reader_of
from handlers.errors import sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.desk import Desk, Reader

ASKED_MOST = 1000
"""Characters of a question that its buttons carry on; Slack takes 2,000 in all."""


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons that turn pages, and to those that lead to a card."""
    bolt.action(Action.PREVIOUS)(turn)
    bolt.action(Action.NEXT)(turn)
    bolt.action(Action.OPEN_CARD)(open_card)


async def queue(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """List what nobody holds."""
    return await shown(desk, reader, Place(Listing.QUEUE))


async def mine(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """List what the asker holds."""
    return await shown(desk, reader, Place(Listing.MINE))


async def find(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Search what customers and colleagues wrote."""
    if not rest:
        return reader.texts("list.find_what"), None
    return await shown(desk, reader, Place(Listing.FIND, asked=b.one_line(rest, ASKED_MOST)))


async def customer(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Tell one customer's whole story."""
    if not rest:
        return reader.texts("list.customer_who"), None
    return await shown(desk, reader, Place(Listing.CUSTOMER, asked=b.one_line(address(rest), ASKED_MOST)))


async def shown(desk: Desk, reader: Reader, place: Place) -> Answer:
    """Return a page of a list as the reader may see it; one that there is no longer is the last that there is."""
    sight, now, texts = await desk.sight(reader.id), datetime.now(UTC), reader.texts
    if place.name is Listing.CUSTOMER:
        told = await desk.store.read(worklists.customer, place.asked, sight, place.number)
        who = b.literal(place.asked, 200)
        if not told.items:
            return texts("list.no_customer" if sight.channels is None else "list.no_customer_here", email=who), None
        await desk.store.run(trail.shown, reader.id, [each.entry.found.public_id for each in told.items], now)
        entries = lists.Page(tuple({each.entry.found.id: each.entry for each in told.items}.values()))
        return lists.in_words(who, entries, texts), lists.customer(place.asked, told, place, texts, now)
    if place.name is Listing.FIND:
        page = await desk.containing(place.asked, sight, place.number)
    else:
        holder = reader.id if place.name is Listing.MINE else None
        page = await desk.store.read(worklists.waiting, holder, sight, now, place.number)
    asked = b.inert(b.literal(place.asked, 100))
    if not page.items:
        key = "list.no_queue_here" if place.name is Listing.QUEUE and sight.channels else f"list.no_{place.name}"
        text = texts(key, text=asked)
        return text, [b.section(text)]
    key = f"list.{place.name}" if page.total is not None else f"list.many_{place.name}"
    title = texts(key, n=page.total or worklists.COUNTED_MOST, text=asked)
    return lists.in_words(title, page, texts), lists.callbacks(title, page, place, texts, now)


async def turn(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show another page where the one with the button stands: in App Home, or in the answer to a command."""
    await ack()
    desk, place = desk_of(context), place_of(body["actions"][0]["value"])
    if place is None:
        return
    if body.get("view"):
        home.turn(desk, body, place)
    else:
        desk.errand(_replace(desk, context, place))


def refresh(desk: Desk, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Bring the answer to a command up to date in which somebody acted."""
    place = place_of(body["actions"][0].get("block_id") or "")
    if place is not None and not body.get("view"):
        desk.errand(_replace(desk, context, place))


async def _replace(desk: Desk, context: AsyncBoltContext, place: Place) -> None:
    reader = reader_of(context)
    try:
        text, blocks = await shown(desk, reader, place)
    except Refusal as refusal:
        text, blocks = sentence(refusal, reader.texts), None
    if context.respond:
        blocks = blocks or [b.section(text)]
        await context.respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)


async def open_card(ack: AsyncAck) -> None:
    """Acknowledge a click on a link, which Slack reports all the same."""
    await ack()


ANSWERS = {"queue": queue, "mine": mine, "find": find, "customer": customer}
