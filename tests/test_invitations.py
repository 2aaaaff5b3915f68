"""How many of those invited answered: told where it is known for all of a span, and never from a part of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from acting import told as told_in
from click.testing import CliRunner
from conftest import NOW, a_response, an_empty_store, eventually
from hypothesis import given
from hypothesis import strategies as st
from past_files import written

from bot import digest, invited, scores
from bot.board import page
from bot.cards import digest as card
from bot.cli import main
from bot.config import Settings
from bot.past.invitations import as_csv, import_invitations
from bot.past.tables import Trouble
from bot.periods import Period
from bot.segments import Segment
from bot.texts import LANGUAGES, Texts
from storage import invitations, responses, rollups
from storage.db import beside

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Stockholm", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")]
MONDAY = date(2026, 3, 23)
"""The Monday of the week in which Europe changes its clocks."""
WEEK = Period(MONDAY, MONDAY + timedelta(days=6))
FILE = "Date;Survey;Sent\n2026-03-23;relationship;100\n24.3.2026;relationship;1 080\n24.3.2026;;7\n"


def answers(db, *given):
    """Let a day's noon in Stockholm have answers to a survey: (days after Monday, survey, how many)."""
    for number, (days, survey, count) in enumerate(given):
        at = datetime(2026, 3, 23, 11, tzinfo=UTC) + timedelta(days=days)
        for each in range(count):
            response = a_response(id=f"r-{number}-{each}", survey=survey, submitted_at=at, score=9)
            responses.add(db, "json", response, NOW, imported=True)


def told(db, *given):
    """Tell how many were invited: (days after Monday, survey, how many)."""
    for days, survey, count in given:
        invitations.put(db, MONDAY + timedelta(days=days), survey, count)


@given(
    st.lists(st.tuples(st.integers(0, 9 * 96), st.sampled_from(["relationship", "purchase", None])), max_size=8),
    st.dictionaries(
        st.tuples(st.integers(0, 8), st.sampled_from(["relationship", "purchase", ""])), st.integers(0, 50), max_size=20
    ),
    st.sampled_from(ZONES),
    st.sampled_from([None, "relationship"]),
    st.booleans(),
)
def test_against_counting_by_hand(given_answers, known, zone, survey, rolled_up):
    """The invited of a span are all of its days', where each day and survey with an answer is told, else unknown."""
    with an_empty_store() as db:
        if rolled_up:
            rollups.keep(db, zone)
        start, needed = datetime(2026, 3, 22, 12, tzinfo=UTC), set()
        for number, (quarters, name) in enumerate(given_answers):
            at = start + timedelta(minutes=15 * quarters)
            response = a_response(id=f"r-{number}", survey=name, submitted_at=at)
            responses.add(db, "json", response, NOW, imported=True)
            day = at.astimezone(zone).date()
            if WEEK.first <= day <= WEEK.last and survey in {None, name}:
                needed.add((day, name or ""))
        table = {(date(2026, 3, 22) + timedelta(days=day), name): count for (day, name), count in known.items()}
        for (day, name), count in table.items():
            assert invitations.put(db, day, name, count)
            assert not invitations.put(db, day, name, count)
        meant = {k: n for k, n in table.items() if WEEK.first <= k[0] <= WEEK.last and survey in {None, k[1]}}
        expected = sum(meant.values()) if meant and needed <= meant.keys() else None
        assert scores.invited(db, zone, WEEK, Segment(survey)) == expected
        assert scores.invited(db, zone, WEEK, Segment(None, "touchpoint", "support")) is None


@pytest.mark.parametrize(
    ("answered", "asked", "rate"), [(41, 180, 41 / 180), (0, 5, 0.0), (5, 5, 1.0), (6, 5, None), (0, 0, None)]
)
def test_a_rate_that_can_be_one(answered, asked, rate):
    """More answers than invitations, or none at all to answer, are no rate; nor is what nobody knows."""
    assert invited.rate(answered, asked) == rate
    assert invited.rate(answered, None) is None


def test_a_file_of_invitations(db, tmp_path):
    """Columns go by several names, days and numbers as people write them; a second run changes nothing."""
    answers(db, (0, "relationship", 1))
    path = written(tmp_path / "sent.csv", FILE, "cp1252")
    found = import_invitations(db, path, STOCKHOLM)
    assert (found.new, found.known, found.refused, found.unheard) == (3, 0, [], [])
    listed = [
        {"day": "2026-03-23", "survey": "relationship", "invited": 100},
        {"day": "2026-03-24", "survey": "", "invited": 7},
        {"day": "2026-03-24", "survey": "relationship", "invited": 1080},
    ]
    assert invitations.listing(db) == listed
    again = import_invitations(db, path, STOCKHOLM)
    assert (again.new, again.known) == (0, 3)
    back = written(tmp_path / "back.csv", as_csv(db))
    assert import_invitations(db, back, STOCKHOLM).new == 0
    book = written(tmp_path / "sent.xlsx", [["day", "invited"], [datetime(2026, 3, 24), 1200]])  # noqa: DTZ001
    assert import_invitations(db, book, STOCKHOLM, survey="relationship").new == 1
    assert invitations.listing(db)[2]["invited"] == 1200


def test_a_day_is_the_teams(db, tmp_path):
    """A time that names its offset counts on the team's local day."""
    path = written(tmp_path / "sent.csv", "day,survey,invited\n2026-03-23T23:30:00Z,relationship,5\n")
    import_invitations(db, path, STOCKHOLM)
    assert [row["day"] for row in invitations.listing(db)] == ["2026-03-24"]


