"""/nps trend and huddle, and the buttons of alerts: what people see, and what is written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from acting import a_card, card, on_disk, told
from conftest import a_response, eventually

from bot import alerts
from bot.cards.digest import Point
from bot.cards.scores import week_by_week
from bot.intake import receive
from bot.model import Counts
from bot.segments import Segment
from bot.settings.schedules import WEEKLY, Schedule
from bot.settings.yardstick import Yardstick
from bot.texts import Texts
from storage import alerts as stored


def fill(db, settings, weeks):
    """Let some answer in each of the last weeks, the survey's name by turns."""
    now = datetime.now(UTC)
    for number in range(2 * weeks):
        at = now - timedelta(weeks=number // 2, days=7)
        survey = "relationship" if number % 2 else "transactional"
        response = a_response(id=f"r-{number}", score=10 if number % 2 else 3, survey=survey, submitted_at=at)
        receive(db, settings, "json", response, at)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("trend", ["NPS by week", "weeks: from 0 to 0", "±"]),
        ("trend Relationship", ["relationship", "from +100 to +100"]),
        ("trend nonsense", ["no survey called “nonsense”", "relationship, transactional"]),
    ],
)
async def test_the_trend(start, workspace, quick, text, words):
    """The score of every week, of all surveys or of one; an unknown one is answered with those that there are."""
    async with start() as running:
        await running.bot.desk.change(fill, running.bot.settings, 8)
        ack = await workspace.command("mikko", "#nps", "/nps", text)
    assert (ack.ok, ack.body["response_type"]) == (True, "ephemeral")
    assert [word for word in words if word not in told(ack.body)] == []


async def test_a_trend_of_nothing(running, workspace):
    """Without two weeks of answers there is nothing to compare, and that is said."""
    ack = await workspace.command("mikko", "#nps", "/nps", "trend")
    assert "not yet two weeks" in ack.body["text"]


def test_weeks_as_lines(settings):
    """Each week has its number, its score, its margin and its answers; one without answers says so."""
    first = datetime(2026, 11, 2, tzinfo=UTC).date()
    trend = [Point(first, Counts(6, 2, 2)), Point(first + timedelta(days=7), Counts())]
    lines = week_by_week(trend, Texts("en", settings.timezone)).splitlines()
    assert lines[0].split() == ["W45", "+40", "±43", "█" * 14, "10"]
    assert lines[1] == "W46  Nobody answered."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("digest", ["NPS of the week"]),
        ("digest MONTH", ["NPS of the month"]),
        ("digest quarter", ["NPS of the quarter"]),
        ("digest support", ["support · NPS of the month", "Only touchpoint support"]),
        ("digest <!channel>", ["No digest is called “&lt;!channel&gt;”", "week, month, quarter, Support"]),
    ],
)
async def test_a_digest_on_demand(start, workspace, quick, text, words):
    """The digest of the last whole week, of another period, or of a name that is set, in the asker's words."""
    named = Schedule("Support", "month", segment=Segment(None, "touchpoint", "support"))
    async with start(digests=(WEEKLY, named)):
        ack = await workspace.command("mikko", "#nps", "/nps", text)
    assert (ack.ok, ack.body["response_type"]) == (True, "ephemeral")
    assert [word for word in words if word.casefold() not in ack.body["text"].casefold()] == []


async def test_a_score_beside_its_band_and_target(start, workspace, quick):
    """/nps score and App Home tell the band that the score falls into, and how far the target is."""
    async with start(score=Yardstick(target=10)) as running:
        await running.bot.desk.change(fill, running.bot.settings, 12)
        ack = await workspace.command("mikko", "#nps", "/nps", "score 90d")
        assert "NPS 0 ±37 (24 answers)\nNeeds work · target +10: 10 points to go" in ack.body["text"]
        await workspace.open_home("mikko")
        await eventually(lambda: "Needs work · target +10" in told(workspace.home("mikko") or {}))


async def test_a_huddle_shares_out(running, workspace):
    """Whoever is chosen beside a callback holds it, is in its history, and the card says so; a guest cannot."""
    await a_card(running)
    await workspace.command("mikko", "#nps", "/nps", "huddle")
    listed = workspace.ephemerals("mikko")[-1]
    assert "1 callback to share out" in told(listed)
    ack = await workspace.click("mikko", "#nps", listed["ts"], "take_in_huddle", value="U0PETRA")
    assert ack.ok
    await eventually(lambda: "can take a callback" in told(workspace.ephemerals("mikko")[-1]))
    assert on_disk(running)[0]["holder"] is None
    assert (await workspace.click("mikko", "#nps", listed["ts"], "take_in_huddle", value="U0FREJA")).ok
    await eventually(lambda: on_disk(running)[0]["holder"] == "U0FREJA")
    await eventually(lambda: "U0FREJA" in told(card(workspace)))
    assert [row["action"] for row in on_disk(running, "select * from history")][-1] == "assigned"


async def test_a_huddle_without_work(running, workspace):
    """When nobody waits, the huddle says so and is short."""
    ack = await workspace.command("mikko", "#nps", "/nps", "huddle")
    assert "nobody waits for a call" in ack.body["text"]


async def test_an_alert_is_muted_and_woken(start, workspace, quick):
    """An alert stands in its channel with its buttons; muted it says by whom, and can be woken again."""
    async with start() as running:

        def warn(db):
            now = datetime.now(UTC).replace(hour=12)
            stored.found(db, "backlog", "", now, {"n": 12, "before": 3}, now)
            stored.remember(db, "looked", now.isoformat())
            return alerts.sweep(db, running.bot.settings, now)

        assert await running.bot.desk.change(warn) == 1
        [alert] = await eventually(lambda: workspace.messages("#nps"))
        assert "12 callbacks wait" in alert["text"]
        for action, says in (
            ("snooze_alert", "Snoozed until"),
            ("wake_alert", "Mute"),
            ("mute_alert", "Muted by <@U0INGRID>"),
        ):
            assert (await workspace.click("ingrid", "#nps", alert["ts"], action)).ok
            await eventually(lambda says=says: says in told(workspace.messages("#nps")))
        rests = on_disk(running, "select kind, until, actor from alert_rests")
    assert rests == [{"kind": "backlog", "until": None, "actor": "U0INGRID"}]
