"""Typeform: `form_response` webhooks, signed with HMAC-SHA256 over the raw body where a secret is set."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from bot.model import Respondent, Response
from handlers.sources import Ignored, Unauthorized, Unmappable, bears_secret, one_of, values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery

CONTENT_TYPES: tuple[str, ...] = ()

SCALES = {"nps", "opinion_scale", "rating"}
RECOMMEND = re.compile(
    r"recommend|rekommendera|anbefal|suosittel|how likely|hur sannolikt|hvor sannsynlig|hvor sandsynlig",
    re.IGNORECASE,
)


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take Typeform's signature, or the secret as a bearer token or as ?secret= in the address."""
    given = delivery.headers.get("typeform-signature")
    if given is not None:
        right = [
            "sha256=" + base64.b64encode(hmac.new(secret.encode(), delivery.body, hashlib.sha256).digest()).decode()
            for secret in secrets
        ]
        if not one_of(given, right):
            raise Unauthorized
    elif not bears_secret(delivery, secrets):
        raise Unauthorized


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Response | Ignored:
    """Read a form response; which question is the score is configured, else of type nps, else worded like it."""
    body = values.tidy(values.read_json(delivery.body))
    if not isinstance(body, dict) or not isinstance(body.get("form_response"), dict):
        return Ignored("no form_response in it")
    kind = body.get("event_type")
    if kind not in {"form_response", "form_response_partial"}:
        return Ignored("another type of event")
    form = body["form_response"]
    response_id = values.text(form.get("token"), "form_response.token")
    if response_id is None:
        raise Unmappable("form_response.token", "form_response.token is missing, which names the response")
    questions = _questions(form)
    answers = [answer for answer in _list(form, "answers") if isinstance(answer, dict)]
    scored = _score(answers, questions, fields)
    comment = _chosen(answers, questions, fields.get("comment")) or _comment(answers)
    if scored is None and kind == "form_response":
        if not _asks(questions, answers, fields):
            return Ignored("the form has no NPS question")
        return Ignored("the NPS question was not answered")
    if scored is None and comment is None:
        return Ignored("neither score nor comment yet")
    submitted = values.time(form.get("submitted_at"), "form_response.submitted_at")
    return Response(
        id=response_id,
        score=scored,
        comment=comment,
        survey=values.text((form.get("definition") or {}).get("title"), "form_response.definition.title"),
        touchpoint=_named("touchpoint", answers, questions, _hidden(form), fields),
        submitted_at=submitted,
        version=None if submitted is None else submitted.timestamp(),
        respondent=_respondent(answers, questions, _hidden(form), fields),
        properties=_hidden(form),
    )


def _list(form: Mapping[str, Any], name: str) -> list[Any]:
    found = form.get(name) or []
    if not isinstance(found, list):
        raise Unmappable(f"form_response.{name}", f"form_response.{name} must be a list")
    return found


def _hidden(form: Mapping[str, Any]) -> dict[str, Any]:
    found = form.get("hidden") or {}
    return found if isinstance(found, dict) else {}


