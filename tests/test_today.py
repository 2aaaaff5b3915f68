"""What lies on the desk when the demo begins, and the store that the demo makes of it and of the year."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.config import Settings
from bot.demo_store import prepare
from bot.referred import Referrals
from demo.people import CALLERS, SALES, People, cast, settle
from demo.today import desk, owners
from storage.db import beside

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
SETTINGS = Settings(timezone=ZoneInfo("Europe/Stockholm"), referrals=Referrals(SALES))


@pytest.fixture(scope="module")
def people():
    found = People("npsbot")
    settle(found)
    cast(found)
    return {user.name: user.id for user in found.users.values()}


@pytest.fixture(scope="module")
def started(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    with beside(path) as db:
        prepare(db, SETTINGS, people, NOW)
    return path


@pytest.fixture
def db(started):
    with beside(started) as opened:
        yield opened


@settings(max_examples=50)
@given(st.integers(0, 366 * 24 * 60))
@example(34401)
def test_at_whatever_minute_it_begins_everything_has_happened_in_its_order(minutes):
    """Nobody claims what has not come, or calls before it is claimed; nothing has happened yet that is to come."""
    now = NOW + timedelta(minutes=minutes)
    for lying in desk(now):
        happened = [lying.claimed, lying.assigned, *lying.calls, lying.snoozed, lying.forgotten]
        moments = [datetime.fromisoformat(lying.body["submitted_at"]), *(deed.at for deed in happened if deed)]
        assert moments == sorted(moments)
        assert moments[-1] < now


def test_everybody_has_something_to_do(db, people):
    """Each of those who call holds something, and something waits for whoever is first, beyond its time."""
    holders = {row["holder"] for row in db.rows("select holder from callbacks where state = 'claimed'")}
    assert holders == {people[name] for name in CALLERS}
    assert db.value("select count(*) from callbacks where state = 'open' and due_at < :now", now=NOW.isoformat()) >= 3
    assert set(owners().values()) <= set(CALLERS)


def test_one_that_was_put_aside_is_about_to_return(db):
    """Within the first minute."""
    [row] = db.rows("select snoozed_until from callbacks where snoozed_until is not null")
    assert NOW < datetime.fromisoformat(row["snoozed_until"]) <= NOW + timedelta(minutes=1)


def test_somebody_answered_again_and_was_called_in_vain(db):
    """One callback is for two answers, and one has been tried three times."""
    assert db.value("select count(*) from responses where callback_of is not null and name = 'Ragnhild Moen'") == 1
    tried = db.rows("select response_id, count(*) as n from calls where outcome <> 'reached' group by 1 having n > 2")
    assert tried


def test_sales_and_product_have_heard_of_it(db, people):
    """The last referrals are free, those before them Jonas's; there are lessons."""
    states = [row["state"] for row in db.rows("select state from referrals order by call_id desc")]
    assert states[:3] == ["open", "open", "claimed"]
    assert {"won", "lost"} <= set(states)
    assert db.value("select count(*) from referrals where holder = :jonas", jonas=people["jonas"]) > 0
    assert db.value("select count(*) from calls where lesson = 1") > 5


def test_one_of_them_is_forgotten(db):
    """Neither name nor words of theirs are left in any table."""
    tables = [row["name"] for row in db.rows("select name from sqlite_master where type = 'table'")]
    whole = json.dumps([db.rows(f'select * from "{table}"') for table in tables], default=str, ensure_ascii=False)
    assert "Linnea" in whole
    assert "Ahlgren" not in whole
    assert "fel tyg" not in whole


def test_whatever_waits_has_a_card(db):
    """What the digest, the queue and App Home name can be opened in the channel."""
    waiting = {row["response_id"] for row in db.rows("select response_id from callbacks where state <> 'closed'")}
    shown = {row["subject"] for row in db.rows("select subject from messages where kind = 'card'")}
    assert waiting <= shown


def test_a_second_start_adds_nothing_and_shows_what_is_recent_again(tmp_path, started, people):
    """The workspace is empty each time, the store is not."""
    path = tmp_path / "again.db"
    path.write_bytes(started.read_bytes())
    with beside(path) as db:
        before = db.value("select count(*) from responses")
        prepare(db, SETTINGS, people, NOW + timedelta(hours=1))
        assert db.value("select count(*) from responses") == before
        assert db.value("select count(*) from messages where kind = 'card'") >= 11
        assert db.value("select count(*) from messages where kind = 'digest'") == 2


def test_the_alert_of_the_spring_is_shown(tmp_path, people):
    """Of the year's alerts about a theme, the one that lasted is shown; a bad week in autumn is not the story."""
    with beside(tmp_path / "demo.db") as db:
        prepare(db, SETTINGS, people, datetime(2026, 8, 12, 10, tzinfo=UTC))
        shown = db.rows(
            """select a.* from alerts a join messages m on m.kind = 'alert' and m.subject = a.id
               where a.kind = 'theme'"""
        )
    assert [(alert["about"], alert["since"][:7], alert["over_at"][:7]) for alert in shown] == [
        ("delivery", "2026-03", "2026-05")
    ]
