"""LimeSurvey, with the LimeSurveyWebhook plugin: completed surveys, the secret as `api_token` in the body."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, NotJson, Unmappable, bodies, proofs
from handlers.sources.form import Form, Kind, hidden, person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
ABOUT_ITSELF = {"id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr"}
UNDATED = "1980-01-01"
"""What a survey without dates stores as the day of every answer."""


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take the plugin's token in the body, or the secret as other tools bear it."""
    try:
        token = bodies.read_object(delivery).get("api_token")
    except (NotJson, Unmappable):
        token = None
    if not (isinstance(token, str) and proofs.one_of(token, secrets)):
        proofs.require_secret(delivery, secrets)


def sign(delivery: Delivery, secret: str) -> Delivery:
    """Return the delivery with the plugin's token in its body."""
    body = {**bodies.read_object(delivery), "api_token": secret}
    return replace(delivery, body=json.dumps(body).encode())


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a completed survey; answers stand by their question's code, and are numbered within their survey only."""
    body = bodies.read_object(delivery)
    given = bodies.mapping(body.get("response"))
    if body.get("event") != "afterSurveyComplete" or not given:
        return [Ignored("it is no completed survey")]
    who = bodies.mapping(body.get("participant"))
    survey, number = body.get("survey"), body.get("respondId", given.get("id"))
    form = Form(
        fields=fields,
        answers=[
            *hidden({code: value for code, value in given.items() if code not in ABOUT_ITSELF}, Kind.ANY),
            *hidden(bodies.mapping(body.get("response_pretty")), Kind.OTHER),
            *hidden(who, Kind.PERSON),
            *person(language=given.get("startlanguage")),
        ],
        id=None if survey is None else number,
        within=survey,
        survey=survey,
        submitted_at=_dated(body.get("submitDate")) or _dated(given.get("submitdate")),
        zone=delivery.zone,
    )
    return [form.response()]


def _dated(value: Any) -> Any:
    return None if isinstance(value, str) and value.startswith(UNDATED) else value
