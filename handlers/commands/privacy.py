"""/nps export and forget: what only admins may do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import forget as forgetting
from bot import lookup
from bot.cards import blocks as b
from bot.cards.ids import Action
from bot.model import Refusal
from handlers import desk_of, reader_of
from handlers.commands.answers import Answer, address
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext

    from bot.cards.blocks import Json
    from handlers import Desk, Reader


class AdminsOnly(Refusal):
    """Only the admins named in npsbot.toml can do this in Slack."""

    key = "refusal.admins_only"


async def export(desk: Desk, _rest: str, reader: Reader) -> Answer:
    """Say how an admin gets the file."""
    _admin(desk, reader.id, "export FILE")
    return reader.texts("list.export"), None


async def forget(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Ask an admin once more before a person is erased."""
    _admin(desk, reader.id, f"forget {address(rest)}" if rest else "forget EMAIL")
    if not rest:
        return reader.texts("list.forget_who"), None
    email = address(rest)
    answered, _ = await desk.store.read(lookup.story, email)
    if not answered:
        return reader.texts("forget.nobody", email=b.literal(email, 200)), None
    text = reader.texts("forget.ask", email=b.literal(email, 200))
    return text, [b.section(text), {"type": "actions", "elements": [_erase_button(reader, email)]}]


def _erase_button(reader: Reader, email: str) -> Json:
    button = b.button(reader.texts("button.forget_person"), Action.FORGET, email, style="danger")
    confirm = {
        "title": b.plain(reader.texts("forget.title")),
        "text": b.plain(reader.texts("forget.sure")),
        "confirm": b.plain(reader.texts("forget.yes")),
        "deny": b.plain(reader.texts("modal.cancel")),
    }
    return {**button, "confirm": confirm}


async def erase(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Erase the person whom an admin has named and confirmed."""
    await ack()
    desk, reader, email = desk_of(context), reader_of(context), body["actions"][0]["value"]
    try:
        _admin(desk, reader.id, f"forget {email}")
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, reader.texts))
        return
    erased = await desk.change(forgetting.forget, email, reader.id, datetime.now(UTC))
    privately(desk, context, body, reader.texts("forget.done", n=erased.responses))


def _admin(desk: Desk, user: str, command: str) -> None:
    if user not in desk.settings.admins:
        raise AdminsOnly(command=command)


ANSWERS = {"export": export, "forget": forget}
