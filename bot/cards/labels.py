"""Names that cards and forms call things by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.texts import Texts


def theme_label(theme: str, texts: Texts) -> str:
    """Return a theme in the reader's language; one of the team's own stands as they wrote it."""
    return texts(f"theme.{theme}") if texts.has(f"theme.{theme}") else theme
