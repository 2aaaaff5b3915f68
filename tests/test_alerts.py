"""Alerts: told once until it is over, not at night, not while it rests; simulated years neither flap nor repeat."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from conftest import SECRET, a_response

from bot import alerts, callbacks, messages, periods
from bot.config import SettingError, Settings, SourceSettings, load
from bot.intake import receive
from bot.settings.alerts import Alerts
from bot.settings.yardstick import Yardstick
from bot.texts import Texts
from storage import outbox, themes, traffic
from storage.db import stamp
from storage.traffic import Tally

STOCKHOLM = ZoneInfo("Europe/Stockholm")
START = datetime(2026, 1, 5, 11, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETTINGS = Settings(
    timezone=STOCKHOLM, digest_channel="#leaders", sources={"json": SourceSettings("json", "json", (SECRET,))}
)
ONLY = dict.fromkeys(("score", "silence", "backlog", "themes"), False)


def watching(*names, **more):
    """Return settings in which only some alerts are on."""
    return replace(SETTINGS, alerts=Alerts(**{**ONLY, **dict.fromkeys(names, True), **more}))


def answer(db, settings, number, score, at, **more):
    """Let somebody else answer each time; return the id of the card."""
    who = {"respondent_id": f"c-{number}", "respondent_email": f"c{number}@customer.example"}
    response = a_response(id=f"r-{number}", score=score, submitted_at=at, comment=None, **who, **more)
    return receive(db, settings, "json", response, at).response_id


def told(db):
    """Return what was asked for in all: kind and about of each alert, in order."""
    rows = db.rows("select kind, about from alerts where told_at is not null order by told_at, id")
    return [(row["kind"], row["about"]) for row in rows]


def said(db, settings, now, kind="alert"):
    """Return what the newest alert says."""
    newest = db.value("select max(id) from alerts where told_at is not null")
    return messages.render(db, outbox.message_of(db, kind, newest), settings, Texts("en", STOCKHOLM), now)


def mentioned(db, settings, number, theme, at):
    """Let a detractor speak of a theme."""
    answer(db, settings, number, 2, at)
    themes.put(db, [(db.value("select max(id) from responses"), (theme,))])


def a_year(db, settings, mood, days=365, each=8, seed=1):
    """Let some answer every day, as the mood of the day has it, and look at noon."""
    lots = Random(seed)
    for day in range(days):
        now = START + day * DAY
        promoters, detractors = mood(day)
        drawn = [lots.random() for _ in range(each)]
        given = [10 if lot < promoters else (0 if lot > 1 - detractors else 7) for lot in drawn]
        rows = [(f"r-{day}-{n}", f"{day}-{n}", score, stamp(now), stamp(now)) for n, score in enumerate(given)]
        db.many(
            """insert into responses (public_id, source, source_id, score, submitted_at, received_at)
               values (?, 'json', ?, ?, ?, ?)""",
            rows,
        )
        alerts.sweep(db, settings, now)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("promoters", [0.5, 0.55, 0.6])
def test_a_quiet_year_tells_nothing(db, promoters, seed):
    """A year of the same mood, with all the noise of chance around a band's edge, sets off one alert at the most."""
    a_year(db, watching("score"), lambda _: (promoters, 0.25), seed=seed)
    assert len(told(db)) <= 1


def test_a_crisis_is_told_once_and_its_end_shows(db):
    """A spring crisis is told on its way down, once for each band it falls out of, and is over with the recovery."""
    settings = watching("score")

    def mood(day):
        return (0.2, 0.6) if 90 <= day < 130 else (0.75, 0.1)

    a_year(db, settings, mood)
    assert told(db) == [("score", "50"), ("score", "30"), ("score", "1")]
    assert db.value("select count(*) from alerts where over_at is null") == 0
    assert "✅" in str(said(db, settings, START).blocks)


def test_few_answers_are_no_crisis(db):
    """A score of too few answers is neither alarming nor a standing from which to fall."""
    settings = watching("score")
    for number in range(60):
        answer(db, settings, number, 10 if number < 25 else 0, START + number * 3 * DAY)
        alerts.sweep(db, settings, START + number * 3 * DAY)
    assert told(db) == []


