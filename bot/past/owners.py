"""Who looks after which company, from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.past.delimited import encoding_of, records, separator_of
from bot.past.tables import Imported, Trouble
from bot.settings.routes import folded, is_person
from storage import owners

if TYPE_CHECKING:
    from pathlib import Path

    from storage.db import Db

COMPANY = frozenset({"company", "customer", "account", "organisation", "organization"})
OWNERS = frozenset({"owner", "account owner", "account_owner", "slack id", "slack_id", "user"})
"""What the first line of a file of owners may call its two columns."""


def import_owners(db: Db, path: Path) -> Imported:
    """Take in who looks after which company, from a file with the columns company and owner; raise Trouble.

    Companies that the file does not name stay as they are; a second run changes nothing.
    """
    found, seen = Imported(), dict[str, str]()
    try:
        rows = _columns(path)
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror}.") from None
    except Trouble as trouble:
        raise Trouble(f"{path}: {trouble}.") from None
    for line, company, owner in rows:
        key = folded(company)
        if not key or not is_person(owner):
            wrong = "has no company" if not key else f"has {owner!r}, which is no person's id in Slack (U…)"
            found.refused.append(f"line {line} {wrong}")
        elif seen.setdefault(key, owner) != owner:
            found.refused.append(f"line {line} gives {company} to {owner}, but an earlier line to {seen[key]}")
        elif owners.put(db, key, " ".join(company.split()), owner):
            found.new += 1
        else:
            found.known += 1
    return found


def _columns(path: Path) -> list[tuple[int, str, str]]:
    """Return line, company and owner of each row that is not empty."""
    encoding = encoding_of(path)
    table = list(records(path, encoding, separator_of(path, encoding)))
    names = [folded(cell) for cell in table[0][1]] if table else []
    where = [next((at for at, name in enumerate(names) if name in known), None) for known in (COMPANY, OWNERS)]
    if where[0] is None or where[1] is None:
        raise Trouble("its first line must name the columns company and owner")
    company, owner = where[0], where[1]
    padded = [(line, [*cells, *[""] * len(names)]) for line, cells in table[1:] if any(cell.strip() for cell in cells)]
    return [(line, cells[company].strip(), cells[owner].strip()) for line, cells in padded]
