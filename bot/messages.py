"""What each kind of message says: the present state is read and rendered when it is sent, never before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import digest
from bot.cards import card, notes
from bot.cards import digest as digest_card
from bot.cards.blocks import mention, when
from bot.cards.ids import Event
from bot.model import State
from storage import callbacks, calls, outbox, responses

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cards.blocks import Rendered
    from bot.config import Settings
    from bot.texts import Texts
    from storage.db import Db
    from storage.outbox import Message


SAID_WHILE = {"reminder": {State.OPEN}, "escalation": {State.OPEN}, "awake": {State.OPEN, State.CLAIMED}}
"""What is not worth saying any more once somebody has taken, or closed, the callback meanwhile."""


def render(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    """Return what a message says at this moment; None when there is nothing to say any more."""
    rendered = _said(db, message, settings, texts, now)
    if rendered is not None and rendered.event is Event.NOTE:
        return replace(rendered, key={"message_id": message.public_id})
    return rendered


def _said(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    if message.kind == "card":
        found = responses.by_id(db, message.subject)
        return None if found is None or found.response.score is None else card.response_card(found, texts)
    if message.kind == "call":
        return _call(db, message.subject, texts)
    if message.kind == "digest":
        numbers = digest.stored(db, settings, message.subject, now)
        return None if numbers is None else digest_card.render(numbers, texts)
    return _line(db, message, texts)


def _call(db: Db, call_id: int, texts: Texts) -> Rendered | None:
    logged = calls.by_id(db, call_id)
    return notes.call_summary(logged, texts) if logged else None


def _line(db: Db, message: Message, texts: Texts) -> Rendered | None:
    """Render a message about one entry of the history: a reminder, an escalation, an assignment, a return."""
    event = callbacks.event(db, message.subject)
    found = event and responses.by_id(db, event["response_id"])
    if not event or not found or found.response.score is None:
        return None
    state = found.callback.state if found.callback else State.CLOSED
    if state not in SAID_WHILE.get(message.kind, State) and not outbox.may_stand(db, message):
        return None
    values = {
        "by": mention(event["actor"]) if event["actor"] else "",
        "to": mention(event["details"]["to"]) if event["details"].get("to") else "",
        "due": when(found.callback.due_at, texts) if found.callback else "",
    }
    return notes.line(f"note.{message.kind}", found, texts, broadcast=message.kind == "escalation", **values)
