"""What is told of one response: what it says, and what happened to its callback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import privacy
from bot.themes import tagged
from storage import callbacks, calls, responses

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model import Call, Received
    from storage.db import Db


def found(db: Db, settings: Settings, public_id: str, reader: str) -> Received | None:
    """Return a response with its callback and its themes, as a reader may see it, by the id that its card carries."""
    response = responses.by_public_id(db, public_id)
    return response and _shown(db, settings, tagged.known(db, settings, response), reader)


def history(
    db: Db, settings: Settings, public_id: str, reader: str
) -> tuple[Received, list[dict[str, Any]], dict[int, Call]] | None:
    """Return a response, what happened to its callback, and its calls, as a reader may see them."""
    response = responses.by_public_id(db, public_id)
    if response is None:
        return None
    about = response.callback.id if response.callback else response.id
    shown = _shown(db, settings, response, reader)
    events = callbacks.history(db, about)
    told = [{**each, "remark": privacy.words(each.get("remark") or "", response, shown)} for each in events]
    logged = calls.of_response(db, about)
    return shown, told, {call_id: privacy.call(call, response, shown) for call_id, call in logged.items()}


def _shown(db: Db, settings: Settings, response: Received, reader: str) -> Received:
    return privacy.one(db, privacy.veil(db, settings, reader), response)
