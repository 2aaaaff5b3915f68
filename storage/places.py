"""In which channel the card of a response stands, as it was set when the card was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.db import Db


def of_card(db: Db, public_id: str) -> str | None:
    """Return the channel of a response's card by the id that the card carries; None where there is no card."""
    found: str | None = db.value(
        """select m.channel from responses r join messages m on m.kind = 'card' and m.subject = r.id
           where r.public_id = :id""",
        id=public_id,
    )
    return found


def of_cards(db: Db, response_ids: Iterable[int]) -> dict[int, str]:
    """Return the channels of the cards of several responses, by the response's id."""
    rows = db.rows(
        """select subject, channel from messages
           where kind = 'card' and subject in (select value from json_each(:ids))""",
        ids=json.dumps(list(response_ids)),
    )
    return {row["subject"]: row["channel"] for row in rows}
