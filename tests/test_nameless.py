"""Anonymous surveys and those of employees: nobody is named, nobody is called, and no small group is told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st
from past_files import imported, stored, written

from bot import alerts, crowds, digest, intake, messages, numbers, periods, privacy, scores, worklists
from bot.cards.groups import told_apart
from bot.config import Settings
from bot.crowds import small
from bot.groups import NOBODY, TOGETHER
from bot.model import Category, Counts, Respondent
from bot.periods import Period
from bot.segments import EVERYONE, Segment
from bot.settings.privacy import Privacy
from bot.settings.routes import Route
from bot.settings.schedules import WEEKLY
from bot.settings.surveys import Survey
from bot.themes import tagged
from bot.themes.told import told
from storage import outbox, responses
from storage.lists import Sight

UTC = ZoneInfo("UTC")
DAY = Period(NOW.date(), NOW.date())
ANONYMOUS = {"pulse": Survey(anonymous=True, properties=frozenset({"team"}))}
EMPLOYEES = {"pulse": Survey()}
SAID = "The canteen is always closed, and nobody tells us why"


@pytest.fixture(name="either", params=[ANONYMOUS, EMPLOYEES], ids=["anonymous", "employees"])
def _either(settings, request):
    """Return settings in which the survey Pulse names nobody, anonymously or not."""
    return replace(settings, surveys=request.param)


@pytest.fixture(name="anonymous")
def _anonymous(settings):
    return replace(settings, surveys=ANONYMOUS)


def pulse(**changes):
    """Return an answer to the survey Pulse."""
    return a_response(
        **{"survey": "Pulse", "comment": SAID, "properties": {"team": "Oslo", "badge": "4711"}, **changes}
    )


def given_by(db, settings, **counts):
    """Store as many answers of each team, two promoters and a detractor in turn."""
    for team, number in counts.items():
        for n in range(number):
            answer = pulse(id=f"{team}-{n}", score=(10, 3, 9)[n % 3], properties={"team": team})
            intake.receive(db, settings, "json", answer, NOW)


# Nobody is kept, named or called


def test_of_an_anonymous_answer_nobody_is_kept(db, anonymous):
    """Name, address, number, link, id and other properties are nowhere in the store; scores' groups are."""
    receipt = intake.receive(db, anonymous, "json", pulse(), NOW)
    found = responses.by_public_id(db, receipt.response_id).response
    assert found.respondent == Respondent(company="Nordlys AB", language="sv")
    assert (found.link, found.properties, found.comment) == (None, {"team": "Oslo"}, SAID)
    assert intake.receive(db, anonymous, "json", pulse(), NOW).status is intake.Status.DUPLICATE
    intake.receive(db, anonymous, "json", pulse(score=1, version=NOW.timestamp() + 1), NOW)
    held = db.connection.serialize()
    assert [word for word in (b"Anna", b"anna@", b"174 06", b"c-17", b"4711") if word in held] == []


def test_of_employees_it_is_kept_and_not_shown(db, either):
    """Who is no secret to the company is not named in Slack either."""
    intake.receive(db, either, "json", pulse(), NOW)
    kept = "Anna Berg" in str(responses.by_id(db, 1))
    assert kept is not either.surveys["pulse"].anonymous


def test_a_survey_that_is_known_later(db, anonymous):
    """A response that turns out to be anonymous is made so, and nobody is asked to call."""
    first = a_response(survey=None, comment=None)
    assert intake.receive(db, anonymous, "json", first, NOW).status is intake.Status.ACCEPTED
    assert responses.by_id(db, 1).callback is not None
    intake.receive(db, anonymous, "json", pulse(version=NOW.timestamp() + 1), NOW)
    found = responses.by_id(db, 1)
    assert (found.callback, found.response.respondent.name, found.response.respondent.email) == (None, None, None)


def test_an_answer_that_only_tries_things_out(db, anonymous):
    """The address tells that it counts nowhere, before it goes."""
    trying = replace(anonymous, test_domains=frozenset({"nordlys.example"}))
    intake.receive(db, trying, "json", pulse(), NOW)
    assert responses.by_id(db, 1).test


@pytest.mark.parametrize("score", [0, 6, 7, 10])
def test_nobody_is_called(db, either, score):
    """No score, no rule and no changed answer opens a callback."""
    rules = (Route(1, callback=True, assign="U1"),)
    calling = replace(either, routes=rules)
    intake.receive(db, calling, "json", pulse(score=score), NOW)
    for n, changed in enumerate((9, 0, 8), start=1):
        intake.receive(db, calling, "json", pulse(score=changed, version=NOW.timestamp() + n), NOW)
    assert db.value("select count(*) from callbacks") == 0
    assert db.value("select count(*) from wished_owners") == 0


