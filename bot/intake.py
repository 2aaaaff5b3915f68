"""What happens when a response comes in: it is saved or merged, its callback opened, its card queued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import opening, privacy, routing
from bot.model import Response, Thin
from storage import callbacks, fetches, forgotten, outbox, quarantine, responses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from bot.config import Settings
    from bot.model import Received
    from storage.db import Db
    from storage.fetches import Fetch


TEST_DOMAIN = "npsbot.example"
"""Of the e-mail in what `npsbot source test` plays: nobody can have an address there."""


class Status(StrEnum):
    """What became of a delivery."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender learns: the outcome, and the id by which the world knows the response, once it is known."""

    status: Status
    response_id: str | None


def receive(db: Db, settings: Settings, source: str, response: Response, now: datetime) -> Receipt:
    """Take one delivery of a response, new or known, in the caller's transaction.

    Of two deliveries of one response the newer by the sender's own count or time wins where both say something,
    whatever the order they arrive in; an older one can only fill what no newer one has told.
    """
    stored = responses.by_source(db, source, response.id)
    if stored is None:
        return _take_new(db, settings, [(source, response, now)])[0]
    whole, told_by = merge(stored, response)
    merged = privacy.kept(settings, whole)
    if merged != stored.response or told_by != stored.told_by:
        responses.change(db, stored, merged, told_by)
    stored = set_apart_tests(db, settings, stored, whole)
    if same_content(merged, stored.response):
        return Receipt(Status.DUPLICATE, stored.public_id)
    if merged.score is not None:
        _tell_again(db, settings, stored, merged, now)
    return Receipt(Status.UPDATED, stored.public_id)


