"""Finding words in what customers and colleagues wrote, as people type them."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.db import Db

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ł": "l"})


def folded(text: str | None) -> str:
    """Return a text without case and diacritics, so that malmo finds Malmö and sorensen Sørensen."""
    if not text:
        return ""
    lowered = text.casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))


def containing(db: Db, text: str, limit: int) -> list[int]:
    """Return the responses whose comment, name, company or call notes contain a text, newest first."""
    db.connection.create_function("folded", 1, folded, deterministic=True)
    wanted = folded(text)
    rows = db.rows(
        """select id from responses r
           where score is not null and (instr(folded(comment), :wanted) or instr(folded(name), :wanted)
             or instr(folded(company), :wanted)
             or exists (select 1 from calls c where c.response_id = r.id and instr(folded(c.notes), :wanted)))
           order by submitted_at desc, id desc limit :limit""",
        wanted=wanted,
        limit=limit,
    )
    return [row["id"] for row in rows]
