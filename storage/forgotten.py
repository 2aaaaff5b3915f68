"""Erasing a person: what was said and by whom goes, the score stays, and a redelivery brings nothing back."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

from storage import search, settings
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.model import Subject
    from storage.db import Db, Row

BODIES = (("quarantine", "body"), ("fetches", "event"))
"""Where deliveries are kept as they came, and in which column."""


_ALERT = "kind = 'account' and json_extract(details, '$.response') = :id"
"""The alerts of a key account, which name it, that one response caused."""


_SAME_PERSON = (
    "select id from responses where lower(email) = lower(:email) and email is not null and trim(:email) <> ''",
    """select id from responses where source = :source and respondent_id = :respondent_id
         and trim(:respondent_id) <> ''
         and (select count(distinct lower(o.email)) from responses o
              where o.source = :source and o.respondent_id = :respondent_id and trim(o.email) <> '') <= 1""",
    """select id from responses where (id = :callback or callback_of = :callback) and trim(:email) <> ''
         and trim(coalesce(email, '')) = '' and forgotten = 0""",
)
"""Which answers are of the same person as one: those with its address, those with what its source calls them unless
that goes with several addresses, and those without an address that share its callback."""


def of_subject(db: Db, subject: Subject) -> list[int]:
    """Return the responses of a person, with or without a score: by address or a source's id, and from one to another.

    Of an id that goes with several addresses only its own answers are returned.
    """
    rows = db.rows(
        """select id, lower(email) as email from responses where lower(email) = lower(:email) and email is not null
           union select id, lower(email) from responses where respondent_id = :id and source = :source""",
        email=subject.email,
        id=subject.id,
        source=subject.source,
    )
    found, waiting = {row["id"] for row in rows}, [row["id"] for row in rows]
    if len({row["email"] for row in rows if row["email"]}) > 1:
        return sorted(found)
    while waiting:
        known = row(db, waiting.pop())
        about = {name: known[name] for name in ("email", "source", "respondent_id")}
        for same in _SAME_PERSON:
            more = {each["id"] for each in db.rows(same, **about, callback=known["callback_of"] or known["id"])}
            waiting += more - found
            found |= more
    return sorted(found)


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
        "delete from fetches where source = :source and response_id = :id", source=row["source"], id=row["source_id"]
    )
    db.execute(
        """update responses set source_id = :mark, sender_id = null, comment = null, respondent_id = null, name = null,
             email = null, phone = null, company = null, language = null, link = null, properties = '{}',
             told_by = '{}', forgotten = 1
           where id = :id""",
        id=response_id,
        mark=mark,
    )
    db.execute(
        """update calls set notes = '', referral_name = null, referral_contact = null, lesson = 0
           where response_id = :id""",
        id=response_id,
    )
    db.execute(
        """update callbacks set state = 'closed', holder = null, claimed_at = null, snoozed_until = null,
             call_again_at = null, preferred_time = null, dismissed = case when dismissed is null then null else '' end,
             closed_at = coalesce(closed_at, :now)
           where response_id = :id""",
        id=response_id,
        now=stamp(now),
    )
    db.execute("delete from remarks where response_id = :id", id=response_id)
    db.execute(
        f"update alerts set about = '–', over_at = coalesce(over_at, :now) where {_ALERT}",
        id=response_id,
        now=stamp(now),
    )
    db.execute("delete from tags where response_id = :id", id=response_id)
    db.execute("delete from untagged where response_id = :id", id=response_id)
    search.erase(db, [response_id])


def known(db: Db, source: str, source_id: str) -> str | None:
    """Return the public id of a response whose person was forgotten, None for every other."""
    return among(db, [(source, source_id)]).get((source, source_id))


def among(db: Db, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the public ids of those whose person was forgotten, of responses named by source and its id."""
    if db.value("select 1 from forgotten limit 1") is None:
        return {}
    find = "select public_id from forgotten where mark = :mark"
    found = {key: db.value(find, mark=_mark(db, *key)) for key in keys}
    return {key: public_id for key, public_id in found.items() if public_id is not None}


def _mark(db: Db, source: str, source_id: str) -> str:
    key = settings.get(db, "forget_key")
    if key is None:
        key = secrets.token_hex(32)
        settings.put(db, "forget_key", key)
    return "forgotten:" + hmac.new(bytes.fromhex(key), f"{source}\n{source_id}".encode(), hashlib.sha256).hexdigest()


def kept_with(db: Db, email: str) -> dict[str, list[Row]]:
    """Return the deliveries that are kept as they came and hold an address, by table: all columns."""
    found, within = {}, _whole(email)
    for table, column in BODIES:
        spelt = " or ".join(f"instr(lower(cast({column} as text)), :s{n})" for n in range(len(_spellings(email))))
        rows = db.rows(
            f"select * from {table} where {spelt} order by id",
            **{f"s{n}": spelling for n, spelling in enumerate(_spellings(email))},
        )
        found[table] = [row for row in rows if within.search(row[column].decode("utf-8", "replace").lower())]
    return found


def drop_kept(db: Db, email: str) -> int:
    """Drop the deliveries in quarantine, and those to be completed, that hold an address; return how many."""
    return sum(
        db.execute(f"delete from {table} where id = :id", id=row["id"])
        for table, rows in kept_with(db, email).items()
        for row in rows
    )


