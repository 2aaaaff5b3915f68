"""Feedbackly: a POST for each answered question, joined by `feedbackId`; a fixed Authorization header, no signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
CATEGORIES = ("promoter", "passive", "detractor")
ASKED = {"NPS": Kind.NPS, "Text": Kind.TEXT, "Contact": Kind.LINE}

verify, sign = proofs.by_secret("authorization")


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read the answer to one question; the NPS question is the one whose answer falls into one of the categories."""
    body = bodies.read_object(delivery)
    if "feedbackId" not in body or "answer" not in body:
        return [Ignored("it holds no answer")]
    form = Form(
        fields=fields,
        answers=[
            _answer(body),
            *person(language=body.get("language"), touchpoint=body.get("touchpointName")),
            *hidden(bodies.mapping(body.get("metadata"))),
        ],
        id=body.get("feedbackId"),
        survey=body.get("surveyName") or body.get("surveyId"),
        submitted_at=body.get("createdAt"),
        final=False,
        tells_who=body.get("questionType") == "Contact",
        zone=delivery.zone,
    )
    return [form.response()]


def _answer(body: Mapping[str, Any]) -> Answer:
    """Return the answer; `questionType` is young, without it only the category tells which question is the NPS."""
    asked, value = body.get("questionType"), body["answer"]
    if asked is not None:
        kind = ASKED.get(str(asked), Kind.OTHER)
    elif str(body.get("cluster")).lower() in CATEGORIES:
        kind = Kind.NPS
    else:
        kind = Kind.LINE if isinstance(value, str) else Kind.OTHER
    return Answer(kind, value, str(body.get("fieldName") or body.get("questionTitle") or ""), _names(body))


def _names(body: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(body[name]) for name in ("fieldId", "questionId") if body.get(name))
