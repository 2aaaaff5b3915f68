"""Where a message of ours stands, and how it is told from others that stand there too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.cards.blocks import Json, Rendered


@dataclass(frozen=True, slots=True)
class Put:
    """Where a message stands; `plain` tells that it stands without the richer blocks which it could have had."""

    ts: str
    channel: str
    plain: bool = False


def is_it(message: Json, wanted: Rendered) -> bool:
    """Tell whether a message that stands in Slack is the wanted one.

    It is told by the key in its metadata; an upload, which has none, by the names of its files.
    """
    if wanted.pictures:
        shown = {file.get("name") for file in message.get("files") or ()}
        return {picture.name for picture in wanted.pictures} <= shown
    metadata = message.get("metadata") or {}
    return metadata.get("event_type") == wanted.event and has_key(metadata.get("event_payload"), wanted.key)


def has_key(found: object, key: Json) -> bool:
    """Tell whether the payload of a message's metadata holds a key."""
    return isinstance(found, dict) and all(found.get(name) == value for name, value in key.items())


def is_plain(message: Json, wanted: Rendered) -> bool:
    """Tell whether a message stands without any of the blocks that make its richer form."""
    richer, plain, shown = (
        {block.get("type") for block in blocks or ()}
        for blocks in (wanted.richer, wanted.blocks, message.get("blocks"))
    )
    return wanted.richer is not None and not shown & (richer - plain)
