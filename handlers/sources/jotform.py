"""Jotform: a multipart form with the submission as JSON in `rawRequest`; unsigned, so the address bears a secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, NotJson, Unmappable, bodies, proofs, wording
from handlers.sources.form import Answer, Form, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.MULTIPART, bodies.URLENCODED)

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a submission; each question's key holds its number and the first words of its wording."""
    parts = bodies.read_json(delivery.body) if _is_json(delivery) else bodies.read_form(delivery)
    if not isinstance(parts, dict) or "submissionID" not in parts:
        return [Ignored("it is no submission")]
    request = _request(parts.get("rawRequest"))
    form = Form(
        fields=fields,
        answers=_answers(request, str(parts.get("pretty") or "")),
        id=parts.get("submissionID"),
        survey=parts.get("formTitle") or parts.get("formID"),
        submitted_at=request.get("submitDate"),
        zone=delivery.zone,
    )
    return [form.response()]


def _is_json(delivery: Delivery) -> bool:
    return bodies.media_type(delivery) not in CONTENT_TYPES


def _request(raw: Any) -> dict[str, Any]:
    try:
        found = bodies.read_json(raw.encode()) if isinstance(raw, str) else raw
    except NotJson:
        found = None
    if not isinstance(found, dict):
        raise Unmappable("rawRequest", "rawRequest must be the submission as JSON")
    return found


def _answers(request: Mapping[str, Any], pretty: str) -> list[Answer]:
    found = []
    for key, value in request.items():
        matched = re.fullmatch(r"q(\d{1,9})_(.+)", key, re.ASCII | re.DOTALL)
        if matched is None:
            continue
        title, pretty = _title(value, pretty)
        names = (key, matched[2], f"q{matched[1]}", matched[1])
        begins = not title and wording.LIKELY.search(wording.fold(matched[2]))
        found.append(Answer(Kind.NPS if begins else Kind.ANY, value, title, names))
    return found


def _title(value: Any, pretty: str) -> tuple[str, str]:
    """Return a question's wording out of `pretty`, "Wording:answer, Wording:answer", and what follows there.

    Answers hold commas and colons too, so that a wording is found only where its answer is.
    """
    before, found, after = pretty.partition(f":{value}") if isinstance(value, str) and value else ("", "", "")
    if not found or not (after == "" or after.startswith(", ")):
        return "", pretty
    return before.rpartition(", ")[2].strip(), after.removeprefix(", ")
