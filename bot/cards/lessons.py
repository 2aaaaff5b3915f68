"""Lessons for product as a list: from whom, noted by whom, about what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import SIGNS, who
from bot.cards.labels import theme_label

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.model import Call, Received
    from bot.texts import Texts

SHOWN = 8
"""Lessons on a page: each takes two blocks, and up to 1,000 of the about 12,000 characters that Slack takes."""
NOTES_SHOWN = 800
THEMES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Lessons:
    """A page of lessons, newest first: `total` in all, by theme in all, the page counted from 1."""

    items: tuple[tuple[Received, Call], ...]
    total: int
    themes: tuple[tuple[str, int], ...] = ()
    number: int = 1


def listed(page: Lessons, texts: Texts) -> tuple[str, list[Json]]:
    """Return a page of lessons as text and blocks, and how to ask for the next."""
    title = texts("lessons.title" if page.total else "lessons.nothing", n=page.total)
    blocks: list[Json] = [b.section(title)]
    if page.themes:
        counted = " · ".join(
            f"{theme_label(theme, texts)} {texts.number(n)}" for theme, n in page.themes[:THEMES_SHOWN]
        )
        blocks.append(b.context(b.plain(b.cut(texts("lessons.themes", themes=counted), 1000))))
    told = [title.replace("*", "")]
    for about, call in page.items:
        blocks += _lesson(about, call, texts)
        told.append(f"{b.literal(who(about, texts), 100)}: {b.literal(call.notes, 150)}")
    if page.total > page.number * SHOWN:
        blocks.append(b.context(texts("lessons.older", page=page.number + 1)))
    return "\n".join(told), blocks


def _lesson(about: Received, call: Call, texts: Texts) -> list[Json]:
    score = "" if about.response.score is None else f"{SIGNS[about.category]} {about.response.score} · "
    first = b.line(b.words(score), b.words(b.one_line(who(about, texts), 150), bold=True))
    small = [texts("lessons.noted", when=b.when(call.at, texts), user=b.mention(call.caller))]
    themes = " · ".join(theme_label(theme, texts) for theme in call.themes)
    noted = b.context(*small, *([b.plain(b.cut(themes, 300))] if themes else []))
    return [b.rich(first, b.quote(b.cut(b.clean(call.notes), NOTES_SHOWN))), noted]
