"""Our own contract, for tools whose body people write themselves: flat or nested, JSON or form, by many names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, Unmappable, bodies, values, wording
from handlers.sources.form import Answer, Form, Kind, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from bot.model import Response

PLACES = {
    "person": ("respondent", "customer", "contact", "person", "user", "recipient"),
    "survey": ("survey", "campaign", "form", "project"),
    "answer": ("response", "feedback", "answer", "data", "body"),
    "properties": ("properties", "attributes", "metadata", "custom"),
}
"""What an object within the body may be called, by what stands in it."""
NAMES = {
    "score": ("score", "nps", "nps score", "nps rating"),
    "comment": ("comment", "comments", "feedback", "reason", "verbatim", "text"),
    "id": ("response id", "responseid", "submission id", "feedback id", "id"),
    "survey": ("survey", "survey name", "survey title", "campaign", "campaign name", "form", "form name", "form title"),
    "submitted_at": (
        "submitted at",
        "responded at",
        "completed at",
        "recorded date",
        "end date",
        "created at",
        "created date",
        "timestamp",
        "date",
    ),
    "updated_at": ("updated at", "modified at", "updated", "modified"),
    "count": ("count", "version"),
    "person_id": ("respondent id", "customer id", "person id", "user id", "contact id"),
    "link": ("link", "url", "permalink"),
    "metric": ("metric", "survey type", "survey metric"),
}
"""What each thing may be called, in folded words; of several in one body the first here counts."""

Said = dict[str, tuple[str, Any]]
"""What was said by folded name: the name as it was sent, and the value."""


def read(body: Mapping[str, Any], fields: Mapping[str, str], zone: tzinfo) -> Response | Ignored:
    """Return the response of a body; a name that is missing means that there is nothing to tell."""
    if not body or (str(body.get("test")).lower() == "true" and "score" not in body):
        return Ignored("it is a test")
    places = _places(body)
    said, survey = places["answer"], places["survey"]
    told = {thing: _first(said, *names) for thing, names in NAMES.items()}
    if told["metric"] is not None and wording.fold(str(told["metric"])[:50]) not in ("nps", "net promoter score"):
        return Ignored("its survey is of another type than NPS")
    answers = _answers(said)
    form = Form(
        fields=fields,
        answers=[*answers, *_known(places["person"], Kind.PERSON), *_known(places["properties"], Kind.HIDDEN)],
        id=bodies.fingerprint(body) if told["id"] is None else told["id"],
        survey=told["survey"] or _first(survey, "name", "title", "id"),
        submitted_at=told["submitted_at"],
        updated_at=told["updated_at"],
        count=told["count"] if values.is_number(told["count"]) else None,
        person_id=told["person_id"] or _first(places["person"], "id"),
        link=told["link"],
        final=told["id"] is None or any(answer.may_be_score() for answer in answers),
        zone=zone,
    )
    found = form.response()
    if isinstance(found, Ignored) and form.scored() is None:
        raise Unmappable("score", "score is missing; send it as score, or say in fields.score what holds it")
    return found


def _places(body: Mapping[str, Any]) -> dict[str, Said]:
    """Return what was said by where it stands; the first of one name counts."""
    found: dict[str, Said] = {place: {} for place in PLACES}
    for place, name, value in _flat(body):
        found[place].setdefault(wording.fold(name[:100]), (name, value))
    return found


def _flat(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in body.items():
        place = next((place for place, names in PLACES.items() if wording.fold(name[:100]) in names), None)
        if not isinstance(value, dict):
            yield "answer", name, value
        elif place == "answer":
            yield from _flat(value)
        elif place is not None:
            yield from ((place, inner, known) for inner, known in value.items())


def _first(said: Said, *names: str) -> Any:
    return next((said[name][1] for name in names if name in said and said[name][1] not in (None, "")), None)


def _answers(said: Said) -> list[Answer]:
    """Return the score and the comment as such, the rest as what the settings or its name make of it."""
    scores = sorted((name for name in NAMES["score"] if name in said), key=lambda name: said[name][1] in (None, ""))
    known = {name: Kind.OTHER for names in NAMES.values() for name in names}
    known |= dict.fromkeys(NAMES["comment"], Kind.COMMENT) | dict.fromkeys(scores[:1], Kind.NPS)
    return [Answer(known.get(name, Kind.ANY), value, names=(sent,)) for name, (sent, value) in said.items()]


def _known(said: Said, kind: Kind) -> list[Answer]:
    return hidden(dict(said.values()), kind)
