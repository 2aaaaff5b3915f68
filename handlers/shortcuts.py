"""What can be done from anywhere in Slack: find a customer, and log a call with the customer of any message."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import worklists
from bot.cards import blocks as b
from bot.cards import find as cards
from bot.cards.ids import Block, Shortcut, View
from bot.model import Refusal
from handlers import call
from handlers.desk import desk_of, reader_of
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from handlers.desk import Desk, Reader
    from storage.lists import Sight

ADDRESS = re.compile(r"[^\s<>|:\"'\\,;()\[\]]+@[^\s<>|:\"'\\,;()\[\]@]+\.[^\s<>|:\"'\\,;()\[\]@.]+")
ADDRESSES_MOST = 20
"""Addresses of one message that are looked for; more stand in a list, not in a message about a customer."""


def register(bolt: AsyncApp) -> None:
    """Listen to the shortcuts, and to the form that both may open."""
    bolt.shortcut(Shortcut.FIND)(find)
    bolt.shortcut(Shortcut.LOG_CALL)(log_call)
    bolt.view(View.FIND)(submit)


async def find(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Ask for whom, or what, to look."""
    await ack()
    view = cards.search(reader_of(context).texts, datetime.now(UTC))
    await desk_of(context).slack.open_view(body["trigger_id"], view)


async def log_call(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Open the form for the card that a message is, or belongs to; else find whose address stands in the message."""
    await ack()
    desk, reader, message = desk_of(context), reader_of(context), body["message"]
    try:
        sight = await desk.sight(reader.id)
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
        return
    stamps = [message["ts"], message.get("thread_ts") or message["ts"]]
    public_id = await desk.store.read(worklists.standing_at, body["channel"]["id"], stamps, sight)
    if public_id is not None:
        await call.show_form(desk, body, context, public_id)
    else:
        view = await _found(desk, reader, sight, addresses_in(message))
        await desk.slack.open_view(body["trigger_id"], view)


def addresses_in(message: dict[str, Any]) -> list[str]:
    """Return the e-mail addresses in a message's text and blocks, each once."""
    told = json.dumps([message.get("text"), message.get("blocks")], ensure_ascii=False)
    return list(dict.fromkeys(found.strip(".").lower() for found in ADDRESS.findall(told)))[:ADDRESSES_MOST]


async def submit(ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show what was looked for beneath the question."""
    desk, reader = desk_of(context), reader_of(context)
    asked = cards.read_asked(view["state"]["values"])
    try:
        shown = await _found(desk, reader, await desk.sight(reader.id), addresses_in({"text": asked}), asked)
    except Refusal as refusal:
        await ack(response_action="errors", errors={Block.TEXT: sentence(refusal, reader.texts)})
    else:
        await ack(response_action="update", view=shown)


async def _found(desk: Desk, reader: Reader, sight: Sight, addresses: list[str], asked: str = "") -> Json:
    """Return the question with what is found: by addresses where there are some, else by words, else nothing yet."""
    texts, page, nothing = reader.texts, None, ""
    if addresses:
        page = await desk.store.read(worklists.of_addresses, addresses, sight)
        asked, nothing = asked or ", ".join(addresses), texts("list.no_address")
    elif asked:
        page = await desk.containing(asked, sight)
        nothing = texts("list.no_find", text=b.inert(b.literal(asked, 100)))
    return cards.search(texts, datetime.now(UTC), asked=asked, page=page, nothing=nothing)
