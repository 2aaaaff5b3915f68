"""Typeform: `form_response` webhooks, signed with HMAC-SHA256 over the raw body where a secret is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Answer, Form, Kind, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
KINDS = {
    "nps": Kind.NPS,
    "opinion_scale": Kind.SCALE,
    "number": Kind.SCALE,
    "rating": Kind.STARS,
    "long_text": Kind.TEXT,
    "short_text": Kind.LINE,
    "email": Kind.EMAIL,
    "phone_number": Kind.PHONE,
    "multiple_choice": Kind.ANY,
    "dropdown": Kind.ANY,
    **dict.fromkeys(("matrix", "ranking", "legal", "yes_no", "payment", "file_upload", "date"), Kind.OTHER),
}
"""What Typeform's types of questions are; of a type that is not here, the wording tells."""

verify, sign = proofs.by_signature(
    "typeform-signature", lambda secret, body: f"sha256={proofs.base64_hmac(secret, body, 'sha256')}"
)


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a form response, whole or partial; questions stand in the definition, skipped answers nowhere."""
    body = bodies.read_object(delivery)
    form = body.get("form_response")
    kind = body.get("event_type")
    if not isinstance(form, dict) or kind not in ("form_response", "form_response_partial"):
        return [Ignored("it is no form response")]
    filled = Form(
        fields=fields,
        answers=[*_answers(form), *hidden(bodies.mapping(form.get("hidden")))],
        id=form.get("token"),
        survey=at(form, "definition.title") or form.get("form_id"),
        submitted_at=form.get("submitted_at"),
        updated_at=form.get("submitted_at") or form.get("landed_at"),
        link=form.get("response_url"),
        final=kind == "form_response",
        zone=delivery.zone,
    )
    return [filled.response()]


def _answers(form: Mapping[str, Any]) -> list[Answer]:
    """Return the answers with their questions' titles, then the questions that were not answered."""
    asked = {str(question.get("id")): question for question in _asked(at(form, "definition.fields"))}
    found = []
    for answer in bodies.objects(form.get("answers")):
        field = bodies.mapping(answer.get("field"))
        question = {**asked.pop(str(field.get("id")), {}), **field}
        found.append(_answer(question, _value(answer)))
    return found + [_answer(question, None) for question in asked.values()]


def _asked(fields: Any) -> Iterator[dict[str, Any]]:
    """Yield the questions; those of a group stand within it."""
    for question in bodies.objects(fields):
        within = bodies.objects(at(question, "properties.fields"))
        yield from _asked(within) if within else (question,)


def _answer(question: Mapping[str, Any], value: Any) -> Answer:
    names = tuple(str(question[name]) for name in ("ref", "id") if question.get(name))
    return Answer(_kind(question), value, str(question.get("title") or ""), names)


def _kind(question: Mapping[str, Any]) -> Kind:
    """Return the kind of a question; an opinion scale may say that it starts at 1 or has other than 11 steps."""
    kind = KINDS.get(str(question.get("type")), Kind.ANY)
    if kind is Kind.SCALE and (
        at(question, "properties.start_at_one") or at(question, "properties.steps") not in (None, 11)
    ):
        return Kind.STARS
    return kind


def _value(answer: Mapping[str, Any]) -> Any:
    value = answer.get(str(answer.get("type")))
    if isinstance(value, dict):
        return value.get("labels") or value.get("label") or value.get("other")
    return value
