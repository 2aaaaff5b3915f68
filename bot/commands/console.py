"""What the commands share: settings read, the store opened, results shown; faults as one sentence."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.config import Settings
    from storage.db import Db

DAY = click.DateTime(["%Y-%m-%d"])


def settings() -> Settings:
    """Read the settings; a wrong one ends the command with its sentence."""
    from bot.config import SettingError, load  # when a command runs: --help is quick
    from handlers.sources.kinds import KINDS

    try:
        return load(kinds=frozenset(KINDS))
    except SettingError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def opened(chosen: Settings) -> Iterator[Db]:
    """Open the store beside a bot that may be running on it; one transaction."""
    from storage.db import StoreError, beside

    try:
        with beside(chosen.database) as db:
            yield db
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def noted(chosen: Settings, action: str, **details: object) -> None:
    """Write into the audit trail what was done on the command line."""
    from bot import trail

    with opened(chosen) as db:
        trail.note(db, trail.at_the_console(), action, datetime.now(UTC), **details)


def show(result: Any, *, as_json: bool, text: str) -> None:
    """Print a result on stdout, for a program or for a person."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text)
