"""Google Forms: what an Apps Script sends, ours (docs/sources.md) or one that forwards a sheet's `namedValues`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, Unmappable, bodies, proofs, values, wording
from handlers.sources.form import Answer, Form, Kind, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
ITS_OWN = {"formId", "formTitle", "responseId", "submittedAt", "timestamp", "respondentEmail", "test"}
"""What a script may tell of the form beside its answers."""
STAMPED = {"timestamp", "tidstampel", "tidsstempel", "tidspunkt", "aikaleima"}
"""What a sheet calls the column of its times, in five languages."""

verify, sign = proofs.by_secret("x-gforms-secret")


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read one answered form; without an id of its own it is known by its content."""
    body = bodies.read_object(delivery)
    if body.get("test") is True:
        return [Ignored("it is a test of the script")]
    named = bodies.mapping(body.get("namedValues", body))
    if "answers" in body:
        answers = _items(body["answers"])
    elif not named.keys() <= ITS_OWN and not any(isinstance(value, dict) for value in named.values()):
        answers = [Answer(Kind.ANY, _first(value), title) for title, value in named.items() if title not in ITS_OWN]
    else:
        return [Ignored("it holds no answers")]
    form = Form(
        fields=fields,
        answers=[*person(email=body.get("respondentEmail")), *answers],
        id=body.get("responseId") or bodies.fingerprint(body),
        survey=body.get("formTitle") or body.get("formId"),
        submitted_at=body.get("submittedAt") or body.get("timestamp") or _stamp(delivery, answers),
        zone=delivery.zone,
    )
    return [form.response()]


def _items(given: Any) -> list[Answer]:
    """Return answers that came as a list of items or as an object by title or id."""
    if isinstance(given, dict):
        given = [item if isinstance(item, dict) else {"title": key, "value": item} for key, item in given.items()]
    return [_item(item) for item in bodies.objects(given)]


def _item(item: Mapping[str, Any]) -> Answer:
    """Return an item; our script tells where a scale begins and ends."""
    ends = (item.get("lowest"), item.get("highest"))
    kind = Kind.ANY if ends == (None, None) else Kind.SCALE if ends == (0, 10) else Kind.STARS
    value = next((item[name] for name in ("value", "answer", "response") if name in item), None)
    title = next((item[name] for name in ("title", "question", "name") if item.get(name)), "")
    names = tuple(str(item[name]) for name in ("id", "itemId") if item.get(name))
    return Answer(kind, _first(value), str(title), names)


def _first(given: Any) -> Any:
    """Return the one answer of a cell; a cell holds a list, and an edited one may have empty ones in it."""
    if not isinstance(given, list):
        return given
    said = [value for value in given if value not in ("", None)]
    return said[0] if len(said) == 1 else said


def _stamp(delivery: Delivery, answers: list[Answer]) -> Any:
    """Return the sheet's time when it is written so that day and month cannot be confused; else it came just now."""
    for answer in answers:
        if wording.fold(answer.title[:100]) in STAMPED:
            try:
                return values.time(answer.value, "timestamp", delivery.zone) and answer.value
            except Unmappable:
                return None
    return None
