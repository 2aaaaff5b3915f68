"""Retention: what has been kept for long enough goes at night, once, a little at a time; and what is held is shown."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from acting import direct
from conftest import NOW, a_response, an_empty_store, eventually
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, digest, doctor, intake, periods, retention
from bot.config import Settings, load
from bot.model import Call, NextStep, Outcome, Thin
from bot.settings.checks import SettingError
from bot.settings.retaining import Retention
from demo.faults import Kind
from handlers import erasures, schedule
from storage import scores, sending
from storage.db import beside

DAY = timedelta(days=1)
TONIGHT = datetime(2026, 11, 20, 3, tzinfo=UTC)
YEAR = Retention(raw_bodies_days=30, personal_data_days=365)
WITHIN = (None, None)


def answered(db, settings, age: int, number: int = 0):
    """Take in an answer that is so many days old tonight."""
    came = a_response(
        id=f"r-{number}",
        score=number % 11,
        submitted_at=TONIGHT - age * DAY - timedelta(seconds=1),
        respondent_email=f"p{number}@x.example",
    )
    return intake.receive(db, settings, "json", came, NOW)


def night(db, chosen, now=TONIGHT):
    """Run a night's retention to its end; return what it erased and in how many transactions."""
    settings = Settings(retention=chosen)
    steps = 0
    while (day := retention.due(db, settings, now)) is not None:
        done = retention.step(db, chosen, day, now)
        steps += 1
    return (done, steps) if steps else (None, 0)


@given(ages=st.lists(st.integers(0, 800), max_size=12), days=st.integers(1, 800))
def test_persons_go_and_scores_stay(ages, days):
    """Exactly the answers older than was set lose their person; every count is the same before and after."""
    with an_empty_store() as db:
        settings = Settings()
        for number, age in enumerate(ages):
            answered(db, settings, age, number)
        before = scores.counts(db, *WITHIN)
        kept = [(row["score"], row["survey"], row["submitted_at"]) for row in db.rows("select * from responses")]
        done, _ = night(db, Retention(personal_data_days=days))
        assert scores.counts(db, *WITHIN) == before
        rows = db.rows("select * from responses order by id")
        assert [(row["score"], row["survey"], row["submitted_at"]) for row in rows] == kept
        assert [row["email"] is None for row in rows] == [age >= days for age in ages]
        assert [row["comment"] is None for row in rows] == [age >= days for age in ages]
        assert done.responses == sum(age >= days for age in ages)
        assert db.value("select count(*) from callbacks where state <> 'closed'") == sum(age < days for age in ages)


@given(ages=st.lists(st.integers(0, 90), max_size=8), days=st.integers(1, 90) | st.none())
def test_raw_deliveries_go(ages, days):
    """Deliveries in quarantine, and events to be completed, are dropped after their days; without days they stay."""
    settings = Settings()
    with an_empty_store() as db:
        for number, age in enumerate(ages):
            came = TONIGHT - age * DAY - timedelta(seconds=1)
            intake.set_aside(db, "tally", {}, b"{}", "no score", came)
            intake.ask(db, settings, "typeform", Thin(f"r-{number}", ("/x",), b"{}"), came)
        night(db, Retention(raw_bodies_days=days))
        young = sum(days is None or age < days for age in ages)
        assert [db.value(f"select count(*) from {table}") for table in ("quarantine", "fetches")] == [young, young]


def test_a_little_at_a_time(db, settings, monkeypatch):
    """Each transaction takes a batch, so that whoever waits for the store gets it in between."""
    monkeypatch.setattr(retention, "BATCH", 3)
    for number in range(10):
        answered(db, settings, 400, number)
    done, steps = night(db, YEAR)
    assert (done.responses, steps) == (10, 5)


@pytest.mark.parametrize(
    ("zone", "now", "is_due"),
    [
        ("UTC", "2026-11-20T02:59:59+00:00", False),
        ("UTC", "2026-11-20T03:00:00+00:00", True),
        ("Europe/Helsinki", "2026-11-20T00:59:59+00:00", False),
        ("Europe/Helsinki", "2026-11-20T01:00:00+00:00", True),
        ("Europe/Oslo", "2026-03-29T00:59:59+00:00", False),
        ("Europe/Oslo", "2026-03-29T01:00:00+00:00", True),
        ("UTC", "2026-11-20T23:59:59+00:00", True),
    ],
)
def test_from_three_in_the_morning(db, zone, now, is_due):
    """It is due from three o'clock in the team's zone on, also in the night in which the clocks change."""
    settings = Settings(timezone=ZoneInfo(zone))
    assert (retention.due(db, settings, datetime.fromisoformat(now)) is not None) == is_due


def test_once_a_day(db, settings):
    """What is through is not done again until the next day, whatever the clock and however often it is asked."""
    answered(db, settings, 400)
    assert night(db, YEAR)[0].responses == 1
    answered(db, settings, 400, 1)
    assert night(db, YEAR, TONIGHT + timedelta(hours=20)) == (None, 0)
    assert night(db, YEAR, TONIGHT + DAY)[0].responses == 1
    assert night(db, Retention(raw_bodies_days=None), TONIGHT + 2 * DAY) == (None, 0)


