"""When a callback is due: by category, survey and company, on either clock, against a slow count of minutes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, ROOT, a_response
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bot import calendars, due
from bot.calendars import Calendar, Clock, business_time_after, business_time_between, is_open, next_try
from bot.config import Settings, load
from bot.due import Callbacks, Rule
from bot.intake import receive
from bot.model import Category
from bot.settings.checks import SettingError
from storage import responses

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
TOML = Path("npsbot.toml")
ZONES = st.sampled_from(
    [
        *("Europe/Stockholm", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"),
        *("Pacific/Apia", "America/Santiago", "Africa/Casablanca"),
    ]
).map(ZoneInfo)
COUNTRIES = st.sampled_from([None, "SE", "NO", "DK", "FI", "US"])


@st.composite
def calendars_drawn(draw: st.DrawFn) -> Calendar:
    """Draw a calendar of any hours and days, in zones that change their clocks and in such that do not."""
    opens = draw(st.integers(0, 24 * 60 - 1))
    return Calendar(
        days=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        opens=opens,
        closes=draw(st.integers(opens + 1, 24 * 60)),
        zone=draw(ZONES),
        country=draw(COUNTRIES),
    )


def near_a_change() -> st.SearchStrategy[datetime]:
    """Draw whole minutes of a year, more of them about the nights on which clocks are changed, and holidays."""
    nights = st.sampled_from([date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)])
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31)) | nights | st.just(date(2026, 4, 5))
    return st.builds(
        lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
        days,
        st.integers(-24 * 60, 36 * 60),
    )


def counted(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Count the minutes of [start, end) whose wall clock shows business hours, one by one."""
    found, at = 0, start
    while at < end:
        local = at.astimezone(calendar.zone)
        within = calendar.opens <= 60 * local.hour + local.minute < calendar.closes
        found += within and calendar.works_on(local.date())
        at += MINUTE
    return found * MINUTE


@how(max_examples=150)
@given(calendars_drawn(), near_a_change(), st.integers(0, 5 * 24 * 60))
def test_business_time_is_what_a_slow_count_finds(calendar, start, minutes):
    """Over weekends, holidays and nights on which the clock is changed, the fast count is the slow one."""
    end = start + minutes * MINUTE
    assert business_time_between(calendar, start, end) == counted(calendar, start, end)


@how(max_examples=150)
@given(calendars_drawn(), near_a_change(), st.integers(1, 30 * 60))
def test_due_is_when_so_much_business_time_has_passed(calendar, start, minutes):
    """A due time lies at the first moment at which all its business time has passed."""
    span = minutes * MINUTE
    end = business_time_after(calendar, start, span)
    assert business_time_between(calendar, start, end) == span
    assert business_time_between(calendar, start, end - MINUTE) < span


@given(calendars_drawn(), near_a_change(), st.integers(0, 10 * 24 * 60), st.integers(0, 10 * 24 * 60))
def test_business_time_adds_up(calendar, start, one, other):
    """Two spans that follow each other have together the business time of the whole."""
    middle, end = start + one * MINUTE, start + (one + other) * MINUTE
    parts = business_time_between(calendar, start, middle), business_time_between(calendar, middle, end)
    assert sum(parts, timedelta()) == business_time_between(calendar, start, end)
    assert is_open(calendar, start) == (business_time_between(calendar, start, start + MINUTE) > timedelta())


@given(calendars_drawn(), near_a_change())
def test_the_next_try_is_at_another_time_of_day(calendar, now):
    """Whoever did not answer in one half of the day is tried in the other half of a later one, or before one begins."""
    found = next_try(calendar, now)
    local, then = found.astimezone(calendar.zone), now.astimezone(calendar.zone)
    half = calendar.opens + (calendar.closes - calendar.opens) // 2
    early = 60 * then.hour + then.minute < calendar.opens and calendar.works_on(then.date())
    assert found > now - HOUR  # a clock set back can bring it a little nearer, never before the next day
    assert then.date() == local.date() if early else then.date() < local.date()
    if found.astimezone(calendar.zone).utcoffset() == then.utcoffset() and calendar.closes - calendar.opens > 1:
        assert (60 * local.hour + local.minute >= half) == (60 * then.hour + then.minute < half)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20T07:30+01:00", "2026-11-20T15:00+01:00"),  # before a Friday's opening: that afternoon
        ("2026-11-20T09:30+01:00", "2026-11-23T15:00+01:00"),  # its morning: Monday's afternoon
        ("2026-11-20T18:00+01:00", "2026-11-23T11:00+01:00"),  # after it: Monday's morning
        ("2026-11-21T07:30+01:00", "2026-11-23T15:00+01:00"),  # a Saturday is no working day
    ],
)
def test_the_next_try_can_be_today(now, expected):
    """A call before opening hours is tried again in the same day's other half, where that is a working day."""
    stockholm = Calendar(zone=ZoneInfo("Europe/Stockholm"))
    assert next_try(stockholm, datetime.fromisoformat(now)) == datetime.fromisoformat(expected)


