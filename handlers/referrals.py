"""The buttons of a referral: whoever is in the channel of sales takes it, lets it go, and says how it ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import referrals
from bot.cards.ids import Action
from bot.model import Refusal
from handlers.desk import desk_of, reader_of
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from storage.db import Db

    Move = Callable[[Db, int, str, datetime], None]

MOVES: dict[Action, Move] = {
    Action.CLAIM_REFERRAL: referrals.claim,
    Action.RELEASE_REFERRAL: referrals.release,
    Action.WON_REFERRAL: referrals.won,
    Action.LOST_REFERRAL: referrals.lost,
}


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons."""
    for action, move in MOVES.items():
        bolt.action(action)(_listener(move))


def _listener(move: Move) -> Callable[..., Awaitable[None]]:
    async def listen(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        desk, reader = desk_of(context), reader_of(context)
        try:
            await desk.people.may_see(reader.id, body["channel"]["id"])
            call_id = int(body["actions"][0]["value"].rpartition(" ")[2])
            await desk.change(move, call_id, reader.id, datetime.now(UTC))
        except Refusal as refusal:
            privately(desk, context, body, sentence(refusal, reader.texts))
        await ack()

    return listen
