"""/nps queue, mine, find and customer: callbacks and what customers said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import lookup
from bot.cards import blocks as b
from bot.cards import lists
from handlers.commands.answers import Answer, address

if TYPE_CHECKING:
    from handlers import Desk, Reader


async def queue(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """List what nobody holds."""
    found = await desk.shown_to(reader.id, await desk.store.read(lookup.queue, datetime.now(UTC)))
    return _listed(reader, "list.queue", found, "list.no_queue")


async def mine(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """List what the asker holds."""
    found = await desk.shown_to(reader.id, await desk.store.read(lookup.mine, reader.id))
    return _listed(reader, "list.mine", found, "list.no_mine")


def _listed(reader: Reader, key: str, found: list[Any], nothing: str, **values: object) -> Answer:
    if not found:
        text = reader.texts(nothing, **values)
        return text, [b.section(text)]
    title = reader.texts(key, n=len(found), **values)
    return lists.in_words(title, found, reader.texts), lists.callbacks(title, found, len(found), reader.texts)


async def find(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Search what customers and colleagues wrote."""
    if not rest:
        return reader.texts("list.find_what"), None
    found = await desk.shown_to(reader.id, await desk.store.read(lookup.containing, rest))
    return _listed(reader, "list.found", found, "list.nothing_found", text=b.literal(rest, 100))


async def customer(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Tell one customer's whole story."""
    if not rest:
        return reader.texts("list.customer_who"), None
    email = address(rest)
    known, calls = await desk.store.read(lookup.story, email)
    answered = await desk.shown_to(reader.id, known)
    if not answered:
        return reader.texts("list.no_customer", email=b.literal(email, 200)), None
    return lists.in_words(b.literal(email, 200), answered, reader.texts), lists.customer(
        email, answered, calls, reader.texts
    )


ANSWERS = {"queue": queue, "mine": mine, "find": find, "customer": customer}
