"""Trustmary: survey answers; `feedback` is the reason of the score, `comment` the public testimonial; unsigned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.form import Answer, Form, Kind, hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
OWN = ("nps", "feedback", "comment", "custom")

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read an answer; the testimonial stands in for a reason that was not given."""
    body = bodies.read_object(delivery)
    answers = bodies.mapping(body.get("answer_values"))
    if not answers:
        return [Ignored("it holds no answers")]
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, answers.get("nps"), names=("nps",)),
            Answer(Kind.COMMENT, answers.get("feedback"), names=("feedback",)),
            Answer(Kind.COMMENT, answers.get("comment"), names=("comment",)),
            *hidden({name: value for name, value in answers.items() if name not in OWN}, Kind.PERSON),
            *hidden(bodies.mapping(body.get("contact")), Kind.PERSON),
            *hidden(bodies.mapping(answers.get("custom")), Kind.OTHER),
        ],
        id=body.get("answer_id"),
        survey=body.get("survey_name") or body.get("survey_id"),
        submitted_at=body.get("created_at"),
        zone=delivery.zone,
    )
    return [form.response()]
