"""A digest's numbers hold against going through every response, callback and call one by one."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st
from test_survival import by_the_formula

from bot import callbacks, digest, loop, numbers, periods
from bot.closing import Colleague, InTime, Recovery, Team
from bot.config import Settings
from bot.due import Callbacks
from bot.intake import receive
from bot.model import Call, Category, Counts, NextStep, Outcome, category, tally
from bot.periods import Period
from bot.segments import Segment
from storage import responses, rollups

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Stockholm", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")]
YEAR_BEFORE = {
    date(2026, 11, 9): date(2025, 11, 10),  # week 46, like any other
    date(2026, 3, 23): date(2025, 3, 24),  # week 13, in which clocks change
    date(2026, 12, 28): date(2025, 12, 29),  # week 53, which the year before did not have
    date(2027, 3, 8): date(2026, 3, 2),  # week 10 of the year after one of 53 weeks
}
WEEKS = [Period(monday, monday + timedelta(days=6)) for monday in YEAR_BEFORE]
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
HOURS = {Category.DETRACTOR: 24, Category.PASSIVE: 72, Category.PROMOTER: 168}
GAVE_UP = {Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.WRONG_NUMBER}

SPAN = st.integers(1, 9 * 96).map(lambda quarters: quarters * QUARTER)
GIVEN = st.one_of(
    st.integers(-8 * 96, 8 * 96).map(lambda quarters: quarters * QUARTER),
    st.timedeltas(-200 * DAY, 14 * DAY),
    st.timedeltas(-380 * DAY, -355 * DAY),
)
ANSWER = st.fixed_dictionaries(
    {
        "score": st.integers(0, 10),
        "given": GIVEN,
        "on_the_way": st.sampled_from([timedelta(), QUARTER, 3 * DAY]),
        "claimed": st.none() | SPAN,
        "called": st.none() | SPAN,
        "outcome": st.sampled_from(list(Outcome)[:6]),
        "ends": st.booleans(),
        "touchpoint": st.sampled_from(["support", "onboarding", None]),
    }
)


def morning(day, zone):
    """Return the instant of a local day's 09:00."""
    return datetime.combine(day, time(9), zone).astimezone(UTC)


def played(db, settings, week, number, answer, now):
    """Let a response come in, be claimed, called and closed by now as it says; return what happened when."""
    at = periods.start_of(week.first, settings.timezone) + answer["given"]
    opened = at + answer["on_the_way"]
    response = a_response(
        id=f"r-{number}",
        score=answer["score"],
        submitted_at=at,
        comment=None,
        touchpoint=answer["touchpoint"],
        respondent_email=f"person{number}@nordlys.example",
    )
    card = receive(db, settings, "json", response, opened).response_id
    claimed, called = (
        opened + answer[step] if answer[step] and opened + answer[step] <= now else None
        for step in ("claimed", "called")
    )
    if claimed and not (called and called < claimed):
        callbacks.claim(db, card, "U1", claimed)
    dismissed = closed = None
    if called:
        step = NextStep.CLOSE if answer["ends"] else NextStep.HAND_OVER
        callbacks.log_call(db, settings, card, Call("U1", called, answer["outcome"], "Notes", (), step))
        closed = called if answer["ends"] else None
    elif answer["ends"] and opened + 10 * DAY <= now:
        dismissed = closed = opened + 10 * DAY
        callbacks.dismiss(db, card, "U1", "A test", dismissed)
    first = min((step for step in (claimed, called) if step), default=None)
    reached = called if answer["outcome"] is Outcome.REACHED else None
    return {
        "score": answer["score"],
        "touchpoint": answer["touchpoint"],
        "at": at,
        "opened": opened,
        "claimed": first,
        "called": called,
        "reached": reached,
        "closed": closed,
        "dismissed": dismissed,
        "gave_up": closed is not None and called is not None and answer["outcome"] in GAVE_UP,
    }


def working_time(start, end, zone):
    """Return how much of a span lies between nine and five of Monday to Friday, a quarter of an hour at a time."""
    worked, at = timedelta(), start
    while at < end:
        local = at.astimezone(zone)
        worked += QUARTER if local.weekday() < 5 and 9 <= local.hour < 17 else timedelta()
        at += QUARTER
    return worked


def in_time(followed, now, elapsed):
    """Return how many detractors were spoken to in 24 hours as a clock measures them, one by one."""
    fates = Counter()
    for each in followed:
        if each["score"] > 6 or (each["dismissed"] and not each["claimed"]):
            continue
        took = elapsed(each["opened"], each["reached"] or now)
        fates["missed" if took > 24 * HOUR else "reached" if each["reached"] else "undecided"] += 1
    return InTime(24.0, fates["reached"], fates["reached"] + fates["missed"], fates["undecided"])


