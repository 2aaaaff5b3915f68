"""Responses in the store."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.model import Earlier, Received, Respondent, Response
from storage import callbacks, search
from storage.db import moment, new_id, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from storage.db import Db, Row

EARLIER_SHOWN = 5


@dataclass(frozen=True, slots=True)
class New:
    """A response that is to be stored; its time is that of its receipt when the sender gave none."""

    source: str
    response: Response
    received_at: datetime
    imported: bool = False
    test: bool = False


def add(  # noqa: PLR0913  # what, from where, when, of which sort
    db: Db, source: str, response: Response, now: datetime, *, imported: bool = False, test: bool = False
) -> Received:
    """Store a new response under a public id of its own."""
    return add_all(db, [New(source, response, now, imported, test)])[0]


def add_all(db: Db, new: Sequence[New]) -> list[Received]:
    """Store new responses, each under a public id of its own, and return them in their order."""
    added = [
        Received(
            0,
            new_id("r", each.received_at),
            each.source,
            each.response,
            each.received_at,
            each.response.submitted_at or each.received_at,
            each.imported,
            test=each.test,
        )
        for each in new
    ]
    rows = [
        {
            "public_id": each.public_id,
            "source": each.source,
            "source_id": each.response.id,
            "sender_id": each.response.sender_id,
            "received_at": stamp(each.received_at),
            "submitted_at": stamp(each.submitted_at),
            "imported": int(each.imported),
            "test": int(each.test),
            **_told(each.response),
        }
        for each in added
    ]
    ids = dict(db.insert_all("responses", rows, "returning public_id, id"))
    return [replace(each, id=ids[each.public_id]) for each in added]


def known(db: Db, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the keys, each a source and its id of a response, whose response is stored."""
    rows = db.rows(
        """select source, source_id from responses
           where (source, source_id) in (select value ->> 0, value ->> 1 from json_each(:keys))""",
        keys=json.dumps(list(keys)),
    )
    return {(row["source"], row["source_id"]) for row in rows}


def change(db: Db, stored: Received, response: Response, told_by: Mapping[str, float]) -> None:
    """Write the merged content of a response that is stored already, and which version told each thing of it."""
    db.execute(
        """update responses set survey = :survey, touchpoint = :touchpoint, score = :score, comment = :comment,
             submitted_at = :submitted_at, version = :version, respondent_id = :respondent_id, name = :name,
             email = :email, phone = :phone, company = :company, language = :language, link = :link,
             properties = :properties, told_by = :told_by
           where id = :id""",
        id=stored.id,
        submitted_at=stamp(response.submitted_at or stored.submitted_at),
        told_by=json.dumps(told_by),
        **_told(response),
    )
    search.put(db, stored.id)


def set_apart(db: Db, response_id: int) -> None:
    """Mark a response as one that only tries things out."""
    db.execute("update responses set test = 1 where id = :id", id=response_id)


def _told(response: Response) -> dict[str, Any]:
    """Return what the sender told by the names of its columns, but for the time."""
    who = response.respondent
    return {
        "survey": response.survey,
        "touchpoint": response.touchpoint,
        "score": response.score,
        "comment": response.comment,
        "version": response.version,
        "respondent_id": who.id,
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "company": who.company,
        "language": who.language,
        "link": response.link,
        "properties": json.dumps(response.properties, ensure_ascii=False) if response.properties else "{}",
    }


def by_source(db: Db, source: str, source_id: str) -> Received | None:
    """Return the response that a source knows by this id."""
    row = db.row(
        "select * from responses where source = :source and source_id = :source_id",
        source=source,
        source_id=source_id,
    )
    return None if row is None else received(row)


def by_id(db: Db, response_id: int) -> Received | None:
    """Return a response with its callback and what the same person answered before."""
    return _whole(db, db.row("select * from responses where id = :id", id=response_id))


def several(db: Db, ids: Sequence[int]) -> list[Received]:
    """Return responses in the order of their ids, each with its callback; not what was answered before."""
    named = json.dumps(ids)
    rows = db.rows("select * from responses where id in (select value from json_each(:ids))", ids=named)
    held = db.rows(
        f"""select responses.id as about, {callbacks.WHOLE} from responses
            join callbacks on callbacks.response_id = coalesce(responses.callback_of, responses.id)
            where responses.id in (select value from json_each(:ids))""",
        ids=named,
    )
    callback_of = {row["about"]: callbacks.callback(row) for row in held}
    found = {row["id"]: received(row, callback_of.get(row["id"])) for row in rows}
    return [found[each] for each in ids if each in found]


def by_public_id(db: Db, public_id: str) -> Received | None:
    """Return a response by the id that cards and answers carry."""
    return _whole(db, db.row("select * from responses where public_id = :id", id=public_id))


def public_id(db: Db, response_id: int) -> str | None:
    """Return the id by which the world knows a response."""
    found: str | None = db.value("select public_id from responses where id = :id", id=response_id)
    return found


def _whole(db: Db, row: Row | None) -> Received | None:
    if row is None:
        return None
    before: tuple[Earlier, ...] = ()
    if row["email"]:
        before = tuple(
            Earlier(earlier["score"], moment(earlier["submitted_at"]), earlier["id"], earlier["survey"])
            for earlier in db.rows(
                """select id, survey, score, submitted_at from responses
                   where lower(email) = lower(:email) and email is not null and score is not null
                     and id <> :id and submitted_at <= :submitted_at
                   order by submitted_at desc limit :most""",
                email=row["email"],
                id=row["id"],
                submitted_at=row["submitted_at"],
                most=EARLIER_SHOWN,
            )
        )
    about = db.value("select themes from tags where response_id = :id", id=row["id"])
    themes = None if about is None else tuple(json.loads(about))
    return replace(received(row, callbacks.of_response(db, row["id"]), before), themes=themes)


def received(row: Row, callback: Any = None, earlier: tuple[Earlier, ...] = ()) -> Received:
    """Return a row of the responses' table as the type the rest of the bot knows."""
    submitted = moment(row["submitted_at"])
    response = Response(
        id=row["source_id"],
        score=row["score"],
        comment=row["comment"],
        survey=row["survey"],
        touchpoint=row["touchpoint"],
        submitted_at=submitted,
        version=row["version"],
        respondent=Respondent(
            row["respondent_id"], row["name"], row["email"], row["phone"], row["company"], row["language"]
        ),
        link=row["link"],
        properties=json.loads(row["properties"]),
        sender_id=row["sender_id"],
    )
    return Received(
        id=row["id"],
        public_id=row["public_id"],
        source=row["source"],
        response=response,
        received_at=moment(row["received_at"]),
        submitted_at=submitted,
        imported=bool(row["imported"]),
        forgotten=bool(row["forgotten"]),
        test=bool(row["test"]),
        callback=callback,
        earlier=earlier,
        told_by=json.loads(row["told_by"]),
    )


def each(db: Db, first: datetime | None, end: datetime | None, survey: str | None) -> Iterator[Row]:
    """Yield the rows of all responses that count in [first, end), with their themes, in order of time, one by one."""
    yield from db.each(
        """select *, (select themes from tags where response_id = responses.id) as themes from responses
           where score is not null and test = 0 and (:first is null or submitted_at >= :first)
             and (:end is null or submitted_at < :end) and (:survey is null or survey = :survey)
           order by submitted_at, id""",
        first=None if first is None else stamp(first),
        end=None if end is None else stamp(end),
        survey=survey,
    )
