"""Cards and messages put together from what the store holds of a callback and of those who share it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import privacy
from bot.cards import card, notes
from bot.cards.card import Also
from bot.cards.notes import Listed
from bot.digest import link
from bot.model import State
from bot.themes import tagged
from storage import calls, outbox, reminders, responses, sharing
from storage import settings as stored_settings

if TYPE_CHECKING:
    from bot.cards.blocks import Rendered
    from bot.config import Settings
    from bot.texts import Texts
    from storage.db import Db, Row
    from storage.outbox import Message

WORST = 5
"""Callbacks that a message about many names; one to their holder names more."""
MINE = 10

SPEAKS_OF = {
    "awake": {State.OPEN, State.CLAIMED},
    "stale": {State.CLAIMED},
    "due_soon": {State.CLAIMED},
}
"""In which states what is said of many still holds; all else is said of what is open."""


def card_of(db: Db, response_id: int, settings: Settings, texts: Texts) -> Rendered | None:
    """Render a response's card, with links to the answers that share its callback; None for one without a score."""
    found = responses.by_id(db, response_id)
    if found is None or found.response.score is None:
        return None
    veil = privacy.veil(db, settings)
    shown = privacy.one(db, veil, tagged.known(db, settings, found))
    also: list[Also] = []
    if found.callback is not None:
        workspace = stored_settings.get(db, "workspace_url")
        also = [
            Also(row["score"], row["submitted_at"], link(workspace, row["channel"], row["ts"]))
            for row in sharing.others(db, found.callback.id, found.id)
            if row["score"] is not None and veil.hides(row["place"] or "") == shown.private
        ]
    found = shown
    return card.response_card(found, texts, also=also, give_up_after=settings.callbacks.attempts)


def address(db: Db, response_id: int) -> str | None:
    """Return the address of a response's card; None while it is not known."""
    card = outbox.message_of(db, "card", response_id)
    return link(stored_settings.get(db, "workspace_url"), card.posted_to, card.ts) if card else None


def told_call(db: Db, event: Row, settings: Settings, texts: Texts) -> Rendered | None:
    """Render the summary of a call for the thread of a card that shares the callback."""
    return call_of(db, event["details"].get("call", 0), event["response_id"], settings, texts)


def call_of(db: Db, call_id: int, response_id: int | None, settings: Settings, texts: Texts) -> Rendered | None:
    """Render the summary of a call for the thread of a response's card."""
    logged, found = calls.by_id(db, call_id), responses.by_id(db, response_id or 0)
    if logged is None or found is None:
        return None
    shown = privacy.one(db, privacy.veil(db, settings), found)
    return notes.call_summary(privacy.call(logged, found, shown), texts)


def round_up(db: Db, message: Message, settings: Settings, texts: Texts) -> Rendered | None:
    """Render what is said of many; of what is no longer so, nothing, unless it may stand in Slack already."""
    told = reminders.round_up_by_id(db, message.subject)
    if told is None:
        return None
    rows, action = reminders.rounded_up(db, message.subject), told["action"]
    still = [row for row in rows if row["state"] in SPEAKS_OF.get(action, {State.OPEN})]
    if action == "due_soon":
        still = [row for row in still if row["holder"] == told["place"]]
    if not still:
        if not outbox.may_stand(db, message):
            return None
        still = rows
    workspace = stored_settings.get(db, "workspace_url")
    shown = ((responses.by_id(db, row["response_id"]), row) for row in still[: MINE if action == "due_soon" else WORST])
    veil = privacy.veil(db, settings, told_in=message.channel)
    links = ((found, link(workspace, row["channel"], row["ts"])) for found, row in shown if found)
    worst = [Listed(privacy.one(db, veil, found), address) for found, address in links]
    to = notes.whom(settings.reminders.escalate_to) if action == "escalated" else ""
    return notes.round_up(action, worst, len(still), texts, to=to)
