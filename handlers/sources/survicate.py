"""Survicate: an event for each answered question and one for the whole survey, signed with HMAC-SHA256."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, bodies, proofs
from handlers.sources.bodies import at
from handlers.sources.form import Answer, Form, Kind, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
CATEGORIES = ("promoter", "passive", "detractor")

verify, sign = proofs.by_signature("hmac", lambda secret, body: proofs.hex_hmac(secret, body, "sha256"), "token")


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read an event; score and comment mostly come in two, in any order."""
    events = bodies.mapping(bodies.read_object(delivery).get("event"))
    whole, single = bodies.mapping(events.get("surveyCompleted")), bodies.mapping(events.get("questionAnswered"))
    event = whole or single
    if not event:
        return [Ignored("no question was answered in it")]
    given = bodies.objects(whole.get("answers")) if whole else [single]
    who = bodies.mapping(event.get("respondent"))
    form = Form(
        fields=fields,
        answers=[
            *(part for answer in given for part in _parts(answer)),
            *hidden(bodies.mapping(who.get("attributes"))),
        ],
        id=event.get("responseUuid") or _fallback(event),
        survey=at(event, "survey.name") or at(event, "survey.id"),
        submitted_at=event.get("timestamp"),
        person_id=who.get("id"),
        final=bool(whole),
        tells_who=isinstance(single.get("fields"), dict),
        zone=delivery.zone,
    )
    return [form.response()]


def _fallback(event: Mapping[str, Any]) -> str | None:
    """Return an id for payloads from before `responseUuid`: who answered which survey."""
    who, survey = at(event, "respondent.id"), at(event, "survey.id")
    return f"{survey}:{who}" if who and survey else None


def _parts(answer: Mapping[str, Any]) -> Iterator[Answer]:
    """Yield an answer by its type; the id of an NPS choice is the score, of any other choice it says nothing."""
    title, names = str(at(answer, "question.body") or ""), (str(at(answer, "question.id")),)
    answer = {**answer, **bodies.mapping(answer.get("answer"))}
    choice = bodies.mapping(answer.get("choice"))
    if str(choice.get("body")).lower() in CATEGORIES:
        yield Answer(Kind.NPS, choice.get("id"), title, names)
        yield Answer(Kind.COMMENT, choice.get("comment"), names=("choice.comment",))
    elif choice:
        yield Answer(Kind.ANY, choice.get("body"), title, names)
    elif "text" in answer:
        yield Answer(Kind.TEXT, answer["text"], title, names)
    yield from hidden(bodies.mapping(answer.get("fields")), Kind.PERSON)
