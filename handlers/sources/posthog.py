"""PostHog: `survey sent` events by way of an HTTP destination, cumulative; unsigned, with a header of your own."""

from __future__ import annotations

import re
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
    """Read an event; one for each answered question repeats the answers before, joined by the submission's id."""
    body = bodies.read_object(delivery)
    event = bodies.mapping(body.get("event")) or body
    if event.get("event") != "survey sent":
        return [Ignored("it is another event than survey sent")]
    properties = bodies.mapping(event.get("properties"))
    form = Form(
        fields=fields,
        answers=[
            *_answers(properties),
            *hidden(bodies.mapping(at(body, "person.properties")), Kind.PERSON),
            *person(language=properties.get("$survey_language")),
        ],
        id=properties.get("$survey_submission_id") or event.get("uuid"),
        survey=properties.get("$survey_name") or properties.get("$survey_id"),
        submitted_at=event.get("timestamp"),
        person_id=event.get("distinct_id"),
        link=at(body, "person.url"),
        final=properties.get("$survey_completed") is not False,
        zone=delivery.zone,
    )
    return [form.response()]


def _answers(properties: Mapping[str, Any]) -> list[Answer]:
    """Return each question once, though its answer stands under up to three names."""
    found: list[Answer] = []
    told: set[str] = set()
    for number, question in enumerate(bodies.objects(properties.get("$survey_questions"))):
        own = str(question.get("id"))
        names = (f"$survey_response_{own}", f"$survey_response_{number}" if number else "$survey_response")
        given = [properties[name] for name in names if name in properties]
        value = next(iter(given), question.get("response"))
        found.append(Answer(Kind.ANY, value, str(question.get("question") or ""), (own, *names)))
        told.update(names)
    others = [name for name in properties if re.match(r"\$survey_response(_|$)", name) and name not in told]
    return found + [Answer(Kind.ANY, properties[name], names=(name,)) for name in others]
