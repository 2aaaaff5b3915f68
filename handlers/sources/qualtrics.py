"""Qualtrics: a workflow's Web Service task with our template, or event subscriptions, whose answers its API tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.model import Thin
from handlers.sources import Ignored, NotJson, Unauthorized, Unmappable, bodies, contract, proofs
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from bot.model import Response
    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.URLENCODED,)
PLACES = ("result.values", "result")
"""Where in the answers of its API the response's values and the survey stand."""
PREVIEWS = (1, 2)
"""Codes of a response's status."""
OWN = {
    "recipientFirstName": "first_name",
    "recipientLastName": "last_name",
    "recipientEmail": "email",
    "userLanguage": "language",
    **dict.fromkeys(("startDate", "endDate", "recordedDate", "status", "finished", "duration", "progress"), ""),
    **dict.fromkeys(("ipAddress", "locationLatitude", "locationLongitude", "distributionChannel"), ""),
    **dict.fromkeys(("externalDataReference", "_recordId"), ""),
}
"""What Qualtrics itself adds to the values of a response, and which thing about the person it is."""


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take a subscription's HMAC-SHA512 over the exact text of its MSG; a task bears the secret in a header."""
    try:
        form = bodies.read_form(delivery) if bodies.media_type(delivery) == bodies.URLENCODED else {}
    except Unmappable:
        raise Unauthorized from None
    if "HMAC" not in form:
        proofs.require_secret(delivery, secrets)
        return
    message = form.get("MSG", "").encode()
    if not proofs.one_of(form["HMAC"], [proofs.hex_hmac(secret, message, "sha512") for secret in secrets]):
        raise Unauthorized


def sign(delivery: Delivery, secret: str) -> Delivery:
    """Return a task's delivery, which bears the secret in a header of its own."""
    return proofs.with_headers(delivery, **{proofs.HEADERS[0]: secret})


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a task's body; of an event return what is left to be asked for."""
    body = bodies.read_template(delivery)
    if "Topic" not in body and "MSG" not in body:
        return [contract.read(body, fields, delivery.zone)]
    event = {**body, **_message(body.get("MSG"))}
    if ".completedResponse." not in str(event.get("Topic")) or event.get("Status", "Complete") != "Complete":
        return [Ignored("it is no event of a completed survey")]
    survey = bodies.plain_id(event.get("SurveyID"), "SurveyID")
    response = bodies.plain_id(event.get("ResponseID"), "ResponseID")
    paths = (f"/API/v3/surveys/{survey}/responses/{response}", f"/API/v3/survey-definitions/{survey}")
    return [Thin(response, paths, delivery.body, delivery.headers.get("content-type", "application/json"))]


def complete(thin: Thin, answers: Sequence[Any], fields: Mapping[str, str], zone: tzinfo) -> Response | Ignored:
    """Read a response's values, named by the codes of their questions, with the wordings of its survey."""
    values, survey = (bodies.mapping(bodies.at(answer, place)) for answer, place in zip(answers, PLACES, strict=True))
    if values.get("status") in PREVIEWS:
        return Ignored("it is a preview or a test")
    questions = bodies.mapping(survey.get("Questions"))
    form = Form(
        fields=fields,
        answers=[
            *(_answer(code, values, questions) for code in values if code.startswith("QID")),
            *hidden({name: value for name, value in values.items() if not (name in OWN or name.startswith("QID"))}),
            *person(**{name: values.get(own) for own, name in OWN.items() if name}),
        ],
        id=bodies.at(answers[0], "result.responseId") or thin.id,
        survey=survey.get("SurveyName") or survey.get("SurveyID"),
        submitted_at=values.get("recordedDate") or values.get("endDate"),
        zone=zone,
    )
    return form.response()


def _answer(code: str, values: Mapping[str, Any], questions: Mapping[str, Any]) -> Answer:
    """Return a question's answer; Qualtrics' own NPS question is told by its group beside it."""
    number = code.partition("_")[0]
    asked = bodies.mapping(questions.get(number))
    kind = Kind.ANY
    if code.endswith("_NPS_GROUP"):
        kind = Kind.OTHER
    elif f"{code}_NPS_GROUP" in values or (code == number and asked.get("Selector") == "NPS"):
        kind = Kind.NPS
    elif code.endswith("_TEXT"):
        kind = Kind.TEXT
    title = re.sub(r"<[^>]*>", " ", str(asked.get("QuestionText") or ""))
    names = (code, number, str(asked.get("DataExportTag") or "")) if kind is not Kind.OTHER else (code,)
    return Answer(kind, values[code], title if kind is not Kind.OTHER else "", names)


def _message(raw: Any) -> dict[str, Any]:
    if raw is None:
        return {}
    try:
        found = bodies.read_json(str(raw).encode())
    except NotJson:
        found = None
    if not isinstance(found, dict):
        raise Unmappable("MSG", "MSG must be an event as JSON; leave the subscription's encryption off")
    return found
