"""The card of a response: the whole loop in one message, taken in at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.ids import Action, Event, Menu
from bot.cards.labels import theme_label
from bot.model import Category, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.model import Callback, Received
    from bot.texts import Texts

SIGNS = {Category.DETRACTOR: "🔻", Category.PASSIVE: "🔸", Category.PROMOTER: "⭐"}
ALSO_SHOWN = 3
COMMENT_SHOWN = 700
"""Characters of a comment on the card; the whole card stays well under 3,000, past which Slack splits messages."""


@dataclass(frozen=True, slots=True)
class Also:
    """Another answer of the same person that shares the callback, with the address of its card where it has one."""

    score: int
    submitted_at: datetime
    link: str | None


def response_card(
    found: Received, texts: Texts, *, also: Sequence[Also] = (), give_up_after: int | None = None
) -> Rendered:
    """Render a response and the state of its callback; after so many attempts it offers to close as unreachable."""
    parts: list[Json] = [
        b.header(f"{SIGNS[found.category]} {_headline(found, texts)}"),
        _who(found, texts),
    ]
    if found.forgotten:
        parts.append(b.context(texts("card.forgotten")))
        return Rendered(fallback(found, texts), parts, Event.RESPONSE, {"response_id": found.public_id})
    comment = b.clean(found.response.comment or "")
    if comment:
        parts.append(b.rich(b.quote(b.cut(comment, COMMENT_SHOWN))))
    parts.append(_origin(found, texts))
    if found.themes is not None:
        parts.append(_themes(found, found.themes, texts))
    if found.earlier:
        before = " · ".join(
            texts("card.earlier_answer", score=earlier.score, when=b.when(earlier.submitted_at, texts))
            for earlier in found.earlier[:3]
        )
        parts.append(b.context(texts("card.earlier", answers=before)))
    if found.test:
        parts.append(b.context(texts("card.test")))
    if found.callback:
        parts += _turn(found, found.callback, texts)
    if also:
        parts.append(_shared(also, texts))
    if row := _buttons(found, texts, cut=len(comment) > COMMENT_SHOWN, give_up_after=give_up_after):
        parts.append(b.actions(found.public_id, *row))
    return Rendered(fallback(found, texts), parts, Event.RESPONSE, {"response_id": found.public_id})


def fallback(found: Received, texts: Texts) -> str:
    """Return the card as one sentence: category, score, who, whose turn."""
    sentence = texts("card.fallback", headline=_headline(found, texts), who=b.literal(who(found, texts), 220))
    if found.callback is None:
        return sentence
    return f"{sentence} {texts(f'state.{found.callback.state}')}."


def _headline(found: Received, texts: Texts) -> str:
    return texts("card.headline", category=texts(f"category.{found.category}"), score=found.response.score)


def who(found: Received, texts: Texts) -> str:
    """Return name and company as far as they are known, on one line, not escaped."""
    name, company = _name(found, texts), b.one_line(found.response.respondent.company or "", 120)
    return f"{name} ({company})" if company else name


def open_card(found: Received, address: str, texts: Texts) -> Json:
    """Return the button that leads to a response's card, where it stands in Slack."""
    text = texts("button.open_card")
    label = f"{text}: {b.one_line(who(found, texts), 45)}"
    return {**b.button(text, Action.OPEN_CARD, found.public_id, label=label), "url": address}


def _name(found: Received, texts: Texts) -> str:
    """Return the best name there is; one of which nothing can be seen is none."""
    person = found.response.respondent
    seen = (b.one_line(text or "", 120) for text in (person.name, person.email))
    return next(filter(None, seen), texts("card.hidden" if found.private else "card.anonymous"))


def _who(found: Received, texts: Texts) -> Json:
    person, name = found.response.respondent, _name(found, texts)
    inline = [b.words(name[:1].upper() + name[1:] if found.private else name, bold=True)]
    if company := b.one_line(person.company or "", 120):
        inline.append(b.words(f" · {company}"))
    ways = (b.one_line(text or "", 120) for text in (person.phone, person.email))
    if contact := " · ".join(way for way in ways if way not in {"", name}):
        inline.append(b.words(f"\n{contact}"))
    return b.rich(b.line(*inline))


def _origin(found: Received, texts: Texts) -> Json:
    response = found.response
    places = [part for part in (response.survey, response.touchpoint, found.source) if part]
    return b.context(b.plain(b.one_line(" · ".join(places), 200), emoji=False), b.when(found.submitted_at, texts))


def _themes(found: Received, themes: Sequence[str], texts: Texts) -> Json:
    """Say what the comment is about, with the button that corrects it."""
    named = " · ".join(b.inert(b.escape(theme_label(theme, texts))) for theme in themes)
    label = texts(f"button.{Action.THEMES}")
    button = b.button(label, Action.THEMES, found.public_id, label=f"{label}: {b.one_line(who(found, texts), 45)}")
    return b.section(f"🏷️ {named}" if named else texts("card.no_themes"), button)


