"""The demo's store: a year of responses, what lies on the desk today, and what of it is shown at the start."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot import alerts, callbacks, digest, forget, opening, periods, referrals, reminders
from bot.model import Call, Category, Learned, NextStep, Outcome, Response, State, Subject
from bot.periods import EVER
from bot.settings import schedules
from bot.settings.alerts import Alerts
from bot.settings.reminding import Reminders
from bot.settings.routes import folded
from bot.themes import tagged
from demo.people import CALLERS, SALES
from demo.sample import year
from demo.seasons import Seasons
from demo.today import desk, owners
from handlers.sources import Delivery
from handlers.sources import json as json_source
from storage import invitations, outbox, responses, scores
from storage import owners as stored_owners
from storage import settings as stored_settings
from storage.db import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.config import Settings
    from bot.model import Received
    from demo.sample import SampleResponse
    from demo.today import Deed, Desk
    from storage.db import Db

FOR_PRODUCT = frozenset({"features", "product_quality", "usability"})
"""Themes of calls from which product learns."""
NEWEST, MOST_URGENT = 11, 25
"""How many cards are shown at first: as many as lie on the desk, and all that waits, unless it is very much."""
_LONGEST = """select id, max(julianday(coalesce(over_at, '9999-12-31')) - julianday(since)) from alerts
  where told_at is not null group by kind order by id"""
"""Of each kind of alert the one that lasted longest: the crisis, and no bad week."""
YEAR = 378
"""Days of sample responses."""
_ARRIVED = "demo_arrived"


def prepare(db: Db, settings: Settings, people: Mapping[str, str], now: datetime) -> None:
    """Fill an empty store; show what is recent in the workspace, which starts empty. `people` are ids by name."""
    empty = db.value("select count(*) from responses") == 0
    if empty:
        _live_the_year(db, settings, people, now)
    for table in ("outbox", "messages", "lanes", "channels"):
        db.execute(f"delete from {table}")
    if empty:
        for answered in desk(now):
            _lay_out(db, settings, people, answered)
        _call_out_in_silence(db, settings, now)
        _invite(db, settings, now)
    shown = _worth_showing(db)
    for response_id in shown:
        _show_again(db, settings, response_id, now)
    after_cards = now + timedelta(seconds=1.5 * len(shown))  # so that digests can link to them
    for row in db.rows("select max(id) as id from digests group by period order by 1"):
        outbox.put(db, "digest", row["id"], settings.digests_go_to, now, not_before=after_cards)
    for row in db.rows(_LONGEST):
        outbox.put(db, "alert", row["id"], settings.digests_go_to, now)
    for row in db.rows("select call_id from (select call_id from referrals order by call_id desc limit 3) order by 1"):
        outbox.put(db, "referral", row["call_id"], SALES, now)


def arrived(db: Db) -> int:
    """Return how many sample responses have arrived live, in all runs on this store."""
    return int(stored_settings.get(db, _ARRIVED) or 0)


def count_arrival(db: Db) -> None:
    """Remember that the next sample response arrives."""
    stored_settings.put(db, _ARRIVED, str(arrived(db) + 1))


def _live_the_year(db: Db, settings: Settings, people: Mapping[str, str], now: datetime) -> None:
    """Remember the year, and queue the digests of its crisis' quarter and of its last week."""
    for company, owner in owners().items():
        stored_owners.put(db, folded(company), company, people[owner])
    for sample in year(now):
        _remember(db, settings, sample, [people[name] for name in CALLERS])
    while tagged.sweep(db, settings):
        pass
    _sell(db, people["jonas"])
    stored_settings.put(db, "first_start", stamp(now))
    _look_back(db, settings, now)
    today = periods.local_day(now, settings.timezone)
    crisis = periods.holding("quarter", Seasons(today).crisis[1])
    for kind, period in (("quarter", crisis), ("week", periods.before("week", periods.holding("week", today)))):
        if period.last < today:
            due_at = schedules.due(replace(schedules.WEEKLY, period=kind), period, settings.timezone)
            digest.queue(db, settings, kind, period, due_at, due_at)


def _invite(db: Db, settings: Settings, now: datetime) -> None:
    """Tell how many were invited on each day with answers, and today: about four for each who answers.

    Nobody was invited to what has no survey: a visitor's own answers.
    """
    today = periods.local_day(now, settings.timezone)
    surveys = {"transactional": 26, "relationship": 4, "": 0}
    for survey, day in scores.answered_on(db, settings.timezone, EVER) | {(survey, today) for survey in surveys}:
        usual = surveys.get(survey, 0)
        invitations.put(db, day, survey, usual + day.day % 9 * bool(usual))


def _look_back(db: Db, settings: Settings, now: datetime) -> None:
    """Let the alerts of the year be found, as if the bot had looked on every day of it."""
    noon, watched = now.replace(hour=12), Alerts(silence=False, backlog=False)
    for days in range(YEAR, 0, -1):
        alerts.sweep(db, replace(settings, alerts=watched), noon - timedelta(days=days))