def _questions(form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the form's questions by id; a form's definition may be missing."""
    definition = form.get("definition") if isinstance(form.get("definition"), dict) else {}
    listed = definition.get("fields") if isinstance(definition, dict) else []
    return {str(q.get("id")): q for q in listed or [] if isinstance(q, dict)}


def _field(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    found = answer.get("field")
    return found if isinstance(found, dict) else {}


def _title(answer: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]]) -> str:
    return str(questions.get(str(_field(answer).get("id")), {}).get("title") or "")


def _is(answer: Mapping[str, Any], questions: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """Tell whether a configured name means this answer's question: by id, ref or title."""
    own = _field(answer)
    return name in {own.get("id"), own.get("ref"), _title(answer, questions)}


def _score(
    answers: Sequence[Mapping[str, Any]],
    questions: Mapping[str, Mapping[str, Any]],
    fields: Mapping[str, str],
) -> int | None:
    found = _score_answer(answers, questions, fields)
    if found is None:
        return None
    where = f"answers[{_field(found).get('ref') or _field(found).get('id')}].number"
    return values.score(found.get("number", found.get("text")), where)


def _score_answer(
    answers: Sequence[Mapping[str, Any]],
    questions: Mapping[str, Mapping[str, Any]],
    fields: Mapping[str, str],
) -> Mapping[str, Any] | None:
    """Return the answer that is the score: never just the first number."""
    if name := fields.get("score"):
        if questions and not any(name in {q.get("id"), q.get("ref"), q.get("title")} for q in questions.values()):
            raise Unmappable("score", "the question that fields.score names is not in the form; give its ref or id")
        return next((answer for answer in answers if _is(answer, questions, name)), None)
    by_type = [answer for answer in answers if _field(answer).get("type") == "nps"]
    worded = [
        answer
        for answer in answers
        if _field(answer).get("type") in SCALES and RECOMMEND.search(_title(answer, questions))
    ]
    if len(by_type or worded) > 1:
        raise Unmappable("score", "several questions could be the score; name one in fields.score by its ref or id")
    if by_type or worded:
        return (by_type or worded)[0]
    scales = [answer for answer in answers if _field(answer).get("type") in SCALES]
    if scales:
        raise Unmappable("score", "no question is known as the NPS question; name it in fields.score by its ref or id")
    return None


def _asks(
    questions: Mapping[str, Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    fields: Mapping[str, str],
) -> bool:
    """Tell whether the form has an NPS question at all."""
    if fields.get("score") or any(_field(answer).get("type") == "nps" for answer in answers):
        return True
    return any(
        q.get("type") == "nps" or (q.get("type") in SCALES and RECOMMEND.search(str(q.get("title"))))
        for q in questions.values()
    )


def _chosen(
    answers: Sequence[Mapping[str, Any]], questions: Mapping[str, Mapping[str, Any]], name: str | None
) -> str | None:
    """Return the value of the answer that a configured name means."""
    if name is None:
        return None
    found = next((answer for answer in answers if _is(answer, questions, name)), None)
    return None if found is None else _value(found)


def _value(answer: Mapping[str, Any]) -> str | None:
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if isinstance(value, dict):
        value = value.get("label", value.get("other"))
    return values.text(value, f"answers.{kind}", most=None) if isinstance(value, str | int | float) else None


def _comment(answers: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the long text, else a short one that is no name; None when nothing was written."""
    long = [answer for answer in answers if _field(answer).get("type") == "long_text"]
    return _value(long[0]) if long else None


def _named(
    name: str,
    answers: Sequence[Mapping[str, Any]],
    questions: Mapping[str, Mapping[str, Any]],
    hidden: Mapping[str, Any],
    fields: Mapping[str, str],
) -> str | None:
    """Return what is configured under a name, else the hidden field of that name."""
    configured = fields.get(name)
    if configured is not None:
        return _chosen(answers, questions, configured) or values.text(hidden.get(configured), f"hidden.{configured}")
    return values.text(hidden.get(name), f"hidden.{name}")


_NAME = re.compile(r"\bname\b|\bnamn\b|\bnavn\b|\bnimi\b|heter du|hedder du|nimesi", re.IGNORECASE)


def _respondent(
    answers: Sequence[Mapping[str, Any]],
    questions: Mapping[str, Mapping[str, Any]],
    hidden: Mapping[str, Any],
    fields: Mapping[str, str],
) -> Respondent:
    def by(name: str) -> str | None:
        return _named(name, answers, questions, hidden, fields)

    def of_type(kind: str) -> str | None:
        return next((_value(answer) for answer in answers if answer.get("type") == kind), None)

    asked_name = next(
        (_value(a) for a in answers if _field(a).get("type") == "short_text" and _NAME.search(_title(a, questions))),
        None,
    )
    return Respondent(
        name=by("name") or asked_name,
        email=by("email") or of_type("email"),
        phone=by("phone") or of_type("phone_number"),
        company=by("company"),
        language=by("language") or values.text(hidden.get("lang"), "hidden.lang"),
    )
