"""Tagging what the store holds: on receipt, in the background, when asked; and corrections by people, which win."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import THEMES, Refusal
from bot.themes.tagging import tagger
from storage import outbox, responses, themes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Response
    from storage.db import Db

TOGETHER = 1_000
"""Comments that are tagged in one transaction; the store is held for less than a tenth of a second."""


class NoSuchResponse(Refusal):
    """This response is no longer here."""

    key = "refusal.no_such_callback"


def tag(db: Db, settings: Settings, response_id: int, response: Response) -> None:
    """Tag one response's comment, in the transaction that stores it."""
    if response.comment is not None:
        found = tagger(settings.theme_words).tag(response.comment, response.respondent.language)
        themes.put(db, [(response_id, found)])


def sweep(db: Db, settings: Settings, most: int = TOGETHER) -> int:
    """Tag the newest comments that nobody has looked at, all of them again once the taxonomy has changed.

    Imports leave their comments to this. Returns how many were done, 0 once there are none.
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


def correct(db: Db, public_id: str, chosen: Sequence[str], user: str, now: datetime) -> None:
    """Set what a response is about for good, and bring its card up to date; nothing happens when it is so already."""
    found = responses.by_public_id(db, public_id)
    if found is None or found.forgotten:
        raise NoSuchResponse
    if found.themes is not None and set(chosen) == set(found.themes):
        return
    themes.correct(db, found.id, sorted(chosen, key=_place), user, now)
    outbox.refresh(db, "card", found.id, now)


def _place(theme: str) -> tuple[int, str]:
    """Return where a theme stands among others: the default ones in their order, then the team's own by name."""
    return (THEMES.index(theme), "") if theme in THEMES else (len(THEMES), theme)
