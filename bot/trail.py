"""The audit trail: each look at customers and each act of an admin, beside the moves that the history holds."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from storage import audit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.config import Settings
    from storage.db import Db


def note(  # who did what to which, when and how
    db: Db, actor: str | None, action: str, now: datetime, about: str | None = None, /, **details: object
) -> None:
    """Note who did what, to the response with a public id when it is about one; details never tell of a customer."""
    audit.note(db, actor, action, about, now, **details)


def looked(  # noqa: PLR0913  # who asked for what, about which
    db: Db, actor: str, request: str, about: str, now: datetime, *, refused: bool
) -> None:
    """Note what somebody asked for in Slack, and whether it was refused."""
    note(db, actor, request, now, about or None, **({"refused": True} if refused else {}))


def shown(db: Db, actor: str, public_ids: Iterable[str], now: datetime) -> None:
    """Note whose answers somebody was shown, each once."""
    for public_id in dict.fromkeys(public_ids):
        note(db, actor, "customer_shown", now, public_id)


def settings_read(db: Db, settings: Settings, now: datetime) -> None:
    """Note under which rights and rules the bot starts."""
    rights = settings.rights
    named = {"act": sorted(rights.act), "lead": sorted(rights.lead), "admin": sorted(rights.admin)}
    note(db, None, "settings_read", now, **named, sources=sorted(settings.sources), routes=len(settings.routes))


def at_the_console() -> str:
    """Return who uses the command line, as the trail names them."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError):
        return "cli"
