"""What time does to callbacks: snoozes end, what is due is called out, claims without a call lapse; each once.

What is said of a few stands in their cards' threads; of many at once there is one message, with the worst of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.calendars import business_time_after, business_time_between, is_open
from bot.settings.reminding import Stale
from storage import callbacks, outbox, reminders, sharing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from bot.calendars import Calendar
    from bot.config import Settings
    from bot.settings.reminding import Reminders
    from storage.db import Db

FEW = 10
"""Callbacks of one place of which one sweep speaks one by one."""
JUST_CLAIMED = timedelta(hours=1)
"""After a claim nobody is told of what they have only just seen."""
AHEAD = timedelta(days=14)
"""How far ahead somebody's next working hours can lie at most."""

KINDS = {
    "awake": "awake",
    "reminded": "reminder",
    "escalated": "escalation",
    "called_out": "called_out",
    "stale": "stale",
    "lapsed": "lapsed",
}
"""What time did, as the history has it, and the kind of message that tells it."""
CHANGES_CARDS = {"awake", "lapsed"}
"""What shows on each card, however many there are."""


def sweep(db: Db, settings: Settings, now: datetime, zones: Mapping[str, ZoneInfo] | None = None) -> int:
    """Do what is due by now, in one transaction; return how many messages were asked for.

    `zones` are those of the people whom `to_remind` names; whoever is missing there is reminded later. Without any,
    all have the team's.
    What was missed while the process was down is made up for; what is marked here is never said again.
    """
    said = 0
    for action, done in _all_done(db, settings, now):
        to = settings.reminders.escalate_to if action == "escalated" else None
        said += _tell(db, action, done, now, **({"to": to} if to else {}))
    return said + _remind_holders(db, settings, now, zones)


def to_remind(db: Db, settings: Settings, now: datetime) -> list[str]:
    """Return who holds something of which they may have to be reminded by now, or before they work again."""
    if settings.reminders.before_due is None:
        return []
    waiting = reminders.unwarned(db, now, now - JUST_CLAIMED, now + AHEAD)
    return sorted({row["holder"] for row in waiting})


def _all_done(db: Db, settings: Settings, now: datetime) -> Iterator[tuple[str, dict[int, str | None]]]:
    """Do what is due, each once the one before is told: each action with its callbacks.

    To each belongs who is told of it privately; None for the card's thread.
    """
    wanted = settings.reminders
    yield "awake", {row["response_id"]: row["holder"] for row in reminders.wake(db, now)}
    if wanted.stale_claims is Stale.RELEASE:
        yield "lapsed", dict.fromkeys(reminders.lapse(db, now, now - wanted.release_after))
    if wanted.stale_claims is not None:
        yield "stale", dict.fromkeys(reminders.stale(db, now, now - wanted.release_after))
    loud: set[int] = set()
    for action, mark, since, by in _stages(wanted, now):
        ids = reminders.overdue_unheld(db, now, wanted.categories, mark, since, by)
        if action == "called_out":
            loud.update(ids)
        yield action, dict.fromkeys(each for each in ids if action != "reminded" or each not in loud)


def _stages(wanted: Reminders, now: datetime) -> Iterator[tuple[str, str, str, datetime]]:
    """Yield when what nobody holds is called out: the action, its mark, and by when something must have been.

    What the channel has just heard of needs no line in its thread, so that comes first.
    """
    if wanted.unclaimed_after is not None:
        yield "called_out", "called_out_at", reminders.FREE_SINCE, now - wanted.unclaimed_after
    if wanted.at_due:
        yield "reminded", "reminded_at", "due_at", now
    if wanted.escalate_after is not None:
        yield "escalated", "escalated_at", "reminded_at" if wanted.at_due else "due_at", now - wanted.escalate_after


def _tell(db: Db, action: str, done: Mapping[int, str | None], now: datetime, **details: object) -> int:
    """Tell what was done, place by place, with details for the history; return how many messages that takes."""
    cards = reminders.cards(db, done) if done else {}
    places: dict[str, list[int]] = defaultdict(list)
    for response_id, holder in done.items():
        if response_id in cards:
            places[holder or cards[response_id][1]].append(response_id)
        else:
            callbacks.record(db, response_id, now, None, action)
    said = 0
    for place, ids in places.items():
        if len(ids) <= FEW or action in CHANGES_CARDS:
            sharing.refresh_all(db, ids, now)
        if len(ids) > FEW:
            reminders.record_all(db, ids, now, action)
            outbox.put(db, "round_up", reminders.round_up(db, action, place, ids, now), place, now, urgent=True)
            said += 1
            continue
        for response_id in ids:
            event = callbacks.record(db, response_id, now, None, action, **details)
            parent = None if done[response_id] else cards[response_id][0]
            outbox.put(db, KINDS[action], event, place, now, parent=parent, urgent=True)
            said += 1 + (_tell_others(db, action, response_id, now, **details) if parent else 0)
    return said


def _tell_others(db: Db, action: str, callback_id: int, now: datetime, **details: object) -> int:
    """Tell it in the threads of the other cards that share the callback; return how many."""
    others = reminders.cards(db, sharing.of_callback(db, callback_id)[1:])
    for response_id, (card, channel) in others.items():
        event = callbacks.record(db, response_id, now, None, action, also=True, **details)
        outbox.put(db, KINDS[action], event, channel, now, parent=card, urgent=True)
    return len(others)


def _remind_holders(db: Db, settings: Settings, now: datetime, zones: Mapping[str, ZoneInfo] | None) -> int:
    """Tell each holder privately, in one message, what falls due before they have worked much longer."""
    wanted, said = settings.reminders, 0
    if wanted.before_due is None:
        return 0
    held: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in reminders.unwarned(db, now, now - JUST_CLAIMED, now + AHEAD):
        if zones is None or row["holder"] in zones:
            held[row["holder"]].append((row["at"], row["response_id"]))
    for holder, waiting in held.items():
        theirs = settings.working_hours
        if zones is not None:
            theirs = replace(theirs, zone=zones[holder])
        horizon = _horizon(db, theirs, holder, wanted.before_due, wanted.most_a_day, now)
        ids = [response_id for at, response_id in waiting if horizon is not None and at <= horizon]
        if ids:
            reminders.warned(db, ids, now)
            outbox.put(db, "round_up", reminders.round_up(db, "due_soon", holder, ids, now), holder, now, urgent=True)
            said += 1
    return said


def _horizon(  # noqa: PLR0913  # whose hours, how far, how often
    db: Db, theirs: Calendar, holder: str, before: timedelta, most_a_day: int, now: datetime
) -> datetime | None:
    """Return until when what falls due is told to a holder now; None outside their hours, or too soon after the last.

    Messages are at least the `most_a_day`th part of a working day apart, in working hours; each looks ahead as far as
    the next one could come, so that nothing falls due between two of them untold.
    """
    if not is_open(theirs, now):
        return None
    apart = timedelta(hours=theirs.day_hours) / most_a_day
    last = reminders.said_last(db, "due_soon", holder)
    if last is not None and business_time_between(theirs, last, now) < apart:
        return None
    return business_time_after(theirs, now, max(before, apart))
