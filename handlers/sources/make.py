"""Make: the HTTP module, as JSON or as a form, by our own contract; unsigned, with a header of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import bodies, contract, proofs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = (bodies.URLENCODED, bodies.MULTIPART)

verify = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read the body; a field that is left out or empty was not answered."""
    return [contract.read(bodies.read_template(delivery), fields, delivery.zone)]
