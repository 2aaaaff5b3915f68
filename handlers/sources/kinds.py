"""Every survey tool that can be named as the kind of a source: adding one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.sources import json, typeform

if TYPE_CHECKING:
    from handlers.sources import Source

KINDS: dict[str, Source] = {
    "json": json,
    "typeform": typeform,
}
