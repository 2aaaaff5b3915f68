"""What people ask about scores, in words and on the command line, and what they are told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import NOW, a_response
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, periods, scores
from bot.cards import groups as cards
from bot.cli import main
from bot.config import load
from bot.groups import told_apart
from bot.model import Call, Counts, NextStep, Outcome
from bot.periods import EVER, Period
from bot.segments import is_group
from bot.settings import seasons
from bot.settings.checks import SettingError
from bot.settings.roles import Roles
from bot.texts import LANGUAGES, Texts
from storage import responses
from storage.db import beside

TODAY = date(2026, 11, 20)
SEASONS = {"Black Friday": Period(date(2026, 11, 23), date(2026, 11, 30)), "spring": Period(date(2026, 3, 1), TODAY)}
TOML = Path("npsbot.toml")


def days(first, last):
    """Return a period from the two days' ISO texts."""
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("words", "period", "before"),
    [
        ("30d", ("2026-10-22", "2026-11-20"), ("2026-09-22", "2026-10-21")),
        ("last 30 days", ("2026-10-22", "2026-11-20"), ("2026-09-22", "2026-10-21")),
        ("1d", ("2026-11-20", "2026-11-20"), ("2026-11-19", "2026-11-19")),
        ("week", ("2026-11-16", "2026-11-20"), ("2026-11-11", "2026-11-15")),
        ("this month", ("2026-11-01", "2026-11-20"), ("2026-10-12", "2026-10-31")),
        ("quarter", ("2026-10-01", "2026-11-20"), ("2026-08-11", "2026-09-30")),
        ("year", ("2025-11-21", "2026-11-20"), ("2024-11-21", "2025-11-20")),
        ("LAST  Week", ("2026-11-09", "2026-11-15"), ("2026-11-02", "2026-11-08")),
        ("last month", ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        ("last quarter", ("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")),
        ("last year", ("2025-01-01", "2025-12-31"), ("2024-01-02", "2024-12-31")),
        ("this year", ("2026-01-01", "2026-11-20"), ("2025-02-11", "2025-12-31")),
        ("2024", ("2024-01-01", "2024-12-31"), ("2022-12-31", "2023-12-31")),
        ("2026-w13", ("2026-03-23", "2026-03-29"), ("2026-03-16", "2026-03-22")),
        ("2026-W53", ("2026-12-28", "2027-01-03"), ("2026-12-21", "2026-12-27")),
        ("2026-03", ("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        ("2026-Q1", ("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31")),
        ("black friday", ("2026-11-23", "2026-11-30"), ("2026-11-15", "2026-11-22")),
    ],
)
def test_words_for_days(words, period, before):
    """Each way to name days means these days, held against those: as many before, or the whole period before."""
    found = scores.span(words, TODAY, SEASONS)
    assert (found.period, found.before) == (days(*period), days(*before))


@pytest.mark.parametrize(
    "words", ["", "soon", "0d", "last", "last 90", "2025-W53", "2026-13", "2026-Q5", "0000", "0000-01", "week 3", "d"]
)
def test_no_words_for_days(words):
    """What means no days is not taken for any."""
    assert scores.span(words, TODAY, SEASONS) is None


def test_a_name_of_the_teams_own_goes_first():
    """A period that the team has named as another is called is the team's."""
    assert scores.span("week", TODAY, {"week": SEASONS["spring"]}).period == SEASONS["spring"]


SPANS = st.sampled_from(["", "30d", "week", "last quarter", "2026-W13", "black friday", "last 7 days"])
BY = st.sampled_from(["", "survey", "Touchpoint", "property.plan", "month"])
SURVEYS = ("relationship", "After sales", "exit week")


@given(SPANS, BY, st.sampled_from(["", *SURVEYS]), st.permutations([0, 1, 2]))
def test_a_question_in_any_order(words, by, survey, order):
    """Days, group and survey are understood in whatever order they stand."""
    parts = [words, f"by {by}" if by else "", survey.upper()]
    question = "  ".join(parts[place] for place in order)
    asked = scores.asked(question, TODAY, SURVEYS, SEASONS)
    assert (asked.survey, asked.rest) == (survey or None, "")
    assert asked.group == (by.lower() or None)
    expected = scores.span(words, TODAY, SEASONS) if words else scores.span("90d", TODAY)
    assert (asked.span.period, asked.span.before) == (expected.period, expected.before)


def test_what_is_not_understood_is_told():
    """Words that are neither days nor a survey are given back; an unknown field is taken for a property."""
    asked = scores.asked("by plan last week nonsense of mine", TODAY, SURVEYS)
    assert (asked.group, asked.rest, asked.survey) == ("property.plan", "nonsense of mine", None)


@given(st.text(max_size=40) | st.text(max_size=8).map(lambda word: f"by {word}"))
def test_any_question_is_answered(text):
    """Whatever is asked, no question breaks the reading of it, and its days lie within all days."""
    asked = scores.asked(text, TODAY, SURVEYS, SEASONS)
    assert EVER.first <= asked.span.before.first <= asked.span.before.last <= EVER.last
    assert asked.group is None or asked.group in periods.KINDS or is_group(asked.group)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {}),
        (
            {"black_friday": {"from": date(2026, 11, 23), "to": "2026-11-30"}},
            {"black friday": SEASONS["Black Friday"]},
        ),
    ],
)
def test_named_periods(given, found):
    """A name with its first and last day, as TOML's dates or as text."""
    assert seasons.read(given, TOML) == found


