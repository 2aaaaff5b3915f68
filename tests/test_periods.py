"""Days, weeks, months and quarters as local calendars have them, in every time zone, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import periods
from bot.periods import KINDS, Period

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
DAYS = st.dates(date(2012, 1, 1), date(2037, 12, 31))
"""Until 2011 Newfoundland put clocks back at one past midnight: a day began, and its eve came back for an hour."""
CHANGING = st.sampled_from(
    [
        ("America/Santiago", date(2026, 9, 6)),  # no midnight: 00:00 becomes 01:00
        ("America/Santiago", date(2026, 4, 4)),  # 24:00 becomes 23:00
        ("Africa/Cairo", date(2026, 4, 24)),
        ("Africa/Cairo", date(2026, 10, 29)),
        ("Asia/Beirut", date(2026, 3, 29)),
        ("Asia/Beirut", date(2026, 10, 24)),
        ("America/Havana", date(2026, 3, 8)),
        ("America/Havana", date(2026, 11, 1)),  # midnight comes twice
        ("Atlantic/Azores", date(2026, 10, 25)),
        ("America/Nuuk", date(2026, 3, 28)),
        ("America/Nuuk", date(2026, 10, 24)),
        ("Europe/Stockholm", date(2026, 3, 29)),
        ("Europe/Stockholm", date(2026, 10, 25)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
        ("Africa/Casablanca", date(2026, 2, 15)),
        ("Pacific/Apia", date(2011, 12, 29)),
        ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
        ("Pacific/Apia", date(2011, 12, 31)),
    ]
).map(lambda pair: (ZoneInfo(pair[0]), pair[1]))
ZONE_AND_DAY = st.one_of(st.tuples(ZONES, DAYS), CHANGING)
KIND = st.sampled_from(KINDS)


@given(ZONE_AND_DAY, st.integers(0, 40))
def test_bounds_hold_exactly_the_local_days(zone_and_day, more):
    """Every quarter of an hour around a period, and its very edges, lie within the bounds when their day does."""
    zone, first = zone_and_day
    period = Period(first, first + timedelta(days=more))
    start, end = period.bounds(zone)
    probes = [edge + step for edge in (start, end) for step in (timedelta(), timedelta(microseconds=-1))]
    for edge in (start, end):
        probes += [edge + timedelta(minutes=15 * step) for step in range(-110, 111)]
    for instant in probes:
        assert (start <= instant < end) == (period.first <= instant.astimezone(zone).date() <= period.last)


@given(KIND, ZONE_AND_DAY)
def test_periods_meet(kind, zone_and_day):
    """One period of a kind ends with the instant at which the next begins, and each lies before the other."""
    zone, day = zone_and_day
    period = periods.holding(kind, day)
    following = periods.holding(kind, period.last + timedelta(days=1))
    assert period.first <= day <= period.last
    assert period.bounds(zone)[1] == following.bounds(zone)[0]
    assert periods.before(kind, following) == period


@given(DAYS)
def test_shapes_of_periods(day):
    """A week is Monday to Sunday, a month and a quarter are whole calendar months."""
    week, month, quarter = (periods.holding(kind, day) for kind in KINDS)
    assert (week.first.isoweekday(), week.last.isoweekday()) == (1, 7)
    assert (week.last - week.first).days == 6
    for found in (month, quarter):
        assert found.first.day == 1
        assert (found.last + timedelta(days=1)).day == 1
    assert {month.first.month, month.last.month} == {day.month}
    assert (quarter.first.month, quarter.last.month) in {(1, 3), (4, 6), (7, 9), (10, 12)}


@pytest.mark.parametrize(
    ("kind", "day", "first", "last", "label"),
    [
        ("week", date(2026, 3, 29), date(2026, 3, 23), date(2026, 3, 29), "2026-W13"),
        ("week", date(2026, 12, 31), date(2026, 12, 28), date(2027, 1, 3), "2026-W53"),
        ("week", date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 3), "2026-W53"),
        ("week", date(2027, 1, 4), date(2027, 1, 4), date(2027, 1, 10), "2027-W01"),
        ("week", date(2024, 12, 30), date(2024, 12, 30), date(2025, 1, 5), "2025-W01"),
        ("month", date(2024, 2, 1), date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31), "2026-12"),
        ("quarter", date(2026, 5, 31), date(2026, 4, 1), date(2026, 6, 30), "2026-Q2"),
        ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
    ],
)
def test_known_periods(kind, day, first, last, label):
    """Week 53 belongs to the year before, and every kind has its label."""
    assert periods.holding(kind, day) == Period(first, last)
    assert periods.label(kind, Period(first, last)) == label


def test_no_other_kind():
    """A kind that is none is refused with those there are."""
    with pytest.raises(ValueError, match="week, month, quarter, not 'fortnight'"):
        periods.holding("fortnight", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("Europe/Stockholm", date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC)),  # its first instant is 01:00
        ("Africa/Cairo", date(2026, 4, 24), datetime(2026, 4, 23, 22, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 29), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),  # the first of two midnights
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 1, 1), datetime(2025, 12, 31, 18, 15, tzinfo=UTC)),
    ],
)
def test_a_day_starts_with_its_first_instant(zone, day, start):
    """A day starts with its first instant, where midnight is missing, and where it comes twice."""
    assert periods.start_of(day, ZoneInfo(zone)) == start


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # there is none: 03:30
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # the first of two
        (date(2026, 3, 30), time(9), datetime(2026, 3, 30, 7, tzinfo=UTC)),
        (date(2026, 10, 26), time(9), datetime(2026, 10, 26, 8, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_one_instant(day, clock, expected):
    """A local time that comes twice is the first of the two; one that never comes is as much later."""
    assert periods.at(day, clock, ZoneInfo("Europe/Stockholm")) == expected


@given(ZONES, st.datetimes(datetime(2012, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_lies_in_its_local_day(zone, instant):
    """The local day of an instant holds it."""
    day = periods.local_day(instant, zone)
    start, end = Period(day, day).bounds(zone)
    assert start <= instant < end


@given(st.integers(1, 400), DAYS)
def test_the_last_days_end_today(count, today):
    """The last days are as many as were asked for, today the last of them."""
    period = periods.last_days(count, today)
    assert period.last == today
    assert (period.last - period.first).days == count - 1


@given(KIND, DAYS, st.integers(0, 800))
def test_periods_cover_days_without_a_gap(kind, first, more):
    """The periods that cover some days follow each other, hold all of the days, and none is beside them."""
    last = first + timedelta(days=more)
    covering = list(periods.covering(kind, first, last))
    assert covering[0].first <= first <= covering[0].last
    assert covering[-1].first <= last <= covering[-1].last
    assert all(one.last + timedelta(days=1) == other.first for one, other in pairwise(covering))


@given(KIND, DAYS)
def test_the_same_period_a_year_before(kind, day):
    """It bears the same label but for the year; a week 53 is held against the week 52 weeks earlier."""
    period = periods.holding(kind, day)
    earlier = periods.year_before(kind, period)
    year, label = int(periods.label(kind, period)[:4]), periods.label(kind, period)
    if label.endswith("W53"):
        assert earlier == Period(period.first - timedelta(weeks=52), period.last - timedelta(weeks=52))
        assert periods.label(kind, earlier) == f"{year}-W01"
    else:
        assert periods.label(kind, earlier) == f"{year - 1}{label[4:]}"
    assert 363 <= (period.first - earlier.first).days <= 371


@given(KIND, DAYS, st.booleans())
def test_a_label_names_its_period(kind, day, lower):
    """What a period is labelled with is read back as that period, whatever the case."""
    period = periods.holding(kind, day)
    label = periods.label(kind, period)
    assert periods.labelled(label.lower() if lower else label) == (kind, period)


@given(st.text("0123456789-wqWQ", max_size=8))
def test_no_other_text_is_a_label(text):
    """Whatever is read as a label is one, to the letter."""
    found = periods.labelled(text)
    assert found is None or periods.label(*found) == text.upper()


@given(DAYS, st.integers(1, 60))
def test_whole_weeks_until_a_day(last, count):
    """The weeks follow each other, as many as were asked for, and the newest is the last that had ended by then."""
    weeks = periods.weeks_until(last, count)
    assert len(weeks) == count
    assert weeks[-1].last <= last < weeks[-1].last + timedelta(days=7)
    assert all(one.last + timedelta(days=1) == other.first for one, other in pairwise(weeks))
    assert all((week.first.isoweekday(), week.days) == (1, 7) for week in weeks)


@given(DAYS, st.integers(1, 800))
def test_as_many_days_before(first, count):
    """The days just before are as many, and end where these begin."""
    period = Period(first, first + timedelta(days=count - 1))
    before = periods.just_before(period)
    assert (period.days, before.days) == (count, count)
    assert before.last + timedelta(days=1) == period.first


@given(ZONES)
def test_all_days_are_days_everywhere(zone):
    """The widest period there is has its bounds in every zone."""
    start, end = periods.EVER.bounds(zone)
    assert start < end