def _remember(db: Db, settings: Settings, sample: SampleResponse, callers: list[str]) -> None:
    """Store one sample response and what became of its callback, as if each had happened at its time."""
    stored = _receive(db, settings, sample.body)
    if stored is None:
        return
    if sample.claimed_by is not None and sample.claimed_at is not None:
        callbacks.claim(db, stored.public_id, callers[sample.claimed_by], sample.claimed_at)
    for call in sample.calls:
        step = NextStep(call.next_step)
        logged = Call(
            caller=callers[call.caller],
            at=call.at,
            outcome=Outcome(call.outcome),
            notes=call.notes,
            themes=call.themes,
            next_step=step,
            call_again_at=call.at + timedelta(days=1) if step is NextStep.CALL_AGAIN else None,
            referral_name=call.referral_name,
            referral_contact=call.referral_contact,
            lesson=stored.category is not Category.PROMOTER and not FOR_PRODUCT.isdisjoint(call.themes),
        )
        callbacks.log_call(db, settings, stored.public_id, logged)
    if sample.closed_at is not None and sample.claimed_by is None:
        callbacks.dismiss(db, stored.public_id, callers[0], "No call needed", sample.closed_at)


def _receive(db: Db, settings: Settings, body: dict[str, Any]) -> Received | None:
    """Store a response as if it had come when it was given; None where it has no callback of its own."""
    delivery = Delivery(headers={}, body=json.dumps(body).encode(), now=datetime.now(UTC))
    [response] = json_source.parse(delivery, {})
    if not isinstance(response, Response) or (at := response.submitted_at) is None or response.score is None:
        raise ValueError("a sample response has a score and a time")
    stored = responses.add(db, "json", response, at)
    return stored if opening.open_if_asked(db, settings, stored, response, at) else None


def _sell(db: Db, seller: str) -> None:
    """Let sales take the year's referrals but the last, and be done with most of them."""
    told = db.rows("select f.call_id, c.at from referrals f join calls c on c.id = f.call_id order by f.call_id")
    for number, row in enumerate(told[:-1]):
        taken = datetime.fromisoformat(row["at"]) + timedelta(hours=5)
        referrals.claim(db, row["call_id"], seller, taken)
        if number < len(told) - 3:
            end = referrals.lost if number % 3 else referrals.won
            end(db, row["call_id"], seller, taken + timedelta(days=4))


def _lay_out(db: Db, settings: Settings, people: Mapping[str, str], answered: Desk) -> None:
    """Store one answer of the last days and let each colleague do with it what they did."""
    stored = _receive(db, settings, answered.body)
    if stored is None:
        return
    found = stored.public_id
    if done := answered.claimed:
        callbacks.claim(db, found, people[done.by], done.at)
    if done := answered.assigned:
        given, said = people[done.told["to"]], done.told["comment"]
        callbacks.assign(db, found, people[done.by], given, done.at, lead=True, comment=said)
    for done in answered.calls:
        learned = Learned(preferred_time=done.told.get("preferred_time"))
        callbacks.log_call(db, settings, found, _call(done, people), learned=learned)
    if done := answered.snoozed:
        callbacks.snooze(db, found, people[done.by], done.told["until"], done.at)
    if done := answered.forgotten:
        forget.forget(db, Subject(email=answered.body["respondent"]["email"]), people[done.by], done.at)


def _call(done: Deed, people: Mapping[str, str]) -> Call:
    told = done.told
    return Call(
        caller=people[done.by],
        at=done.at,
        outcome=Outcome(told["outcome"]),
        notes=told["notes"],
        themes=tuple(told.get("themes", ())),
        next_step=NextStep.CALL_AGAIN if "again" in told else NextStep.CLOSE,
        call_again_at=told.get("again"),
        referral_name=told.get("referral_name"),
        referral_contact=told.get("referral_contact"),
        lesson=told.get("lesson", False),
    )


def _call_out_in_silence(db: Db, settings: Settings, now: datetime) -> None:
    """Let what nobody has claimed have been called out before, so that the start is no storm of it."""
    called_out = Reminders(before_due=None, at_due=False, escalate_after=None, unclaimed_after=timedelta(minutes=30))
    reminders.sweep(db, replace(settings, reminders=called_out), now)


def _worth_showing(db: Db) -> list[int]:
    """Return the newest responses and the most urgent callbacks, in order of time."""
    rows = db.rows(
        """select id from responses where id in (select id from responses order by id desc limit :newest)
             or id in (select response_id from callbacks where state <> :closed order by due_at limit :urgent)
           order by submitted_at, id""",
        closed=State.CLOSED,
        newest=NEWEST,
        urgent=MOST_URGENT,
    )
    return [row["id"] for row in rows]


def _show_again(db: Db, settings: Settings, response_id: int, now: datetime) -> None:
    found = responses.by_id(db, response_id)
    if found is None:
        return
    card = outbox.put(db, "card", response_id, settings.channel, now, public_id=found.public_id)
    for row in db.rows("select id from calls where response_id = :id order by id", id=response_id):
        outbox.put(db, "call", row["id"], settings.channel, now, parent=card, urgent=True)
