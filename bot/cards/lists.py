"""Answers that only the asker sees: callbacks, what was found, one customer's story; a page at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from bot.cards import blocks as b
from bot.cards.card import SIGNS, open_card, status, who
from bot.cards.ids import Action, Listing
from bot.model import State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.cards.blocks import Json
    from bot.model import Call, Received
    from bot.texts import Texts

T = TypeVar("T")

SHOWN = 6
"""Responses on a page: three blocks each, of the fifty and the about 12,000 characters that Slack takes."""
TOLD = 8
"""Answers and calls on a page of a customer's story."""
BLOCK_ID_MOST = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """A response in a list, and the address of its card where that stands in Slack.

    `excerpt` is what to show of it instead of the start of its comment.
    """

    found: Received
    link: str | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One thing in a customer's story: an answer with its change from the one before, or a call about it."""

    entry: Entry
    change: int | None = None
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, counted from 1; `total` is None where there are too many to be counted."""

    items: tuple[T, ...] = ()
    total: int | None = 0
    number: int = 1
    size: int = SHOWN
    more: bool = False

    @property
    def pages(self) -> int | None:
        """Return how many pages there are, at least one."""
        return None if self.total is None else max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of which list somebody looks at; `asked` is what the list was asked for."""

    name: Listing
    number: int = 1
    asked: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.number} {self.asked}".rstrip()


def place_of(text: str) -> Place | None:
    """Return the place that a button's value, or the id of its row, tells; None where it tells none."""
    name, _, rest = re.sub(r"^row \d+ ", "", text).partition(" ")
    number, _, asked = rest.partition(" ")
    known = name in list(Listing) and number.isascii() and number.isdecimal() and 0 < len(number) < 7
    return Place(Listing(name), max(1, int(number)), asked) if known else None


def callbacks(title: str, page: Page[Entry], place: Place, texts: Texts, now: datetime) -> list[Json]:
    """Return a page of responses with their callbacks, each with the buttons that act on it, and those that turn it."""
    blocks: list[Json] = [b.section(title)]
    for number, each in enumerate(page.items):
        blocks += entry(each, texts, now, row=_row(place, number))
    return [*blocks, *turning(page, place, texts)]


def _row(place: Place, number: int) -> str:
    """Return the id of a row of buttons: it tells the page to be brought up to date, where that fits in."""
    told = f"row {number} {place}"
    return told if len(told) <= BLOCK_ID_MOST else f"row {number}"


def in_words(title: str, page: Page[Entry], texts: Texts) -> str:
    """Return a list as notifications and screen readers tell it: its title, and who gave which score."""
    named = [f"{each.found.response.score}: {b.literal(who(each.found, texts), 150)}" for each in page.items]
    return "\n".join([title.replace("*", ""), *named])


def entry(  # noqa: PLR0913  # a response, and where it stands
    each: Entry, texts: Texts, now: datetime, *, row: str, more: Sequence[Json] = (), to_call: bool = False
) -> list[Json]:
    """Return one response in a list: who, score, some of what was said, whose turn, buttons.

    With `to_call` it is there to log a call on, whatever its callback's state.
    """
    found = each.found
    first = b.line(
        b.words(f"{SIGNS[found.category]} {found.response.score} · "),
        b.words(b.one_line(who(found, texts), 150), bold=True),
    )
    parts = [first]
    if said := b.one_line(each.excerpt or found.response.comment or "", 200):
        parts.append(b.quote(said))
    blocks: list[Json] = [b.rich(*parts)]
    if found.callback:
        blocks.append(b.context(_turn(found, texts, now)))
    if buttons := [*_buttons(each, texts, to_call=to_call), *more]:
        blocks.append({"type": "actions", "block_id": row, "elements": buttons})
    return blocks


def _turn(found: Received, texts: Texts, now: datetime) -> str:
    """Return whose turn it is, and that it is late."""
    assert found.callback is not None  # noqa: S101  # whoever asks has looked
    told = status(found.callback, texts)
    late = found.callback.state is not State.CLOSED and found.callback.due_at < now
    return f"{texts('list.overdue')} · {told}" if late else told


def _buttons(each: Entry, texts: Texts, *, to_call: bool = False) -> list[Json]:
    found, names = each.found, []
    if found.callback and (to_call or found.callback.state is not State.CLOSED):
        names = [Action.CLAIM] if found.callback.state is State.OPEN and not to_call else []
        names.append(Action.LOG_CALL)
    whom = b.one_line(who(found, texts), 45)
    row = []
    for name in names:
        text = texts(f"button.{name}")
        row.append(b.button(text, name, found.public_id, label=f"{text}: {whom}"))
    return [*row, *([open_card(each.found, each.link, texts)] if each.link else [])]


def turning(page: Page[T], place: Place, texts: Texts) -> list[Json]:
    """Return on which page of how many one is, and the buttons to the pages beside it; nothing for a single page."""
    if page.number == 1 and not page.more:
        return []
    told = texts("list.page", page=page.number) if page.pages is None else ""
    told = told or texts("list.page_of", page=page.number, pages=page.pages)
    steps = {Action.PREVIOUS: page.number > 1, Action.NEXT: page.more}
    row = [
        b.button(texts(f"button.{action}"), action, str(Place(place.name, page.number + step, place.asked)))
        for (action, there), step in zip(steps.items(), (-1, 1), strict=True)
        if there
    ]
    return [b.context(told), {"type": "actions", "block_id": f"turn {place.name}", "elements": row}]


def customer(email: str, page: Page[Told], place: Place, texts: Texts, now: datetime) -> list[Json]:
    """Return a page of all that a person answered and of every call, newest answers first."""
    first = page.items[0].entry.found
    name = b.words(b.one_line(who(first, texts), 200), bold=True)
    blocks: list[Json] = [b.rich(b.line(name, b.words(f" · {email}")))]
    before = None
    for number, told in enumerate(page.items):
        if told.entry.found.id != before:
            blocks.append(_heading(told, texts))
        before = told.entry.found.id
        blocks += _call(told.call, texts) if told.call else _answer(told, texts, now, row=_row(place, number))
    return [*blocks, *turning(page, place, texts)]


def _heading(told: Told, texts: Texts) -> Json:
    found = told.entry.found
    change = "" if told.change is None else f" ({texts.signed(told.change)})"
    line = f"{SIGNS[found.category]} *{found.response.score}*{change} · {b.when(found.submitted_at, texts)}"
    return b.section(line)


def _answer(told: Told, texts: Texts, now: datetime, *, row: str) -> list[Json]:
    found = told.entry.found
    comment = b.clean(found.response.comment or "")
    blocks: list[Json] = [b.rich(b.quote(b.cut(comment, 600)))] if comment else []
    if found.callback:
        blocks.append(b.context(_turn(found, texts, now)))
    if buttons := _buttons(told.entry, texts):
        blocks.append({"type": "actions", "block_id": row, "elements": buttons})
    return blocks


def _call(call: Call, texts: Texts) -> list[Json]:
    outcome = texts(f"outcome.{call.outcome}")
    said = texts("list.call", user=b.mention(call.caller), outcome=outcome, when=b.when(call.at, texts))
    notes = b.clean(call.notes)
    return [b.context(said), *([b.rich(b.quote(b.cut(notes, 600)))] if notes else [])]
