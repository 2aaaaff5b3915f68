"""Zapier: the Webhooks action, as JSON or as a form, by our own contract; unsigned, with a header of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import bodies, contract, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.URLENCODED, bodies.MULTIPART)

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read the body; values come as texts, and empty ones are left out."""
    return [contract.read(body, fields, delivery.zone) for body in bodies.read_templates(delivery)]