@given(
    st.lists(ANSWER, max_size=20),
    st.sampled_from(ZONES),
    st.sampled_from(WEEKS),
    st.integers(0, 12 * 96),
    st.sampled_from([None, "support"]),
    st.booleans(),
)
@how(max_examples=100)
def test_numbers_against_counting_by_hand(answers, zone, week, later, touchpoint, rolled_up):
    """All numbers of a week, of everyone or of a segment, are those found by going through everything."""
    settings = Settings(timezone=zone)
    now = morning(week.last + DAY, zone) + later * QUARTER
    segment = Segment(group="touchpoint", value=touchpoint) if touchpoint else Segment()
    with an_empty_store() as db:
        if rolled_up:
            rollups.keep(db, zone)
        happened = [played(db, settings, week, number, answer, now) for number, answer in enumerate(answers)]
        found = digest.numbers(db, settings, "week", week, now, segment=segment)
    happened = [each for each in happened if touchpoint in {None, each["touchpoint"]}]

    def counted(first, days):
        last = first + (days - 1) * DAY
        inside = Counter(each["score"] for each in happened if first <= each["at"].astimezone(zone).date() <= last)
        return tally(inside), tuple(inside[score] for score in range(11))

    assert (found.counts, found.by_score) == counted(week.first, 7)
    assert found.before == counted(week.first - 7 * DAY, 7)[0]
    year_before = counted(YEAR_BEFORE[week.first], 7)[0]
    assert found.year_before == (year_before if year_before.responses else None)
    assert found.rolling == counted(week.last - 89 * DAY, 90)[0]
    weeks = [week.first - back * 7 * DAY for back in range(25, -1, -1)]
    trend = [(monday, counted(monday, 7)[0]) for monday in weeks]
    began = next((place for place, (_, counts) in enumerate(trend) if counts.responses), len(trend))
    assert [(point.first, point.counts) for point in found.trend] == trend[began:]
    followed = [each for each in happened if week.first <= each["opened"].astimezone(zone).date() <= week.last]
    holds_against(found.loop, followed, now, zone)
    waiting = [e for e in happened if e["score"] <= 6 and not e["called"] and not e["closed"]]
    assert found.waiting_in_all == len(waiting)
    assert len(found.waiting) == min(len(waiting), numbers.WAITING_SHOWN)
    dues = [each.found.callback.due_at for each in found.waiting]
    assert all(one <= other for one, other in pairwise(dues))


def holds_against(told, followed, now, zone):
    """Check the figures of the loop against what happened to each callback."""

    def number(step):
        return sum(each[step] is not None for each in followed)

    def over(each):
        return each["opened"] + HOURS[category(each["score"])] * HOUR < now

    assert (told.opened, told.claimed, told.called) == (len(followed), number("claimed"), number("called"))
    assert (told.closed, told.dismissed) == (number("closed"), number("dismissed"))
    assert told.unreachable == sum(each["gave_up"] for each in followed)
    assert told.overdue == sum(not each["closed"] and over(each) for each in followed)
    called_for = [each for each in followed if each["claimed"] or not each["dismissed"]]
    for step, median in (("claimed", told.to_claim), ("called", told.to_call)):
        took = [each[step] - each["opened"] for each in called_for if each[step]]
        waited = [(each["closed"] or now) - each["opened"] for each in called_for if not each[step]]
        assert median == by_the_formula(took, waited)
    assert told.in_time == in_time(followed, now, lambda start, end: end - start)
    assert told.in_business_time == in_time(followed, now, lambda start, end: working_time(start, end, zone))


CALL = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["U1", "U2", "U3"]),
    st.integers(1, 30 * 24).map(lambda hours: hours * HOUR),
    st.sampled_from(list(Outcome)[:6]),
    st.sampled_from([NextStep.CLOSE, NextStep.HAND_OVER]),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(CALL, max_size=12, unique_by=lambda call: call[2]))
def test_who_did_what(calls):
    """Each colleague's calls, closings and time to the first call, and the team's, are those that were logged."""
    settings = Settings(timezone=STOCKHOLM, callbacks=Callbacks(one_per_person=False))
    first, end = WEEKS[0].bounds(STOCKHOLM)
    logged, closed = [], {}
    with an_empty_store() as db:
        cards = []
        for number in range(4):
            response = a_response(id=f"r-{number}", respondent_email=None, score=number * 3)
            cards.append(receive(db, settings, "json", response, first - 5 * DAY).response_id)
        for which, user, after, outcome, step, referral, lesson in sorted(calls, key=lambda call: call[2]):
            call = Call(
                *(user, first - 5 * DAY + after, outcome, "Notes", (), step),
                referral_name="Kim" if referral else None,
                lesson=lesson,
            )
            callbacks.log_call(db, settings, cards[which], call)
            logged.append((which, call))
            if step is NextStep.CLOSE:
                closed.setdefault(which, call)
            else:
                closed.pop(which, None)
        told = loop.of_period(db, settings, (first, end), end)
        people = loop.people(db, (first, end))
    inside = [call for _, call in logged if first <= call.at < end]
    assert told.team == Team(
        len({call.caller for call in inside}), len(inside), sum(call.outcome is Outcome.REACHED for call in inside)
    )
    assert told.referrals == sum(call.referral_name is not None for call in inside)
    assert told.lessons == sum(call.lesson for call in inside)
    closings = Counter(call.caller for call in closed.values() if first <= call.at < end)
    firsts = dict(reversed(logged))
    expected = []
    for user in sorted({call.caller for call in inside} | closings.keys()):
        took = [c.at - (first - 5 * DAY) for c in firsts.values() if c.caller == user and first <= c.at < end]
        mine = sum(call.caller == user for call in inside)
        expected.append(Colleague(user, mine, closings[user], by_the_formula(took, [])))
    assert people == expected


