"""Why a move cannot be made on a callback: each refusal is one sentence for the person who tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Refusal, State
from bot.moves import By

if TYPE_CHECKING:
    from bot.model import Received
    from bot.moves import Move


class NoSuchCallback(Refusal):
    """This callback is no longer here."""

    key = "refusal.no_such_callback"


class HoldersOnly(Refusal):
    """Only whoever holds a callback learns how to reach its customer."""

    key = "refusal.holders_only"


class HeldBySomeoneElse(Refusal):
    """Someone else holds this callback."""

    key = "refusal.held_by_someone_else"


class HeldForLeads(HeldBySomeoneElse):
    """Someone else holds this callback, and only a lead takes it over."""

    key = "refusal.held_for_leads"


class HeldTooLong(HeldBySomeoneElse):
    """Someone else holds this callback and has not called in time, so that anyone may take it over."""

    key = "refusal.held_too_long"


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


class AnotherHeld(Refusal):
    """Somebody holds another callback of the same customer."""

    key = "refusal.another_held"


class AnotherOpen(Refusal):
    """Another callback of the same customer is open."""

    key = "refusal.another_open"


class InThePast(Refusal):
    """The time is past."""

    key = "refusal.in_the_past"


class StillToBeTried(Refusal):
    """Not often enough has nobody answered."""

    key = "refusal.still_to_be_tried"


class NotPutAside(Refusal):
    """This callback is not put aside."""

    key = "refusal.not_put_aside"


class LetGoMeanwhile(Refusal):
    """Since the form was opened the holder has let the callback go, or it was reopened."""

    key = "refusal.let_go_meanwhile"


class TakenMeanwhile(Refusal):
    """Since the form was opened somebody has taken the callback."""

    key = "refusal.taken_meanwhile"


class ClosedMeanwhile(Refusal):
    """Since the form was opened somebody has closed the callback."""

    key = "refusal.closed_meanwhile"


class NothingSaid(Refusal):
    """Whoever loses a callback is told why."""

    key = "refusal.nothing_said"


def why_not(move: Move, found: Received, user: str) -> Refusal:
    """Return why a move cannot be made on a callback as it is."""
    current = found.callback
    if current is None:
        return NoSuchCallback()
    if move.by is By.HOLDER:
        return NotYours()
    if current.state is State.CLOSED:
        return AlreadyClosed(holder=current.closed_by)
    if move.start == (State.CLOSED,):
        return NotClosed()
    if current.holder == user:
        return AlreadyYours()
    return (HeldTooLong if current.stale_at else HeldBySomeoneElse)(holder=current.holder)
