"""Erasing a person: the question that is asked before, and what is left to do by hand after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.ids import Action, Event, View
from bot.cards.modals import modal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.texts import Texts

LINKS_MOST = 40
"""Links in one message: each is a line of about a hundred characters, and a paragraph holds 3,000."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """How much there is of a person: answers, calls, messages in Slack, deliveries kept as they came."""

    responses: int
    calls: int
    messages: int
    bodies: int

    @property
    def nothing(self) -> bool:
        """Tell whether nothing is held about the person."""
        return not (self.responses or self.calls or self.bodies)


def question(email: str, concerned: Concerned, texts: Texts) -> str:
    """Return what will be erased, in figures, and that it cannot be undone."""
    figures = ", ".join(
        texts(f"forget.{name}", n=n)
        for name in ("responses", "calls", "messages", "bodies")
        if (n := getattr(concerned, name))
    )
    return texts("forget.ask", email=b.literal(email, 200), figures=figures)


def ask(email: str, concerned: Concerned, texts: Texts) -> list[Json]:
    """Return the question with the button that erases once it is confirmed."""
    confirm = {
        "title": b.plain(texts("forget.title")),
        "text": b.plain(texts("forget.sure")),
        "confirm": b.plain(texts("forget.yes")),
        "deny": b.plain(texts("modal.cancel")),
    }
    button = b.button(texts("button.forget_person"), Action.FORGET, email, style="danger")
    return [
        b.section(question(email, concerned, texts)),
        {"type": "actions", "elements": [{**button, "confirm": confirm}]},
    ]


def form(email: str, concerned: Concerned, texts: Texts) -> Json:
    """Return the question as a form whose submission erases."""
    blocks = [b.section(question(email, concerned, texts)), b.context(texts("forget.sure"))]
    return modal(View.FORGET, texts("modal.forget"), blocks, texts, about=email, submit=texts("forget.yes"))


def left_in_threads(links: Sequence[str], texts: Texts) -> Rendered:
    """Tell an admin where colleagues wrote themselves: an app cannot delete that."""
    shown = [f"• {link}" for link in links[:LINKS_MOST]]
    if len(links) > LINKS_MOST:
        shown.append(texts("list.more", n=len(links) - LINKS_MOST))
    text = texts("note.erased", n=len(links))
    pieces = [b.section("\n".join(shown[start : start + 10])) for start in range(0, len(shown), 10)]
    return Rendered(text, [b.section(text), *pieces], Event.NOTE)
