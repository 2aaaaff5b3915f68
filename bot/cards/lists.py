"""Answers that only the asker sees: callbacks, what was found, one customer's story, App Home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import SIGNS, status, who
from bot.cards.ids import Action, View
from bot.model import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.cards.blocks import Json
    from bot.model import Call, Received
    from bot.texts import Texts

BLOCKS_MOST, SIZE_MOST = 45, 10_000
"""What one answer may hold: Slack takes 50 blocks, and about 13,000 characters in all of them."""
SHOWN = 10
"""Responses in one answer; each takes three blocks of Slack's fifty."""


def callbacks(title: str, found: Sequence[Received], total: int, texts: Texts) -> list[Json]:
    """Return a list of responses with their callbacks, each with the buttons that act on it."""
    blocks: list[Json] = [b.section(title)]
    for each in found[:SHOWN]:
        blocks += entry(each, texts)
    if total > SHOWN:
        blocks.append(b.context(texts("list.more", n=total - SHOWN)))
    return blocks


def in_words(title: str, found: Sequence[Received], texts: Texts) -> str:
    """Return a list as notifications and screen readers tell it: its title, and who gave which score."""
    named = [f"{found.response.score}: {b.literal(who(found, texts), 150)}" for found in found[:SHOWN]]
    return "\n".join([title.replace("*", ""), *named])


def entry(found: Received, texts: Texts) -> list[Json]:
    """Return one response in a list: who, score, the start of the comment, whose turn, buttons."""
    first = b.line(
        b.words(f"{SIGNS[found.category]} {found.response.score} · "),
        b.words(b.one_line(who(found, texts), 150), bold=True),
    )
    parts = [first]
    if comment := b.one_line(found.response.comment or "", 200):
        parts.append(b.quote(comment))
    blocks: list[Json] = [b.rich(*parts)]
    if found.callback:
        blocks.append(b.context(status(found.callback, texts)))
        if found.callback.state is not State.CLOSED:
            names = [Action.CLAIM] if found.callback.state is State.OPEN else []
            row = [b.button(texts(f"button.{name}"), name, found.public_id) for name in (*names, Action.LOG_CALL)]
            blocks.append(b.actions(found.public_id, *row))
    return blocks


def customer(email: str, story: Sequence[Received], calls: Mapping[int, Sequence[Call]], texts: Texts) -> list[Json]:
    """Return all that a person answered and every call, newest first; `calls` by the response's id."""
    blocks: list[Json] = [
        b.rich(b.line(b.words(b.one_line(who(story[0], texts), 200), bold=True), b.words(f" · {email}")))
    ]
    for number, found in enumerate(story):
        told = _answer(found, calls.get(found.id, ()), texts)
        if len(blocks) + len(told) > BLOCKS_MOST or b.size([*blocks, *told]) > SIZE_MOST:
            blocks.append(b.context(texts("list.more", n=len(story) - number)))
            break
        blocks += told
    return blocks


def _answer(found: Received, calls: Sequence[Call], texts: Texts) -> list[Json]:
    """Return one answer of a customer with its calls."""
    blocks = [b.section(f"{SIGNS[found.category]} *{found.response.score}* · {b.when(found.submitted_at, texts)}")]
    if comment := b.clean(found.response.comment or ""):
        blocks.append(b.rich(b.quote(b.cut(comment, 600))))
    for call in calls:
        outcome = texts(f"outcome.{call.outcome}")
        said = texts("list.call", user=b.mention(call.caller), outcome=outcome, when=b.when(call.at, texts))
        blocks.append(b.context(said))
        if notes := b.clean(call.notes):
            blocks.append(b.rich(b.quote(b.cut(notes, 600))))
    return blocks


def home(score: str, mine: Sequence[Received], queue: Sequence[Received], texts: Texts) -> Json:
    """Return App Home: the score at a glance, what is mine, what is nobody's."""
    blocks: list[Json] = [b.header(texts("home.title")), b.section(score)]
    for title, listed in (("home.mine", mine), ("home.queue", queue)):
        blocks += [{"type": "divider"}, b.section(texts(title, n=len(listed)))]
        for each in listed[:SHOWN]:
            blocks += entry(each, texts)
    return {"type": "home", "callback_id": View.HOME, "blocks": blocks}
