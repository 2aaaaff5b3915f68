"""Signatures after Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, several secrets, five minutes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from handlers.sources import Unauthorized
from handlers.sources.proofs import one_of, with_bearer, with_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.sources import Delivery

TOLERANCE_SECONDS = 300


def signed(delivery: Delivery) -> bool:
    """Tell whether a delivery claims to be signed in this way."""
    return "webhook-signature" in delivery.headers


def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
    """Return when one of the signatures is right for one of the `whsec_` secrets; raise Unauthorized otherwise."""
    message_id = delivery.headers.get("webhook-id", "")
    stamp = delivery.headers.get("webhook-timestamp", "")
    if not message_id or not re.fullmatch(r"\d{1,12}", stamp, re.ASCII):
        raise Unauthorized
    if abs(delivery.now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise Unauthorized
    content = f"{message_id}.{stamp}.".encode(errors="surrogateescape") + delivery.body
    given = [
        signature
        for version, _, signature in (part.partition(",") for part in delivery.headers["webhook-signature"].split())
        if version == "v1"
    ]
    wanted = [_signature(key, content) for secret in secrets if (key := _key(secret))]
    if not any(one_of(signature, wanted) for signature in given):
        raise Unauthorized


def sign(delivery: Delivery, secret: str) -> Delivery:
    """Return a delivery as one who signs so would send it; with another secret than `whsec_…` it bears that."""
    if (key := _key(secret)) is None:
        return with_bearer(delivery, secret)
    message_id, stamp = f"msg_{hashlib.sha256(delivery.body).hexdigest()[:32]}", str(int(delivery.now.timestamp()))
    signature = _signature(key, f"{message_id}.{stamp}.".encode() + delivery.body)
    signed_by = {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return with_headers(delivery, **signed_by)


def _key(secret: str) -> bytes | None:
    if not secret.startswith("whsec_"):
        return None
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _signature(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.digest(key, content, "sha256")).decode()
