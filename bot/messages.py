"""What each kind of message says: the present state is read and rendered when it is sent, never before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import digest, forget, telling
from bot import privacy as hiding
from bot.cards import alerts as alert_card
from bot.cards import digest as digest_card
from bot.cards import notes, privacy
from bot.cards import referral as referral_card
from bot.cards.blocks import mention, when
from bot.cards.ids import Event
from bot.charts.pictures import pictures
from bot.model import State
from bot.texts import texts_in
from storage import alerts, callbacks, calls, erasures, outbox, referrals, responses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.cards.blocks import Rendered
    from bot.config import Settings
    from bot.model import Received
    from bot.texts import Texts
    from storage.db import Db, Row
    from storage.outbox import Message


SAID_WHILE = {
    "reminder": {State.OPEN},
    "escalation": {State.OPEN},
    "called_out": {State.OPEN},
    "lapsed": {State.OPEN},
    "stale": {State.CLAIMED},
    "answered_again": {State.CLAIMED},
    "rescored": {State.CLAIMED},
    "awake": {State.OPEN, State.CLAIMED},
}
"""What is not worth saying any more once somebody has taken, or closed, the callback meanwhile."""


def render(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    """Return what a message says at this moment; None when there is nothing to say any more."""
    rendered = _said(db, message, settings, texts, now)
    if rendered is not None and rendered.event is Event.NOTE:
        return replace(rendered, key={"message_id": message.public_id})
    return rendered


def _said(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    kinds: dict[str, Callable[[], Rendered | None]] = {
        "card": lambda: telling.card_of(db, message.subject, settings, texts),
        "call": lambda: telling.call_of(db, message.subject, calls.about(db, message.subject), settings, texts),
        "referral": lambda: _referral(db, message, settings, texts),
        "erased": lambda: _erased(db, message.subject, texts),
        "alert": lambda: _alert(db, message.subject, texts),
        "digest": lambda: _digest(db, message, settings, texts, now),
        "picture": lambda: _digest(db, message, settings, texts, now),
        "round_up": lambda: telling.round_up(db, message, settings, texts),
    }
    return kinds.get(message.kind, lambda: _line(db, message, settings, texts, now))()


def _digest(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    """Render a digest, or the pictures beside it, in the language that it is set to."""
    numbers = digest.stored(db, settings, message.subject, now)
    if numbers is None:
        return None
    numbers = digest.veiled(db, hiding.veil(db, settings, told_in=message.channel), numbers)
    said_in = texts_in(numbers.language or texts.language, texts.zone)
    return digest_card.render(numbers, said_in) if message.kind == "digest" else pictures(numbers, said_in)


def _alert(db: Db, alert_id: int, texts: Texts) -> Rendered | None:
    row = alerts.by_id(db, alert_id)
    if row is None:
        return None
    rest = row["rest"] or {"actor": None, "until": None}
    told = {name: row[name] for name in ("id", "kind", "about", "since", "details", "over_at")}
    return alert_card.render(alert_card.Alert(**told, rested_by=rest["actor"], rests_until=rest["until"]), texts)


def _referral(db: Db, message: Message, settings: Settings, texts: Texts) -> Rendered | None:
    told, logged = referrals.by_call(db, message.subject), calls.by_id(db, message.subject)
    found = told and responses.by_id(db, told.response_id)
    if not (told and logged and found):
        return None
    veil = hiding.veil(db, settings, told_in=message.channel)
    return referral_card.referral(told, logged, hiding.one(db, veil, found), texts, private=veil.all)


def _erased(db: Db, erasure: int, texts: Texts) -> Rendered | None:
    found = erasures.by_id(db, erasure)
    return privacy.left_in_threads(forget.links(db, found.replies), texts) if found and found.replies else None


def _line(db: Db, message: Message, settings: Settings, texts: Texts, now: datetime) -> Rendered | None:
    """Render a message about one entry of the history: a reminder, an escalation, an assignment, a return."""
    event = callbacks.event(db, message.subject)
    found = event and responses.by_id(db, event["response_id"])
    if not event or not found or found.response.score is None:
        return None
    if message.kind == "call_told":
        return telling.told_call(db, event, settings, texts)
    state = found.callback.state if found.callback else State.CLOSED
    if state not in SAID_WHILE.get(message.kind, State) and not outbox.may_stand(db, message):
        return None
    shown = hiding.one(db, hiding.veil(db, settings, told_in=message.channel), found)
    if found.forgotten:
        return notes.line("card.forgotten", shown, texts)
    promised = found.callback.call_again_at if found.callback else None
    values = {
        "by": mention(event["actor"]) if event["actor"] else texts("history.npsbot"),
        "to": notes.whom(event["details"].get("to")),
        "holder": notes.whom(found.callback.holder if found.callback else None),
        "due": when(found.callback.due_at, texts) if found.callback else "",
        "promised": when(promised, texts) if promised else "",
        "said": hiding.words(event["remark"] or "", found, shown),
    }
    if "score" in event["details"]:
        values["score"] = event["details"]["score"]
    also = event["details"].get("also")  # the channel, or whoever is named, hears it once
    lead = settings.reminders.escalate_to if message.kind == "escalation" else None
    broadcast = not also and (message.kind == "called_out" or (message.kind == "escalation" and lead is None))
    to_whom = "" if also else notes.whom(lead)
    addresses = (telling.address(db, about) for about in (event["details"].get("response", found.id), found.id))
    address = next(filter(None, addresses), None) if message.parent is None else None
    key = _wording(message.kind, event, found, now)
    return notes.line(key, shown, texts, broadcast=broadcast, to_whom=to_whom, address=address, **values)


def _wording(kind: str, event: Row, found: Received, now: datetime) -> str:
    """Return which sentence tells an entry of the history as things are now."""
    current, details = found.callback, event["details"]
    if kind == "taken_over" and details.get("to") == event["actor"]:
        return "note.taken_by"
    if kind == "called_out" and current and current.due_at <= now:
        return "note.called_out_late"
    if kind == "stale" and details.get("also"):
        return "note.stale_also"
    if kind == "stale" and current and current.call_again_at and current.call_again_at <= event["at"]:
        return "note.stale_again"
    return f"note.{kind}"