def test_a_restart_goes_on_where_it_was(db, settings, monkeypatch):
    """What a process that ended had erased counts in the night's figures of the one that goes on."""
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        answered(db, settings, 400, number)
    chosen = Settings(retention=YEAR)
    retention.step(db, YEAR, retention.due(db, chosen, TONIGHT), TONIGHT)
    done, steps = night(db, YEAR, TONIGHT + timedelta(hours=1))
    assert (done.responses, steps) == (5, 3)


def test_what_people_wait_for_goes_first(db, settings):
    """The cards of a night are put when nothing else waits: a claim made meanwhile shows at once."""
    for number in range(3):
        answered(db, settings, 400 if number < 2 else 1, number)
    while taken := sending.take(db, NOW, frozenset()):
        for task in taken:
            sending.sent(db, task, f"1.{task.id}", "C1", NOW)
    assert night(db, YEAR)[0].messages == 2
    newest = db.row("select id, public_id from responses order by id desc limit 1")
    callbacks.claim(db, newest["public_id"], "U1", NOW)
    (first,) = sending.take(db, NOW, frozenset())
    assert first.message.subject == newest["id"]


def test_only_the_digests_that_showed_them_are_put(db, settings):
    """Of two digests the one of the answer's own week is put again, the one of a later week is left as it was."""
    old = NOW - 400 * DAY
    came = a_response(submitted_at=old, respondent_email="p@x.example")
    receipt = intake.receive(db, settings, "json", came, old)
    callbacks.dismiss(db, receipt.response_id, "U1", "no need", old + DAY)
    for days in (400, 40):
        period = periods.holding("week", (NOW - days * DAY).date())
        digest.queue(db, settings, "week", period, NOW - days * DAY + 7 * DAY, NOW)
    for at in (old, old + 7 * DAY, NOW - 33 * DAY):
        for task in sending.take(db, NOW, frozenset()):
            sending.sent(db, task, f"1.{task.id}", "C1", at)
    night(db, YEAR)
    waiting = db.rows("select m.kind, m.subject from outbox o join messages m on m.id = o.message_id where m.ts <> ''")
    assert sorted((row["kind"], row["subject"]) for row in waiting) == [("card", 1), ("digest", 1)]


async def test_the_bot_does_it(start, settings, monkeypatch):
    """A running bot erases, leaves no byte in file and log, and says through the doctor what it did."""
    monkeypatch.setattr(retention, "HOUR", time(0))
    with beside(settings.database) as db:
        for number in range(120):
            answered(db, settings, 3 * 365, number)
    async with start(retention=YEAR) as running:
        store = running.bot.store

        def through(db):
            found = db.row("select * from erasures where scrubbed_at is not null")
            return found and found["responses"]

        await eventually(lambda: store.read(through))
        assert await store.read(through) == 120
        content = b"".join(path.read_bytes() for path in settings.database.parent.glob("npsbot.db*"))
        assert b"Anna Berg" not in content
        assert b"Leveransen" not in content
    (said,) = [each for each in doctor._store(running.bot.settings) if each.subject == "retention"]
    assert "raw deliveries for 30 days, persons for 365 days" in said.says
    assert "0 deliveries and the persons of 120 answers went; next go the persons of 0 answers" in said.says


async def test_what_colleagues_wrote_is_listed(start, workspace, settings, quick, monkeypatch):
    """Replies that an app cannot delete are looked for thread by thread, however often Slack says no, and listed."""
    monkeypatch.setattr(retention, "HOUR", time(0))
    monkeypatch.setattr(erasures, "THREADS", 1)
    async with start(retention=Retention(None)) as running:
        long_ago = {"score": 3, "submitted_at": "2024-01-01T00:00:00Z", "comment": "Soffan"}
        for number in range(3):
            await running.deliver({"id": f"r-{number}", **long_ago})
        cards = await eventually(lambda: len(stood := workspace.messages("#nps")) == 3 and stood)
        await workspace.say("mikko", "#nps", "Anna again", thread_ts=cards[0]["ts"])
        await workspace.say("freja", "#nps", "Soffan again", thread_ts=cards[2]["ts"])
    async with start(retention=YEAR) as running:
        workspace.faults.add(Kind.LIMIT, "conversations.replies", count=1)

        async def through():
            await schedule.tick(running.bot.desk)
            return await running.bot.store.read(lambda db: db.value("select replies from erasures where responses = 3"))

        assert len(json.loads(await eventually(through))) == 2
        assert direct(workspace, "U0INGRID") == []
    (said,) = [each for each in doctor._store(running.bot.settings) if each.subject == "retention"]
    assert "npsbot retention lists 2 replies that colleagues wrote themselves" in said.says
    listed = show(settings, command="retention")
    assert (listed.returncode, "only they, or an admin" in listed.stderr) == (0, True)
    head, *links = listed.stdout.splitlines()
    assert "the persons of 3 answers, 0 deliveries" in head
    assert [f"thread_ts={cards[number]['ts']}" in link for number, link in zip((0, 2), links, strict=True)] == [
        True
    ] * 2
    (night_,) = json.loads(show(settings, "--json", command="retention").stdout)
    assert (night_["answers"], [f"  {link}" for link in night_["replies"]]) == (3, links)


