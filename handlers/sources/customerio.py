"""Customer.io: a journey's own request with our template as its body, signed over version, time and body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.sources import Ignored, Unauthorized, bodies, contract, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
RETRIED_FOR_SECONDS = 8 * 86_400
"""Customer.io retries for seven days and does not say that it stamps a retry anew, so a week is not too old."""


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Take Customer.io's signature over `v0:time:body`, or the secret in a header of the request."""
    given, stamp = (delivery.headers.get(f"x-cio-{name}", "") for name in ("signature", "timestamp"))
    if not given:
        proofs.require_secret(delivery, secrets)
        return
    if not re.fullmatch(r"\d{1,12}", stamp, re.ASCII) or delivery.now.timestamp() - int(stamp) > RETRIED_FOR_SECONDS:
        raise Unauthorized
    if not proofs.one_of(given, [_signature(secret, stamp, delivery.body) for secret in secrets]):
        raise Unauthorized


def sign(delivery: Delivery, secret: str) -> Delivery:
    """Return the delivery as Customer.io signs it."""
    stamp = str(int(delivery.now.timestamp()))
    signature = _signature(secret, stamp, delivery.body)
    return proofs.with_headers(delivery, **{"x-cio-timestamp": stamp, "x-cio-signature": signature})


def _signature(secret: str, stamp: str, body: bytes) -> str:
    return proofs.hex_hmac(secret, f"v0:{stamp}:".encode() + body, "sha256")


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read the template's body; reports on messages that were sent or opened are no answers."""
    body = bodies.read_template(delivery)
    if "object_type" in body and "metric" in body:
        return [Ignored("it reports on a message")]
    return [contract.read(body, fields, delivery.zone)]
