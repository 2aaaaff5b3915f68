"""A consistent copy of the store, taken while the bot runs, and checked."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

from storage.db import StoreError, connect_reader

if TYPE_CHECKING:
    from pathlib import Path


def copy(store: Path, target: Path) -> int:
    """Write a copy that holds one moment of the store and nothing deleted; return how many responses it has.

    The copy is made beside the target, checked, and only then takes its name: a backup that was broken off
    never stands under it.
    """
    if not store.exists():
        raise StoreError(f"There is no store {store}; name it in NPSBOT_DATABASE.")
    if target.exists():
        raise StoreError(f"{target} exists already; name a file that does not.")
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        source = connect_reader(store)
        try:
            os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT, 0o600))
            source.execute("vacuum into :target", {"target": str(unfinished)})
        finally:
            source.close()
        made = sqlite3.connect(unfinished)
        try:
            verdict = made.execute("pragma integrity_check").fetchone()[0]
            responses = int(made.execute("select count(*) from responses").fetchone()[0])
        finally:
            made.close()
        if verdict != "ok":
            raise StoreError(f"The copy is damaged ({verdict}); check the disk.")
        unfinished.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"The copy {target} could not be written: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return responses
