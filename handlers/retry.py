"""Reading again what is in quarantine, once the mapping is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.reading import read_delivery
from handlers.sources import Delivery, Ignored, NotJson, Unmappable

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.intake import Kept
    from bot.model import Response, Thin


def read_again(settings: Settings, kept: Kept) -> list[Response | Thin] | str:
    """Return what a kept delivery holds, or why it still cannot be mapped."""
    source = settings.sources.get(kept.source)
    if source is None:
        return f"no source is called {kept.source} any more"
    delivery = Delivery(headers=kept.headers, body=kept.body, now=kept.received_at, zone=settings.zone_of(source.name))
    try:
        found = read_delivery(source, delivery)
    except NotJson:
        return "the body is not JSON"
    except Unmappable as fault:
        return str(fault)
    return [each for each in found if not isinstance(each, Ignored)]
