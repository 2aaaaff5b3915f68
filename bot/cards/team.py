"""What each colleague did, as a private answer to a lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.closing import Colleague
    from bot.texts import Texts

SHOWN = 40
"""Colleagues in one answer; a section holds 3,000 characters."""


def people(days: str, found: Sequence[Colleague], texts: Texts) -> str:
    """Return calls, closings and the time to the first call of each, in no order that could be a ranking."""
    title = texts("team.title", days=days)
    if not found:
        return f"{title}\n{texts('team.nobody')}"
    lines = [title, *(f"• {_line(person, texts)}" for person in found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append(texts("list.more", n=len(found) - SHOWN))
    return "\n".join(lines)


def _line(person: Colleague, texts: Texts) -> str:
    counts = f"{texts('team.calls', n=person.calls)}, {texts('team.closed', n=person.closed)}"
    told = f"{b.mention(person.user)}: {counts}"
    return told if person.to_call is None else f"{told}, {texts('team.to_call', span=texts.span(person.to_call))}"
