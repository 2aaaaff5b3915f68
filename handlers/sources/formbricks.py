"""Formbricks: responses as they grow and when they are finished; Standard Webhooks signatures where a secret is set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import Ignored, bodies, proofs, standard_webhooks
from handlers.sources.bodies import at
from handlers.sources.form import Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
EVENTS = ("responseCreated", "responseUpdated", "responseFinished")

sign = standard_webhooks.sign


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take Standard Webhooks signatures; instances before 2026 sign nothing, there the address bears the secret."""
    if standard_webhooks.signed(delivery):
        standard_webhooks.verify(delivery, secrets)
    else:
        proofs.require_secret(delivery, secrets)


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; answers and hidden fields stand side by side under their ids, with no question's wording."""
    body = bodies.read_object(delivery)
    data = bodies.mapping(body.get("data"))
    if body.get("event") not in EVENTS or not data:
        return [Ignored("it is no response")]
    known = bodies.mapping(data.get("contactAttributes"))
    language = data.get("language")
    form = Form(
        fields=fields,
        answers=[
            *hidden(bodies.mapping(data.get("data")), Kind.ANY),
            *hidden(known, Kind.PERSON),
            *person(language=None if language == "default" else language),
        ],
        id=data.get("id"),
        survey=at(data, "survey.title") or data.get("surveyId"),
        submitted_at=data.get("updatedAt") or data.get("createdAt"),
        person_id=at(data, "contact.userId") or at(data, "contact.id"),
        final=data.get("finished") is True,
        zone=delivery.zone,
    )
    return [form.response()]