@pytest.mark.parametrize("by", ["level", "target"])
def test_a_level_of_their_own(db, by):
    """A level that is set, else the target, is an edge like those of the bands; it is told how sure the fall is."""
    level, target = (60, 20) if by == "level" else (None, 60)
    settings = replace(watching("score", level=level), score=Yardstick(target=target, bands=(("good", 30),)))
    a_year(db, settings, lambda day: (0.9, 0.05) if day < 40 else (0.6, 0.15), days=80)
    assert told(db) == [("score", "60")]
    text = said(db, settings, START).text
    assert "has fallen below +60" in text
    assert "±" in text


@pytest.mark.parametrize(
    ("workdays", "days", "alarmed"), [(True, 4, False), (True, 5, True), (False, 2, False), (False, 3, True)]
)
def test_a_source_that_falls_silent(db, workdays, days, alarmed):
    """A silence longer than is usual for a source is told with its length; weekends are usual for some."""
    settings = watching("silence", quiet=None)
    last = None
    for day in range(40):
        at = START + day * DAY
        if not workdays or at.weekday() < 5:
            traffic.add(db, [Tally("json", periods.local_day(at, STOCKHOLM), "accepted", 20, at)])
            last = at
        alerts.sweep(db, settings, at)
    assert told(db) == []
    now = last + days * DAY
    for _ in range(3):
        alerts.sweep(db, settings, now)
        now += HOUR
    assert told(db) == ([("silence", "json")] if alarmed else [])
    if alarmed:
        assert f"Nothing has come from json for {days} days" in said(db, settings, now).text
        traffic.add(db, [Tally("json", periods.local_day(now, STOCKHOLM), "accepted", 1, now)])
        alerts.sweep(db, settings, now + HOUR)
        assert db.value("select count(*) from alerts where over_at is null") == 0


def test_a_source_that_is_set_no_more_may_be_silent(db):
    """Nobody is warned of a source that was taken out of the settings."""
    settings = replace(watching("silence", quiet=None), sources={})
    for day in range(30):
        at = START + day * DAY
        traffic.add(db, [Tally("json", periods.local_day(at, STOCKHOLM), "accepted", 20, at)])
    alerts.sweep(db, settings, START + 60 * DAY)
    assert told(db) == []


def test_a_backlog_that_grows(db):
    """A backlog is told when it has grown by half in a week, once, and is over once most of it is taken."""
    settings = watching("backlog", quiet=None)
    cards = [answer(db, settings, number, 0, START) for number in range(9)]
    alerts.sweep(db, settings, START)
    assert told(db) == []
    cards += [answer(db, settings, number, 0, START + 8 * DAY) for number in range(9, 14)]
    for hours in range(0, 48, 6):
        alerts.sweep(db, settings, START + 8 * DAY + hours * HOUR)
    assert told(db) == [("backlog", "")]
    assert "14 callbacks wait that nobody holds" in said(db, settings, START).text
    for card in cards[:5]:
        callbacks.claim(db, card, "U1", START + 10 * DAY)
    alerts.sweep(db, settings, START + 10 * DAY + HOUR)
    assert db.value("select count(*) from alerts where over_at is null") == 0
    alerts.sweep(db, settings, START + 10 * DAY + 2 * HOUR)
    assert len(told(db)) == 1


def test_a_theme_that_spikes(db):
    """A theme that far more detractors mention than in a usual week is told by its name, and is over when it calms."""
    settings = watching("themes", quiet=None)
    number = 0
    for week in range(16):
        at = START + week * 7 * DAY
        for _ in range(6 if week == 12 else 1):
            mentioned(db, settings, number, "delivery", at)
            number += 1
        for hours in range(0, 160, 20):
            alerts.sweep(db, settings, at + hours * HOUR)
    assert told(db) == [("theme", "delivery")]
    assert "speak of Delivery: 6 in seven days" in said(db, settings, START).text
    assert db.value("select over_at from alerts") >= stamp(START + 14 * 7 * DAY)


