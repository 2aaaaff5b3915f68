"""What a survey tool sent or told, read by its module, with what the settings say of the source."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from bot.model import Response, Thin
from handlers.sources import Ignored, Unmappable
from handlers.sources.kinds import ASKED, KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from bot.config import SourceSettings
    from handlers.sources import Delivery, Parsed

log = structlog.get_logger("reading")

STUMBLES = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What code that reads strangers' data may raise where they are not what they should be."""


def read_delivery(source: SourceSettings, delivery: Delivery) -> Parsed:
    """Return what a delivery says, with the survey that is configured for its source.

    What the sender gave no id is told from all others by one of our own. Raises Unmappable or NotJson, also
    for a body of such a shape that the parser stumbles over it, and for an event when its tool cannot be asked;
    one beside answers is left to intake, which keeps it alone.
    """
    try:
        found = KINDS[source.kind].parse(delivery, source.fields)
    except STUMBLES as error:
        log.warning("delivery_not_read", source=source.name, error=type(error).__name__)
        raise Unmappable("body", "the body has not the shape that is expected of this source") from error
    thin = any(isinstance(each, Thin) for each in found)
    if thin and source.asks_nothing and not any(isinstance(each, Response) for each in found):
        raise Unmappable("answers", source.asks_nothing)
    return [_named(source, each) if isinstance(each, Response) else each for each in found]


def read_answers(source: SourceSettings, thin: Thin, answers: Sequence[Any], zone: tzinfo) -> Response | Ignored:
    """Return the response that a tool's API told, in the order of what it was asked; raises Unmappable."""
    try:
        found = ASKED[source.kind].complete(thin, answers, source.fields, zone)
    except STUMBLES as error:
        log.warning("answers_not_read", source=source.name, error=type(error).__name__)
        raise Unmappable("answers", "what the tool's API told has not the shape that is expected of it") from error
    return found if isinstance(found, Ignored) else _named(source, found)


def _named(source: SourceSettings, response: Response) -> Response:
    if response.id and not source.survey:
        return response
    return replace(response, id=response.id or f"n_{secrets.token_hex(12)}", survey=source.survey or response.survey)
