"""The built-in source: anything that can send JSON, with a bearer token or Standard Webhooks signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.model import Respondent, Response
from handlers.sources import Unauthorized, Unmappable, bodies, proofs, standard_webhooks, values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()

sign = standard_webhooks.sign


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take a bearer token that is one of the secrets, or a signature after Standard Webhooks."""
    if standard_webhooks.signed(delivery):
        standard_webhooks.verify(delivery, secrets)
    elif not proofs.bearer(delivery, secrets):
        raise Unauthorized


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:  # noqa: ARG001  # the names are fixed
    """Read the documented body; within an envelope of Standard Webhooks it stands under `data`."""
    body = bodies.read_json(delivery.body)
    if not isinstance(body, dict):
        raise Unmappable("body", 'the body must be an object such as {"score": 9}')
    envelope: dict[str, Any] = {}
    if isinstance(body.get("data"), dict) and "score" not in body:
        envelope, body = body, body["data"]
    if "score" not in body:
        raise Unmappable("score", "score is missing; it must be a whole number from 0 to 10")
    submitted = values.time(body.get("submitted_at", envelope.get("timestamp")), "submitted_at", delivery.zone)
    message_id = values.text(delivery.headers.get("webhook-id"), "webhook-id", most=None)
    response_id = values.text(body.get("id"), "id", most=None) or message_id
    response = Response(
        id=response_id or "",
        score=values.score(body["score"]),
        comment=values.text(body.get("comment"), "comment", most=None),
        survey=_survey(body.get("survey")),
        touchpoint=values.text(body.get("touchpoint"), "touchpoint"),
        submitted_at=submitted,
        version=None if submitted is None else submitted.timestamp(),
        respondent=_respondent(body),
        link=values.text(body.get("link"), "link", most=3000),
        properties=_object(body.get("properties"), "properties"),
    )
    return [response]


def _survey(value: Any) -> str | None:
    if isinstance(value, dict):
        return values.text(value.get("name", value.get("id")), "survey")
    return values.text(value, "survey")


def _respondent(body: Mapping[str, Any]) -> Respondent:
    given = _object(body.get("respondent"), "respondent")
    found = {
        name: values.text(given.get(name), f"respondent.{name}")
        for name in ("id", "name", "email", "phone", "company", "language")
    }
    found["language"] = found["language"] or values.text(body.get("language"), "language")
    return Respondent(**found)


def _object(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unmappable(where, f"{where} must be an object")
    return value
