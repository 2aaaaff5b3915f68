"""The pictures of a digest as files, for a workspace that takes no charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.blocks import Picture, Rendered, cut
from bot.cards.digest_parts import title
from bot.cards.ids import Event
from bot.charts.drawings import drawings
from bot.charts.png import png

if TYPE_CHECKING:
    from bot.cards.digest import Digest
    from bot.texts import Texts

ALT_MOST = 1000


def pictures(digest: Digest, texts: Texts) -> Rendered | None:
    """Return an upload of all pictures of a digest; None when there is nothing to show."""
    drawn = drawings(digest, texts)
    if not drawn:
        return None
    files = tuple(
        Picture(f"{drawing.name}-{digest.first}.png", drawing.title, cut(drawing.alt, ALT_MOST), png(drawing))
        for drawing in drawn
    )
    return Rendered(title(digest, texts), [], Event.NOTE, pictures=files)
