"""What a team's day is made of, a page at a time: what waits, what was said, one customer's story, App Home."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from bot import privacy
from bot.cards.home import Done, Home, Waiting
from bot.cards.lists import SHOWN, TOLD, Entry, Page, Told
from bot.digest import link
from storage import calls, lists, responses, search
from storage import settings as values
from storage.lists import Sight

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Received
    from storage.db import Db

T = TypeVar("T")

INDEXED_AT_ONCE = 500
"""Responses put into the index in one transaction; the store is held for less than a tenth of a second."""
SEEN_AT_ONCE, BEFORE = 120, 40
"""Characters from a comment's start that a list shows in any case; those shown before what was looked for."""
COUNTED_MOST = search.COUNTED_MOST
"""Responses found that are counted; of more it is said that they are more."""


def channels(db: Db, settings: Settings) -> list[str]:
    """Return every channel in which a card may stand, the default first: those that are set, and those that were."""
    return list(dict.fromkeys((*settings.card_channels, *sorted(lists.channels(db)))))


def sight(settings: Settings, there_are: Sequence[str], seen: set[str]) -> Sight:
    """Return which responses a person sees who is in some of the channels that there are."""
    if seen.issuperset(there_are):
        return Sight()
    by_source = {name: settings.channel_of(name) for name in settings.sources}
    return Sight(frozenset(seen), by_source, settings.channel)


def waiting(db: Db, holder: str | None, sight: Sight, now: datetime, number: int = 1) -> Page[Entry]:
    """Return what somebody holds, or nobody (None), the most urgent first, what is put aside at the end."""
    counts = lists.waiting_counts(db, holder, sight, now)
    total = counts["awake"] + counts["asleep"]
    number = _within(number, total, SHOWN)
    skip = (number - 1) * SHOWN
    ids = lists.waiting(db, holder, sight, now, SHOWN, skip)
    if left := SHOWN - len(ids):
        ids += lists.waiting(db, holder, sight, now, left, max(0, skip - counts["awake"]), asleep=True)
    return _page(_entries(db, ids, sight), total, number, SHOWN)


def is_behind(db: Db) -> bool:
    """Tell whether a response has come that no search finds yet."""
    return search.is_behind(db)


def index(db: Db) -> int:
    """Let searches find some of the responses that came last; return how many, 0 once there are none."""
    return search.catch_up(db.connection, INDEXED_AT_ONCE)


def containing(db: Db, asked: str, sight: Sight, number: int = 1) -> Page[Entry]:
    """Return the responses whose comment, notes, name or company hold every word of a text, newest first."""
    found = search.containing(db, asked, sight, SHOWN + 1, (number - 1) * SHOWN)
    if not found.ids and number > 1:
        return containing(db, asked, sight, 1 if found.total is None else _within(number, found.total, SHOWN))
    wanted = search.terms(asked)
    shown = _entries(db, found.ids[:SHOWN], sight)
    entries = (replace(each, excerpt=_excerpt(db, each.found, wanted)) for each in shown)
    return Page(tuple(entries), found.total, number, SHOWN, more=len(found.ids) > SHOWN)


def _excerpt(db: Db, found: Received, wanted: tuple[tuple[str, ...], ...]) -> str | None:
    """Return where the words stand in a long comment or in a call's notes; None where the start shows them."""
    person, comment = found.response.respondent, found.response.comment or ""
    at = search.first_in(comment, wanted)
    if at is not None:
        return _around(comment, at) if at > SEEN_AT_ONCE else None
    if any(search.first_in(text or "", wanted) is not None for text in (person.name, person.company)):
        return None
    for call in calls.of_response(db, found.id).values():
        if (at := search.first_in(call.notes, wanted)) is not None:
            return f"☎️ {_around(call.notes, at)}"
    return None


def _around(text: str, at: int) -> str:
    """Return a text from a few words before a place on."""
    start = text.rfind(" ", 0, max(0, at - BEFORE)) + 1
    return f"…{text[start:]}" if start else text


def customer(db: Db, email: str, sight: Sight, number: int = 1) -> Page[Told]:
    """Return all that one person answered, newest first, each answer with its change and every call about it."""
    rows, total = lists.told_by(db, email, sight, TOLD, (number - 1) * TOLD)
    if not rows and number > 1:
        return customer(db, email, sight)
    entries = {entry.found.id: entry for entry in _entries(db, list(dict.fromkeys(row["id"] for row in rows)), sight)}
    logged = calls.several(db, [row["call_id"] for row in rows if row["call_id"]])
    told = [Told(entries[row["id"]], row["change"], logged.get(row["call_id"])) for row in rows]
    return _page(told, total, number, TOLD)


def of_addresses(db: Db, emails: Sequence[str], sight: Sight) -> Page[Entry]:
    """Return what those with some addresses answered: what still waits for a call first, then the newest."""
    ids = lists.of_addresses(db, emails, sight, SHOWN + 1)
    return Page(_entries(db, ids[:SHOWN], sight), None, size=SHOWN, more=len(ids) > SHOWN)


def standing_at(db: Db, channel: str, stamps: Sequence[str], sight: Sight) -> str | None:
    """Return the public id of the response in sight whose card, or its thread, a message in Slack is, if any."""
    return lists.standing_at(db, channel, stamps, sight)


def home(  # noqa: PLR0913  # whose, in whose sight, which pages
    db: Db, user: str, sight: Sight, now: datetime, since: datetime, pages: tuple[int, int] = (1, 1)
) -> Home:
    """Return what a person's home shows: theirs and nobody's, but what is put aside, and the team's week since then."""
    mine, queue = (_awake(db, holder, sight, now, number) for holder, number in zip((user, None), pages, strict=True))
    done = lists.done_since(db, since)
    return Home(mine, queue, Done(done["calls"], done["people"], done["closed"]))


def _awake(db: Db, holder: str | None, sight: Sight, now: datetime, number: int) -> Waiting:
    counts = lists.waiting_counts(db, holder, sight, now)
    total = counts["awake"]
    number = _within(number, total, SHOWN)
    ids = lists.waiting(db, holder, sight, now, SHOWN, (number - 1) * SHOWN)
    return Waiting(_page(_entries(db, ids, sight), total, number, SHOWN), counts["overdue"], counts["asleep"])


def last_move(db: Db) -> int:
    """Return a number that grows with every move of a callback."""
    return lists.last_move(db)


def _entries(db: Db, ids: Sequence[int], sight: Sight) -> tuple[Entry, ...]:
    """Return responses as whoever has this sight may see them."""
    places, workspace = lists.places(db, ids), values.get(db, "workspace_url")
    found = privacy.shown(db, sight.veil, responses.several(db, ids))
    return tuple(Entry(each, link(workspace, *places.get(each.id, (None, None)))) for each in found)


def _within(number: int, total: int, size: int) -> int:
    """Return the page asked for, or the last that there is: the list may have become shorter meanwhile."""
    return min(number, max(1, -(-total // size)))


def _page(items: Sequence[T], total: int, number: int, size: int) -> Page[T]:
    return Page(tuple(items), total, number, size, more=number * size < total)
