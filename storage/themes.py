"""What comments are about, in the store: tagged by the taxonomy, or corrected by a person, which holds for good."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.model import Counts, tally
from bot.segments import EVERYONE, Segment
from storage import responses, scores, settings
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from bot.model import Received
    from storage.db import Db

VERSION = "themes_version"

_Scores = Counter[int]

_PUT = """insert into tags (response_id, themes) values (?, ?)
  on conflict (response_id) do update set themes = excluded.themes where corrected_by is null"""


class Untagged(NamedTuple):
    """A comment to be tagged, with its respondent's language; None where there is nothing to tag any more."""

    id: int
    comment: str | None
    language: str | None


class Span(NamedTuple):
    """Which responses are meant: of the instants [first, end), of a segment or of all."""

    first: datetime
    end: datetime
    segment: Segment = EVERYONE

    @property
    def within(self) -> tuple[str, dict[str, Any]]:
        """Return what a query over responses r asks of them, and the values that it binds."""
        only, values = scores.condition(self.segment, "r")
        asked = f"r.score is not null and r.test = 0 and r.submitted_at >= :first and r.submitted_at < :end{only}"
        return asked, {"first": stamp(self.first), "end": stamp(self.end), **values}


class Mentions(NamedTuple):
    """Responses by category: all of them, those whose themes are known, and those that mention each theme."""

    everyone: Counts
    told: Counts
    by_theme: dict[str, Counts]


def put(db: Db, tagged: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Write what comments are about, but where a person has said so, and strike them off what is to be tagged."""
    rows = [(response_id, json.dumps(themes, ensure_ascii=False)) for response_id, themes in tagged]
    db.many(_PUT, rows)
    db.many("delete from untagged where response_id = ?", [row[:1] for row in rows])


def correct(db: Db, response_id: int, themes: Sequence[str], user: str, now: datetime) -> None:
    """Write what a person says that a response is about: it holds for good."""
    db.execute(
        """insert into tags (response_id, themes, corrected_by, corrected_at) values (:id, :themes, :user, :now)
           on conflict (response_id) do update set
             themes = excluded.themes, corrected_by = excluded.corrected_by, corrected_at = excluded.corrected_at""",
        id=response_id,
        themes=json.dumps(themes, ensure_ascii=False),
        user=user,
        now=stamp(now),
    )


def waiting(db: Db) -> int:
    """Return how many comments are to be tagged yet."""
    return int(db.value("select count(*) from untagged"))


def any_waiting(db: Db) -> bool:
    """Tell whether a comment is to be tagged yet."""
    return db.value("select 1 from untagged limit 1") is not None


def is_waiting(db: Db, response_id: int) -> bool:
    """Tell whether a response's comment is to be tagged yet, and nobody has said what it is about."""
    return (
        db.value(
            """select 1 from untagged u left join tags t on t.response_id = u.response_id
               where u.response_id = :id and t.corrected_by is null""",
            id=response_id,
        )
        is not None
    )


def untagged(db: Db, most: int) -> list[Untagged]:
    """Return comments to be tagged, the newest first."""
    rows = db.connection.execute(
        """select u.response_id, r.comment, r.language from untagged u left join responses r on r.id = u.response_id
           order by u.response_id desc limit ?""",
        (most,),
    )
    return [Untagged(*row) for row in rows]


def strike(db: Db, ids: Iterable[int]) -> None:
    """Strike responses off that have nothing to tag any more."""
    db.many("delete from untagged where response_id = ?", [(each,) for each in ids])


def follow(db: Db, version: str) -> bool:
    """Have every comment tagged again when they were tagged by another taxonomy; tell whether that is so."""
    if settings.get(db, VERSION) == version:
        return False
    db.execute("insert or ignore into untagged select id from responses where comment is not null")
    settings.put(db, VERSION, version)
    return True


def tagged_with(db: Db) -> str | None:
    """Return the version of the taxonomy that comments are tagged with."""
    return settings.get(db, VERSION)


def mentions(db: Db, span: Span) -> Mentions:
    """Count by category; told are also those who are about nothing, and who is about two themes counts for both."""
    within, values = span.within
    everyone = db.connection.execute(f"select {scores.BY_CATEGORY} from responses r where {within}", values).fetchone()
    rows = db.connection.execute(
        f"select t.themes, r.score from responses r join tags t on t.response_id = r.id where {within}", values
    )
    told, by_theme = _Scores(), dict[str, _Scores]()
    for (about, score), n in Counter(rows).items():  # which is faster than to let SQLite sort them
        told[score] += n
        for theme in json.loads(about):
            by_theme.setdefault(theme, _Scores())[score] += n
    return Mentions(Counts(*everyone), tally(told), {theme: tally(given) for theme, given in by_theme.items()})


def comments(db: Db, span: Span, shortest: int, longest: int, most: int) -> Iterator[tuple[Received, tuple[str, ...]]]:
    """Yield the newest responses about something whose comments are of such a length, each with its themes."""
    within, values = span.within
    rows = db.each(
        f"""select r.*, t.themes as about from responses r join tags t on t.response_id = r.id
            where {within} and t.themes <> '[]' and length(r.comment) between :shortest and :longest
            order by r.submitted_at desc, r.id desc limit :most""",
        shortest=shortest,
        longest=longest,
        most=most,
        **values,
    )
    for row in rows:
        yield responses.received(row), tuple(json.loads(row["about"]))


def texts(db: Db, span: Span, most: int) -> tuple[int, Iterator[tuple[str, str | None, int]]]:
    """Return comments with their respondents' languages and scores: every one, or one of so many when there are more.

    How many of all each stands for comes first. How many there are is told by those of one response in so many.
    """
    within, values = span.within
    answered = int(db.value(f"select count(*) from responses r where {within}", **values))
    values["one_of"] = one_of = max(1, answered // (2 * most))
    said = f"from responses r where {within} and r.id % :one_of = 0 and r.comment is not null"
    there = one_of * int(db.value(f"select count(*) {said}", **values))
    values["one_of"] = step = max(1, math.ceil(there / most))
    return step, db.connection.execute(f"select r.comment, r.language, r.score {said}", values)