@pytest.mark.parametrize(
    "given",
    [
        [],
        {"x": {}},
        {"x": {"from": "2026-01-01"}},
        {"x": {"from": "2026-01-02", "to": "2026-01-01"}},
        {"x": {"from": "soon", "to": "2026-01-01"}},
        {"x": {"from": datetime(2026, 1, 1, tzinfo=UTC), "to": "2026-01-01"}},
        {"x": {"from": 1, "to": 2}},
        {"_": {"from": "2026-01-01", "to": "2026-01-01"}},
        {"x": "2026"},
    ],
)
def test_wrong_named_periods(given):
    """What is no pair of days is refused with one sentence that names the setting."""
    with pytest.raises(SettingError, match="periods") as refused:
        seasons.read(given, TOML)
    assert "\n" not in str(refused.value)


def test_named_periods_from_the_file():
    """[periods] of npsbot.toml is read."""
    TOML.write_text("[periods]\nblack_friday = { from = 2026-11-23, to = 2026-11-30 }\n", encoding="utf-8")
    assert load({}).periods == {"black friday": SEASONS["Black Friday"]}


@pytest.fixture(name="answered")
def _answered():
    """A store in which two touchpoints got better in 2026-03, of which the worse one answered far more than before."""
    TOML.write_text("[periods]\nthe_turn = { from = 2026-03-01, to = 2026-03-31 }\n", encoding="utf-8")
    told = {("support", 2): (2, 8), ("support", 3): (35, 65), ("shop", 2): (70, 30), ("shop", 3): (8, 2)}
    with beside(Path("npsbot.db")) as db:
        for (touchpoint, month), given in told.items():
            for score, times in zip((10, 0), given, strict=True):
                for number in range(times):
                    at = datetime(2026, month, 1 + number % 28, 12, tzinfo=UTC)
                    answer = a_response(
                        id=f"{touchpoint}-{month}-{score}-{number}",
                        score=score,
                        touchpoint=touchpoint,
                        submitted_at=at,
                        properties={"plan": "pro" if number % 2 else "free", "seats": number % 3},
                    )
                    responses.add(db, "json", answer, NOW)


def npsbot(*words):
    """Run the command; return its exit code and what it said."""
    done = CliRunner().invoke(main, ["score", *words])
    return done.exit_code, done.output


@pytest.mark.usefixtures("answered")
def test_groups_with_their_change():
    """Each group tells how it changed, the best and the worst are named, and the trap in the whole is pointed out."""
    code, said = npsbot("--by", "touchpoint", "--period", "the turn")
    assert code == 0
    assert "support: NPS -30" in said
    assert "+30 from the days before" in said
    assert "best: shop\nworst: support\nCareful" in said
    (support, shop) = json.loads(npsbot("--by", "touchpoint", "--period", "2026-03", "--json")[1])
    assert (support["group"], support["nps"], support["nps_before"], support["change"]) == ("support", -30, -60, 30)
    assert (shop["group"], shop["from"], shop["to"]) == ("shop", "2026-03-01", "2026-03-31")
    whole = json.loads(npsbot("--period", "2026-03", "--json")[1])
    assert (whole["nps"], whole["responses"]) == (-22, 110)


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("property.plan", {"free": 111, "pro": 109}),
        ("property.seats", {"0": 76, "1": 75, "2": 69}),
        ("property.none", {"": 220}),
        ("quarter", {"2026-Q1": 220}),
    ],
)
def test_any_property_is_a_group(by, groups):
    """Scores are told apart by any property, without days by all there is."""
    found = json.loads(npsbot("--by", by, "--json")[1])
    assert {each["group"]: each["responses"] for each in found} == groups
    assert all("change" not in each for each in found)


@pytest.mark.usefixtures("answered")
def test_groups_in_a_terminal():
    """Who tells nothing about a property has a name, too; best and worst that chance set apart are called so."""
    assert "not known: NPS" in npsbot("--by", "property.none")[1]
    said = npsbot("--by", "property.seats", "--from", "2026-01-01", "--to", "2026-03-31")[1]
    assert "best: " in said
    assert said.rstrip().endswith("The gap between best and worst is within noise.")


def test_nothing_to_tell_apart():
    """Of nobody, that is said; a change of nothing has no sign."""
    assert npsbot("--by", "touchpoint") == (0, "nobody answered\n")
    assert json.loads(npsbot("--by", "touchpoint", "--json")[1]) == []
    with beside(Path("npsbot.db")) as db:
        for number, score in enumerate((10, 0)):
            name = f"one\n  line {'and on ' * 40}"
            given = a_response(id=f"r-{number}", score=score, touchpoint=name, submitted_at=NOW)
            responses.add(db, "json", given, NOW)
    assert npsbot()[1].startswith("NPS 0 ±")
    said = npsbot("--by", "touchpoint")[1]
    assert said.startswith("one line and on and on")
    assert (said.count("\n"), said.partition(": NPS")[0][-1]) == (1, "…")