def test_nights_without_anything_are_not_told(settings):
    """Where nothing went there is nothing to tell, nor any reply to delete."""
    with beside(settings.database) as db:
        night(db, YEAR)
    assert show(settings, command="retention").stdout.strip() == "Nothing has gone in the last nights."
    assert json.loads(show(settings, "--json", command="retention").stdout) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", Retention(30, None)),
        ("[retention]\nraw_bodies_days = false\npersonal_data_days = 730", Retention(None, 730)),
        ("[retention]\npersonal_data_days = false", Retention(30, None)),
    ],
)
def test_settings(tmp_path, given, expected):
    """Days or false; what is not said stands as by default."""
    path = tmp_path / "npsbot.toml"
    path.write_text(given)
    assert load({"NPSBOT_CONFIG": str(path)}).retention == expected


@pytest.mark.parametrize("value", ["0", "-1", "36501", "true", "1.5", '"30"', "[30]"])
@pytest.mark.parametrize("name", ["raw_bodies_days", "personal_data_days", "days"])
def test_wrong_settings(tmp_path, name, value):
    """What is no number of days is refused in a sentence with its name, its value and what is accepted."""
    path = tmp_path / "npsbot.toml"
    path.write_text(f"[retention]\n{name} = {value}")
    with pytest.raises(SettingError, match=rf"retention\.{name} in .* is .*, but .* whole days from 1 to 36500"):
        load({"NPSBOT_CONFIG": str(path)})
    path.write_text("retention = 30")
    with pytest.raises(SettingError, match=r"retention in .* must be a table"):
        load({"NPSBOT_CONFIG": str(path)})


@pytest.fixture(name="held")
def _held(settings) -> None:
    """A store that holds something of every kind about Anna."""
    with beside(settings.database) as db:
        receipt = intake.receive(db, settings, "json", a_response(score=0), NOW)
        intake.receive(db, settings, "json", a_response(id="r-2", score=None, comment="later"), NOW)
        logged = Call("U1", NOW, Outcome.REACHED, "She is angry", ("price",), NextStep.CLOSE)
        callbacks.log_call(db, settings, receipt.response_id, logged)
        intake.set_aside(db, "tally", {}, b'{"mail": "anna@nordlys.example"}', "no score", NOW)
        other = intake.receive(db, settings, "json", a_response(id="r-3", respondent_email="bo@x.example"), NOW)
        passed_on = Call("U2", NOW, Outcome.REACHED, "", (), NextStep.CLOSE, None, "Anna Berg", "anna@nordlys.example")
        callbacks.log_call(db, settings, other.response_id, passed_on)


def show(settings, *words, command="show"):
    environment = {"NPSBOT_DATABASE": str(settings.database), "PATH": ""}
    started = [sys.executable, "-m", "bot", command, *words]
    return subprocess.run(started, env=environment, capture_output=True, text=True, check=False)


def test_everything_held_is_shown(settings, held):
    """A person's answers, calls, history, raw deliveries and referrals are told, for programs and to be read."""
    done = show(settings, "ANNA@nordlys.example", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [(answer["score"], answer["category"]) for answer in found["responses"]] == [(0, "detractor"), (None, None)]
    first = found["responses"][0]
    assert first["callback"]["calls"][0]["notes"] == "She is angry"
    assert [event["action"] for event in first["history"]] == ["opened", "called"]
    assert first["history"][0]["at"] == "2026-11-20T08:15:00.000000Z"
    assert json.loads(found["deliveries"][0]["body"]) == {"mail": "anna@nordlys.example"}
    assert found["referrals"][0]["referral_name"] == "Anna Berg"
    by_id = json.loads(show(settings, "--id", "c-17", "--source", "json", "--json").stdout)
    assert {part: len(by_id[part]) for part in ("deliveries", "referrals")} == {"deliveries": 1, "referrals": 1}
    read = show(settings, "anna@nordlys.example").stdout
    for line in ("2 responses", "1 delivery", "1 referral", "  score: 0", "      notes: She is angry"):
        assert line in read.splitlines()


@pytest.mark.parametrize("words", [["nobody@x.example"], ["--id", "x", "--source", "json"]])
def test_nothing_held_is_said(settings, held, words):
    """Of whom nothing is held, that is said, with exit code 1."""
    done = show(settings, *words)
    assert (done.returncode, done.stdout, "Nothing is held about" in done.stderr) == (1, "", True)