def test_a_calendar_without_an_open_hour_counts_all():
    """Where no day is ever one of work, a due time is as the customer waits, and no business time passes."""
    never = Calendar(days=frozenset())
    assert business_time_after(never, NOW, HOUR) == NOW + HOUR
    assert business_time_between(never, NOW, NOW + 100 * DAY) == timedelta()
    assert not is_open(never, NOW)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        ("2026-11-20T16:00+01:00", 2, "2026-11-23T10:00+01:00"),  # a Friday afternoon and a Monday morning
        ("2026-12-23T16:00+01:00", 2, "2026-12-24T10:00+01:00"),  # the eve is no public holiday
        ("2026-12-24T16:30+01:00", 1, "2026-12-28T09:30+01:00"),  # Christmas, Saturday, Sunday
        ("2026-03-27T16:00+01:00", 9, "2026-03-30T17:00+02:00"),  # summer time begins in between
    ],
)
def test_examples_in_sweden(start, hours, expected):
    """Business hours pass over nights, weekends, public holidays and the change to summer time."""
    calendar = Calendar(zone=STOCKHOLM, country="SE")
    found = business_time_after(calendar, datetime.fromisoformat(start), hours * HOUR)
    assert found == datetime.fromisoformat(expected)


def test_defaults_are_on_the_customers_clock(db, settings):
    """Without settings a detractor is due a day after the receipt, a passive three, a promoter seven."""
    for score, days in ((0, 1), (6, 1), (7, 3), (8, 3), (9, 7), (10, 7)):
        person = {"respondent_email": f"{score}@nordlys.example", "respondent_id": None}
        card = receive(db, settings, "json", a_response(id=f"r-{score}", score=score, **person), NOW).response_id
        assert responses.by_public_id(db, card).callback.due_at == NOW + days * DAY


def test_the_first_rule_that_fits_decides():
    """A rule for a survey or a company goes before the hours of the category; what it does not name stays."""
    rules = (
        Rule({Category.DETRACTOR: 4.0}, company="nordlys ab"),
        Rule({Category.DETRACTOR: 8.0, Category.PROMOTER: None}, survey="relationship"),
    )
    settings = Settings(callbacks=Callbacks(rules=rules))

    def found(which: Category, **changes: object) -> datetime | None:
        return due.due(settings, which, a_response(**changes), NOW)

    assert found(Category.DETRACTOR) == NOW + 4 * HOUR
    assert found(Category.DETRACTOR, respondent_company=" NORDLYS  AB") == NOW + 4 * HOUR
    assert found(Category.DETRACTOR, respondent_company="Granvik") == NOW + 8 * HOUR
    assert found(Category.PROMOTER) is None
    assert found(Category.PASSIVE) == NOW + 72 * HOUR
    assert found(Category.DETRACTOR, survey=None, respondent_company=None) == NOW + 24 * HOUR


def test_business_hours_decide_where_that_is_set():
    """With the clock set to business, the hours of a category are hours of work in the team's zone."""
    settings = Settings(timezone=STOCKHOLM, calendar=Calendar(clock=Clock.BUSINESS))
    friday = datetime(2026, 11, 20, 16, tzinfo=STOCKHOLM)
    assert due.due(settings, Category.DETRACTOR, a_response(), friday) == datetime(2026, 11, 25, 16, tzinfo=STOCKHOLM)


def test_both_clocks_are_told(db, settings):
    """How long a callback has been open is told on the customer's clock and in business hours, until it is closed."""
    card = receive(db, settings, "json", a_response(), NOW).response_id
    opened = responses.by_public_id(db, card).callback
    assert due.clocks(settings, opened, NOW + 26 * HOUR) == (26 * HOUR, 8 * HOUR)
    assert due.clocks(settings, replace(opened, closed_at=NOW + HOUR), NOW + DAY) == (HOUR, 15 * MINUTE)
    assert due.clocks(settings, None, NOW) is None


def test_a_calendar_is_read():
    """Days, hours, zone, country and clock come as they are set, all else as without a table."""
    table = {
        "days": ["mon", "sat"],
        "hours": "8:30-24:00",
        "timezone": "Europe/Oslo",
        "country": "NO",
        "clock": "business",
    }
    found = calendars.read(table, TOML)
    assert found == Calendar(frozenset({0, 5}), 510, 1440, ZoneInfo("Europe/Oslo"), country="NO", clock=Clock.BUSINESS)
    assert calendars.read({}, TOML) == Calendar()
    assert calendars.read({"country": "se"}, TOML).country == "SE"
    assert calendars.read({"country": "DE", "subdivision": "BY"}, TOML).subdivision == "BY"


def test_days_off_of_ones_own():
    """A day on which the team is closed is no day of work, whether it comes as text or as TOML's own date."""
    closed = calendars.read({"closed": ["2026-12-22", date(2026, 12, 23)]}, TOML)
    tuesday, thursday = datetime(2026, 12, 22, 9, tzinfo=UTC), datetime(2026, 12, 24, 9, tzinfo=UTC)
    assert business_time_after(closed, tuesday, HOUR) == thursday + HOUR


