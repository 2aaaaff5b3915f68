"""Every move of a callback between its states, with the refusals; which there are stands in `bot.moves`.

Every move checks the state it was made from with one conditional update; whoever comes second is refused by name.
A form is of the moment it was opened: when somebody else has moved the callback meanwhile, it says what happened.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import learning, moves, opening, referrals
from bot.due import due
from bot.model import Learned, NextStep, Outcome, Received, State, category
from bot.refusals import (
    AlreadyYours,
    AnotherHeld,
    AnotherOpen,
    ClosedMeanwhile,
    HeldBySomeoneElse,
    HeldForLeads,
    InThePast,
    LetGoMeanwhile,
    NoSuchCallback,
    NothingSaid,
    NotPutAside,
    StillToBeTried,
    TakenMeanwhile,
    why_not,
)
from bot.settings.roles import LeadsOnly
from bot.themes import tagged
from storage import callbacks, calls, outbox, responses, sharing

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Call
    from bot.moves import Move
    from storage.db import Db


def claim(db: Db, public_id: str, user: str, now: datetime) -> None:
    """Make the user the holder of an open callback; exactly one of all who try succeeds."""
    found = _found(db, public_id)
    if not callbacks.take(db, found.id, user, now):
        raise why_not(moves.CLAIM, found, user)
    _moved(db, found, user, "claimed", now)


def release(db: Db, public_id: str, user: str, now: datetime) -> None:
    """Open a callback again that the user holds."""
    found = _found(db, public_id)
    if not callbacks.let_go(db, found.id, user):
        raise why_not(moves.RELEASE, found, user)
    _moved(db, found, user, "released", now)


def assign(  # noqa: PLR0913  # who gives what to whom, by what right, and what was said and seen
    db: Db,
    public_id: str,
    user: str,
    assignee: str,
    now: datetime,
    *,
    lead: bool,
    comment: str | None = None,
    seen: str = "",
) -> None:
    """Give a callback to a colleague, who is told; a lead may take it from whoever holds it, who is told why.

    Anyone may take for themselves what nobody holds or what was called out as stale, and pass on what they hold.
    """
    found = _as_seen(db, public_id, seen)
    assert found.callback is not None  # noqa: S101  # _found checks it
    was = found.callback.holder
    if was == assignee:
        raise (AlreadyYours() if assignee == user else HeldBySomeoneElse(holder=assignee))
    if found.callback.state in moves.ASSIGN.start:
        free = was is None or found.callback.stale_at is not None
        if not (lead or was == user or (free and assignee == user)):
            raise LeadsOnly
        if was not in {None, user} and not comment:
            raise NothingSaid
    if not callbacks.give(db, found.id, assignee, now, was=was):
        raise why_not(moves.ASSIGN, found, user)
    event = callbacks.record(db, found.id, now, user, "assigned", to=assignee, was=was)
    if comment:
        callbacks.remark(db, event, found.id, comment)
    if assignee != user:
        outbox.put(db, "assigned", event, assignee, now, urgent=True)
    if was not in {None, user}:
        outbox.put(db, "taken_over", event, str(was), now, urgent=True)
    sharing.refresh(db, found.id, now)


def give_to_owner(db: Db, response_id: int, owner: str, now: datetime) -> None:
    """Make whoever looks after a customer the holder of a callback that nobody holds, and tell them; else nothing."""
    if callbacks.give(db, response_id, owner, now, was=None):
        event = callbacks.record(db, response_id, now, None, "assigned", to=owner)
        card = outbox.message_of(db, "card", response_id)
        outbox.put(db, "assigned", event, owner, now, urgent=True, waits_for=card.id if card else None)
        sharing.refresh(db, response_id, now)


def snooze(  # noqa: PLR0913  # what, by whom, until when, and what was seen
    db: Db, public_id: str, user: str, until: datetime, now: datetime, *, seen: str = ""
) -> None:
    """Put a callback out of sight until a time to come; it comes back by itself."""
    found = _as_seen(db, public_id, seen)
    if until <= now:
        raise InThePast
    if not callbacks.snooze(db, found.id, user, until):
        raise why_not(moves.SNOOZE, found, user)
    _moved(db, found, user, "snoozed", now, until=until.isoformat())


def wake(db: Db, public_id: str, user: str, now: datetime) -> None:
    """Bring a callback back before its time that was put aside."""
    found = _found(db, public_id)
    if not callbacks.wake_now(db, found.id, user):
        raise (
            NotPutAside
            if found.callback and moves.WAKE.fits(found.callback, user)
            else why_not(moves.WAKE, found, user)
        )
    _moved(db, found, user, "woken", now)


def dismiss(  # noqa: PLR0913  # what, by whom, why, and what was seen
    db: Db, public_id: str, user: str, reason: str, now: datetime, *, seen: str = ""
) -> None:
    """Close a callback without a call, with a reason."""
    found = _as_seen(db, public_id, seen)
    if not callbacks.close(db, found.id, user, now, dismissed=reason):
        raise why_not(moves.DISMISS, found, user)
    _moved(db, found, user, "dismissed", now, said=reason)


def reopen(db: Db, settings: Settings, public_id: str, user: str, now: datetime) -> None:
    """Open a closed callback again; it is due as if it had come now."""
    found = _found(db, public_id)
    if not _reopened(db, settings, found, now):
        raise why_not(moves.REOPEN, found, user)
    _moved(db, found, user, "reopened", now)


def log_call(  # noqa: PLR0913  # a call, what it told besides, and the form it came in
    db: Db,
    settings: Settings,
    public_id: str,
    call: Call,
    *,
    learned: Learned | None = None,
    form: str | None = None,
) -> None:
    """Log a call: the caller holds the callback from then on, or closes it, or hands it over.

    Nobody can log on a callback that someone else holds. The call, the new state, the cards and the summary
    in their threads are one transaction; what comes twice in one form is logged once.
    """
    found = _found(db, public_id)
    if form is not None and calls.came_in(db, form):
        return
    assert found.callback is not None  # noqa: S101  # _found checks it
    if call.next_step is NextStep.CALL_AGAIN and (call.call_again_at is None or call.call_again_at <= call.at):
        raise InThePast
    _after_call(db, settings, found, call)
    call_id = calls.add(db, found.id, call, form)
    referrals.pass_on(db, settings.referrals, call_id, call)
    if learned is not None:
        learning.keep(db, found.id, learned, call.at)
        if learned.themes is not None:
            tagged.correct(db, settings, public_id, learned.themes, call.caller, call.at)
    _tell(db, found, call, call_id)
    _moved(
        db,
        found,
        call.caller,
        "called",
        call.at,
        outcome=call.outcome,
        next_step=call.next_step,
        call=call_id,
    )


def _tell(db: Db, found: Received, call: Call, call_id: int) -> None:
    """Tell of a call in the thread of every card that shares the callback."""
    for response_id in sharing.of_callback(db, found.id):
        card = outbox.message_of(db, "card", response_id)
        if card is None:
            continue
        kind, subject = "call", call_id
        if response_id != found.id:
            kind, subject = "call_told", callbacks.record(db, response_id, call.at, call.caller, "told", call=call_id)
        outbox.put(db, kind, subject, card.channel, call.at, parent=card.id, urgent=True)


def give_up(db: Db, settings: Settings, public_id: str, user: str, now: datetime) -> None:
    """Close a callback whose customer has not answered as often as is to be tried."""
    found = _found(db, public_id)
    assert found.callback is not None  # noqa: S101  # _found checks it
    most = settings.callbacks.attempts
    if moves.GIVE_UP.fits(found.callback, user) and (most is None or found.callback.attempts < most):
        raise StillToBeTried
    if not callbacks.close(db, found.id, user, now, outcome=Outcome.UNREACHABLE):
        raise why_not(moves.GIVE_UP, found, user)
    _moved(db, found, user, "gave_up", now)


def _after_call(db: Db, settings: Settings, found: Received, call: Call) -> None:
    """Bring the callback into the state that the call's next step asks for, from whichever it is in."""
    assert found.callback is not None  # noqa: S101  # the caller has checked it
    user, now = call.caller, call.at
    if found.callback.state is State.CLOSED:
        if call.next_step is NextStep.CLOSE:
            callbacks.called(db, found.id, now, None)
            return
        holder = user if call.next_step is NextStep.CALL_AGAIN else None
        if not _reopened(db, settings, found, now, holder):
            raise why_not(moves.LOG_AND_CLOSE, _found(db, found.public_id), user)
    elif not (callbacks.take(db, found.id, user, now) or found.callback.holder == user):
        raise why_not(moves.LOG_AND_CLOSE, found, user)
    callbacks.called(db, found.id, now, call.call_again_at if call.next_step is NextStep.CALL_AGAIN else None)
    if call.next_step is NextStep.CLOSE:
        callbacks.close(db, found.id, user, now, outcome=call.outcome)
    elif call.next_step is NextStep.HAND_OVER:
        callbacks.let_go(db, found.id, user)


