"""Refiner: a user with the survey that they answered; an optional static token, no signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

verify, sign = proofs.by_secret("x-refiner-token", "x-refiner-secret", "x-secret-token")


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response from `response.data` alone: the user's attributes repeat all earlier answers."""
    body = bodies.read_object(delivery)
    response = bodies.mapping(body.get("response"))
    data = bodies.mapping(response.get("data"))
    if not data or response.get("dismissed_at"):
        return [Ignored("no survey was answered in it")]
    form = Form(
        fields=fields,
        answers=[
            *hidden(data, Kind.ANY),
            *person(email=body.get("email"), name=body.get("display_name"), company=at(body, "account.display_name")),
            *hidden(bodies.mapping(body.get("attributes")), Kind.PERSON),
        ],
        id=response.get("uuid"),
        survey=at(body, "form.name") or at(body, "form.uuid"),
        submitted_at=response.get("completed_at") or response.get("last_data_reception_at"),
        updated_at=response.get("last_data_reception_at"),
        person_id=body.get("remote_id") or body.get("id"),
        final=bool(response.get("completed_at")),
        zone=delivery.zone,
    )
    return [form.response()]
