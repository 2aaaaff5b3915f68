"""Simplesat: a response with its answers, or one answer, as its API shows them; several metrics may share one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; its score is the answer to the question whose metric is NPS."""
    body = bodies.read_object(delivery)
    single = "question" in body
    given = [body] if single else bodies.objects(body.get("answers"))
    if not given:
        return [Ignored("it holds no answers")]
    who = bodies.mapping(body.get("customer"))
    changes = [change for thing in (body, *given) if isinstance(change := thing.get("modified"), str)]
    form = Form(
        fields=fields,
        answers=[
            *(part for answer in given for part in _parts(answer)),
            *person(**{name: who.get(name) for name in ("name", "email", "phone", "company")}),
            *person(language=body.get("language") or who.get("language")),
            *hidden(bodies.mapping(who.get("custom_attributes"))),
        ],
        id=body.get("response_id") if single else body.get("id"),
        survey=at(body, "survey.name"),
        submitted_at=body.get("created"),
        updated_at=max(changes, default=None),
        person_id=who.get("external_id") or who.get("id"),
        zone=delivery.zone,
    )
    return [form.response()]


def _parts(answer: Mapping[str, Any]) -> Iterator[Answer]:
    """Yield what was chosen and what was written beside it, in either of two places."""
    is_nps = str(at(answer, "question.metric")).lower() == "nps"
    title, names = str(at(answer, "question.text") or ""), (str(at(answer, "question.id")),)
    yield Answer(Kind.NPS if is_nps else Kind.OTHER, answer.get("choice"), title, names)
    for name in ("comment", "follow_up_answer"):
        yield Answer(Kind.COMMENT if is_nps else Kind.OTHER, answer.get(name), names=(name,))
