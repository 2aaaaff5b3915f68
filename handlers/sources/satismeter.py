"""SatisMeter: completed and dismissed surveys; unsigned, so the address bears a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; the answers beside its rating are on other scales and never the score by themselves."""
    body = bodies.read_object(delivery)
    response = bodies.mapping(body.get("response"))
    if not response or body.get("event") == "dismissed":
        return [Ignored("the survey was dismissed" if response else "it holds no response")]
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, response.get("rating"), names=("rating",)),
            Answer(Kind.COMMENT, response.get("feedback"), names=("feedback",)),
            *map(_further, bodies.objects(response.get("answers"))),
            *person(name=at(response, "user.name"), email=at(response, "user.email")),
            *person(language=response.get("language")),
            *hidden(bodies.mapping(at(response, "user.traits"))),
        ],
        id=response.get("id"),
        submitted_at=response.get("created"),
        person_id=at(response, "user.userId"),
        zone=delivery.zone,
    )
    return [form.response()]


def _further(answer: Mapping[str, Any]) -> Answer:
    return Answer(Kind.OTHER, answer.get("value"), str(answer.get("label") or ""), (str(answer.get("id")),))
