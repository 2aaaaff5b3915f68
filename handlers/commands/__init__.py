"""/nps: answers that only the asker sees; each topic's module lists its own subcommands."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.ids import COMMAND, Action, View
from bot.model import Refusal
from handlers import rights
from handlers.commands import insight, lessons, lists, privacy, scores, team, themes
from handlers.desk import desk_of, reader_of
from handlers.errors import noted, privately, sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from handlers.commands.answers import Answer
    from handlers.desk import Desk, Reader


ANSWER_WITHIN = 2.0
"""Seconds after which a command is acknowledged although its answer is still being found; Slack waits for three."""


def register(bolt: AsyncApp) -> None:
    """Listen to the slash command."""
    bolt.command(COMMAND)(command)
    lists.register(bolt)
    lessons.register(bolt)
    insight.register(bolt)
    bolt.action(Action.FORGET)(privacy.erase)
    bolt.view(View.FORGET)(privacy.submit)


async def command(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Answer with the acknowledgement, so that only the asker sees it; what takes longer follows it."""
    desk = desk_of(context)
    answering = asyncio.ensure_future(_answer(desk, reader_of(context), body))
    try:
        await asyncio.wait({answering}, timeout=ANSWER_WITHIN)
    except asyncio.CancelledError:
        answering.cancel()
        raise
    if answering.done():
        text, blocks = answering.result()
        await ack(text=text, blocks=blocks, response_type="ephemeral")
    else:
        await ack()
        desk.errand(_follow(desk, context, body, answering))


async def _answer(desk: Desk, reader: Reader, body: dict[str, Any]) -> Answer:
    (word, rest), given = rights.words(body), (body.get("text") or "").strip().partition(" ")[0]
    answer = ANSWERS.get(word) if word in rights.COMMANDS else None
    try:
        told = await answer(desk, rest, reader) if answer else _help(reader, given)
    except Refusal as refusal:
        return sentence(refusal, reader.texts), None
    if form := FORMS.get(word):
        desk.errand(form(desk, rest, reader, body["trigger_id"]))
    return told


async def _follow(
    desk: Desk, context: AsyncBoltContext, body: dict[str, Any], answering: asyncio.Future[Answer]
) -> None:
    """Tell the asker, once it is there, what the acknowledgement could not wait for."""
    try:
        await asyncio.wait({answering})
    finally:
        answering.cancel()
    if fault := answering.exception():
        privately(desk, context, body, noted(fault, reader_of(context).texts))
    elif context.respond:
        text, blocks = answering.result()
        await context.respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=False)


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
