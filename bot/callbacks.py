"""The states of a callback and every move between them, with the refusals.

| move | from | to |
| --- | --- | --- |
| claim | open | claimed |
| release | claimed, by its holder | open |
| assign | open, claimed | claimed, by the colleague named |
| snooze | open, claimed by the asker | the same, out of sight until its time |
| dismiss | open, claimed by the asker | closed, with a reason and no call |
| log a call: close | open, claimed by the caller, closed | closed |
| log a call: call again | open, claimed by the caller, closed | claimed by the caller, with a time |
| log a call: hand over | open, claimed by the caller, closed | open |
| reopen | closed | open |

Every move checks the state it was made from with one conditional update; whoever comes second is refused by name.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.model import Category, NextStep, Received, Refusal, State, category
from storage import callbacks, calls, outbox, responses

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Call
    from storage.db import Db


class NoSuchCallback(Refusal):
    """This callback is no longer here."""

    key = "refusal.no_such_callback"


class HeldBySomeoneElse(Refusal):
    """Someone else holds this callback."""

    key = "refusal.held_by_someone_else"


class AlreadyYours(Refusal):
    """You hold this callback already."""

    key = "refusal.already_yours"


class AlreadyClosed(Refusal):
    """This callback is closed."""

    key = "refusal.already_closed"


class NotYours(Refusal):
    """You do not hold this callback."""

    key = "refusal.not_yours"


class NotClosed(Refusal):
    """This callback is not closed."""

    key = "refusal.not_closed"


class InThePast(Refusal):
    """The time is past."""

    key = "refusal.in_the_past"


def due(settings: Settings, which: Category, start: datetime) -> datetime | None:
    """Return when a callback of this category is due that counts from `start`; None where none is asked for."""
    hours = settings.hours[which]
    return None if hours is None else start + timedelta(hours=hours)


def open_if_asked(db: Db, settings: Settings, response_id: int, score: int, now: datetime) -> None:
    """Open the callback of a new response when its category asks for one."""
    due_at = due(settings, category(score), now)
    if due_at is not None:
        callbacks.open_for(db, response_id, now, due_at)
        callbacks.record(db, response_id, now, None, "opened")


def score_changed(db: Db, settings: Settings, stored: Received, score: int, now: datetime) -> None:
    """Follow a changed score: another category asks for its callback within its own time.

    A worse category reopens a closed callback; on one still waiting it can only bring the due time nearer.
    A better one leaves what is closed closed, and gives what waits its own, longer time from the receipt.
    """
    was, now_is = stored.category, category(score)
    if was == now_is:
        return
    current = callbacks.of_response(db, stored.id)
    if current is None:
        open_if_asked(db, settings, stored.id, score, now)
        return
    worse = now_is.worse_than(was)
    due_at = due(settings, now_is, now if worse else stored.received_at)
    if due_at is None:
        return
    if current.state is State.CLOSED:
        if worse:
            callbacks.reopen(db, stored.id, due_at, now=now)
            callbacks.record(db, stored.id, now, None, "reopened", score=score)
        return
    callbacks.set_due(db, stored.id, min(due_at, current.due_at) if worse else due_at)
    callbacks.record(db, stored.id, now, None, "rescored", score=score)


def claim(db: Db, public_id: str, user: str, now: datetime) -> Received:
    """Make the user the holder of an open callback; exactly one of all who try succeeds."""
    found = _found(db, public_id)
    if not callbacks.take(db, found.id, user, now):
        raise _why_not_free(found, user)
    return _moved(db, found, user, "claimed", now)


def release(db: Db, public_id: str, user: str, now: datetime) -> Received:
    """Open a callback again that the user holds."""
    found = _found(db, public_id)
    if not callbacks.let_go(db, found.id, user):
        raise NotYours
    return _moved(db, found, user, "released", now)


def assign(db: Db, public_id: str, user: str, assignee: str, now: datetime) -> Received:
    """Give a callback to a colleague, who is told; it may be taken from whoever holds it, who is told too."""
    found = _found(db, public_id)
    assert found.callback is not None  # noqa: S101  # _found checks it
    was = found.callback.holder
    if was == assignee:
        raise (AlreadyYours() if assignee == user else HeldBySomeoneElse(holder=assignee))
    if not callbacks.give(db, found.id, assignee, now, was=was):
        raise AlreadyClosed
    event = callbacks.record(db, found.id, now, user, "assigned", to=assignee, was=was)
    if assignee != user:
        outbox.put(db, "assigned", event, assignee, now, urgent=True)
    if was not in {None, user}:
        outbox.put(db, "taken_over", event, str(was), now, urgent=True)
    outbox.refresh(db, "card", found.id, now)
    return _found(db, public_id)


def snooze(db: Db, public_id: str, user: str, until: datetime, now: datetime) -> Received:
    """Put a callback out of sight until a time to come; it comes back by itself."""
    found = _found(db, public_id)
    if until <= now:
        raise InThePast
    if not callbacks.snooze(db, found.id, user, until):
        raise _why_not_free(found, user)
    return _moved(db, found, user, "snoozed", now, until=until.isoformat())


def dismiss(db: Db, public_id: str, user: str, reason: str, now: datetime) -> Received:
    """Close a callback without a call, with a reason."""
    found = _found(db, public_id)
    if not callbacks.close(db, found.id, user, now, dismissed=reason):
        raise _why_not_free(found, user)
    return _moved(db, found, user, "dismissed", now)


def reopen(db: Db, settings: Settings, public_id: str, user: str, now: datetime) -> Received:
    """Open a closed callback again; it is due as if it had come now."""
    found = _found(db, public_id)
    if not callbacks.reopen(db, found.id, _fresh_due(settings, found, now), now=now):
        raise NotClosed
    return _moved(db, found, user, "reopened", now)


def log_call(db: Db, settings: Settings, public_id: str, call: Call) -> Received:
    """Log a call: the caller holds the callback from then on, or closes it, or hands it over.

    Nobody can log on a callback that someone else holds. The call, the new state, the card and the summary
    in the card's thread are one transaction.
    """
    found = _found(db, public_id)
    assert found.callback is not None  # noqa: S101  # _found checks it
    if call.next_step is NextStep.CALL_AGAIN and (call.call_again_at is None or call.call_again_at <= call.at):
        raise InThePast
    _after_call(db, settings, found, call)
    call_id = calls.add(db, found.id, call)
    card = outbox.message_of(db, "card", found.id)
    if card is not None:
        outbox.put(db, "call", call_id, card.channel, call.at, parent=card.id, urgent=True)
    return _moved(
        db,
        found,
        call.caller,
        "called",
        call.at,
        outcome=call.outcome,
        next_step=call.next_step,
        call=call_id,
    )


def _after_call(db: Db, settings: Settings, found: Received, call: Call) -> None:
    """Bring the callback into the state that the call's next step asks for, from whichever it is in."""
    assert found.callback is not None  # noqa: S101  # the caller has checked it
    user, now = call.caller, call.at
    if found.callback.state is State.CLOSED:
        if call.next_step is NextStep.CLOSE:
            callbacks.called(db, found.id, now, None)
            return
        holder = user if call.next_step is NextStep.CALL_AGAIN else None
        if not callbacks.reopen(db, found.id, _fresh_due(settings, found, now), holder=holder, now=now):
            raise _why_not_free(_found(db, found.public_id), user)
    elif not (callbacks.take(db, found.id, user, now) or found.callback.holder == user):
        raise _why_not_free(found, user)
    callbacks.called(db, found.id, now, call.call_again_at if call.next_step is NextStep.CALL_AGAIN else None)
    if call.next_step is NextStep.CLOSE:
        callbacks.close(db, found.id, user, now, outcome=call.outcome)
    elif call.next_step is NextStep.HAND_OVER:
        callbacks.let_go(db, found.id, user)


def may_log(found: Received | None, user: str) -> Received:
    """Return the response when the user may log a call on it; raise the refusal it would end in otherwise."""
    if found is None or found.callback is None:
        raise NoSuchCallback
    if found.callback.holder not in {None, user}:
        raise HeldBySomeoneElse(holder=found.callback.holder)
    return found


def _found(db: Db, public_id: str) -> Received:
    found = responses.by_public_id(db, public_id)
    if found is None or found.callback is None:
        raise NoSuchCallback
    return found


def _why_not_free(found: Received, user: str) -> Refusal:
    current = found.callback
    if current is None:
        return NoSuchCallback()
    if current.state is State.CLOSED:
        return AlreadyClosed()
    if current.holder == user:
        return AlreadyYours()
    return HeldBySomeoneElse(holder=current.holder)


def _fresh_due(settings: Settings, found: Received, now: datetime) -> datetime:
    return due(settings, found.category, now) or now + timedelta(days=1)


def _moved(db: Db, found: Received, user: str, action: str, now: datetime, **details: object) -> Received:
    """Write the move into the history, have the card brought up to date, and return what is now."""
    callbacks.record(db, found.id, now, user, action, **details)
    outbox.refresh(db, "card", found.id, now)
    return _found(db, found.public_id)