@pytest.mark.parametrize(
    "words",
    [
        ["--by", "nonsense"],
        ["--by", "property."],
        ["--by", 'property.a"b'],
        ["--period", "soon"],
        ["--period", "week", "--last", "7d"],
        ["--period", "week", "--to", "2026-01-01"],
    ],
)
def test_wrong_use(words):
    """A group that is none, days that are none, and days said twice are wrong use."""
    assert npsbot(*words)[0] == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_groups_in_words(language):
    """In each language the groups stand with their scores and changes, of which those of few answers have none."""
    texts = Texts(language, NOW.tzinfo)
    now = [("Shop <!channel>", Counts(20, 0, 0)), ("support", Counts(0, 0, 20)), ("", Counts(1, 0, 0))]
    before = [("Shop <!channel>", Counts(0, 0, 20)), ("support", Counts(1, 0, 0))]
    said = cards.told_apart("Q1", told_apart("touchpoint", now, before, 10), texts)
    assert "<!channel>" not in said
    assert (said.count("+200"), said.count(texts("change.real"))) == (1, 1)
    assert said.count(texts("score.too_few")) == 1
    assert texts("groups.best", names="Shop &lt;!channel&gt;") in said
    assert texts("groups.unnamed") in said
    many = [(f"touchpoint {number}", Counts(10, 0, 0)) for number in range(40)]
    assert len(cards.told_apart("Q1", told_apart("touchpoint", many, many, 10), texts)) < 3_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("score by touchpoint", ["touchpoint", "onboarding", "NPS -100"]),
        ("score by touchpoint last quarter", ["Nobody answered"]),
        ("score by plan relationship", ["plan", "pro", "relationship"]),
        ("score by week", ["by week", f"{periods.label('week', periods.holding('week', TODAY))[:4]}-W"]),
        ("score 2026-Q1", ["Nobody answered", "Jan"]),
        ("score nonsense", ["nonsense", "relationship"]),
    ],
)
async def test_the_slash_command(running, workspace, text, words):
    """The same questions are answered in Slack, to the asker alone."""
    now = datetime.now(UTC)
    assert (
        await running.deliver(
            {
                "id": "r-1",
                "survey": "relationship",
                "score": 3,
                "touchpoint": "onboarding",
                "submitted_at": now.isoformat(),
                "properties": {"plan": "pro"},
            }
        )
    )[0] == 202
    ack = await workspace.command("mikko", "#nps", "/nps", text)
    assert (ack.ok, ack.body["response_type"]) == (True, "ephemeral")
    assert [word for word in words if word not in ack.body["text"].replace("−", "-")] == []


async def test_what_each_colleague_did_is_for_leads(start, quick, workspace):
    """A lead learns of each colleague's calls, closings and time to the first call; nobody else does."""
    nora = workspace.add_user("nora", "Nora Vik")  # in none of the cards' channels
    async with start(roles=Roles(lead=frozenset({"U0FREJA", nora.id}))) as running:
        status, told = await running.deliver({"id": "r-1", "score": 3})
        assert status == 202
        now = datetime.now(UTC)
        call = Call("U0MIKKO", now, Outcome.REACHED, "Notes", (), NextStep.CLOSE)
        await running.bot.store.run(callbacks.log_call, running.bot.settings, told["response_id"], call)
        for lead in ("freja", "nora"):
            said = (await workspace.command(lead, "#nps", "/nps", "team")).body["text"]
            assert "<@U0MIKKO>: 1 call, 1 closed, first call after" in said
        assert "Nobody logged" in (await workspace.command("freja", "#nps", "/nps", "team 2020-Q1")).body["text"]
        assert "soon" in (await workspace.command("freja", "#nps", "/nps", "team soon")).body["text"]
        refused = (await workspace.command("mikko", "#nps", "/nps", "team")).body["text"]
        assert "U0MIKKO" not in refused
        assert "Only a lead can do this" in refused


@pytest.mark.parametrize(
    "text", ["team", "score by company", "score by plan", "score by plan relationship last quarter"]
)
async def test_who_sees_no_cards_learns_nothing_of_customers_and_colleagues(running, workspace, text):
    """Outside the cards' channels nobody learns who the customers are or who called them; all else is anyone's."""
    workspace.add_user("nora", "Nora Vik")
    person = {"name": "Anna", "email": "anna@nordlys.example", "company": "Nordlys AB"}
    body = {"id": "r-1", "survey": "relationship", "score": 3, "respondent": person, "properties": {"plan": "pro"}}
    assert (await running.deliver(body))[0] == 202
    refused = (await workspace.command("nora", "#nps", "/nps", text)).body["text"]
    assert "members of" in refused
    assert "NPS" in (await workspace.command("nora", "#nps", "/nps", "score by survey")).body["text"]
    workspace.join("nora", "#nps")
    assert "members of" not in (await workspace.command("nora", "#nps", "/nps", text)).body["text"]
