"""/nps: answers that only the asker sees."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import digest as digests
from bot import forget as forgetting
from bot import lookup, periods
from bot.cards import blocks as b
from bot.cards import digest as digest_card
from bot.cards import lists
from bot.cards.ids import COMMAND, Action
from bot.model import Refusal
from handlers import desk_of
from handlers.errors import privately, sentence

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from handlers import Desk

Answer = tuple[str, list[dict[str, Any]] | None]


class AdminsOnly(Refusal):
    """Only the admins named in npsbot.toml can do this in Slack."""

    key = "refusal.admins_only"


def register(bolt: AsyncApp) -> None:
    """Listen to the slash command."""
    bolt.command(COMMAND)(command)
    bolt.action(Action.FORGET)(erase)


async def command(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Answer with the acknowledgement, so that only the asker sees it."""
    desk = desk_of(context)
    word, _, rest = (body.get("text") or "").strip().partition(" ")
    answer = ANSWERS.get(word.lower())
    try:
        text, blocks = await (answer(desk, rest.strip(), body["user_id"]) if answer else _help(desk, word))
    except Refusal as refusal:
        text, blocks = sentence(refusal, desk.texts), None
    await ack(text=text, blocks=blocks, response_type="ephemeral")


async def _help(desk: Desk, given: str) -> Answer:
    text = desk.texts("help.text")
    if given:
        text = desk.texts("help.unknown", given=b.literal(given, 50)) + "\n" + text
    return text, [b.section(text)]


async def help_(desk: Desk, _rest: str, _user: str) -> Answer:
    """Say what there is."""
    return await _help(desk, "")


async def score(desk: Desk, rest: str, _user: str) -> Answer:
    """Say where the score stands over a span, of all surveys or of one, and whether it changed."""
    texts, zone = desk.texts, desk.settings.timezone
    word, _, survey = rest.partition(" ")
    today = periods.local_day(datetime.now(UTC), zone)
    period = lookup.span(word.lower(), today)
    if period is None:
        word, survey, period = "90d", rest, periods.last_days(90, today)
    known = await desk.store.read(lookup.surveys)
    named = next((name for name in known if name.casefold() == survey.strip().casefold()), None)
    if survey.strip() and named is None:
        shown = ", ".join(b.literal(name, 60) for name in known)
        return texts("score.no_survey" if known else "score.no_surveys", name=b.literal(survey, 60), known=shown), None
    counts, before = await desk.store.read(lookup.score, period, zone, named)
    days = (period.last - period.first).days + 1
    span = texts(f"span.{word.lower()}") if texts.has(f"span.{word.lower()}") else texts("span.days", n=days)
    title = texts("score.survey", period=span, survey=b.literal(named, 60)) if named else span
    text = texts("score.title", period=title, line=digest_card.score_line(counts, texts))
    if counts.responses and before.responses:
        since = texts("change.from", period=texts("period_before.days"))
        text += "\n" + digest_card.change_line(counts, before, since, texts)
    return text, [b.section(text)]


async def digest(desk: Desk, _rest: str, user: str) -> Answer:
    """Show the digest of the last whole week, which quotes customers, to the asker alone."""
    await desk.people.may_see(user, desk.settings.channel)
    now = datetime.now(UTC)
    today = periods.local_day(now, desk.settings.timezone)
    period = periods.holding("week", today - timedelta(days=7))
    numbers = await desk.store.read(digests.numbers, desk.settings, "week", period, now)
    rendered = digest_card.render(numbers, desk.texts)
    return rendered.text, rendered.blocks


async def queue(desk: Desk, _rest: str, user: str) -> Answer:
    """List what nobody holds."""
    found = await desk.shown_to(user, await desk.store.read(lookup.queue, datetime.now(UTC)))
    return _listed(desk, "list.queue", found, "list.no_queue")


async def mine(desk: Desk, _rest: str, user: str) -> Answer:
    """List what the asker holds."""
    found = await desk.shown_to(user, await desk.store.read(lookup.mine, user))
    return _listed(desk, "list.mine", found, "list.no_mine")


def _listed(desk: Desk, key: str, found: list[Any], nothing: str, **values: object) -> Answer:
    if not found:
        text = desk.texts(nothing, **values)
        return text, [b.section(text)]
    title = desk.texts(key, n=len(found), **values)
    return lists.in_words(title, found, desk.texts), lists.callbacks(title, found, len(found), desk.texts)


async def find(desk: Desk, rest: str, user: str) -> Answer:
    """Search what customers and colleagues wrote."""
    if not rest:
        return desk.texts("list.find_what"), None
    found = await desk.shown_to(user, await desk.store.read(lookup.containing, rest))
    return _listed(desk, "list.found", found, "list.nothing_found", text=b.literal(rest, 100))


async def customer(desk: Desk, rest: str, user: str) -> Answer:
    """Tell one customer's whole story."""
    if not rest:
        return desk.texts("list.customer_who"), None
    email = address(rest)
    known, calls = await desk.store.read(lookup.story, email)
    answered = await desk.shown_to(user, known)
    if not answered:
        return desk.texts("list.no_customer", email=b.literal(email, 200)), None
    return lists.in_words(b.literal(email, 200), answered, desk.texts), lists.customer(
        email, answered, calls, desk.texts
    )


def address(text: str) -> str:
    """Return the e-mail address in what was typed, also when Slack made a link of it."""
    linked = re.match(r"<mailto:([^|>]+)", text)
    return (linked[1] if linked else text).strip("<> ")


async def export(desk: Desk, _rest: str, user: str) -> Answer:
    """Say how an admin gets the file."""
    _admin(desk, user, "export FILE")
    return desk.texts("list.export"), None


async def forget(desk: Desk, rest: str, user: str) -> Answer:
    """Ask an admin once more before a person is erased."""
    _admin(desk, user, f"forget {address(rest)}" if rest else "forget EMAIL")
    if not rest:
        return desk.texts("list.forget_who"), None
    email = address(rest)
    answered, _ = await desk.store.read(lookup.story, email)
    if not answered:
        return desk.texts("forget.nobody", email=b.literal(email, 200)), None
    text = desk.texts("forget.ask", email=b.literal(email, 200))
    return text, [b.section(text), {"type": "actions", "elements": [_erase_button(desk, email)]}]


def _erase_button(desk: Desk, email: str) -> Json:
    button = b.button(desk.texts("button.forget_person"), Action.FORGET, email, style="danger")
    confirm = {
        "title": b.plain(desk.texts("forget.title")),
        "text": b.plain(desk.texts("forget.sure")),
        "confirm": b.plain(desk.texts("forget.yes")),
        "deny": b.plain(desk.texts("modal.cancel")),
    }
    return {**button, "confirm": confirm}


async def erase(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Erase the person whom an admin has named and confirmed."""
    await ack()
    desk, user, email = desk_of(context), body["user"]["id"], body["actions"][0]["value"]
    try:
        _admin(desk, user, f"forget {email}")
    except Refusal as refusal:
        privately(desk, context, body, sentence(refusal, desk.texts))
        return
    erased = await desk.change(forgetting.forget, email, user, datetime.now(UTC))
    privately(desk, context, body, desk.texts("forget.done", n=erased.responses))


def _admin(desk: Desk, user: str, command: str) -> None:
    if user not in desk.settings.admins:
        raise AdminsOnly(command=command)


ANSWERS: dict[str, Callable[[Desk, str, str], Awaitable[Answer]]] = {
    "help": help_,
    "score": score,
    "digest": digest,
    "queue": queue,
    "mine": mine,
    "find": find,
    "customer": customer,
    "export": export,
    "forget": forget,
}
