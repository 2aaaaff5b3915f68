"""What [surveys."NAME"] in npsbot.toml says of a survey: whether it is anonymous, whether employees answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.settings import checks
from bot.settings.checks import SettingError
from bot.settings.routes import folded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FEWEST = 5
"""Answers that a group of such a survey has at least before it is told apart."""
_EXAMPLE = '[surveys."Pulse"] with anonymous = true or employee = true'


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey whose answers name nobody and open no callback; no group of fewer than `minimum` is told apart.

    Of an anonymous one nothing is kept that tells who answered: of its properties only those named in `properties`.
    """

    anonymous: bool = False
    minimum: int = FEWEST
    properties: frozenset[str] = frozenset()


def read(given: Any, path: Path) -> Mapping[str, Survey]:
    """Return the surveys of [surveys] by their folded names. Raises SettingError."""
    if not isinstance(given, dict):
        raise SettingError(f"surveys in {path} is {given!r}, but must be tables {_EXAMPLE}.")
    return {folded(name): _survey(name, table, path) for name, table in given.items()}


def _survey(name: str, table: Any, path: Path) -> Survey:
    where = f'[surveys."{name}"] in {path}'
    if not folded(name) or not isinstance(table, dict) or set(table) - {"anonymous", "employee", *_BESIDE}:
        raise SettingError(f"{where} must be a table of a survey's name: {_EXAMPLE}, minimum and properties.")
    kinds = {kind: table.get(kind, False) for kind in ("anonymous", "employee")}
    for kind, said in kinds.items():
        if not isinstance(said, bool):
            raise SettingError(f"{kind} of {where} is {said!r}, but must be true or false.")
    if not any(kinds.values()):
        raise SettingError(f"{where} decides nothing; give it anonymous = true, employee = true or both.")
    minimum = table.get("minimum", FEWEST)
    if not isinstance(minimum, int) or isinstance(minimum, bool) or not 2 <= minimum <= 1000:
        raise SettingError(f"minimum of {where} is {minimum!r}, but must be a whole number from 2 to 1000.")
    kept = checks.list_of_words(f'surveys."{name}".properties', table.get("properties", []), path)
    return Survey(kinds["anonymous"], minimum, frozenset(kept))


_BESIDE = ("minimum", "properties")