def _turn(found: Received, callback: Callback, texts: Texts) -> list[Json]:
    """Say whose turn it is, when the customer wants to be called, and who learns who it is."""
    parts = [b.section(status(callback, texts))]
    if wish := b.one_line(callback.preferred_time or "", 200):
        parts.append(b.context(b.plain(texts("card.preferred_time", time=wish), emoji=False)))
    if found.private and callback.state is State.OPEN:
        parts.append(b.context(texts("card.hidden_from")))
    return parts


def _shared(also: Sequence[Also], texts: Texts) -> Json:
    """Say that one callback is for several answers, with links to the cards of the others."""
    inline = [b.words(texts("card.shared", n=len(also) + 1))]
    for number, each in enumerate(also[:ALSO_SHOWN]):
        day = texts.day(each.submitted_at.astimezone(texts.zone).date())
        label = texts("card.earlier_answer", score=each.score, when=day)
        link: Json = {"type": "link", "url": each.link, "text": label} if each.link else b.words(label)
        inline += [b.words(" · " if number else " "), link]
    return b.rich(b.line(*inline))


def status(callback: Callback, texts: Texts) -> str:
    """Return whose turn it is, in our own words: open and due when, held by whom, closed how."""
    word = texts(f"state.{callback.state}")
    if callback.state is State.CLOSED and callback.closed_at:
        end = texts(f"outcome.{callback.outcome}") if callback.outcome else texts("card.dismissed")
        if callback.dismissed:
            end = f"{end}: {b.inert(b.literal(callback.dismissed))}"
        line = texts(
            "card.closed",
            state=word,
            user=b.mention(callback.closed_by or ""),
            when=b.when(callback.closed_at, texts),
            outcome=end,
        )
    elif callback.state is State.CLAIMED and callback.claimed_at:
        line = texts(
            "card.claimed",
            state=word,
            user=b.mention(callback.holder or ""),
            since=b.when(callback.claimed_at, texts),
            due=b.when(callback.due_at, texts),
        )
    else:
        line = texts("card.open", state=word, due=b.when(callback.due_at, texts))
    if callback.snoozed_until:
        line += "\n" + texts("card.snoozed", until=b.when(callback.snoozed_until, texts))
    if callback.call_again_at:
        line += "\n" + texts("card.call_again", when=b.when(callback.call_again_at, texts))
    if callback.calls:
        line += "\n" + texts("card.calls", n=callback.calls)
    if callback.attempts and callback.state is not State.CLOSED:
        line += " · " + texts("card.attempts", n=callback.attempts)
    return line


def _buttons(found: Received, texts: Texts, *, cut: bool, give_up_after: int | None) -> list[Json]:
    who_and_what = b.one_line(who(found, texts), 45)

    def button(action: Action, style: str | None = None) -> Json:
        text = texts(f"button.{action}")
        return b.button(text, action, found.public_id, label=f"{text}: {who_and_what}", style=style)

    row: list[Json] = []
    if found.callback:
        row = {
            State.OPEN: lambda: [button(Action.CLAIM, "primary"), button(Action.LOG_CALL)],
            State.CLAIMED: lambda: [button(Action.LOG_CALL, "primary"), button(Action.RELEASE)],
            State.CLOSED: lambda: [button(Action.REOPEN), button(Action.LOG_CALL)],
        }[found.callback.state]()
        if found.private and found.callback.state is State.CLAIMED:
            row.append(button(Action.CONTACT))
        if found.callback.state is not State.CLOSED and 0 < (give_up_after or 0) <= found.callback.attempts:
            row.append(button(Action.UNREACHABLE))
    if cut:
        row.append(button(Action.SHOW_COMMENT))
    if link := safe_link(found.response.link):
        row.append({**button(Action.OPEN_LINK), "url": link})
    if found.callback:
        row.append(menu(found, texts))
    return row


def menu(found: Received, texts: Texts) -> Json:
    """Return the menu of what else can be done with a callback."""
    current = found.callback
    hidden = set() if current is not None and current.snoozed_until else {Menu.WAKE}
    closed = current is not None and current.state is State.CLOSED
    offered = [Menu.HISTORY] if closed else [item for item in Menu if item not in hidden]
    return {
        "type": "overflow",
        "action_id": Action.MENU,
        "options": [b.option(texts(f"menu.{item}"), f"{item}") for item in offered],
    }


def safe_link(link: str | None) -> str | None:
    """Return a link that a button may carry: http or https, with a host, not too long; else None."""
    if not link or len(link) > 2000 or any(ord(c) <= 32 for c in link):
        return None
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in {"http", "https"} and parts.hostname else None
