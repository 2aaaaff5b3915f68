"""Tally: a POST for each submission, signed with HMAC-SHA256 over the raw body where a signing secret is set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs, values
from handlers.sources.form import Answer, Form, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
KINDS = {
    "LINEAR_SCALE": Kind.SCALE,
    "INPUT_NUMBER": Kind.SCALE,
    "RATING": Kind.STARS,
    "TEXTAREA": Kind.TEXT,
    "INPUT_TEXT": Kind.LINE,
    "INPUT_EMAIL": Kind.EMAIL,
    "INPUT_PHONE_NUMBER": Kind.PHONE,
    "HIDDEN_FIELDS": Kind.HIDDEN,
    "MULTIPLE_CHOICE": Kind.ANY,
    "DROPDOWN": Kind.ANY,
    **dict.fromkeys(("CALCULATED_FIELDS", "PAYMENT", "FILE_UPLOAD", "SIGNATURE", "RANKING", "MATRIX"), Kind.OTHER),
}
"""What Tally's types of fields are; of a type that is not here, the wording tells."""

verify, sign = proofs.by_signature("tally-signature", lambda secret, body: proofs.base64_hmac(secret, body, "sha256"))


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a submission; its fields carry their label, a key that survives a new wording, and a type."""
    body = bodies.read_object(delivery)
    data = bodies.mapping(body.get("data"))
    if body.get("eventType") != "FORM_RESPONSE" or not data:
        return [Ignored("it is no submission of a form")]
    form = Form(
        fields=fields,
        answers=[_answer(field) for field in bodies.objects(data.get("fields"))],
        id=data.get("responseId") or data.get("submissionId"),
        survey=data.get("formName") or data.get("formId"),
        submitted_at=data.get("createdAt") or body.get("createdAt"),
        zone=delivery.zone,
    )
    return [form.response()]


def _answer(field: Mapping[str, Any]) -> Answer:
    """Return a field as an answer; chosen options come as ids, their words stand beside them."""
    kind = KINDS.get(str(field.get("type")), Kind.ANY)
    value, label = field.get("value"), str(field.get("label") or "")
    words = {str(option.get("id")): option.get("text") for option in bodies.objects(field.get("options"))}
    if words and isinstance(value, list):
        value = [words.get(str(chosen), chosen) for chosen in value]
    value = values.only(value)
    names = (str(field.get("key") or ""),)
    return (
        Answer(kind, value, names=(label or names[0], *names))
        if kind is Kind.HIDDEN
        else Answer(kind, value, label, names)
    )