def may(move: Move, found: Received | None, user: str) -> Received:
    """Return the response when the user can make a move on it; raise the refusal it would end in otherwise."""
    if found is None or found.callback is None or found.forgotten:
        raise NoSuchCallback
    if not move.fits(found.callback, user):
        raise why_not(move, found, user)
    return found


def may_assign(found: Received | None, user: str, *, lead: bool) -> Received:
    """Return the response when the user may give its callback to somebody; raise why it is not theirs to give."""
    told = may(moves.ASSIGN, found, user)
    current = told.callback
    if current and current.holder not in {None, user} and not (lead or current.stale_at):
        raise HeldForLeads(holder=current.holder)
    return told


def may_log(found: Received | None, user: str) -> Received:
    """Return the response when the user may log a call on it; raise the refusal it would end in otherwise."""
    return may(moves.LOG_AND_CLOSE, found, user)


def _found(db: Db, public_id: str) -> Received:
    """Return the response that the callback was opened for; another that shares it names it as well."""
    found = responses.by_public_id(db, public_id)
    if found is not None and found.callback is not None and found.callback.id != found.id:
        found = responses.by_id(db, found.callback.id)
    if found is None or found.callback is None or found.forgotten:
        raise NoSuchCallback
    return found


def _as_seen(db: Db, public_id: str, seen: str) -> Received:
    """Return the response as a form saw it; raise what has happened to its callback since."""
    found = _found(db, public_id)
    current = found.callback
    if current is None or not seen or seen == moves.as_seen(current):
        return found
    if current.state is State.OPEN:
        raise LetGoMeanwhile
    if current.state is State.CLAIMED:
        raise TakenMeanwhile(holder=current.holder)
    raise ClosedMeanwhile(holder=current.closed_by)


def _reopened(db: Db, settings: Settings, found: Received, now: datetime, holder: str | None = None) -> bool:
    """Open a closed callback again, for a holder or for anybody; False when it is not closed.

    Raises AnotherHeld or AnotherOpen where its customer has another one under way.
    """
    assert found.callback is not None  # noqa: S101  # _found checks it
    if found.callback.state is not State.CLOSED:
        return False
    other = opening.under_way(db, settings, found.id)
    if other is not None:
        raise AnotherOpen if other.holder is None else AnotherHeld(holder=other.holder)
    worst = category(sharing.worst(db, found.id))
    due_at = due(settings, worst, found.response, now) or now + timedelta(days=1)
    return callbacks.reopen(db, found.id, due_at, holder=holder, now=now)


def _moved(  # noqa: PLR0913  # who did what to which, when, how, and in which words
    db: Db, found: Received, user: str, action: str, now: datetime, *, said: str | None = None, **details: object
) -> None:
    """Write the move into the history, and have the cards brought up to date."""
    event = callbacks.record(db, found.id, now, user, action, **details)
    if said:
        callbacks.remark(db, event, found.id, said)
    sharing.refresh(db, found.id, now)
