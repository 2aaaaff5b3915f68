"""Logged calls in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.model import Call, NextStep, Outcome
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from storage.db import Db, Row


def add(db: Db, response_id: int, call: Call) -> int:
    """Store a call and return its id."""
    return db.insert(
        """insert into calls (response_id, caller, at, outcome, notes, themes, next_step, call_again_at,
             referral_name, referral_contact)
           values (:response_id, :caller, :at, :outcome, :notes, :themes, :next_step, :again, :referral_name,
             :referral_contact)""",
        response_id=response_id,
        caller=call.caller,
        at=stamp(call.at),
        outcome=call.outcome,
        notes=call.notes,
        themes=json.dumps(call.themes),
        next_step=call.next_step,
        again=stamp_or_none(call.call_again_at),
        referral_name=call.referral_name,
        referral_contact=call.referral_contact,
    )


def by_id(db: Db, call_id: int) -> Call | None:
    """Return a call."""
    row = db.row("select * from calls where id = :id", id=call_id)
    return None if row is None else call(row)


def of_response(db: Db, response_id: int) -> dict[int, Call]:
    """Return the calls about a response by id, oldest first."""
    return {
        row["id"]: call(row)
        for row in db.rows("select * from calls where response_id = :id order by id", id=response_id)
    }


def call(row: Row) -> Call:
    """Return a row of the calls' table as the type the rest of the bot knows."""
    return Call(
        caller=row["caller"],
        at=moment(row["at"]),
        outcome=Outcome(row["outcome"]),
        notes=row["notes"],
        themes=tuple(json.loads(row["themes"])),
        next_step=NextStep(row["next_step"]),
        call_again_at=moment_or_none(row["call_again_at"]),
        referral_name=row["referral_name"],
        referral_contact=row["referral_contact"],
    )
