"""[[digests]]: which are set, which period of each is due when, each told once, in its channel and its language."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from conftest import a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot import digest, messages, periods
from bot.cards import digest as card
from bot.config import SettingError, Settings, load
from bot.intake import receive
from bot.segments import Segment
from bot.settings import schedules
from bot.settings.schedules import WEEKLY, Schedule
from bot.slack.put import has_key
from bot.texts import Texts
from storage import outbox

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Stockholm", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUPPORT = Schedule(
    "support", "month", 1, time(8, 30), "#support-leads", "sv", Segment("transactional", "touchpoint", "support")
)
TOML = """
[[digests]]
[[digests]]
name = "support"
period = "month"
on = "2 08:30"
channel = "#support-leads"
language = "sv"
survey = "transactional"
where = { touchpoint = "support" }
"""


def read(toml, tmp_path):
    """Return the digests that a file sets."""
    (tmp_path / "npsbot.toml").write_text(toml, encoding="utf-8")
    return load({}).digests


def local(zone, *figures):
    """Return the instant of a local time."""
    return datetime(*figures, tzinfo=zone).astimezone(UTC)


def test_what_is_set(tmp_path):
    """Without a word there is the week's; each table of the list is one, with defaults for what it leaves out."""
    assert load({}).digests == (WEEKLY,)
    assert read(TOML, tmp_path) == (WEEKLY, SUPPORT)
    assert read("digests = []", tmp_path) == ()


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ('period = "day"', "digests[1].period"),
        ('on = "someday 09:00"', "digests[1].on"),
        ('on = "monday 24:00"', "digests[1].on"),
        ('period = "month"\non = "29 09:00"', "digests[1].on"),
        ("name = 5", "digests[1].name"),
        ('where = { colour = "red" }', "digests[1].where"),
        ('where = { touchpoint = "a", company = "b" }', "digests[1].where"),
        ('by = ["colour"]', "digests[1].by"),
        ('by = "touchpoint"', "digests[1].by"),
        ('by = ["touchpoint", "touchpoint"]', "digests[1].by"),
        (f"by = {[f'property.p{number}' for number in range(9)]}", "digests[1].by"),
        ('language = "de"', "digests[1].language"),
        ('chanel = "#nps"', "digests[1].chanel"),
        ("[[digests]]", "named ''"),
    ],
)
def test_what_is_wrong_is_named(table, named, tmp_path):
    """One sentence names the setting, its place in the list and what is accepted."""
    with pytest.raises(SettingError) as refused:
        read(f"[[digests]]\n{table}\n", tmp_path)
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("schedule", "now", "period", "due"),
    [
        (WEEKLY, (2026, 11, 16, 9), (date(2026, 11, 9), date(2026, 11, 15)), (2026, 11, 16, 9)),
        (WEEKLY, (2026, 11, 16, 8, 59), (date(2026, 11, 2), date(2026, 11, 8)), (2026, 11, 9, 9)),
        (WEEKLY, (2027, 1, 4, 9), (date(2026, 12, 28), date(2027, 1, 3)), (2027, 1, 4, 9)),
        (Schedule(days=2), (2026, 3, 31, 12), (date(2026, 3, 16), date(2026, 3, 22)), (2026, 3, 25, 9)),
        (
            Schedule(at=time(2, 30)),
            (2026, 10, 26, 2, 30),
            (date(2026, 10, 19), date(2026, 10, 25)),
            (2026, 10, 26, 2, 30),
        ),
        (SUPPORT, (2026, 3, 2, 8, 30), (date(2026, 2, 1), date(2026, 2, 28)), (2026, 3, 2, 8, 30)),
        (SUPPORT, (2026, 3, 2, 8, 29), (date(2026, 1, 1), date(2026, 1, 31)), (2026, 2, 2, 8, 30)),
        (Schedule(period="quarter"), (2026, 4, 1, 9), (date(2026, 1, 1), date(2026, 3, 31)), (2026, 4, 1, 9)),
    ],
)
def test_the_last_that_is_due(schedule, now, period, due):
    """The last whole period whose hour has come: week 53, the end of the year, months of any length, changed clocks."""
    found, at = schedules.last_due(schedule, local(STOCKHOLM, *now), STOCKHOLM)
    assert ((found.first, found.last), at) == (period, local(STOCKHOLM, *due))


SCHEDULES = st.builds(
    Schedule,
    name=st.just("x"),
    period=st.sampled_from(periods.KINDS),
    days=st.integers(0, 6),
    at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)


