"""Which answer asks for a callback: one a person at a time, due as its category says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.due import due
from bot.model import State, category
from bot.settings import routes
from storage import callbacks, outbox, sharing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Callback, Received, Response
    from storage.db import Db


def open_if_asked(db: Db, settings: Settings, stored: Received, response: Response, now: datetime) -> bool:
    """Open the callback of a response when its category asks for one; tell whether it has one of its own.

    Whoever has one under way gets no second one: the response shares it, whatever its category, and can only bring
    its due time nearer. What a rule keeps from callbacks has nothing to do with any, and so has every answer to a
    nameless survey, whatever a rule says.
    """
    counts, due_at = _asked(settings, stored.source, response, now)
    other = under_way(db, settings, stored.id) if counts else None
    if other is not None and response.score is not None:
        sharing.share(db, stored.id, other.id)
        _answered_again(db, other, stored.id, response.score, due_at, now)
    elif due_at is not None:
        callbacks.open_all(db, [(stored.id, now, due_at)])
        return True
    return False


def open_where_asked(db: Db, settings: Settings, told: Sequence[tuple[Received, datetime]]) -> None:
    """Do what `open_if_asked` does for several responses, of each of which it is said when it was told.

    Only those are looked at one by one whose person may have a callback under way.
    """
    again = sharing.answered_before(db, [stored.id for stored, _ in told]) if settings.callbacks.one_per_person else ()
    opened = [
        (stored.id, now, due_at)
        for stored, now in told
        if stored.id not in again and (due_at := _asked(settings, stored.source, stored.response, now)[1]) is not None
    ]
    callbacks.open_all(db, opened)
    for stored, now in told:
        if stored.id in again:
            open_if_asked(db, settings, stored, stored.response, now)


def _asked(settings: Settings, source: str, response: Response, now: datetime) -> tuple[bool, datetime | None]:
    """Tell whether a response has to do with callbacks, and when its own would be due; None where it asks for none."""
    if response.score is None or settings.nameless(response.survey):
        return False, None
    route = routes.chosen(settings.routes, source, response)
    due_at = due(settings, category(response.score), response, now)
    if route is None or route.callback is None:
        return True, due_at
    return route.callback, (due_at or now + routes.ASKED_WITHIN) if route.callback else None


def under_way(db: Db, settings: Settings, response_id: int) -> Callback | None:
    """Return a callback, open or claimed, of the person who gave a response; None where each answer has its own."""
    other = sharing.under_way(db, response_id) if settings.callbacks.one_per_person else None
    return None if other is None else callbacks.of_response(db, other)


def _answered_again(  # noqa: PLR0913  # on which, by which answer, how bad, due when
    db: Db, current: Callback, response_id: int, score: int, due_at: datetime | None, now: datetime
) -> None:
    """Let another answer bring the due time of a callback under way nearer; its holder is told privately."""
    if due_at is not None and due_at < current.due_at:
        callbacks.set_due(db, current.id, due_at)
    event = callbacks.record(db, current.id, now, None, "answered_again", score=score, response=response_id)
    if current.holder is not None:
        outbox.put(db, "answered_again", event, current.holder, now, urgent=True)
    sharing.refresh(db, current.id, now)


def score_changed(db: Db, settings: Settings, stored: Received, response: Response, now: datetime) -> None:
    """Follow a changed score: another category asks for its callback within its own time.

    A worse category reopens a closed callback, unless the person has another one under way; on one still waiting it
    can only bring the due time nearer.
    A better one leaves what is closed closed, and gives what waits its own, longer time from the receipt, unless
    other answers share it. Whoever holds what waits is told of either.
    """
    if settings.nameless(response.survey):
        callbacks.withdraw(db, stored.id)
        return
    if response.score is None or stored.category is category(response.score):
        return
    current = callbacks.of_response(db, stored.id)
    if current is None:
        open_if_asked(db, settings, stored, response, now)
        return
    worse = category(response.score).worse_than(stored.category)
    due_at = due(settings, category(response.score), response, now if worse else stored.received_at)
    other = under_way(db, settings, current.id) if worse and current.state is State.CLOSED else None
    if other is not None:
        _answered_again(db, other, stored.id, response.score, due_at, now)
    elif current.state is not State.CLOSED:
        _rescored(db, current, stored.id, response.score, due_at, now, worse=worse)
    elif worse and due_at is not None:
        callbacks.reopen(db, current.id, due_at, now=now)
        callbacks.record(db, current.id, now, None, "reopened", score=response.score, response=stored.id)
        sharing.refresh(db, current.id, now)


def _rescored(  # noqa: PLR0913  # which, by which answer, to what, due when
    db: Db,
    current: Callback,
    response_id: int,
    score: int,
    due_at: datetime | None,
    now: datetime,
    *,
    worse: bool,
) -> None:
    """Let a changed answer move the due time of a callback under way; its holder is told privately."""
    nearer = due_at is not None and due_at < current.due_at
    alone = len(sharing.of_callback(db, current.id)) == 1
    if due_at is not None and (nearer if worse else alone):
        callbacks.set_due(db, current.id, due_at)
    event = callbacks.record(db, current.id, now, None, "rescored", score=score, response=response_id)
    if current.holder is not None:
        outbox.put(db, "rescored", event, current.holder, now, urgent=True)
    sharing.refresh(db, current.id, now)
