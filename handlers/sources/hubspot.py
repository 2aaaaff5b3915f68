"""HubSpot: feedback submissions from a workflow, whole, or from an app's webhooks, up to a hundred events at once."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.model import Thin
from handlers.sources import Ignored, Unauthorized, Unmappable, bodies, proofs
from handlers.sources.form import Answer, Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from bot.model import Response
    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
FEEDBACK = "0-19"
"""HubSpot's type of objects that are feedback submissions."""
PROPERTIES = (
    *("hs_value", "hs_content", "hs_survey_type", "hs_survey_name", "hs_survey_id", "hs_submission_timestamp"),
    *("hs_createdate", "hs_lastmodifieddate", "hs_contact_id", "hs_contact_email_rollup"),
    *("hs_contact_firstname", "hs_contact_lastname"),
)
"""What is asked for of a submission."""
TOLERANCE_SECONDS = 300
PLAIN = {f"%{ord(sign):02X}": sign for sign in ":/?@!$'()*,;"}
"""The only escapes of an address that HubSpot undoes before it signs."""


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take signatures of version 3, 2 or 1; a workflow without an app signs nothing, there the address bears it."""
    if "x-hubspot-signature-v3" in delivery.headers:
        rights = _third(delivery, secrets)
        given = delivery.headers["x-hubspot-signature-v3"]
    elif "x-hubspot-signature" in delivery.headers:
        version = delivery.headers.get("x-hubspot-signature-version", "v1")
        address = f"{delivery.method}{delivery.url}" if version == "v2" else ""
        rights = [hashlib.sha256(f"{secret}{address}".encode() + delivery.body).hexdigest() for secret in secrets]
        given = delivery.headers["x-hubspot-signature"]
    else:
        proofs.require_secret(delivery, secrets)
        return
    if not proofs.one_of(given, rights):
        raise Unauthorized


def _third(delivery: Delivery, secrets: Sequence[str]) -> list[str]:
    """Return the right signatures of version 3, over the address as HubSpot documents it and as its libraries do."""
    stamp = delivery.headers.get("x-hubspot-request-timestamp", "")
    if not re.fullmatch(r"\d{1,16}", stamp, re.ASCII):
        raise Unauthorized
    if abs(delivery.now.timestamp() - int(stamp) / 1000) > TOLERANCE_SECONDS:
        raise Unauthorized
    undone = re.sub("%[0-9A-Fa-f]{2}", lambda found: PLAIN.get(found[0].upper(), found[0]), delivery.url)
    return [
        _signature(secret, replace(delivery, url=url), stamp) for secret in secrets for url in (undone, delivery.url)
    ]


def _signature(secret: str, delivery: Delivery, stamp: str) -> str:
    content = f"{delivery.method}{delivery.url}".encode() + delivery.body + stamp.encode()
    return proofs.base64_hmac(secret, content, "sha256")


def sign(delivery: Delivery, secret: str) -> Delivery:
    """Return the delivery with HubSpot's signature of version 3."""
    stamp = str(int(delivery.now.timestamp() * 1000))
    signed_by = {
        "x-hubspot-request-timestamp": stamp,
        "x-hubspot-signature-v3": _signature(secret, delivery, stamp),
    }
    return proofs.with_headers(delivery, **signed_by)


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a submission; the events of a batch are put together by the submission that they are about."""
    body = bodies.read_json(delivery.body)
    if isinstance(body, list):
        return _events(bodies.objects(body), fields, delivery)
    if not isinstance(body, dict):
        raise Unmappable("body", "the body must be a feedback submission")
    if "subscriptionType" in body:
        return _events([body], fields, delivery)
    properties = {name: _plain(value) for name, value in bodies.mapping(body.get("properties", body)).items()}
    submission = body.get("id") or properties.get("hs_object_id")
    return [_response({**properties, "id": submission, "updatedAt": body.get("updatedAt")}, fields, delivery.zone)]


def _plain(value: Any) -> Any:
    """Return the value of a property, which some bodies wrap up with where it came from."""
    return value["value"] if isinstance(value, dict) and "value" in value else value


def _events(events: Sequence[Mapping[str, Any]], fields: Mapping[str, str], delivery: Delivery) -> Parsed:
    """Read a batch; events name one property each, and what they leave out is to be asked of HubSpot's API."""
    submissions: dict[Any, dict[str, Any]] = defaultdict(dict)
    about: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for event in sorted(events, key=lambda event: str(event.get("occurredAt"))):
        told = event.get("subscriptionType") in ("object.creation", "object.propertyChange")
        if told and event.get("objectTypeId") == FEEDBACK:
            known = submissions[str(event.get("objectId"))]
            about[str(event.get("objectId"))].append(event)
            known[str(event.get("propertyName"))] = event.get("propertyValue")
            known.update(id=event.get("objectId"), updatedAt=event.get("occurredAt"))
    if not submissions:
        return [Ignored("no feedback submission is in it")]
    return [
        _response(known, fields, delivery.zone)
        if "hs_value" in known and "hs_survey_type" in known
        else _thin(number, about[number], fields)
        for number, known in submissions.items()
    ]


def _thin(number: str, about: list[Mapping[str, Any]], fields: Mapping[str, str]) -> Thin:
    """Return what is to be asked for: a submission with all properties that count, as HubSpot tells only a few."""
    number = bodies.plain_id(number, "objectId")
    asked = dict.fromkeys([*PROPERTIES, *(name for name in fields.values() if re.fullmatch(r"[a-z0-9_]+", name))])
    path = f"/crm/v3/objects/feedback_submissions/{number}?properties={','.join(asked)}"
    return Thin(number, (path,), json.dumps(about).encode())


def complete(thin: Thin, answers: Sequence[Any], fields: Mapping[str, str], zone: tzinfo) -> Response | Ignored:
    """Read a submission as the API of objects tells it."""
    told = bodies.mapping(answers[0])
    properties = bodies.mapping(told.get("properties"))
    return _response({**properties, "id": told.get("id", thin.id), "updatedAt": told.get("updatedAt")}, fields, zone)


def _response(known: Mapping[str, Any], fields: Mapping[str, str], zone: tzinfo) -> Response | Ignored:
    survey_type = known.get("hs_survey_type")
    if survey_type is None and "score" not in fields:
        raise Unmappable("hs_survey_type", "hs_survey_type is missing; let the workflow send the whole submission")
    if survey_type is not None and str(survey_type).upper() != "NPS":
        return Ignored("its survey is of another type than NPS")
    form = Form(
        fields=fields,
        answers=[
            Answer(Kind.NPS, known.get("hs_value"), names=("hs_value",)),
            Answer(Kind.COMMENT, known.get("hs_content"), names=("hs_content",)),
            *person(email=str(known.get("hs_contact_email_rollup") or "").partition(";")[0]),
            *person(first_name=known.get("hs_contact_firstname"), last_name=known.get("hs_contact_lastname")),
            *hidden(dict(known), Kind.OTHER),
            *person(**{name: known.get(name) for name in ("name", "email", "phone", "company", "language")}),
        ],
        id=known.get("id"),
        survey=known.get("hs_survey_name") or known.get("hs_survey_id"),
        submitted_at=known.get("hs_submission_timestamp") or known.get("hs_createdate"),
        updated_at=known.get("hs_lastmodifieddate") or known.get("updatedAt"),
        person_id=known.get("hs_contact_id"),
        zone=zone,
    )
    return form.response()
