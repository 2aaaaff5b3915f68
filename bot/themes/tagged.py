"""Tagging what the store holds: in the background, and when asked; and corrections by people, which win."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.model import THEMES, Refusal
from bot.themes.tagging import tagger
from storage import outbox, responses, themes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Received
    from storage.db import Db

TOGETHER = 1_000
"""Comments that are tagged in one transaction; the store is held for less than a tenth of a second."""


class NoSuchResponse(Refusal):
    """This response is no longer here."""

    key = "refusal.no_such_callback"


def known(db: Db, settings: Settings, found: Received) -> Received:
    """Return a response with what its comment is about, also before the sweep has come to it.

    Nothing is tagged on receipt: that takes as long as all the rest of taking a delivery in.
    """
    said, language = found.response.comment, found.response.respondent.language
    if said is None or not themes.is_waiting(db, found.id):
        return found
    return replace(found, themes=tuple(tagger(settings.theme_words).tag(said, language)))


def sweep(db: Db, settings: Settings, most: int = TOGETHER) -> int:
    """Tag the newest comments that nobody has looked at, all of them again once the taxonomy has changed.

    Returns how many were done, 0 once there are none.
    """
    by = tagger(settings.theme_words)
    themes.follow(db, by.version)
    found = themes.untagged(db, most)
    themes.put(db, [(each.id, by.tag(each.comment, each.language)) for each in found if each.comment is not None])
    themes.strike(db, [each.id for each in found if each.comment is None])
    return len(found)


def is_behind(db: Db, settings: Settings) -> bool:
    """Tell whether a sweep has something to do: comments without a look, or a taxonomy that has changed."""
    return themes.tagged_with(db) != tagger(settings.theme_words).version or themes.any_waiting(db)


def correct(  # noqa: PLR0913  # which response, what about, who says so
    db: Db, settings: Settings, public_id: str, chosen: Sequence[str], user: str, now: datetime
) -> None:
    """Set what a response is about for good, and bring its card up to date; nothing happens when it is so already."""
    found = responses.by_public_id(db, public_id)
    if found is None or found.forgotten:
        raise NoSuchResponse
    themes_now = known(db, settings, found).themes
    if themes_now is not None and set(chosen) == set(themes_now):
        return
    themes.correct(db, found.id, sorted(chosen, key=_place), user, now)
    outbox.refresh(db, "card", found.id, now)


def _place(theme: str) -> tuple[int, str]:
    """Return where a theme stands among others: the default ones in their order, then the team's own by name."""
    return (THEMES.index(theme), "") if theme in THEMES else (len(THEMES), theme)