def test_a_long_crisis_is_over_when_it_is_over(db):
    """A theme that spikes for ten weeks is told once: neither a calmer week nor that it goes on makes it usual."""
    settings = watching("themes", quiet=None)
    crisis = dict.fromkeys(range(13, 23), 10) | {16: 3}
    number = 0
    for week in range(27):
        for _ in range(crisis.get(week, 1)):
            mentioned(db, settings, number, "delivery", START + week * 7 * DAY)
            number += 1
        for day in range(7):
            alerts.sweep(db, settings, START + (week * 7 + day) * DAY + HOUR)
    assert told(db) == [("theme", "delivery")]
    (over_at,) = (row["over_at"] for row in db.rows("select over_at from alerts"))
    assert stamp(START + 23 * 7 * DAY) < over_at < stamp(START + 25 * 7 * DAY)


NORDLYS = "Nordlys A\u030ab"
"""A name as some systems write it, the ring apart from its letter."""


@pytest.mark.parametrize("by", ["name", "property"])
def test_a_key_account_turns_detractor(db, by):
    """A key account's low score is told once, until somebody there answers better; other companies' are not."""
    key = {"key_accounts": ("nordlys  Åb",)} if by == "name" else {"key_property": "key"}
    settings = watching(quiet=None, **key)
    properties = {"key": True} if by == "property" else {}
    alerts.sweep(db, settings, START)
    for number, (company, score) in enumerate(
        [(NORDLYS, 9), ("Another", 0), (NORDLYS, 2), (NORDLYS, 3), (NORDLYS, 8), (NORDLYS, 1)]
    ):
        at = START + number * DAY
        own = properties if company == NORDLYS else {}
        answer(db, settings, number, score, at, respondent_company=company, properties=own)
        alerts.sweep(db, settings, at)
        alerts.sweep(db, settings, at + HOUR)
    assert told(db) == [("account", NORDLYS)] * 2
    assert f"{NORDLYS} gave 1 of 10" in said(db, settings, START).text


def test_nothing_is_told_at_night(db):
    """What is found in quiet hours is told in the morning, unless it is over by then."""
    settings = watching("backlog", quiet=(time(20), time(7)))
    for number in range(12):
        answer(db, settings, number, 0, START)
    evening = datetime(2026, 1, 5, 21, tzinfo=STOCKHOLM).astimezone(UTC)
    assert alerts.sweep(db, settings, evening) == 0
    assert alerts.sweep(db, settings, evening + 9 * HOUR) == 0
    assert alerts.sweep(db, settings, evening + 10 * HOUR) == 1


def test_what_rests_is_not_told(db):
    """A snoozed alert is told again once the time has passed; a muted one when somebody asks for it."""
    settings = watching(quiet=None, key_accounts=("Nordlys AB",))
    alerts.sweep(db, settings, START)

    def bad_news(number, at):
        answer(db, settings, 2 * number, 9, at)
        answer(db, settings, 2 * number + 1, 2, at)
        return alerts.sweep(db, settings, at)

    assert bad_news(0, START + HOUR) == 1
    newest = db.value("select max(id) from alerts")
    alerts.rest(db, newest, "U1", START + HOUR, START + 7 * DAY)
    assert "Snoozed until" in str(said(db, settings, START).blocks)
    assert bad_news(1, START + DAY) == 0
    assert bad_news(2, START + 8 * DAY) == 1
    newest = db.value("select max(id) from alerts")
    alerts.rest(db, newest, "U1", START + 8 * DAY)
    assert "Muted by <@U1>" in str(said(db, settings, START).blocks)
    assert bad_news(3, START + 20 * DAY) == 0
    alerts.wake(db, newest, START + 21 * DAY)
    assert alerts.sweep(db, settings, START + 21 * DAY) == 1


def test_what_can_be_set(tmp_path):
    """Each alert has its switch and its figures; a wrong one is named with what is accepted."""
    path = tmp_path / "npsbot.toml"
    path.write_text(
        '[alerts]\nscore = false\nlevel = 30\nquiet = "18:30-08:00"\nchannel = "#board"\n', encoding="utf-8"
    )
    found = load({}).alerts
    assert (found.score, found.level, found.quiet, found.channel) == (False, 30, (time(18, 30), time(8)), "#board")
    for wrong in ('quiet = "late"', "score = 1", "minimum = 2", "nonsense = 1", 'key_accounts = "Nordlys"'):
        path.write_text(f"[alerts]\n{wrong}\n", encoding="utf-8")
        with pytest.raises(SettingError, match=r"alerts\."):
            load({})
