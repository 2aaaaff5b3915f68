"""Wootric (InMoment): responses as JSON or as a form, created with the score, updated with the text; HMAC-SHA1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, NotJson, bodies, proofs
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.URLENCODED,)

verify, sign = proofs.by_signature(
    "x-wootric-signature", lambda secret, body: f"sha1={proofs.hex_hmac(secret, body, 'sha1')}"
)


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a response; a decline comes as an event of the same name, with no response in it."""
    body = bodies.read_object(delivery)
    response = _response(body.get("response"))
    if not response:
        return [Ignored("the survey was declined" if "decline" in body else "it holds no response")]
    if str(body.get("survey_mode") or "NPS").upper() != "NPS":
        return [Ignored("its survey is of another mode than NPS")]
    if response.get("excluded_from_calculations") in (True, "true", "1"):
        return [Ignored("it is excluded from calculations in Wootric")]
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, response.get("score"), names=("score",)),
            Answer(Kind.COMMENT, response.get("text"), names=("text",)),
            *person(email=response.get("email")),
            *hidden(bodies.mapping(response.get("end_user_properties"))),
        ],
        id=response.get("id"),
        survey=response.get("survey_id"),
        submitted_at=response.get("created_at"),
        updated_at=response.get("updated_at") or body.get("timestamp"),
        person_id=response.get("external_id") or response.get("end_user_id"),
        zone=delivery.zone,
    )
    return [form.response()]


def _response(given: Any) -> dict[str, Any]:
    """Return the response; in a form it may stand as JSON."""
    try:
        return bodies.mapping(bodies.read_json(given.encode()) if isinstance(given, str) else given)
    except NotJson:
        return {}
