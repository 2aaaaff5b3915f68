"""SurveyMonkey: events that name a response and hold no answers, signed with HMAC-SHA1 and `client id&secret`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import Ignored, Unmappable, bodies, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ("application/vnd.surveymonkey.response.v1+json",)

verify = proofs.by_signature("sm-signature", lambda secret, body: proofs.base64_hmac(secret, body, "sha1"))


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:  # noqa: ARG001  # no answers, so nothing to name
    """Refuse an event of an answered survey, as its answers are only to be had from SurveyMonkey's API."""
    event = bodies.read_object(delivery).get("event_type")
    if event not in ("response_completed", "response_updated"):
        return [Ignored("it is no event of an answered survey")]
    raise Unmappable("answers", "the event holds no answers: SurveyMonkey's API must be asked, and is not configured")
