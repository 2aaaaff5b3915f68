"""Referrals: whom a customer passed on in a call is told to sales, and taken there by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import Refusal
from bot.referred import Referred
from storage import callbacks, calls, outbox, referrals

if TYPE_CHECKING:
    from datetime import datetime

    from bot.model import Call
    from bot.referred import Referral, Referrals
    from storage.db import Db


class NoSuchReferral(Refusal):
    """This referral is no longer here."""

    key = "refusal.no_such_referral"


class ReferralTaken(Refusal):
    """Someone else has this referral."""

    key = "refusal.referral_taken"


class ReferralMoved(Refusal):
    """You do not have this referral any more."""

    key = "refusal.referral_moved"


class ReferralHoldersOnly(Refusal):
    """Only whoever has a referral learns how to reach them."""

    key = "refusal.referral_holders_only"


def pass_on(db: Db, chosen: Referrals, call_id: int, call: Call) -> None:
    """Tell sales whom a call passes on, in the transaction that logs it; nothing where sales has no channel."""
    if chosen.channel and (call.referral_name or call.referral_contact):
        referrals.add(db, call_id)
        outbox.put(db, "referral", call_id, chosen.channel, call.at, urgent=True)


def claim(db: Db, call_id: int, user: str, now: datetime) -> None:
    """Give a referral to whoever asks for it; exactly one of all who try gets it."""
    found = _found(db, call_id)
    if not referrals.take(db, call_id, user, now):
        raise ReferralTaken(holder=found.holder)
    _moved(db, found, user, "claimed", now)


def release(db: Db, call_id: int, user: str, now: datetime) -> None:
    """Let a referral go that the user has."""
    found = _found(db, call_id)
    if not referrals.let_go(db, call_id, user):
        raise ReferralMoved
    _moved(db, found, user, "released", now)


def won(db: Db, call_id: int, user: str, now: datetime) -> None:
    """Close a referral that became a customer."""
    _close(db, call_id, user, Referred.WON, now)


def lost(db: Db, call_id: int, user: str, now: datetime) -> None:
    """Close a referral that came to nothing."""
    _close(db, call_id, user, Referred.LOST, now)


def contact(db: Db, call_id: int, user: str) -> Call:
    """Return the call that says whom a customer passed on, to whoever has the referral."""
    found = _found(db, call_id)
    if found.state is not Referred.CLAIMED or found.holder != user:
        raise ReferralHoldersOnly
    logged = calls.by_id(db, call_id)
    if logged is None:
        raise NoSuchReferral
    return logged


def _close(db: Db, call_id: int, user: str, end: Referred, now: datetime) -> None:
    found = _found(db, call_id)
    if not referrals.close(db, call_id, user, end, now):
        raise ReferralMoved
    _moved(db, found, user, end, now)


def _found(db: Db, call_id: int) -> Referral:
    found = referrals.by_call(db, call_id)
    if found is None:
        raise NoSuchReferral
    return found


def _moved(db: Db, found: Referral, user: str, move: str, now: datetime) -> None:
    """Write the move into the customer's history, and have the message brought up to date."""
    callbacks.record(db, found.response_id, now, user, f"referral_{move}", call_id=found.call_id)
    outbox.refresh(db, "referral", found.call_id, now)