def test_a_country_that_nobody_knows_is_said_to_be_none():
    """The sentence names what was given, and speaks of a part of the country only where one was."""
    with pytest.raises(SettingError) as refused:
        calendars.read({"country": "Sweden"}, TOML)
    assert "subdivision" not in str(refused.value)


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        ("2026-11-23T14:20", "2026-11-24T14:00"),
        ("2026-11-23T23:00", "2026-11-24T09:00"),
        ("2026-11-27T14:20", "2026-11-30T09:00"),
        ("2026-11-28T12:00", "2026-11-30T09:00"),
        ("2026-11-23T06:00", "2026-11-23T09:00"),
    ],
)
def test_what_is_put_aside_comes_back_at_work(now, proposed):
    """While the team works the same hour of the next day is proposed; at night, and before days off, its opening."""
    moments = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, proposed)]
    assert calendars.next_opening(Calendar(), moments[0]) == moments[1]


@pytest.mark.parametrize(
    ("table", "named"),
    [
        (3, "calendar"),
        ({"day": []}, "calendar"),
        ({"days": []}, "calendar.days"),
        ({"days": ["monday"]}, "calendar.days"),
        ({"hours": "17:00-09:00"}, "calendar.hours"),
        ({"hours": "09:75-17:00"}, "calendar.hours"),
        ({"hours": "09:00-24:01"}, "calendar.hours"),
        ({"hours": 9}, "calendar.hours"),
        ({"timezone": "Stockholm"}, "calendar.timezone"),
        ({"clock": "mine"}, "calendar.clock"),
        ({"country": "XX"}, "calendar.country"),
        ({"country": 46}, "calendar.country"),
        ({"closed": "2026-12-24"}, "calendar.closed"),
        ({"closed": ["24 Dec"]}, "calendar.closed"),
        ({"closed": [7]}, "calendar.closed"),
        ({"subdivision": "BY"}, "calendar.country"),
        ({"country": "SE", "subdivision": "XX"}, "calendar.country"),
    ],
)
def test_a_wrong_calendar_is_refused(table, named):
    """What cannot be a calendar is refused with one sentence that names the setting."""
    with pytest.raises(SettingError, match=f"^{named} in npsbot.toml .*[.]$"):
        calendars.read(table, TOML)


def test_rules_for_callbacks_are_read():
    """Hours, rules, attempts and one a person come as they are set."""
    rules = [{"survey": "onboarding", "detractor": 4}, {"company": "Nordlys", "survey": "x", "promoter": False}]
    found = due.read({"detractor": 12, "due": rules, "attempts": False, "one_per_person": False}, TOML)
    assert found.hours == due.HOURS | {Category.DETRACTOR: 12.0}
    assert found.rules == (
        Rule({Category.DETRACTOR: 4.0}, survey="onboarding"),
        Rule({Category.PROMOTER: None}, survey="x", company="Nordlys"),
    )
    assert (found.attempts, found.one_per_person) == (None, False)
    assert due.read({}, TOML) == Callbacks()


def test_all_of_it_stands_in_the_settings():
    """The tables of npsbot.toml are read together; a calendar without a zone is in the team's."""
    TOML.write_text(
        'timezone = "Europe/Oslo"\n[calendar]\ncountry = "NO"\nclock = "business"\n[reminders]\nbefore_due = false\n'
        '[callbacks]\ndetractor = 8\n[[callbacks.due]]\ncompany = "Nordlys AB"\ndetractor = 4\n',
        encoding="utf-8",
    )
    settings = load({})
    assert (settings.working_hours.zone, settings.working_hours.country) == (ZoneInfo("Europe/Oslo"), "NO")
    assert settings.reminders.before_due is None
    monday = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Oslo"))
    assert due.due(settings, Category.DETRACTOR, a_response(), monday) == monday + 4 * HOUR
    assert due.due(settings, Category.DETRACTOR, a_response(respondent_company=None), monday) == monday + 8 * HOUR


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ([], "callbacks"),
        ({"detractor": "24"}, "callbacks.detractor"),
        ({"detractor": 0}, "callbacks.detractor"),
        ({"detractors": 1}, "callbacks.detractors"),
        ({"due": {"detractor": 1}}, "callbacks.due"),
        ({"due": [{"detractor": 1}]}, "callbacks.due"),
        ({"due": [{"survey": "x"}]}, "callbacks.due"),
        ({"due": [{"survey": 3, "detractor": 1}]}, "callbacks.due"),
        ({"due": [{"survey": "x", "detractor": True}]}, "callbacks.due.detractor"),
        ({"attempts": 0}, "callbacks.attempts"),
        ({"attempts": True}, "callbacks.attempts"),
        ({"one_per_person": "no"}, "callbacks.one_per_person"),
    ],
)
def test_wrong_rules_for_callbacks_are_refused(table, named):
    """What cannot be read of [callbacks] is refused with one sentence that names the setting."""
    with pytest.raises(SettingError, match=f"^{named} in npsbot.toml .*[.]$"):
        due.read(table, TOML)


def test_holidays_are_loaded_for_a_country_alone():
    """The bot starts without the library of holidays, which takes its time, until a calendar names a country."""
    code = "import sys, bot.app; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
