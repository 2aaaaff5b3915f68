"""How long what came in is kept: deliveries as they came, and what tells of persons."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from pathlib import Path

DAYS_MOST = 36_500


@dataclass(frozen=True, slots=True)
class Retention:
    """The table [retention]: days after which what is kept goes; None keeps it.

    `raw_bodies_days` is for deliveries in quarantine and events to be completed, from their receipt;
    `personal_data_days` for the persons in answers and calls, from the answer.
    """

    raw_bodies_days: int | None = 30
    personal_data_days: int | None = None


def read(table: Any, path: Path) -> Retention:
    """Return what stands in [retention]. Raises SettingError."""
    if not isinstance(table, dict):
        raise SettingError(
            f"retention in {path} is {table!r}, but must be a table [retention] with personal_data_days = 730."
        )
    known = [field.name for field in fields(Retention)]
    for name, given in table.items():
        days = isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= DAYS_MOST
        if name not in known or not (given is False or days):
            raise SettingError(
                f"retention.{name} in {path} is {given!r}, but under retention stand {' and '.join(known)}, each with "
                f"whole days from 1 to {DAYS_MOST}, or false to keep it."
            )
    return Retention(**{name: None if given is False else given for name, given in table.items()})
