"""The steps that a team's daily work needs: roles, routes, reminders, search, retention."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlite_utils import Database

STEPS: tuple[Callable[[Database], None], ...] = ()
