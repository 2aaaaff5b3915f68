"""Everything that is held about one person, as they may ask for it: for programs, and to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.counted import counted
from bot.forget import addresses, links
from bot.past.exporting import callback_of, content
from storage import audit, callbacks, calls, forgotten
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.model import Subject
    from storage.db import Db, Row

Json = dict[str, Any]


def held(db: Db, subject: Subject) -> Json:
    """Return answers with callback, calls, history, looks and messages; deliveries kept as they came; referrals."""
    ids = forgotten.of_subject(db, subject)
    emails = addresses(db, subject, ids)
    kept = {
        (table, row["id"]): row
        for email in emails
        for table, rows in forgotten.kept_with(db, email).items()
        for row in rows
    }
    passed_on = sorted({call for email in emails for call in forgotten.referred(db, email)})
    return {
        "email": subject.email,
        "source": subject.source,
        "id": subject.id,
        "responses": [_answer(db, response_id) for response_id in ids],
        "deliveries": [_delivery(table, row) for (table, _), row in kept.items()],
        "referrals": [_referral(db, call_id) for call_id in passed_on],
    }


def _answer(db: Db, response_id: int) -> Json:
    calls_about = forgotten.calls_of(db, [response_id])
    row = forgotten.row(db, response_id)
    more = ("respondent_id", "received_at")
    return {
        **content(row),
        **{name: row[name] for name in more},
        "callback": callback_of(db, response_id),
        "history": [{**event, "at": stamp(event["at"])} for event in callbacks.history(db, response_id)],
        "looks": audit.of_response(db, response_id),
        "messages": [_message(db, each) for each in forgotten.messages_about(db, [response_id], calls_about)],
    }


def _message(db: Db, message_id: int) -> Json:
    """Return which message in Slack may show something of an answer, and where it stands."""
    row = forgotten.message(db, message_id)
    place = (row["posted_to"], row["ts"])
    return {"kind": row["kind"], "posted_at": row["posted_at"], "link": links(db, [place])[0] if row["ts"] else None}


def _delivery(table: str, row: Row) -> Json:
    body = row["body"] if table == "quarantine" else row["event"]
    return {
        "kept_in": table,
        "id": row["id"],
        "source": row["source"],
        "received_at": row["received_at"],
        "reason": row["reason"],
        "body": body.decode("utf-8", "replace"),
    }


def _referral(db: Db, call_id: int) -> Json:
    call = calls.by_id(db, call_id)
    assert call is not None  # noqa: S101  # its id was found just now
    return {
        "when": stamp(call.at),
        "who": call.caller,
        "referral_name": call.referral_name,
        "referral_contact": call.referral_contact,
    }


def told(found: Json) -> str:
    """Return what is held as an outline to be read."""
    parts = {"responses": "response", "deliveries": "delivery", "referrals": "referral"}
    lines = [counted(len(found[many]), one, many) for many, one in parts.items() if found[many]]
    for many, one in parts.items():
        for number, entry in enumerate(found[many], 1):
            lines += ["", f"{one} {number}", *_outline(entry, 1)]
    return "\n".join(lines)


def _outline(entry: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Yield what an entry holds, a line each; what is missing or empty is left out."""
    for name, value in entry.items():
        if value is None or value in ("", [], {}):
            continue
        shown = "  " * depth + name.replace("_", " ")
        if isinstance(value, dict):
            yield f"{shown}:"
            yield from _outline(value, depth + 1)
        elif isinstance(value, list) and isinstance(value[0], dict):
            for each in value:
                yield f"{shown}:"
                yield from _outline(each, depth + 1)
        else:
            yield f"{shown}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
