"""App Home: the score at a glance, what is mine, what is nobody's, what the team did this week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import menu
from bot.cards.ids import Listing, View
from bot.cards.lists import Page, Place, entry, turning

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cards.blocks import Json
    from bot.cards.lists import Entry
    from bot.texts import Texts


@dataclass(frozen=True, slots=True)
class Waiting:
    """Callbacks of one person, or of nobody: a page of them, how many are overdue, how many are put aside."""

    page: Page[Entry]
    overdue: int = 0
    asleep: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What the team has done since its week began: calls, by how many people, and callbacks closed."""

    calls: int = 0
    people: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """All that a person's home shows but the score."""

    mine: Waiting
    queue: Waiting
    done: Done


def view(home: Home, score: str, texts: Texts, now: datetime) -> Json:
    """Return App Home; `score` is the score at a glance, in words."""
    blocks: list[Json] = [
        b.header(texts("home.title")),
        b.section(score),
        b.section(_done(home.done, texts)),
        *_waiting(home.mine, Listing.MINE, texts, now),
        *_waiting(home.queue, Listing.QUEUE, texts, now),
    ]
    return {"type": "home", "callback_id": View.HOME, "blocks": blocks}


def closed(text: str) -> Json:
    """Return the home of somebody for whom there is none, which says why."""
    return {"type": "home", "callback_id": View.HOME, "blocks": [b.section(text)]}


def _done(done: Done, texts: Texts) -> str:
    """Return a thank-you to all: counts of the team, never of one person."""
    if not done.calls and not done.closed:
        return texts("home.quiet_week")
    return texts(
        "home.week",
        calls=texts("home.calls", n=done.calls),
        people=texts("home.people", n=done.people),
        closed=texts("home.closed", n=done.closed),
    )


def _waiting(waiting: Waiting, name: Listing, texts: Texts, now: datetime) -> list[Json]:
    page = waiting.page
    title = texts(f"home.{name}", n=page.total)
    if waiting.overdue:
        title += " · " + texts("home.overdue", n=waiting.overdue)
    blocks: list[Json] = [{"type": "divider"}, b.section(title)]
    if not page.items:
        blocks.append(b.context(texts(f"home.no_{name}")))
    for each in page.items:
        row = f"{b.RESPONSE}{each.found.public_id}"
        blocks += entry(each, texts, now, row=row, more=[menu(each.found, texts)])
    blocks += turning(page, Place(name), texts)
    if waiting.asleep:
        blocks.append(b.context(texts(f"home.asleep_{name}", n=waiting.asleep)))
    return blocks
