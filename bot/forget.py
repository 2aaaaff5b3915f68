"""Forgetting a person: in the store, on cards, in threads and digests; their scores stay, without them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage import callbacks, forgotten, outbox, settings
from storage.db import beside, empty_log_alone

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from storage.db import Db


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased: responses, messages that are being put without the person, deliveries in quarantine."""

    responses: int
    messages: int
    kept: int


def forget(db: Db, email: str, actor: str | None, now: datetime) -> Erased:
    """Erase whoever answered from an address; ask for every message that showed them to be put anew.

    What is deleted is overwritten in the file; the write-ahead log is emptied at the checkpoint asked for here.
    """
    ids = forgotten.of_email(db, email)
    messages = forgotten.messages_about(db, ids) if ids else []
    for response_id in ids:
        forgotten.erase(db, response_id, now)
        callbacks.record(db, response_id, now, actor, "forgotten")
    for message_id in messages:
        outbox.put_again(db, message_id, now)
    kept = forgotten.drop_kept(db, email)
    settings.put(db, forgotten.CHECKPOINT, "1")
    return Erased(len(ids), len(messages), kept)


def emptied(store: Path) -> bool:
    """Return once no trace of what was erased stands in the write-ahead log: the bot on this store empties it.

    Without a bot it is emptied here. False when that has not come about within half a minute.
    """
    for _ in range(60):
        if empty_log_alone(store):
            with beside(store) as db:
                checkpoint_done(db)
            return empty_log_alone(store)
        with beside(store) as db:
            if not checkpoint_wanted(db):
                return True
        time.sleep(0.5)
    return False


def checkpoint_wanted(db: Db) -> bool:
    """Tell whether something was erased whose traces still stand in the write-ahead log."""
    return settings.get(db, forgotten.CHECKPOINT) == "1"


def checkpoint_done(db: Db) -> None:
    """Note that the write-ahead log is empty."""
    settings.put(db, forgotten.CHECKPOINT, "0")