def test_the_card_and_the_lists_say_nothing_of_a_person(db, either, texts):
    """Score, comment and survey show: neither who it was, nor any group that they belong to."""
    intake.receive(db, either, "json", pulse(), NOW)
    shown = str(messages.render(db, outbox.message_of(db, "card", 1), either, texts, NOW))
    numbers_of = digest.of_schedule(db, either, WEEKLY, DAY, NOW)
    for words in (shown, str([each.response for each in numbers_of.comments])):
        assert SAID in words
        for group in ("Anna", "anna@", "Nordlys", "onboarding", "Oslo", "crm.example"):
            assert group not in words
    assert "Anonymous" in shown


def test_nobody_is_found(db, either):
    """A search by words or by an address finds none of their answers, whoever asks."""
    intake.receive(db, either, "json", pulse(), NOW)
    worklists.index(db)
    sight = privacy.narrowed(db, either, Sight(), ["#nps"], "U1")
    assert worklists.containing(db, "canteen", sight).items == ()
    assert worklists.customer(db, "anna@nordlys.example", sight).items == ()
    assert worklists.of_addresses(db, ["anna@nordlys.example"], sight).items == ()


def test_what_they_said_as_customers_stays_apart(db, either, texts):
    """A customer's card does not tell what the same person answered as an employee."""
    intake.receive(db, either, "json", pulse(submitted_at=NOW - timedelta(days=9)), NOW)
    intake.receive(db, either, "json", a_response(id="r-2", score=9), NOW)
    shown = str(messages.render(db, outbox.message_of(db, "card", 2), either, texts, NOW))
    assert "Anna Berg" in shown
    assert "Answered before" not in shown


def test_a_key_account_is_no_employee(db, either):
    """No alert says which company's employee was unhappy."""
    watching = replace(either, alerts=replace(either.alerts, key_accounts=("Nordlys AB",)))
    alerts.sweep(db, watching, NOW)
    intake.receive(db, watching, "json", pulse(score=0), NOW)
    alerts.sweep(db, watching, NOW + timedelta(hours=2))
    assert db.value("select count(*) from messages where kind = 'alert'") == 0
    intake.receive(db, watching, "json", a_response(id="r-2", score=0), NOW)
    alerts.sweep(db, watching, NOW + timedelta(hours=4))
    assert db.value("select count(*) from messages where kind = 'alert'") == 1


def test_past_answers(anonymous, tmp_path: Path):
    """An import keeps as little of them as a delivery, and a second run adds nothing."""
    columns = "score,survey,comment,name,email,phone,link,team,badge"
    answer = "3,Pulse,Dark,Anna Berg,anna@x.example,1234567,https://c.example,Oslo,4711"
    path = written(tmp_path / "past.csv", f"{columns}\n{answer}\n")
    properties = {"team": "property.team", "badge": "property.badge"}
    assert [imported(anonymous, path, mapping=properties).new for _ in range(2)] == [1, 0]
    (row,) = stored(anonymous)
    assert [row[name] for name in ("name", "email", "phone", "link")] == [None] * 4
    assert (row["score"], row["comment"], json.loads(row["properties"])) == (3, "Dark", {"team": "Oslo"})


# No small group is told apart


SIZES = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(1, 12), max_size=7)


@given(sizes=SIZES, minimum=st.integers(2, 8))
def test_what_is_withheld(sizes, minimum):
    """No group that is told apart is small, and what is withheld cannot be told from the whole by what is left."""
    counted = [(label, Counts(promoters=n)) for label, n in sizes.items()]
    withheld = dict(small(counted, minimum))
    hidden = sum(counts.responses for counts in withheld.values())
    assert all(n >= minimum for label, n in sizes.items() if label not in withheld)
    assert not withheld or hidden >= minimum or len(withheld) == len(sizes)
    assert not withheld or min(sizes.values()) < minimum


@given(sizes=SIZES, others=SIZES)
def test_every_answer_counts_once(sizes, others):
    """Groups of all surveys together: those of a nameless one show where they are large, and nothing is lost."""
    settings = Settings(surveys=ANONYMOUS)
    with an_empty_store() as db:
        given_by(db, settings, **sizes)
        for label, number in others.items():
            for n in range(number):
                answer = a_response(id=f"o-{label}-{n}", score=9, properties={"team": label})
                intake.receive(db, settings, "json", answer, NOW)
        few = crowds.fewest(db, settings)
        found = dict(crowds.grouped(db, UTC, "property.team", DAY, EVERYONE, few))
        alone = dict(crowds.grouped(db, UTC, "property.team", DAY, Segment("Pulse"), few))
    hidden = dict(small([(label, Counts(promoters=n)) for label, n in sizes.items()], 5))
    total = sum(counts.responses for counts in hidden.values())
    for label in sizes | others:
        shown = (0 if label in hidden else sizes.get(label, 0)) + others.get(label, 0)
        assert found.get(label, NOBODY).responses == shown
        assert alone.get(label, NOBODY).responses == (0 if label in hidden else sizes.get(label, 0))
    for told_of in (found, alone):
        assert told_of.get(TOGETHER, NOBODY).responses == (total if total >= 5 else 0)


