"""Which rule a response takes, who looks after its customer, and where its card stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import callbacks
from bot.settings.routes import OWNER, chosen, folded, is_person
from storage import callbacks as stored_callbacks
from storage import outbox, owners, places

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Received, Response
    from storage.db import Db


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


def follow(db: Db, settings: Settings, stored: Received, card: int, now: datetime) -> None:
    """Do what a new response's rule says beside its channel: give its callback to a person, mention the owner."""
    route = chosen(settings.routes, stored.source, stored.response)
    if route is None or stored.test:
        return
    owner = owner_of(db, settings, stored.response)
    holder = owner if route.assign == OWNER else route.assign
    if holder is not None:
        callbacks.give_to_owner(db, stored.id, holder, now)
    if route.mention and owner is not None:
        event = stored_callbacks.record(db, stored.id, now, None, "mentioned", to=owner)
        outbox.put(db, "mention", event, channel(settings, stored.source, stored.response), now, parent=card)


def place_of(db: Db, public_id: str) -> str | None:
    """Return the channel in which the card of a response stands; None where it has none."""
    return places.of_card(db, public_id)


def places_of(db: Db, found: Iterable[Received]) -> dict[int, str]:
    """Return the channels of the cards of several responses, by the response's id."""
    return places.of_cards(db, [each.id for each in found])
