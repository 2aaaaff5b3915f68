"""zenloop: its alert webhook, posted when an answer fits an alert's rules; unsigned, so the address bears a secret."""

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
    """Read an answer; further questions stand by their wording and are never the score by themselves."""
    body = bodies.read_object(delivery)
    answer, who = bodies.mapping(body.get("answer")), bodies.mapping(body.get("recipient"))
    if not answer:
        return [Ignored("it holds no answer")]
    identified_by = {str(who.get("identity_type")): who.get("identity")}
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, answer.get("score"), names=("score",)),
            Answer(Kind.COMMENT, answer.get("comment"), names=("comment",)),
            *person(first_name=who.get("first_name"), last_name=who.get("last_name"), email=who.get("email")),
            *person(email=identified_by.get("email"), phone=identified_by.get("phone")),
            *hidden(_properties(body.get("properties"))),
            *hidden(bodies.mapping(answer.get("additional_questions")), Kind.OTHER),
        ],
        id=answer.get("id"),
        survey=at(body, "survey.title") or at(body, "survey.id"),
        submitted_at=answer.get("inserted_at"),
        updated_at=answer.get("updated_at"),
        person_id=who.get("id"),
        zone=delivery.zone,
    )
    return [form.response()]


def _properties(given: Any) -> dict[str, Any]:
    """Return the properties, told as a list of names and values or as an object."""
    listed = {str(each.get("name")): each.get("value") for each in bodies.objects(given)}
    return listed or bodies.mapping(given)
