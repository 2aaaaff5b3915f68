"""Delighted: survey responses, when a score is given and when anything changes; signed with the API key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

verify, sign = proofs.by_signature(
    "x-delighted-webhook-signature", lambda secret, body: f"sha256={proofs.hex_hmac(secret, body, 'sha256')}"
)


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; the company is a property of the person, by whatever name the account gave it."""
    body = bodies.read_object(delivery)
    data = bodies.mapping(body.get("event_data"))
    if body.get("event_type") not in ("survey_response.created", "survey_response.updated") or not data:
        return [Ignored("it is no survey response")]
    survey = data.get("survey_type", "nps")
    if str(survey).lower() != "nps":
        return [Ignored("its survey is of another type than NPS")]
    who = bodies.mapping(data.get("person"))
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, data.get("score"), names=("score",)),
            Answer(Kind.COMMENT, data.get("comment"), names=("comment",)),
            *person(name=who.get("name"), email=who.get("email"), phone=who.get("phone_number")),
            *hidden(bodies.mapping(data.get("person_properties"))),
            *map(_additional, bodies.objects(data.get("additional_answers"))),
        ],
        id=data.get("id"),
        survey=survey,
        submitted_at=data.get("created_at"),
        updated_at=data.get("updated_at"),
        person_id=who.get("id"),
        link=data.get("permalink"),
        zone=delivery.zone,
    )
    return [form.response()]


def _additional(answer: Mapping[str, Any]) -> Answer:
    """Return an answer to one of the account's further questions, which only the settings can name."""
    given = next((each for each in bodies.mapping(answer.get("value")).values() if each is not None), None)
    chosen = [choice.get("text") for choice in bodies.objects(given if isinstance(given, list) else [given])]
    names = (str(at(answer, "question.id")),)
    return Answer(Kind.OTHER, chosen or given, str(at(answer, "question.text") or ""), names)
