"""What a call told for the next one: when the customer wants to be called, and the right number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage import callbacks, responses, sharing

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model import Learned
    from storage.db import Db


def keep(db: Db, callback_id: int, learned: Learned, now: datetime) -> None:
    """Keep what a call told: a wish as it is now, and a number, where there is a new one, with all their answers."""
    callbacks.prefer(db, callback_id, learned.preferred_time)
    if learned.phone is not None:
        for response_id in sharing.of_callback(db, callback_id):
            _correct_phone(db, response_id, learned.phone, now)


def _correct_phone(db: Db, response_id: int, phone: str, now: datetime) -> None:
    """Put somebody's number right; no delivery that was sent before now brings the wrong one back."""
    stored = responses.by_id(db, response_id)
    assert stored is not None  # noqa: S101  # its callback is here, and a foreign key holds it
    person = replace(stored.response.respondent, phone=phone)
    told_by = {**stored.told_by, "respondent.phone": now.timestamp()}
    responses.change(db, stored, replace(stored.response, respondent=person), told_by)