def _spellings(email: str) -> list[str]:
    """Return an address as it is, as JSON and as forms may write it, in small letters."""
    plain = email.lower()
    return sorted({plain, json.dumps(plain)[1:-1].lower(), quote(plain).lower(), quote(plain, safe="").lower()})


def _whole(email: str) -> re.Pattern[str]:
    """Return what finds an address, however it is spelt, but not as a part of a longer one."""
    spelt = "|".join(map(re.escape, _spellings(email)))
    before = r"(?:(?<![\w.+%-])|(?<=%[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=\\[nrt]))"
    return re.compile(rf"{before}(?:{spelt})(?![\w-]|\.\w)")


def addresses(db: Db, response_ids: Iterable[int]) -> list[str]:
    """Return the e-mail addresses in some responses, each once."""
    found = {row(db, response_id)["email"] for response_id in response_ids}
    return sorted(address for address in found if address)


def referred(db: Db, email: str) -> list[int]:
    """Return the calls in which an address was passed on as somebody to talk to."""
    rows = db.rows(
        """select id, referral_contact from calls
           where instr(lower(referral_contact), :email) order by id""",
        email=email.lower(),
    )
    return [row["id"] for row in rows if _whole(email).search(row["referral_contact"].lower())]


def erase_referral(db: Db, call_id: int) -> None:
    """Take whom a customer passed on out of a call."""
    db.execute("update calls set referral_name = null, referral_contact = null where id = :id", id=call_id)


def calls_of(db: Db, response_ids: Iterable[int]) -> list[int]:
    """Return the calls about some responses."""
    return [
        row["id"]
        for response_id in response_ids
        for row in db.rows("select id from calls where response_id = :id order by id", id=response_id)
    ]


_PUT = """(ts is not null or exists (
  select 1 from outbox o where o.message_id = messages.id and o.state in ('sending', 'unknown')))"""
"""What stands in Slack, or may be on its way there with what it said a moment ago."""


def messages_about(db: Db, response_ids: Sequence[int], call_ids: Sequence[int]) -> list[int]:
    """Return the messages put in Slack that may show something of these responses and calls, digests among them."""
    found: set[int] = set()
    for response_id in response_ids:
        rows = db.rows(
            f"""select id from messages where {_PUT} and (
                 (kind = 'card' and subject = :id)
                 or (kind = 'alert' and subject in (select id from alerts where {_ALERT}))
                 or (kind = 'round_up' and subject in (select round_up from rounded_up where response_id = :id))
                 or (kind not in ('card', 'call', 'referral', 'digest', 'picture', 'round_up', 'alert', 'erased')
                     and subject in (select id from history where response_id = :id)))""",
            id=response_id,
        )
        found.update(row["id"] for row in [*rows, *_digests_about(db, response_id)])
    for call_id in call_ids:
        rows = db.rows(
            f"select id from messages where {_PUT} and kind in ('call', 'referral') and subject = :id", id=call_id
        )
        found.update(row["id"] for row in rows)
    return sorted(found)


def _digests_about(db: Db, response_id: int) -> list[Row]:
    """Return the digests that may quote a response, or have listed it as waiting, when they were last put."""
    return db.rows(
        f"""select messages.id from messages
            join digests d on d.id = messages.subject
            join responses r on r.id = :id
            left join callbacks c on c.response_id = r.id
            where kind = 'digest' and {_PUT} and coalesce(put_at, posted_at, :far) >= r.received_at and (
              date(r.submitted_at) between date(d.first_day, '-1 day') and date(d.last_day, '+1 day')
              or (c.response_id is not null and coalesce(c.closed_at, :far) >= coalesce(posted_at, :far)))""",
        id=response_id,
        far="9999",
    )


def takes_back(db: Db, message_id: int) -> bool:
    """Tell whether to bring a message up to date that stands in Slack takes somebody's data out of it.

    Of what tells of many at once that is the only reason.
    """
    found = db.value(
        """select 1 from messages m where m.id = :id and m.ts is not null and (
             m.kind in ('digest', 'picture', 'round_up') or exists (
               select 1 from responses r where r.forgotten = 1 and r.id = case m.kind
                 when 'card' then m.subject
                 when 'call' then (select response_id from calls where calls.id = m.subject)
                 when 'referral' then (select response_id from calls where calls.id = m.subject)
                 else (select response_id from history where history.id = m.subject) end))""",
        id=message_id,
    )
    return found is not None


def message(db: Db, message_id: int) -> Row:
    """Return what is known of a message: kind, posted_to, posted_at, ts."""
    return _one(db, "select kind, posted_to, posted_at, ts from messages where id = :id", message_id)


def row(db: Db, response_id: int) -> Row:
    """Return all that the store holds of a response."""
    return _one(db, "select * from responses where id = :id", response_id)


def _one(db: Db, sql: str, number: int) -> Row:
    found = db.row(sql, id=number)
    assert found is not None  # noqa: S101  # its id was found just now
    return found


def threads_of(db: Db, response_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return where the cards of some responses stand: channel and ts."""
    rows = (
        db.row(
            "select posted_to, ts from messages where kind = 'card' and subject = :id and ts is not null",
            id=response_id,
        )
        for response_id in response_ids
    )
    return [(row["posted_to"], row["ts"]) for row in rows if row]
