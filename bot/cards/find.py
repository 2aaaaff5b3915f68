"""The modal that finds a customer from anywhere in Slack: a question, and what is found to log a call on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.ids import Block, View
from bot.cards.lists import entry
from bot.cards.modals import modal, typed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from bot.cards.blocks import Json
    from bot.cards.lists import Entry, Page
    from bot.texts import Texts

ASKED_MOST = 300


def search(texts: Texts, now: datetime, *, asked: str = "", page: Page[Entry] | None = None, nothing: str = "") -> Json:
    """Return the question, and beneath it what was found; `nothing` says why there is none of it."""
    element: Json = {"type": "plain_text_input", "max_length": ASKED_MOST, "focus_on_load": True}
    if asked:
        element["initial_value"] = asked[:ASKED_MOST]
    blocks = [b.field_input(Block.TEXT, texts("field.text"), element, hint=texts("hint.text"))]
    for each in page.items if page else ():
        blocks += entry(each, texts, now, row=f"{b.RESPONSE}{each.found.public_id}", to_call=True)
    if page and page.more:
        blocks.append(b.context(texts("list.newest")))
    if nothing and not (page and page.items):
        blocks.append(b.section(nothing))
    return modal(View.FIND, texts("modal.find"), blocks, texts, submit=texts("modal.search"))


def read_asked(values: Mapping[str, Any]) -> str:
    """Return what was asked for, on one line; empty for nothing that can be seen."""
    return b.one_line(typed(values, Block.TEXT) or "", ASKED_MOST)
