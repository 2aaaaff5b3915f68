"""Who may knock, and what happens when something goes wrong: the person learns it, the log has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt.response import BoltResponse

from bot.cards import modals
from bot.model import Refusal
from bot.refusals import HeldBySomeoneElse, HeldForLeads
from bot.slack import SlackFault, TooLate
from handlers import rights
from handlers.desk import reader_of
from storage import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.texts import Texts
    from handlers.desk import Desk, Reader

log = structlog.get_logger("slack")

FAULTS: Mapping[type[Exception], str] = {Unavailable: "fault.busy", TooLate: "fault.too_late"}
"""What somebody is told of a fault that passes by itself; of any other, that something went wrong."""


def register(bolt: AsyncApp, desk: Desk) -> None:
    """Let in only those who may act, and answer every fault."""

    async def gate(context: AsyncBoltContext, body: dict[str, Any], next_: Callable[[], Awaitable[None]]) -> Any:
        context["desk"] = desk
        if context.user_id is None or body.get("type") == "event_callback":
            return await next_()
        user, request = context.user_id, rights.asked(body)
        try:
            person = await rights.let_in(desk, user, team_of(body), request)
        except Refusal as refusal:
            log.info("person_refused", user=user, request=request.name, reason=type(refusal).__name__)
            await rights.note(desk, user, request, refused=True)
            return answer(desk, context, body, sentence(refusal, desk.texts_for(user)))
        context["reader"] = desk.reader(person)
        await rights.note(desk, user, request)
        return await next_()

    bolt.middleware(gate)

    async def fault(error: Exception, context: AsyncBoltContext, body: dict[str, Any]) -> BoltResponse:
        return answer(desk, context, body, noted(error, _texts(desk, context)))

    bolt.error(fault)


def noted(error: BaseException, texts: Texts) -> str:
    """Write a fault into the log, and return what the person who met it is told."""
    if isinstance(error, Unavailable | SlackFault):
        log.warning("listener_hindered", reason=str(error))
    else:
        log.error("listener_failed", exc_info=error)
    return texts(next((word for kind, word in FAULTS.items() if isinstance(error, kind)), "fault.broken"))


def register_last(bolt: AsyncApp) -> None:
    """Acknowledge what no listener knows, such as a button of an older version's card."""
    anything = re.compile("")
    bolt.action(anything)(unknown)
    bolt.view(anything)(unknown)
    bolt.view_closed(anything)(unknown)
    bolt.shortcut(anything)(unknown)
    bolt.event(anything)(unknown)


async def unknown(ack: AsyncAck, body: dict[str, Any]) -> None:
    """Leave nobody with an error for what means nothing to this version, and Slack with nothing to send again."""
    await ack()
    log.info("request_unknown", kind=body.get("type"))


def team_of(body: dict[str, Any]) -> str | None:
    """Return the workspace of whoever acts, which in a shared channel is not the one the app is in."""
    team: str | None = (body.get("user") or {}).get("team_id") or body.get("team_id")
    return team


def sentence(refusal: Refusal, texts: Texts, *, holder: str | None = None) -> str:
    """Return a refusal in words; whoever holds the callback as Slack shows people, or as `holder` names them."""
    shown = dict(refusal.values)
    if "holder" in shown:
        shown["holder"] = holder or (f"<@{shown['holder']}>" if shown["holder"] else texts("refusal.a_colleague"))
    return texts(refusal.key, **shown)


async def advised(desk: Desk, reader: Reader, refusal: Refusal) -> Refusal:
    """Return a refusal with advice that its reader can follow: of what others hold, only leads take everything over."""
    if type(refusal) is HeldBySomeoneElse and not await desk.people.leads(reader.id):
        return HeldForLeads(**refusal.values)
    return refusal


async def in_form(desk: Desk, reader: Reader, refusal: Refusal) -> str:
    """Return a refusal for a form, whose errors are plain text: with the holder's own name."""
    texts, refusal = reader.texts, await advised(desk, reader, refusal)
    holder = refusal.values.get("holder")
    name = await desk.people.name(str(holder)) if holder else None
    return sentence(refusal, texts, holder=name or texts("refusal.a_colleague"))


def answer(desk: Desk, context: AsyncBoltContext, body: dict[str, Any], text: str) -> BoltResponse:
    """Return the acknowledgement that tells one person a sentence, whatever they did."""
    if body.get("type") == "view_submission":
        return BoltResponse(status=200, body=_in_form(body, text, _texts(desk, context)))
    if body.get("command"):
        return BoltResponse(status=200, body={"response_type": "ephemeral", "text": text})
    privately(desk, context, body, text)
    return BoltResponse(status=200, body="")


def privately(desk: Desk, context: AsyncBoltContext, body: dict[str, Any], text: str) -> None:
    """Tell one person, beside what everybody sees: where they clicked, and over App Home, which has no such place."""
    if context.response_url and context.respond:
        desk.errand(context.respond(text, response_type="ephemeral", replace_original=False))
    elif trigger := body.get("trigger_id"):
        desk.errand(desk.slack.open_view(trigger, modals.notice(text, _texts(desk, context))))


def _texts(desk: Desk, context: AsyncBoltContext) -> Texts:
    """Return the texts of whoever was let in, else the team's."""
    return reader_of(context).texts if "reader" in context else desk.texts


def _in_form(body: dict[str, Any], text: str, texts: Texts) -> dict[str, Any]:
    """Return what says a sentence at a form's first field; a form that has none gives way to it."""
    inputs = [block["block_id"] for block in body["view"]["blocks"] if block["type"] == "input"]
    if not inputs:
        return {"response_action": "update", "view": modals.notice(text, texts)}
    return {"response_action": "errors", "errors": {inputs[0]: text}}