def test_wherever_scores_are_told_apart(db, either, texts):
    """Commands, digests and the trend hold to it; the score of all is as ever."""
    given_by(db, either, Oslo=9, Bergen=6, Moss=1)
    few, span = crowds.fewest(db, either), scores.Span("", DAY, periods.just_before(DAY))
    asked = (db, UTC, "property.team", span, 1, Segment("Pulse"))
    found = scores.grouped(*asked, few=few)
    assert [(group.label, group.counts.responses) for group in found.every] == [("Oslo", 9), (TOGETHER, 7)]
    assert TOGETHER not in {group.label for group in (*found.best, *found.worst)}
    assert "smaller groups together" in told_apart("today", found, texts)
    assert [label for label, _ in scores.scores_by(*asked[:3], DAY, "Pulse", few=few)] == ["Oslo", TOGETHER]
    where = numbers.told_apart(db, either, "week", DAY, fields=("property.team",))
    assert [group.label for group in where[0].every] == ["Oslo", TOGETHER]
    assert scores.score(db, UTC, span, Segment("Pulse"))[0].responses == 16


def test_weeks_of_few(db, either):
    """A week of few answers is none in a survey's trend, and not told apart from others."""
    for week, number in ((7, 3), (14, 8), (21, 9)):
        for n in range(number):
            at = NOW - timedelta(days=week)
            intake.receive(db, either, "json", pulse(id=f"{week}-{n}", submitted_at=at), NOW)
    few = crowds.fewest(db, either)
    trend = numbers.trend(db, UTC, NOW.date(), 5, Segment("Pulse"), few=few)
    assert [point.counts.responses for point in trend] == [9, 8, 0]
    span = Period(NOW.date() - timedelta(days=60), NOW.date())
    weeks = scores.scores_by(db, UTC, "week", span, "Pulse", few=few)
    assert [(label, counts.responses) for label, counts in weeks if label == TOGETHER] == [(TOGETHER, 11)]
    assert len(weeks) == 2


def test_themes_of_few(db, either):
    """Of a nameless survey a theme of few is not told, and none of its comments is quoted among others."""
    for n in range(7):
        said = "The price is too high, far too high" if n < 6 else "The delivery was late again this week"
        intake.receive(db, either, "json", pulse(id=f"p-{n}", comment=said), NOW)
    while tagged.sweep(db, either):
        pass
    few = crowds.fewest(db, either)
    span = (UTC, DAY, periods.just_before(DAY))
    alone, among = (told(db, *span, segment, few=few) for segment in (Segment("Pulse"), EVERYONE))
    assert [figure.theme for figure in alone.figures] == ["price"]
    assert len(alone.figures[0].comments) > 0
    assert [figure.comments for figure in among.figures] == [()] * len(among.figures)
    assert told(db, *span, Segment("Pulse")).figures[0].counts.of(Category.DETRACTOR) > 0


def test_a_digest_of_a_small_group(db, either):
    """A digest about one group of a nameless survey tells nothing of a period in which few of it answered."""
    given_by(db, either, Oslo=9, Moss=4)
    for team, number in (("Oslo", 9), ("Moss", 0)):
        about = replace(WEEKLY, segment=Segment("Pulse", "property.team", team))
        found = digest.of_schedule(db, either, about, DAY, NOW)
        assert (found.counts.responses, found.rolling.responses, bool(found.comments)) == (number, number, number > 0)


def test_what_hides_nothing(db, either):
    """The doctor names a private channel that nothing goes to, and a survey that nobody has answered."""
    given_by(db, either, Oslo=1)
    hidden = replace(either, privacy=Privacy(channels=frozenset({"nps", "nsp"})))
    assert [words.partition(",")[0] for words in privacy.doubts(db, hidden)] == ["nothing goes to the channel nsp"]
    unanswered = replace(either, surveys={**either.surveys, "puls": Survey()})
    assert privacy.doubts(db, unanswered) == ["no answer to the survey puls has come; compare its name"]
    assert privacy.doubts(db, either) == []


def test_without_such_surveys_nothing_is_asked():
    """Who has none pays nothing for it."""
    with an_empty_store() as db:
        statements = []
        db.connection.set_trace_callback(statements.append)
        assert crowds.fewest(db, Settings()) == {}
        db.connection.set_trace_callback(None)
    assert statements == []