NEXT = st.tuples(
    st.sampled_from(["anna@nordlys.example", "Anna@Nordlys.example", "bo@nordlys.example", None]),
    st.integers(0, 10),
    st.integers(0, 120 * 24).map(lambda hours: hours * HOUR),
    st.none() | st.integers(1, 60 * 24).map(lambda hours: hours * HOUR),
    st.booleans(),
)


@given(st.lists(NEXT, max_size=12, unique_by=lambda answer: answer[2]))
def test_how_detractors_answered_next_time(answers):
    """Next answers of detractors are told apart by whether a call came in between, person by person."""
    settings = Settings(timezone=STOCKHOLM, callbacks=Callbacks(one_per_person=False))
    first, end = WEEKS[0].bounds(STOCKHOLM)
    since, answers = end - loop.RECOVERY_DAYS, sorted(answers, key=lambda answer: answer[2])
    given_at = [since - 30 * DAY + after for _, _, after, *_ in answers]
    with an_empty_store() as db:
        for number, ((email, score, _, called, imported), at) in enumerate(zip(answers, given_at, strict=True)):
            response = a_response(id=f"r-{number}", respondent_email=email, score=score, submitted_at=at)
            if imported:
                responses.add(db, "json", response, at, imported=True)
                continue
            card = receive(db, settings, "json", response, at).response_id
            if called:
                call = Call("U1", at + called, Outcome.REACHED, "Notes", (), NextStep.CLOSE)
                callbacks.log_call(db, settings, card, call)
        found = loop.of_period(db, settings, (first, end), end).recovery
    sides = {True: Counter(), False: Counter()}
    for (email, score, *_), at in zip(answers, given_at, strict=True):
        earlier = [
            (e, when)
            for e, when in zip(answers, given_at, strict=True)
            if email and e[0] and e[0].lower() == email.lower() and when < at
        ]
        if not earlier or not since <= at < end:
            continue
        (_, before, _, called, imported), when = earlier[-1]
        if before <= 6 and not imported:
            sides[called is not None and when + called < at][score] += 1
    assert found == Recovery(tally(sides[True]), tally(sides[False]))
    assert found.few


@pytest.mark.parametrize(("called", "others", "few"), [(30, 30, False), (29, 30, True), (300, 29, True), (0, 0, True)])
def test_few_of_either_side_say_little(called, others, few):
    """A comparison is marked as one of few as long as either side has fewer than thirty answers."""
    assert Recovery(Counts(called, 0, 0), Counts(0, 0, others)).few == few


def test_detractors_that_are_not_called_have_no_target(db):
    """Where detractors open no callback, nothing is said of targets."""
    settings = Settings(callbacks=Callbacks(hours={**HOURS, Category.DETRACTOR: None}))
    told = digest.numbers(db, settings, "week", WEEKS[0], NOW).loop
    assert (told.in_time, told.in_business_time) == (None, None)


def test_a_call_after_a_dismissal_counts(db):
    """Who was dismissed and called after all was called for."""
    settings, at = Settings(timezone=STOCKHOLM), morning(WEEKS[0].first, STOCKHOLM)
    card = receive(db, settings, "json", a_response(submitted_at=at), at).response_id
    callbacks.dismiss(db, card, "U1", "A test", at)
    call = Call("U1", at + HOUR, Outcome.REACHED, "Notes", (), NextStep.CLOSE)
    callbacks.log_call(db, settings, card, call)
    told = digest.numbers(db, settings, "week", WEEKS[0], at + 7 * DAY).loop
    assert (told.called, told.to_call, told.in_time) == (1, HOUR, InTime(24.0, 1, 1, 0))


def test_numbers_for_programs(db):
    """The JSON of a digest holds what is promised, every figure of the loop, the trend and the groups."""
    settings, at = Settings(timezone=STOCKHOLM), morning(WEEKS[0].first, STOCKHOLM)
    for number, (score, touchpoint) in enumerate([(10, "support"), (0, "onboarding"), (8, "onboarding")]):
        response = a_response(id=str(number), score=score, touchpoint=touchpoint, submitted_at=at)
        receive(db, settings, "json", response, at)
    told = digest.as_json(digest.numbers(db, settings, "week", WEEKS[0], at + 7 * DAY))
    assert (told["nps"], told["responses"], told["by_score"]) == (0, 3, [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1])
    assert {"opened", "claimed", "called", "closed", "overdue", "to_claim", "to_call"} < set(told["callbacks"])
    assert told["callbacks"]["in_time"] == {"hours": 24.0, "reached": 0, "of": 1, "undecided": 0}
    assert [(week["week"], week["responses"]) for week in told["trend"]] == [("2026-W46", 3)]
    (by_touchpoint,) = told["where"]
    assert [(g["group"], g["nps"]) for g in by_touchpoint["groups"]] == [("onboarding", -50), ("support", 100)]
