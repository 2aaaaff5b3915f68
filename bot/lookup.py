"""What is told of one response: what it says, and what happened to its callback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.themes import tagged
from storage import callbacks, calls, responses

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model import Call, Received
    from storage.db import Db


def found(db: Db, settings: Settings, public_id: str) -> Received | None:
    """Return a response with its callback and its themes by the id that its card carries."""
    response = responses.by_public_id(db, public_id)
    return response and tagged.known(db, settings, response)


def history(db: Db, public_id: str) -> tuple[Received, list[dict[str, object]], dict[int, Call]] | None:
    """Return a response, what happened to its callback, and its calls."""
    response = responses.by_public_id(db, public_id)
    if response is None:
        return None
    about = response.callback.id if response.callback else response.id
    return response, callbacks.history(db, about), calls.of_response(db, about)
