"""What the bot writes into threads and to single people, and the history of a callback."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.card import who
from bot.cards.ids import Event, View
from bot.cards.modals import modal, theme_label
from bot.model import NextStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.model import Call, Received
    from bot.texts import Texts


def call_summary(call: Call, texts: Texts) -> Rendered:
    """Say in the card's thread who called, how it went and what the customer said."""
    outcome = texts(f"outcome.{call.outcome}")
    blocks = [b.section(texts("note.call", user=b.mention(call.caller), outcome=outcome))]
    if notes := b.clean(call.notes):
        blocks.append(b.rich(b.quote(notes)))
    if call.themes:
        named = " · ".join(theme_label(theme, texts) for theme in call.themes)
        blocks.append(b.context(b.plain(b.cut(texts("note.themes", themes=named), 300))))
    if call.next_step is NextStep.CALL_AGAIN and call.call_again_at:
        blocks.append(b.context(texts("note.call_again", when=b.when(call.call_again_at, texts))))
    elif call.next_step is NextStep.HAND_OVER:
        blocks.append(b.context(texts("note.hand_over")))
    if call.referral_name or call.referral_contact:
        referral = b.one_line(" · ".join(filter(None, (call.referral_name, call.referral_contact))), 400)
        blocks.append(b.rich(b.line(b.words(texts("note.referral") + " ", bold=True), b.words(referral))))
    text = texts("note.call_text", user=b.mention(call.caller), outcome=outcome, notes=b.literal(call.notes, 600))
    return Rendered(text, blocks, Event.NOTE)


def line(key: str, found: Received, texts: Texts, *, broadcast: bool = False, **values: object) -> Rendered:
    """Say one sentence about a response; the customer's name is told literally."""
    text = texts(key, who=b.inert(b.literal(who(found, texts), 200)), score=found.response.score, **values)
    return Rendered(text, [b.section(text)], Event.NOTE, broadcast=broadcast)


def history(found: Received, events: Sequence[dict[str, Any]], calls: Mapping[int, Call], texts: Texts) -> Json:
    """Return a modal with who did what when, and every call with its notes, oldest first."""
    blocks: list[Json] = [b.rich(b.line(b.words(b.one_line(who(found, texts), 200), bold=True)))]
    for event in events[-40:]:
        actor = b.mention(event["actor"]) if event["actor"] else texts("history.npsbot")
        details = event["details"]
        word = texts(
            f"history.{event['action']}",
            user=actor,
            to=b.mention(details["to"]) if details.get("to") else "",
            until=b.when(datetime.fromisoformat(details["until"]), texts) if details.get("until") else "",
            outcome=texts(f"outcome.{details['outcome']}") if details.get("outcome") else "",
            score=details.get("score", ""),
        )
        blocks.append(b.section(f"{b.when(event['at'], texts)}: {word}"))
        call = calls.get(details.get("call", 0))
        if call and (notes := b.clean(call.notes)):
            blocks.append(b.rich(b.quote(b.cut(notes, 1500))))
    return modal(View.HISTORY, texts("modal.history"), blocks, texts)
