"""What the bot writes into threads and to single people, and the history of a callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.card import SIGNS, open_card, who
from bot.cards.ids import Action, Event, View
from bot.cards.labels import theme_label
from bot.cards.modals import modal
from bot.model import NextStep, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from bot.model import Call, Received
    from bot.texts import Texts

    Clocks = tuple[timedelta, timedelta]

SHOWN = 40
"""Entries of a history that its modal has, the last: each is up to two of the hundred blocks that Slack takes."""


def call_summary(call: Call, texts: Texts) -> Rendered:
    """Say in the card's thread who called, how it went and what the customer said."""
    outcome = texts(f"outcome.{call.outcome}")
    blocks = [b.section(texts("note.call", user=b.mention(call.caller), outcome=outcome))]
    if notes := b.clean(call.notes):
        blocks.append(b.rich(b.quote(notes)))
    if call.themes:
        named = " · ".join(theme_label(theme, texts) for theme in call.themes)
        blocks.append(b.context(b.plain(b.cut(texts("note.themes", themes=named), 300))))
    if call.lesson:
        blocks.append(b.context(texts("note.lesson")))
    if call.next_step is NextStep.CALL_AGAIN and call.call_again_at:
        blocks.append(b.context(texts("note.call_again", when=b.when(call.call_again_at, texts))))
    elif call.next_step is NextStep.HAND_OVER:
        blocks.append(b.context(texts("note.hand_over")))
    if call.referral_name or call.referral_contact:
        referral = b.one_line(" · ".join(filter(None, (call.referral_name, call.referral_contact))), 400)
        blocks.append(b.rich(b.line(b.words(texts("note.referral") + " ", bold=True), b.words(referral))))
    text = texts("note.call_text", user=b.mention(call.caller), outcome=outcome, notes=b.literal(call.notes, 600))
    return Rendered(text, blocks, Event.NOTE)


def whom(wanted: str | None) -> str:
    """Return a person or a user group as Slack tells them of a message; nothing where nobody is named."""
    if wanted is None:
        return ""
    return f"<!subteam^{wanted}>" if wanted.startswith("S") else b.mention(wanted)


def line(  # noqa: PLR0913  # what, about whom, to whom, and what a colleague said with it
    key: str,
    found: Received,
    texts: Texts,
    *,
    broadcast: bool = False,
    to_whom: str = "",
    address: str | None = None,
    said: str = "",
    **values: object,
) -> Rendered:
    """Say one sentence about a response, beside a button to its card's address; who gave it is told literally."""
    named = {"who": b.inert(b.literal(who(found, texts), 200)), "score": found.response.score}
    text = f"{to_whom} {texts(key, **{**named, **values})}".strip()
    words = b.clean(said)
    block = b.section(text, open_card(found, address, texts) if address else None)
    blocks = [block, b.rich(b.quote(words))] if words else [block]
    return Rendered(f"{text} {b.literal(words, 500)}".strip(), blocks, Event.NOTE, broadcast=broadcast)


@dataclass(frozen=True, slots=True)
class Listed:
    """One of many in a message, with the address of its card where it has one."""

    found: Received
    link: str | None


def round_up(action: str, worst: Sequence[Listed], n: int, texts: Texts, *, to: str = "") -> Rendered:
    """Say of `n` callbacks at once what time has done, with links to the worst of them."""
    said = texts(f"round_up.{action}", n=n)
    text = f"{to} {said}".strip()
    items, lines = [], [text]
    for each in worst:
        name = b.one_line(who(each.found, texts), 150)
        link: Json = {"type": "link", "url": each.link, "text": name} if each.link else b.words(name)
        inline = [b.words(f"{SIGNS[each.found.category]} {each.found.response.score} · "), link]
        if current := each.found.callback:
            inline += [b.words(" · "), *b.dated(texts, "digest.due", current.call_again_at or current.due_at)]
        items.append(b.line(*inline))
        lines.append(f"- {each.found.response.score}: {b.literal(name)}")
    blocks = [b.section(text)]
    if items:
        blocks.append(b.rich({"type": "rich_text_list", "style": "bullet", "elements": items}))
    if n > len(worst):
        blocks.append(b.context(texts("round_up.more", n=n - len(worst))))
    return Rendered("\n".join(lines), blocks, Event.NOTE)


def _clocks(found: Received, clocks: Clocks, texts: Texts) -> list[Json]:
    """Say how long a callback has been open, on the customer's clock and in business hours; nothing of minutes."""
    which = "closed" if found.callback and found.callback.state is State.CLOSED else "open"
    hours, business = (round(span.total_seconds() / 3600, 1) for span in clocks)
    return [b.context(texts(f"clock.{which}", hours=hours, business=business))] if hours else []


def history(
    found: Received,
    events: Sequence[dict[str, Any]],
    calls: Mapping[int, Call],
    texts: Texts,
    *,
    clocks: Clocks | None = None,
) -> Json:
    """Return a modal with who did what when, and every call with its notes, oldest first."""
    blocks: list[Json] = [b.rich(b.line(b.words(b.one_line(who(found, texts), 200), bold=True)))]
    if clocks is not None:
        blocks += _clocks(found, clocks, texts)
    if (earlier := len(events) - SHOWN) > 0:
        blocks.append(b.context(texts("list.history_cut", n=earlier)))
    for event in events[-SHOWN:]:
        actor = b.mention(event["actor"]) if event["actor"] else texts("history.npsbot")
        details = event["details"]
        word = texts(
            _told(event),
            user=actor,
            to=whom(details.get("to")),
            until=b.when(datetime.fromisoformat(details["until"]), texts) if details.get("until") else "",
            outcome=texts(f"outcome.{details['outcome']}") if details.get("outcome") else "",
            score=details.get("score", ""),
        )
        call_id = details.get("call", 0)
        call = calls.get(call_id)
        mark = _lesson(found, call_id, call, texts) if call and b.clean(call.notes) else None
        blocks.append(b.section(f"{b.when(event['at'], texts)}: {word}", mark))
        if said := b.clean(event.get("remark") or ""):
            blocks.append(b.rich(b.quote(b.cut(said, 1500))))
        if call and (notes := b.clean(call.notes)):
            blocks.append(b.rich(b.quote(b.cut(notes, 1500))))
    return modal(View.HISTORY, texts("modal.history"), blocks, texts)


def _told(event: Mapping[str, Any]) -> str:
    """Return the key of the words for an entry of the history."""
    action, to = event["action"], event["details"].get("to")
    if action == "assigned" and to == event["actor"]:
        return "history.taken"
    return "history.escalated_to" if action == "escalated" and to else f"history.{action}"


def _lesson(found: Received, call_id: int, call: Call, texts: Texts) -> Json:
    """Return the button that marks a call's notes as a lesson for product, or takes the mark away."""
    action = Action.UNMARK_LESSON if call.lesson else Action.MARK_LESSON
    return b.button(texts(f"button.{action}"), action, f"{found.public_id} {call_id}")