@given(
    SCHEDULES,
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.timedeltas(HOUR, 25 * DAY), min_size=1, max_size=30),
)
def test_each_period_once_through_any_silence(schedule, zone, first, steps):
    """However often it is asked, a period is queued once, in order, not before its hour nor from before it was set."""
    settings = Settings(timezone=zone, digests=(schedule,))
    with an_empty_store() as db:
        for now in accumulate(steps, initial=first):
            for digest_id in digest.queue_all_due(db, settings, now):
                row = db.row("select * from digests where id = :id", id=digest_id)
                period = periods.Period(date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"]))
                assert first <= schedules.due(schedule, period, zone) <= now
                assert period == periods.holding(schedule.period, period.first)
                following = periods.holding(schedule.period, period.last + DAY)
                assert schedules.due(schedule, following, zone) > now
            assert digest.queue_all_due(db, settings, now) == []
        days = [row["first_day"] for row in db.rows("select first_day from digests order by id")]
    assert all(one < other for one, other in pairwise(days))


def test_one_that_is_set_later_tells_nothing_old(db):
    """A digest that is added to a store with a history begins with the next period that comes due."""
    weekly, both = Settings(timezone=STOCKHOLM), Settings(timezone=STOCKHOLM, digests=(WEEKLY, SUPPORT))
    digest.queue_all_due(db, weekly, local(STOCKHOLM, 2026, 2, 1, 12))
    assert digest.queue_all_due(db, both, local(STOCKHOLM, 2026, 3, 2, 9, 30)) != []
    names = "select name from digests order by id"
    assert [row["name"] for row in db.rows(names)] == [""]
    digest.queue_all_due(db, both, local(STOCKHOLM, 2026, 4, 2, 8, 30))
    assert [row["name"] for row in db.rows(names)] == ["", "", "support"]


def test_a_digest_of_its_own(db):
    """It goes to its channel, speaks its language, says whom it is about, and has its name in its metadata."""
    settings = Settings(timezone=STOCKHOLM, digests=(WEEKLY, SUPPORT))
    at = local(STOCKHOLM, 2026, 2, 10, 12)
    for number, (survey, touchpoint, score) in enumerate(
        [("transactional", "support", 9), ("transactional", "purchase", 0), ("relationship", "support", 0)]
    ):
        response = a_response(id=f"r-{number}", survey=survey, touchpoint=touchpoint, score=score, submitted_at=at)
        receive(db, settings, "json", response, at)
    digest.queue_all_due(db, settings, at)
    now = local(STOCKHOLM, 2026, 3, 2, 8, 30)
    digest_id = digest.queue_all_due(db, settings, now)[-1]
    message = outbox.message_of(db, "digest", digest_id)
    said = messages.render(db, message, settings, Texts("en", STOCKHOLM), now)
    assert message.channel == "#support-leads"
    assert said.metadata["event_payload"] == {
        "period": "month",
        "start": "2026-02-01",
        "end": "2026-02-28",
        "digest": "support",
        "nps": 100,
        "responses": 1,
    }
    assert said.text.startswith("support · Månadens NPS")
    assert "Endast enkäten transactional, kontaktpunkten support" in said.text


def test_one_that_is_set_no_more_can_still_be_rendered(db):
    """A message that was queued before its digest was taken out of the settings keeps its name and its numbers."""
    settings = Settings(timezone=STOCKHOLM, digests=(SUPPORT,))
    digest.queue_all_due(db, settings, local(STOCKHOLM, 2026, 2, 10, 12))
    now = local(STOCKHOLM, 2026, 3, 2, 8, 30)
    [digest_id] = digest.queue_all_due(db, settings, now)
    found = digest.stored(db, Settings(timezone=STOCKHOLM), digest_id, now)
    assert (found.name, found.kind) == ("support", "month")


def test_two_of_one_period_are_told_apart(db):
    """The week's digest is not taken for one of the same week that has a name; nor the other way round."""
    week, now = periods.Period(date(2026, 11, 9), date(2026, 11, 15)), datetime(2026, 11, 16, 9, tzinfo=UTC)
    settings = Settings(digests=(WEEKLY, Schedule("support")))
    weekly, named = (
        card.render(digest.of_schedule(db, settings, each, week, now), Texts("en", STOCKHOLM))
        for each in settings.digests
    )
    for one, other in ((weekly, named), (named, weekly)):
        assert has_key(one.metadata["event_payload"], one.key)
        assert not has_key(other.metadata["event_payload"], one.key)
    assert "digest" not in weekly.metadata["event_payload"]
