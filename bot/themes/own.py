"""The team's own themes in npsbot.toml: a list of names, or a table a theme with what is written of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.model import THEMES
from bot.settings import checks
from bot.settings.checks import SettingError
from bot.themes.taxonomy import ANY, LANGUAGES, NOT, steps_of

if TYPE_CHECKING:
    from pathlib import Path

    from bot.themes.taxonomy import Own

THEME_MOST = 75
"""Characters of a theme's name, as they fit into a choice of Slack's."""


def read(given: Any, path: Path) -> Own:
    """Return the own themes: `themes = ["parking"]`, or `[themes.parking]` with entries by language or in `any`.

    A theme that is only named is tagged where its name is written. A table of the same name as one of the default
    themes adds its entries to it. Raises SettingError.
    """
    if isinstance(given, dict):
        return tuple((_name(name, path), _entries(name, table, path)) for name, table in given.items())
    words = [_name(word, path) for word in checks.list_of_words("themes", given, path)]
    return tuple((word, ()) for word in dict.fromkeys(words) if word not in THEMES)


def names(own: Own) -> tuple[str, ...]:
    """Return the names of own themes that are none of the default ones."""
    return tuple(name for name, _ in own if name not in THEMES)


def _name(word: str, path: Path) -> str:
    name = word.strip()
    if not 1 <= len(name) <= THEME_MOST:
        raise SettingError(f"themes in {path} has {name!r}, but each must be 1 to {THEME_MOST} characters long.")
    return name


def _entries(name: str, table: Any, path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(table, dict):
        raise SettingError(
            f"themes.{name} in {path} is {table!r}, but must be a table such as [themes.{name}] with "
            f'sv = ["ord", "stam*", "två ord"], a list for each of {", ".join(LANGUAGES)} or {ANY}.'
        )
    for language in table:
        if language not in (*LANGUAGES, ANY):
            raise SettingError(
                f"themes.{name}.{language} in {path} is no language of comments; known are "
                f"{', '.join(LANGUAGES)}, and {ANY} for all of them."
            )
    return tuple((language, _written(f"themes.{name}.{language}", table[language], path)) for language in table)


def _written(label: str, given: Any, path: Path) -> tuple[str, ...]:
    return tuple(_entry(label, each, path) for each in checks.list_of_words(label, given, path))


def _entry(label: str, text: str, path: Path) -> str:
    """Return an entry that asks for a word at least, with `*` at the ends of words alone."""
    inside = any("*" in part.strip("*") for part in text.split())
    if inside or all(step.atom == NOT for step in steps_of(text)):
        raise SettingError(
            f"{label} in {path} has {text!r}, but each must be a word or a phrase, with * at a word's beginning or end."
        )
    return text
