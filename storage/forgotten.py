"""Erasing a person: what was said and by whom goes, the score stays, and a redelivery brings nothing back."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from storage import settings
from storage.db import stamp

if TYPE_CHECKING:
    from datetime import datetime

    from storage.db import Db

CHECKPOINT = "checkpoint_wanted"


def of_email(db: Db, email: str) -> list[int]:
    """Return the responses of a person, with or without a score."""
    rows = db.rows(
        "select id from responses where lower(email) = lower(:email) and email is not null order by id", email=email
    )
    return [row["id"] for row in rows]


def erase(db: Db, response_id: int, now: datetime) -> None:
    """Take the person out of a response, its callback and its calls; keep the score, and a keyed hash of its id."""
    row = db.row("select source, source_id, public_id from responses where id = :id", id=response_id)
    if row is None:
        return
    mark = _mark(db, row["source"], row["source_id"])
    db.execute(
        "insert into forgotten (mark, public_id) values (:mark, :public_id) on conflict (mark) do nothing",
        mark=mark,
        public_id=row["public_id"],
    )
    db.execute(
        """update responses set source_id = :mark, comment = null, respondent_id = null, name = null, email = null,
             phone = null, company = null, language = null, link = null, properties = '{}', told_by = '{}',
             forgotten = 1
           where id = :id""",
        id=response_id,
        mark=mark,
    )
    db.execute(
        "update calls set notes = '', referral_name = null, referral_contact = null where response_id = :id",
        id=response_id,
    )
    db.execute(
        """update callbacks set state = 'closed', holder = null, claimed_at = null, snoozed_until = null,
             call_again_at = null, dismissed = null, closed_at = coalesce(closed_at, :now)
           where response_id = :id""",
        id=response_id,
        now=stamp(now),
    )


def known(db: Db, source: str, source_id: str) -> str | None:
    """Return the public id of a response whose person was forgotten, None for every other."""
    if db.value("select 1 from forgotten limit 1") is None:
        return None
    found: str | None = db.value(
        "select public_id from forgotten where mark = :mark", mark=_mark(db, source, source_id)
    )
    return found


def _mark(db: Db, source: str, source_id: str) -> str:
    key = settings.get(db, "forget_key")
    if key is None:
        key = secrets.token_hex(32)
        settings.put(db, "forget_key", key)
    return "forgotten:" + hmac.new(bytes.fromhex(key), f"{source}\n{source_id}".encode(), hashlib.sha256).hexdigest()


def drop_kept(db: Db, email: str) -> int:
    """Drop the deliveries in quarantine, and those to be completed, that hold an address; return how many."""
    kept = (("quarantine", "body"), ("fetches", "event"))
    holds = "instr(lower(cast({} as text)), lower(:email)) > 0"
    return sum(db.execute(f"delete from {table} where {holds.format(name)}", email=email) for table, name in kept)


def messages_about(db: Db, response_ids: list[int]) -> list[int]:
    """Return the posted messages that may show something of these responses, digests since the first among them."""
    found: set[int] = set()
    for response_id in response_ids:
        rows = db.rows(
            """select id from messages where ts is not null and (
                 (kind = 'card' and subject = :id)
                 or (kind = 'call' and subject in (select id from calls where response_id = :id))
                 or (kind in ('reminder', 'escalation', 'assigned', 'taken_over', 'awake')
                     and subject in (select id from history where response_id = :id)))""",
            id=response_id,
        )
        found.update(row["id"] for row in rows)
    rows = db.rows(
        """select id from messages where ts is not null and kind = 'digest' and posted_at >= (
             select received_at from responses where id = :first)""",
        first=min(response_ids),
    )
    return sorted(found | {row["id"] for row in rows})
