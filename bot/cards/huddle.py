"""The huddle: callbacks to share out, each with who takes it, and the week's lessons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import SIGNS, status, who
from bot.cards.ids import Action

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.model import Call, Received
    from bot.texts import Texts

QUOTE_MOST = 400


@dataclass(frozen=True, slots=True)
class Huddle:
    """What a team looks at together."""

    found: tuple[Received, ...] = ()
    lessons: tuple[tuple[Received, Call], ...] = ()


def pack(huddle: Huddle, texts: Texts) -> tuple[str, list[Json]]:
    """Return the huddle in words and as blocks; whoever is chosen beside a callback takes it."""
    title = texts("huddle.title" if huddle.found else "huddle.nothing", n=len(huddle.found))
    told, blocks = [title.replace("*", "")], [b.section(title)]
    for each in huddle.found:
        blocks += _callback(each, texts)
        told.append(f"{each.response.score}: {b.literal(who(each, texts), 150)}")
    if huddle.lessons:
        blocks += [{"type": "divider"}, b.section(f"*{texts('huddle.lessons')}*")]
        told += ["", texts("huddle.lessons")]
    for about, call in huddle.lessons:
        quote = b.quote(b.cut(b.clean(call.notes), QUOTE_MOST))
        blocks.append(b.rich(quote, b.line(b.words(b.one_line(who(about, texts), 150), italic=True))))
        told.append(f"- {b.literal(call.notes, 300)}")
    return "\n".join(told), blocks


def _callback(found: Received, texts: Texts) -> list[Json]:
    first = b.line(
        b.words(f"{SIGNS[found.category]} {found.response.score} · "),
        b.words(b.one_line(who(found, texts), 150), bold=True),
    )
    comment = b.one_line(found.response.comment or "", QUOTE_MOST)
    taker: Json = {
        "type": "users_select",
        "action_id": Action.HUDDLE,
        "placeholder": b.plain(texts(f"button.{Action.HUDDLE}")),
    }
    if found.callback and found.callback.holder:
        taker["initial_user"] = found.callback.holder
    blocks = [b.rich(first, *([b.quote(comment)] if comment else []))]
    if found.callback:
        blocks.append(b.context(status(found.callback, texts)))
    return [*blocks, b.actions(found.public_id, taker)]