def test_rows_that_are_wrong(db, tmp_path):
    """Good rows are in, each bad one is named with its line; a survey that nobody has answered is mentioned."""
    lines = "soon,a,1\n2026-03-23,a,many\n2026-03-23,=a,5\n2026-03-23,=a,6\n2026-03-23,=a,5\n2026-03-24,a,-1\n"
    found = import_invitations(db, written(tmp_path / "sent.csv", f"day,survey,invited\n{lines}"), STOCKHOLM)
    assert (found.new, found.known, found.unheard) == (1, 1, ["=a"])
    assert [reason.split(":")[0] for reason in found.refused] == [
        "line 2",
        "line 3",
        "line 5 gives 6 for the day and survey of line 4",
        "line 7",
    ]
    assert as_csv(db).splitlines() == ["day,survey,invited", "2026-03-23,'=a,5"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("day,invited\n2026-03-23,1\n", "--survey"),
        ("name,who\na,b\n", "day, survey, invited"),
        ("day,survey,invited\n3/4/2026,a,1\n", "--dates"),
    ],
)
def test_a_file_that_is_none(db, tmp_path, content, words):
    """What cannot be read as a whole is refused with a sentence that names the file."""
    with pytest.raises(Trouble, match=r"sent\.csv") as refused:
        import_invitations(db, written(tmp_path / "sent.csv", content), STOCKHOLM)
    assert words in str(refused.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_digest(db, language):
    """The rate stands in the digest and on its page once all days with answers are told, and in neither before."""
    settings, texts = Settings(timezone=STOCKHOLM), Texts(language, STOCKHOLM)
    answers(db, (0, "relationship", 3), (1, "relationship", 2), (1, "purchase", 5))
    told(db, (0, "relationship", 20), (1, "relationship", 0), (6, "relationship", 5))

    def shown():
        found = digest.numbers(db, settings, "week", WEEK, NOW)
        return found, card.render(found, texts).text, page(found, texts)

    line = texts("score.rate", answered=10, n=40, share=texts.share(10, 40))
    found, text, html = shown()
    assert found.invited is None
    assert "response_rate" not in digest.as_json(found)
    assert line not in text + html
    told(db, (1, "purchase", 15))
    found, text, html = shown()
    assert (found.invited, digest.as_json(found)["response_rate"]) == (40, 0.25)
    assert line in text
    assert line in html


def run(*command, code=0):
    """Run a command; return what it printed."""
    done = CliRunner().invoke(main, list(map(str, command)))
    assert done.exit_code == code, done.output
    return done


def test_the_commands(monkeypatch):
    """Invitations are imported and listed; the score tells the rate, whole, by survey and by week."""
    monkeypatch.setenv("NPSBOT_TIMEZONE", "Europe/Stockholm")
    Path("sent.csv").write_text("day,survey,invited\n2026-03-23,a,40\n2026-03-30,a,60\n2026-03-30,b,x\n", "utf-8")
    with beside(Path("npsbot.db")) as db:
        answers(db, (0, "a", 10), (7, "a", 15), (8, "b", 2))
    refused = run("invitations", "import", "sent.csv", code=1)
    assert refused.stdout == "sent.csv: 2 new or changed, 0 known already, 1 refused.\n"
    assert "refused: line 4" in refused.stderr
    assert run("invitations", "list").stdout == "day,survey,invited\n2026-03-23,a,40\n2026-03-30,a,60\n"
    assert json.loads(run("invitations", "list", "--json").stdout)[0]["invited"] == 40
    assert "no-such" in run("invitations", "import", "no-such.csv", code=1).stderr
    assert "response_rate" not in json.loads(run("score", "--json").stdout)
    found = json.loads(run("score", "--survey", "a", "--json").stdout)
    assert (found["responses"], found["invited"], found["response_rate"]) == (25, 100, 0.25)
    assert (
        "25 answers (25 promoters, 0 passives, 0 detractors), 25% of 100 invited"
        in run("score", "--survey", "a").stdout
    )
    by_week = json.loads(run("score", "--survey", "a", "--by", "week", "--json").stdout)
    assert [(each["group"], each["response_rate"]) for each in by_week] == [("2026-W13", 0.25), ("2026-W14", 0.25)]
    cut = ("--from", "2026-03-24", "--to", "2026-03-30", "--survey", "a", "--by", "week", "--json")
    assert [each.get("invited") for each in json.loads(run("score", *cut).stdout)] == [60]
    by_survey = json.loads(run("score", "--by", "survey", "--json").stdout)
    assert {each["group"]: each.get("response_rate") for each in by_survey} == {"a": 0.25, "b": None}
    assert all("invited" not in each for each in json.loads(run("score", "--by", "touchpoint", "--json").stdout))


async def test_in_slack(start, workspace, quick):
    """/nps score and App Home tell the rate of their span where it is known."""

    def fill(db):
        now = datetime.now(UTC)
        for number in range(4):
            responses.add(db, "json", a_response(id=f"r-{number}", submitted_at=now, survey="a"), now, imported=True)
        invitations.put(db, now.date(), "a", 16)

    async with start() as running:
        ack = await workspace.command("mikko", "#nps", "/nps", "score")
        assert "invited" not in ack.body["text"]
        await running.bot.desk.change(fill)
        for words in ("score", "score 30d a", "score week"):
            ack = await workspace.command("mikko", "#nps", "/nps", words)
            assert "4 of 16 invited answered (25%)" in ack.body["text"]
        await workspace.open_home("mikko")
        await eventually(lambda: "4 of 16 invited answered (25%)" in told_in(workspace.home("mikko") or {}))
        ack = await workspace.command("mikko", "#nps", "/nps", "score last quarter")
        assert "invited" not in ack.body["text"]
