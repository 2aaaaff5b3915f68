"""Logged calls in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.model import Call, NextStep, Outcome
from storage import search
from storage.db import moment, moment_or_none, stamp, stamp_or_none

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.db import Db, Row


def add(db: Db, response_id: int, call: Call, form: str | None = None) -> int:
    """Store a call and return its id; no two come in one form."""
    call_id = db.insert(
        """insert into calls (response_id, caller, at, outcome, notes, themes, next_step, call_again_at,
             referral_name, referral_contact, lesson, form)
           values (:response_id, :caller, :at, :outcome, :notes, :themes, :next_step, :again, :referral_name,
             :referral_contact, :lesson, :form)""",
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
        lesson=int(call.lesson),
        form=form,
    )
    if call.notes:
        search.put(db, response_id)
    return call_id


def came_in(db: Db, form: str) -> bool:
    """Tell whether a call was logged with this form before."""
    return db.value("select 1 from calls where form = :form", form=form) is not None


def by_id(db: Db, call_id: int) -> Call | None:
    """Return a call."""
    row = db.row("select * from calls where id = :id", id=call_id)
    return None if row is None else call(row)


def about(db: Db, call_id: int) -> int | None:
    """Return the id of the response that a call was logged on."""
    found: int | None = db.value("select response_id from calls where id = :id", id=call_id)
    return found


def several(db: Db, ids: Sequence[int]) -> dict[int, Call]:
    """Return calls by their ids."""
    rows = db.rows("select * from calls where id in (select value from json_each(:ids))", ids=json.dumps(ids))
    return {row["id"]: call(row) for row in rows}


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
        lesson=bool(row["lesson"]),
    )
