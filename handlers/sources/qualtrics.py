"""Qualtrics: a workflow's Web Service task with our template, or event subscriptions, which hold no answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.sources import Ignored, NotJson, Unauthorized, Unmappable, bodies, contract, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.URLENCODED,)


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


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read a task's body; refuse an event, as its answers are only to be had from Qualtrics' API."""
    body = bodies.read_template(delivery)
    if "Topic" not in body and "MSG" not in body:
        return [contract.read(body, fields, delivery.zone)]
    event = {**body, **_message(body.get("MSG"))}
    if ".completedResponse." not in str(event.get("Topic")) or event.get("Status", "Complete") != "Complete":
        return [Ignored("it is no event of a completed survey")]
    raise Unmappable("answers", "the event holds no answers: Qualtrics' API must be asked, and is not configured")


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
