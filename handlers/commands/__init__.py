"""/nps: answers that only the asker sees; each topic's module lists its own subcommands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.ids import COMMAND, Action, View
from bot.model import Refusal
from handlers import rights
from handlers.commands import insight, lessons, lists, privacy, scores, team, themes
from handlers.desk import desk_of, reader_of
from handlers.errors import sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader


def register(bolt: AsyncApp) -> None:
    """Listen to the slash command."""
    bolt.command(COMMAND)(command)
    lists.register(bolt)
    lessons.register(bolt)
    insight.register(bolt)
    bolt.action(Action.FORGET)(privacy.erase)
    bolt.view(View.FORGET)(privacy.submit)


async def command(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Answer with the acknowledgement, so that only the asker sees it."""
    desk, reader = desk_of(context), reader_of(context)
    (word, rest), given = rights.words(body), (body.get("text") or "").strip().partition(" ")[0]
    answer = ANSWERS.get(word) if word in rights.COMMANDS else None
    try:
        text, blocks = await answer(desk, rest, reader) if answer else _help(reader, given)
    except Refusal as refusal:
        text, blocks = sentence(refusal, reader.texts), None
    else:
        if form := FORMS.get(word):
            desk.errand(form(desk, rest, reader, body["trigger_id"]))
    await ack(text=text, blocks=blocks, response_type="ephemeral")


def _help(reader: Reader, given: str) -> Answer:
    text = reader.texts("help.text")
    if given:
        text = reader.texts("help.unknown", given=b.literal(given, 50)) + "\n" + text
    return text, [b.section(text)]


async def help_(_desk: Desk, _rest: str, reader: Reader) -> Answer:
    """Say what there is."""
    return _help(reader, "")


ANSWERS: dict[str, Callable[[Desk, str, Reader], Awaitable[Answer]]] = {
    "help": help_,
    **scores.ANSWERS,
    **insight.ANSWERS,
    **lists.ANSWERS,
    **lessons.ANSWERS,
    **team.ANSWERS,
    **themes.ANSWERS,
    **privacy.ANSWERS,
}

FORMS: dict[str, Callable[[Desk, str, Reader, str], Coroutine[Any, Any, None]]] = {**privacy.FORMS}
"""What opens a form beside its answer."""