def receive_all(
    db: Db, settings: Settings, source: str, found: Sequence[Response | Thin], now: datetime
) -> list[Receipt]:
    """Take all that one delivery holds in the caller's transaction, in its order."""
    return [
        ask(db, settings, source, each, now) if isinstance(each, Thin) else receive(db, settings, source, each, now)
        for each in found
    ]


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one delivery holds, and when it came."""

    source: str
    found: Sequence[Response | Thin]
    now: datetime


def receive_together(db: Db, settings: Settings, arrivals: Sequence[Arrival]) -> list[list[Receipt]]:
    """Take deliveries that came at the same time as if each came after the other; return each one's receipts.

    New responses of different people share their statements, which is more than twice as fast.
    """
    if len(arrivals) == 1:
        (only,) = arrivals
        return [receive_all(db, settings, only.source, only.found, only.now)]
    seen = responses.known(db, {(each.source, one.id) for each in arrivals for one in each.found})
    receipts: list[list[Receipt]] = []
    new: list[tuple[str, Response, datetime]] = []
    people: set[tuple[str, str]] = set()

    def take_new() -> None:
        if new:
            receipts.extend([receipt] for receipt in _take_new(db, settings, new))
            new.clear()
            people.clear()

    for arrival in arrivals:
        match arrival.found:
            case [Response() as response] if (arrival.source, response.id) not in seen:
                if not people.isdisjoint(names := _names(arrival.source, response)):
                    take_new()
                people |= names
                new.append((arrival.source, response, arrival.now))
            case _:
                take_new()
                receipts.append(receive_all(db, settings, arrival.source, arrival.found, arrival.now))
        seen.update((arrival.source, one.id) for one in arrival.found)
    take_new()
    return receipts


def _names(source: str, response: Response) -> set[tuple[str, str]]:
    """Return by what whoever answered may be known: their address, and what the source calls them."""
    who = response.respondent
    names = {("", (who.email or "").strip().lower()), (source, (who.id or "").strip())}
    return {(where, name) for where, name in names if name}


def _take_new(db: Db, settings: Settings, new: Sequence[tuple[str, Response, datetime]]) -> list[Receipt]:
    """Save and announce responses that are not known, but for those whose person was forgotten."""
    gone = forgotten.among(db, [(source, response.id) for source, response, _ in new])
    wanted = [
        responses.New(source, privacy.kept(settings, response), now, test=is_test(settings, response))
        for source, response, now in new
        if (source, response.id) not in gone
    ]
    added = {(stored.source, stored.response.id): stored for stored in responses.add_all(db, wanted)}
    _announce(db, settings, [(stored, stored.received_at) for stored in added.values()])
    return [
        Receipt(Status.DUPLICATE, gone[key]) if key in gone else Receipt(Status.ACCEPTED, added[key].public_id)
        for key in ((source, response.id) for source, response, _ in new)
    ]


def ask(db: Db, settings: Settings, source: str, thin: Thin, now: datetime) -> Receipt:
    """Have the tool asked for a response, or keep its event in quarantine until it may be; not for the forgotten."""
    if public_id := forgotten.known(db, source, thin.id):
        return Receipt(Status.DUPLICATE, public_id)
    known = settings.sources.get(source)
    if known is not None and (reason := known.asks_nothing):
        set_aside(db, source, {"content-type": thin.content_type}, thin.event, reason, now)
    else:
        fetches.put(db, source, thin, now)
    return Receipt(Status.ACCEPTED, None)


def complete(db: Db, settings: Settings, fetch: Fetch, response: Response | None, now: datetime) -> Receipt | None:
    """Take what the tool told of a response, None for nothing that counts, once: in the transaction that strikes it."""
    if not fetches.done(db, fetch) or response is None:
        return None
    return receive(db, settings, fetch.source, response, now)


def give_up(db: Db, fetch: Fetch, reason: str) -> None:
    """Keep the event of a response that the tool does not tell in quarantine, from where it can be asked for again."""
    if fetches.done(db, fetch):
        headers = {"content-type": fetch.thin.content_type}
        quarantine.keep(db, fetch.source, headers, fetch.thin.event, reason, fetch.received_at)


@dataclass(frozen=True, slots=True)
class Kept:
    """A delivery in quarantine, as it came."""

    source: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


def take_again(  # what, how, when
    db: Db,
    settings: Settings,
    ids: Sequence[int],
    now: datetime,
    read: Callable[[Settings, Kept], list[Response | Thin] | str],
) -> tuple[int, int]:
    """Read each delivery in quarantine again, all or those with these ids; return how many are in, how many stay."""
    taken = left = 0
    for row in quarantine.listing(db):
        if ids and row["id"] not in ids:
            continue
        found = read(settings, Kept(row["source"], row["headers"], row["body"], row["received_at"]))
        if isinstance(found, str):
            quarantine.still(db, row["id"], found)
            left += 1
            continue
        receive_all(db, settings, row["source"], found, now)
        quarantine.drop(db, row["id"])
        taken += 1
    return taken, left


def set_aside(  # noqa: PLR0913  # a delivery is all of this
    db: Db, source: str, headers: Mapping[str, str], body: bytes, reason: str, now: datetime
) -> int:
    """Keep an authentic delivery that could not be mapped, whole, with the reason."""
    return quarantine.keep(db, source, headers, body, reason, now)


def _announce(db: Db, settings: Settings, told: Sequence[tuple[Received, datetime]]) -> None:
    """Open the callbacks that scores ask for, and queue the cards; of each response it is said when it was told."""
    told = [(stored, now) for stored, now in told if stored.response.score is not None]
    opening.open_where_asked(db, settings, [(stored, now) for stored, now in told if not stored.test])
    outbox.put_all(db, [_card(settings, stored, now) for stored, now in told])
    for stored, now in told:
        routing.follow(db, settings, stored, now)


def _card(settings: Settings, stored: Received, now: datetime) -> outbox.Asked:
    """Return what asks for the card of a response, which may wait a little for its comment."""
    source = settings.sources.get(stored.source)
    waits = timedelta(seconds=source.wait) if source and source.wait and stored.response.comment is None else None
    return outbox.Asked(
        "card",
        stored.id,
        routing.channel(settings, stored.source, stored.response),
        now,
        public_id=stored.public_id,
        not_before=now + waits if waits else None,
    )


def _tell_again(db: Db, settings: Settings, stored: Received, merged: Response, now: datetime) -> None:
    """Announce a response whose score came just now; of any other let callback and card follow what it says now."""
    if stored.response.score is None:
        _announce(db, settings, [(replace(stored, response=merged), now)])
    else:
        if not stored.test:
            opening.score_changed(db, settings, stored, merged, now)
        outbox.refresh(db, "card", stored.id, now)
    if merged.comment is not None:
        outbox.wait_no_longer(db, "card", stored.id)


def is_test(settings: Settings, response: Response) -> bool:
    """Tell whether an answer only tries things out, by its e-mail's domain or a property: it never counts."""
    domain = (response.respondent.email or "").rpartition("@")[2].lower()
    if domain and (domain == TEST_DOMAIN or domain in settings.test_domains):
        return True
    marked = response.properties.get(settings.test_property) if settings.test_property else None
    return marked not in (None, False, 0, "", "0", "false", "no")


def set_apart_tests(db: Db, settings: Settings, stored: Received, merged: Response) -> Received:
    """Return a response as one that counts nowhere, once it is known that it only tries things out.

    A callback that nobody has taken up goes with it; whoever holds one closes it as any other.
    """
    if stored.test or not is_test(settings, merged):
        return stored
    responses.set_apart(db, stored.id)
    callbacks.withdraw(db, stored.id)
    return replace(stored, test=True)


def merge(stored: Received, came: Response) -> tuple[Response, Mapping[str, float]]:
    """Return what is known after a delivery of a response that is known already; pure.

    Beside it stands the version that told a thing, for each thing that is older than the newest delivery.
    """
    was = stored.response.version
    version = was if came.version is None else came.version
    known = stored.response.told()
    told_by = {name: stored.told_by.get(name, was) for name in known}
    if stored.submitted_at == stored.received_at:
        told_by["submitted_at"] = None  # it is our own clock's; whatever the sender tells goes before it
    for name, value in came.told().items():
        before = told_by.get(name)
        if version is None or before is None or version >= before:
            known[name], told_by[name] = value, version
    newest = max((v for v in (was, version) if v is not None), default=None)
    late = {name: v for name, v in told_by.items() if v is not None and v != newest}
    return stored.response.retold(known, newest), late


def same_content(one: Response, other: Response) -> bool:
    """Tell whether two hold the same, apart from when the sender counted or sent them."""
    return replace(one, version=None, submitted_at=None) == replace(other, version=None, submitted_at=None)
