"""Retently: the body is a template that people edit; ours to paste stands in docs/sources.md."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.sources import Ignored, bodies, contract, proofs, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.sources import Delivery, Parsed

CONTENT_TYPES: tuple[str, ...] = ()
NO_ANSWER = re.compile(r"opt(ed)? out|bounce|unsubscribe")

verify, sign = proofs.by_secret()


def parse(delivery: Delivery, fields: Mapping[str, str]) -> Parsed:
    """Read the template's body; opt-outs and bounces are no answers."""
    body = bodies.read_template(delivery)
    if NO_ANSWER.search(wording.fold(str(body.get("event"))[:100])):
        return [Ignored("it is an opt-out or a bounce")]
    return [contract.read(body, fields, delivery.zone)]
