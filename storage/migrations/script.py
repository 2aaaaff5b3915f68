"""Several SQL statements in one text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database


def run(db: Database, script: str) -> None:
    """Execute each statement of a script, inside the transaction that is open."""
    for statement in statements(script):
        db.execute(statement)


def statements(script: str) -> list[str]:
    """Split a script where a statement ends; a trigger's own semicolons stay inside it."""
    found, current = [], ""
    for line in script.strip().splitlines():
        current += line + "\n"
        whole = current.strip()
        if whole.endswith(";") and (not whole.startswith("create trigger") or whole.endswith("end;")):
            found.append(whole)
            current = ""
    return found
