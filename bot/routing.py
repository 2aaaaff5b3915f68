"""Which rule a response takes, who looks after its customer, and where its card stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import callbacks
from bot.settings.routes import OWNER, chosen, folded, is_person
from storage import callbacks as stored_callbacks
from storage import outbox, owners, places, responses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Received, Response
    from storage.db import Db
    from storage.owners import Wish


def channel(settings: Settings, source: str, response: Response) -> str:
    """Return the channel of a response's card: its rule's, else its source's, else the default."""
    route = chosen(settings.routes, source, response)
    return (route.channel if route else None) or settings.channel_of(source)


def owner_of(db: Db, settings: Settings, response: Response) -> str | None:
    """Return who looks after a customer: whom the response itself names, else whoever has its company."""
    name = settings.routing.owner_property
    told = str(response.properties.get(name) or "").strip() if name else ""
    if is_person(told):
        return told
    company = folded(response.respondent.company or "")
    return owners.of_company(db, company) if company else None


def follow(db: Db, settings: Settings, stored: Received, now: datetime) -> None:
    """Keep whom a new response's rule wants to have its callback, and whom to mention, until they are confirmed."""
    route = chosen(settings.routes, stored.source, stored.response)
    if route is None or stored.test:
        return
    owner = owner_of(db, settings, stored.response)
    holder = owner if route.assign == OWNER else route.assign
    opened = stored_callbacks.of_response(db, stored.id)
    if opened is None or opened.id != stored.id:
        holder = None
    mentioned = owner if route.mention else None
    for user in filter(None, dict.fromkeys((holder, mentioned))):
        owners.wish(db, stored.id, user, now, gives=user == holder, mentions=user == mentioned)


def wishes(db: Db, most: int, about: Collection[str] | None = None) -> list[Wish]:
    """Return who is to be confirmed, of all responses or of these, those asked about longest ago first."""
    return owners.wishes(db, most, about)


def put_off(db: Db, wish: Wish, now: datetime) -> None:
    """Leave a wish for later that Slack could not tell about."""
    owners.asked(db, wish, now)


def grant(db: Db, wish: Wish, now: datetime) -> None:
    """Give a callback that is still nobody's to somebody who may act on its card, and tell them, once."""
    if _strike(db, wish):
        if wish.gives:
            callbacks.give_to_owner(db, wish.response_id, wish.user, now)
        card = outbox.message_of(db, "card", wish.response_id)
        if wish.mentions and card is not None:
            event = stored_callbacks.record(db, wish.response_id, now, None, "mentioned", to=wish.user)
            outbox.put(db, "mention", event, card.channel, now, parent=card.id)


def refuse(db: Db, wish: Wish, now: datetime) -> None:
    """Leave a callback to all, and say in its history who was named for it and may not act on its card."""
    if _strike(db, wish):
        stored_callbacks.record(db, wish.response_id, now, None, "not_given", to=wish.user)


def _strike(db: Db, wish: Wish) -> bool:
    """Strike a wish; tell whether it was still there, and its response counts and has not been erased."""
    struck, found = owners.strike(db, wish), responses.by_id(db, wish.response_id)
    return struck and found is not None and not (found.forgotten or found.test)


def place_of(db: Db, public_id: str) -> str | None:
    """Return the channel in which the card of a response stands; None where it has none."""
    return places.of_card(db, public_id)


def places_of(db: Db, found: Iterable[Received]) -> dict[int, str]:
    """Return the channels of the cards of several responses, by the response's id."""
    return places.of_cards(db, [each.id for each in found])
