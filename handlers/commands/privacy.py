"""/nps export and forget: what only admins may do, which the gate asks each time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot import forget as forgetting
from bot.cards import blocks as b
from bot.cards import privacy
from bot.cards.modals import notice
from bot.model import Subject
from bot.slack import SlackFault
from handlers import erasures
from handlers.commands.answers import Answer, address
from handlers.desk import desk_of, reader_of
from handlers.errors import privately

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext

    from handlers.desk import Desk, Reader

log = structlog.get_logger("privacy")


async def export(_desk: Desk, _rest: str, reader: Reader) -> Answer:
    """Say how an admin gets the file."""
    return reader.texts("list.export"), None


async def forget(desk: Desk, rest: str, reader: Reader) -> Answer:
    """Ask an admin once more before a person is erased; the answer's button does it where no form has opened."""
    email = address(rest)
    if not email:
        return reader.texts("list.forget_who"), None
    concerned = await desk.store.read(forgetting.concerned, Subject(email))
    if concerned.nothing:
        return reader.texts("forget.nobody", email=b.literal(email, 200)), None
    return privacy.question(email, concerned, reader.texts), privacy.ask(email, concerned, reader.texts)


async def open_form(desk: Desk, rest: str, reader: Reader, trigger: str) -> None:
    """Ask the same in a form over what the admin looks at."""
    email = address(rest)
    concerned = await desk.store.read(forgetting.concerned, Subject(email))
    if not email or concerned.nothing:
        return
    try:
        await desk.slack.open_view(trigger, privacy.form(email, concerned, reader.texts))
    except SlackFault as fault:
        log.info("form_not_opened", reason=fault.reason)  # the answer's button asks the same


async def erase(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Erase the person whom an admin has named and confirmed at the button."""
    await ack()
    desk, reader = desk_of(context), reader_of(context)
    privately(desk, context, body, await _erase(desk, reader, body["actions"][0]["value"]))


async def submit(ack: AsyncAck, view: dict[str, Any], context: AsyncBoltContext) -> None:
    """Erase the person whom an admin has named and confirmed in the form, which says then what was done."""
    desk, reader = desk_of(context), reader_of(context)
    text = await _erase(desk, reader, view["private_metadata"])
    await ack(response_action="update", view=notice(text, reader.texts))


async def _erase(desk: Desk, reader: Reader, email: str) -> str:
    erased = await desk.change(forgetting.forget, Subject(email), reader.id, datetime.now(UTC))
    desk.errand(erasures.settle(desk))
    return reader.texts("forget.done", n=erased.responses)


ANSWERS = {"export": export, "forget": forget}
FORMS = {"forget": open_form}
"""What opens a form beside its answer, for whoever the answer does not refuse."""
