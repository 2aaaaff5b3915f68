"""What responses are about: tagged in the background, and corrected from their cards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import lookup, worklists
from bot.cards import call_form
from bot.cards import themes as cards
from bot.cards.ids import Action, Block, View
from bot.model import Refusal
from bot.themes import tagged
from handlers.desk import desk_of, reader_of
from handlers.errors import in_form

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.desk import Desk


LOOK_SECONDS = 2.0
"""How often the bot looks for what nobody has looked at."""

AT_ONCE, IN_A_ROW = 100, 40
"""Comments that are tagged in one transaction, and how many of these before others have the processor again."""


def register(bolt: AsyncApp) -> None:
    """Listen to the card's button and its form."""
    bolt.action(Action.THEMES)(open_form)
    bolt.view(View.THEMES)(submit)


async def watch(desk: Desk) -> None:
    """Look at what came, for as long as the bot runs."""
    while True:
        await asyncio.wait([desk.errand(catch_up(desk))])
        await asyncio.sleep(LOOK_SECONDS)


async def catch_up(desk: Desk) -> None:
    """Tag some of what came, and put it into the index of words; whatever else is to be written goes first."""
    settings = desk.settings
    for behind, step in (
        (lambda db: tagged.is_behind(db, settings), lambda db: tagged.sweep(db, settings, AT_ONCE)),
        (worklists.is_behind, worklists.index),
    ):
        if await desk.store.read(behind):
            for _ in range(IN_A_ROW):
                if desk.store.busy() or not await desk.store.run(step):
                    break


async def open_form(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show what the response is about, to be corrected."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    found = await desk.store.read(lookup.found, desk.settings, body["actions"][0]["value"], reader.id)
    if found is not None:
        view = cards.correct(found, reader.texts, themes=desk.settings.themes)
        await desk.slack.open_view(body["trigger_id"], view)


async def submit(ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Set the themes for good where others are chosen than were proposed."""
    desk, reader, chosen = desk_of(context), reader_of(context), call_form.read_themes(view)
    try:
        if chosen is not None:
            await desk.change(
                tagged.correct, desk.settings, view["private_metadata"], chosen, reader.id, datetime.now(UTC)
            )
    except Refusal as refusal:
        await ack(response_action="errors", errors={Block.THEMES: await in_form(desk, reader, refusal)})
    else:
        await ack()
