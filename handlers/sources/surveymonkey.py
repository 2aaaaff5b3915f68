"""SurveyMonkey: events that name a response and hold no answers, signed with HMAC-SHA1 and `client id&secret`.

Its API tells the answers, and the survey whose labels they are: a choice's weight is no score.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.model import Thin
from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at, mapping, objects
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from bot.model import Response
    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ("application/vnd.surveymonkey.response.v1+json",)
TYPED = {"essay": Kind.TEXT, "single": Kind.LINE, "multi": Kind.LINE, "numerical": Kind.SCALE}

verify, sign = proofs.by_signature("sm-signature", lambda secret, body: proofs.base64_hmac(secret, body, "sha1"))


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:  # noqa: ARG001  # no answers, so nothing to name
    """Return what an event of an answered survey leaves to be asked for."""
    event = bodies.read_object(delivery)
    if event.get("event_type") not in ("response_completed", "response_updated"):
        return [Ignored("it is no event of an answered survey")]
    filtered = event.get("filter_id") if event.get("filter_type") == "survey" else None
    survey = bodies.plain_id(at(event, "resources.survey_id") or filtered, "resources.survey_id")
    response = bodies.plain_id(event.get("object_id"), "object_id")
    paths = (f"/v3/surveys/{survey}/responses/{response}/details?simple=true", f"/v3/surveys/{survey}/details")
    return [Thin(response, paths, delivery.body)]


def complete(thin: Thin, answers: Sequence[Any], fields: Mapping[str, str], zone: tzinfo) -> Response | Ignored:
    """Read a response's details with the labels of its survey; a survey that is still being answered may go on."""
    told, survey = (mapping(answer) for answer in answers)
    status = told.get("response_status", "completed")
    if status not in ("completed", "partial"):
        return Ignored("the survey was not answered to its end")
    questions = {str(q.get("id")): q for page in objects(survey.get("pages")) for q in objects(page.get("questions"))}
    known = {name: at(told, f"metadata.contact.{name}.value") for name in ("first_name", "last_name", "email")}
    form = Form(
        fields=fields,
        answers=[
            *(
                answer
                for page in objects(told.get("pages"))
                for question in objects(page.get("questions"))
                for answer in _answers(question, mapping(questions.get(str(question.get("id")))))
            ),
            *hidden(mapping(told.get("custom_variables"))),
            *person(**known),
        ],
        id=told.get("id", thin.id),
        survey=survey.get("title") or told.get("survey_id"),
        submitted_at=told.get("date_modified"),
        link=told.get("analyze_url"),
        final=status == "completed",
        zone=zone,
    )
    return form.response()


def _answers(question: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Answer]:
    """Yield what was answered to a question, row by row; the same answer told twice is one."""
    number = str(question.get("id"))
    title = str(question.get("heading") or at(next(iter(objects(known.get("headings"))), None), "heading") or "")
    rows = {str(row.get("id")): str(row.get("text") or "") for row in objects(at(known, "answers.rows"))}
    choices = objects(at(known, "answers.choices"))
    labels = {str(choice.get("id")): choice.get("text") for choice in choices}
    kind = _kind(question, choices)
    said: dict[str, list[str]] = {}
    for answer in objects(question.get("answers")):
        label = labels.get(str(answer.get("choice_id"))) or answer.get("text") or answer.get("simple_text")
        if kind in {Kind.NPS, Kind.SCALE} and (number_in := _number(label)) is not None:
            label = number_in
        values = said.setdefault(str(answer.get("row_id", "")), [])
        if label is not None and str(label) not in values:
            values.append(str(label))
    for row, values in said.items():
        one = len(said) == 1 or not rows.get(row)
        yield Answer(kind, values[0] if len(values) == 1 else values, title if one else rows[row], (number, row))


def _kind(question: Mapping[str, Any], choices: Sequence[Mapping[str, Any]]) -> Kind:
    """Return what SurveyMonkey says of a question: its NPS question weighs its choices with −100, 0 and 100."""
    if question.get("family") == "open_ended":
        return TYPED.get(str(question.get("subtype")), Kind.ANY)
    numbers = [_number(choice.get("text")) for choice in choices]
    if not numbers or None in numbers:
        return Kind.ANY
    weights = [choice.get("weight") for choice in choices]
    if -100 in weights and 100 in weights:
        return Kind.NPS
    return Kind.SCALE if "0" in numbers and "10" in numbers else Kind.STARS


def _number(label: Any) -> str | None:
    """Return the number in a label such as 10, or "10 - extremely likely"."""
    found = re.findall(r"\d+", str(label), re.ASCII)
    return found[0] if len(found) == 1 and len(found[0]) < 3 else None
