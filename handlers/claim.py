"""Claim, release, reopen: the buttons that decide whose turn it is; each move is on disk before Slack hears of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import callbacks
from bot.cards.ids import Action
from bot.model import Refusal
from handlers import home, rights
from handlers.commands import lists
from handlers.desk import desk_of, reader_of
from handlers.errors import advised, privately, sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons."""
    bolt.action(Action.CLAIM)(claim)
    bolt.action(Action.RELEASE)(release)
    bolt.action(Action.REOPEN)(reopen)


async def claim(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Make whoever clicked the holder; the others learn privately who holds it."""
    await move(ack, body, context, callbacks.claim)


async def release(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Let go of what the asker holds."""
    await move(ack, body, context, callbacks.release)


async def reopen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Open what is closed."""
    await move(ack, body, context, callbacks.reopen, desk_of(context).settings)


async def move(
    ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, decide: Callable[..., Any], *more: object
) -> None:
    """Make a move that needs no form; whoever is refused learns it privately."""
    desk, reader = desk_of(context), reader_of(context)
    try:
        await desk.change(decide, *more, rights.about(body), reader.id, datetime.now(UTC))
    except Refusal as refusal:
        privately(desk, context, body, sentence(await advised(desk, reader, refusal), reader.texts))
    await ack()
    home.refresh(desk, body)
    lists.refresh(desk, body, context)
