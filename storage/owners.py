"""Who looks after which company."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db import Db, Row


def put(db: Db, key: str, company: str, owner: str) -> bool:
    """Remember who looks after a company, known by its folded name; False when that was known."""
    return bool(
        db.execute(
            """insert into owners (company_key, company, owner) values (:key, :company, :owner)
               on conflict (company_key) do update set company = excluded.company, owner = excluded.owner
                 where owner <> excluded.owner or company <> excluded.company""",
            key=key,
            company=company,
            owner=owner,
        )
    )


def of_company(db: Db, key: str) -> str | None:
    """Return who looks after a company, None where nobody is known to."""
    found: str | None = db.value("select owner from owners where company_key = :key", key=key)
    return found


def listing(db: Db) -> list[Row]:
    """Return company and owner of each, by company."""
    return db.rows("select company, owner from owners order by company_key")
