"""AskNicely: a POST on each score and each change of it, everything a text; unsigned, with a header of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.form import Answer, Form, Kind, hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; `count` numbers its deliveries from 1, so that the highest is the newest."""
    body = bodies.read_object(delivery)
    question, who = bodies.mapping(body.get("question")), bodies.mapping(body.get("person"))
    if not question:
        return [Ignored("it holds no answered question")]
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, question.get("score"), names=("score",)),
            Answer(Kind.COMMENT, question.get("comment"), names=("comment",)),
            *hidden(who, Kind.PERSON),
            *hidden(question, Kind.OTHER),
        ],
        id=question.get("id"),
        survey=question.get("survey_template"),
        submitted_at=question.get("responded"),
        count=body.get("count"),
        person_id=who.get("id"),
        zone=delivery.zone,
    )
    return [form.response()]
