"""The sample year tells its story, and every answer in it is one that could have been given."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from bot.model import CALL_OUTCOMES, THEMES, Category, NextStep, category, nps, tally
from demo.sample import year

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
MIDNIGHT = NOW.replace(hour=0, minute=0)
DUE = {Category.DETRACTOR: 24, Category.PASSIVE: 72, Category.PROMOTER: 168}
LANGUAGES = ["sv", "nb", "da", "fi", "en"]
SCORES = {"angry": range(4), "unhappy": range(4, 7), "lukewarm": range(7, 9), "happy": range(9, 11)}
VOICES = Path(__file__).parent.parent / "demo" / "voices"


@pytest.fixture(scope="module")
def responses():
    return year(NOW)


def at(response):
    return datetime.fromisoformat(response.body["submitted_at"])


def is_detractor(response):
    return category(response.body["score"]) is Category.DETRACTOR


def was_reached(response):
    return any(call.outcome == "reached" for call in response.calls)


def score(responses, first, last):
    chosen = [response for response in responses if first <= at(response).date() <= last]
    return nps(tally(Counter(response.body["score"] for response in chosen)))


def hours_to_claim(responses, first, last):
    return median(
        (response.claimed_at - at(response)).total_seconds() / 3600
        for response in responses
        if is_detractor(response) and response.claimed_at and first <= at(response).date() <= last
    )


def by_email(responses):
    people = defaultdict(list)
    for response in responses:
        if email := response.body["respondent"].get("email"):
            people[email].append(response)
    return people


def test_the_score_falls_in_the_delivery_crisis_and_recovers_above_where_it_began(responses):
    """About +38 in winter, −10 from late March to mid-May, up to +45 in autumn."""
    assert 34 <= score(responses, date(2025, 11, 7), date(2026, 3, 15)) <= 42
    assert -15 <= score(responses, date(2026, 3, 24), date(2026, 5, 15)) <= -6
    assert 10 <= score(responses, date(2026, 6, 1), date(2026, 6, 30)) <= 32
    assert 41 <= score(responses, date(2026, 9, 1), date(2026, 11, 19)) <= 49


@pytest.mark.parametrize("day", ["2026-05-16", "2026-12-31", "2027-03-30", "2028-02-29"])
def test_the_story_is_the_same_on_whatever_day_it_is_told(day):
    """The crisis is the latest spring that is over, and its depth does not depend on luck."""
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    told = year(now)
    spring = now.year if now.month > 4 else now.year - 1
    assert len(told) == 2400
    assert all(now - timedelta(days=378) <= at(response) < now for response in told)
    assert -18 <= score(told, date(spring, 3, 24), date(spring, 5, 15)) <= -5
    if now.month > 4:
        assert 30 <= score(told, date(spring - 1, 11, 1), date(spring, 3, 10)) <= 45
    else:
        assert 40 <= score(told, date(spring, 9, 1), now.date()) <= 50


def test_what_went_wrong_in_spring_is_the_delivery(responses):
    """Most calls to detractors of the crisis are about deliveries, far more than before it."""
    shares = {}
    for name, first, last in (("winter", "2025-11-07", "2026-03-15"), ("crisis", "2026-03-24", "2026-05-15")):
        calls = [
            call
            for response in responses
            if is_detractor(response) and first <= response.body["submitted_at"][:10] <= last
            for call in response.calls
            if call.outcome == "reached"
        ]
        shares[name] = sum("delivery" in call.themes for call in calls) / len(calls)
    assert shares["crisis"] > 0.6
    assert shares["winter"] < 0.5


def test_callbacks_took_days_and_take_hours_since_the_crisis(responses):
    """The median detractor was claimed after more than a day and a half in winter, within six hours in autumn."""
    assert hours_to_claim(responses, date(2025, 11, 7), date(2026, 3, 15)) > 36
    assert hours_to_claim(responses, date(2026, 6, 1), date(2026, 11, 18)) < 6


def test_there_is_more_to_do_before_christmas_and_less_on_sundays(responses):
    """Volume follows the calendar of a shop."""
    days = Counter(at(response).date() for response in responses)
    weekdays = Counter(day.weekday() for day in days.elements())
    assert weekdays[6] < 0.65 * weekdays[1]
    december = sum(count for day, count in days.items() if date(2025, 12, 1) <= day <= date(2025, 12, 21))
    july = sum(count for day, count in days.items() if date(2026, 7, 1) <= day <= date(2026, 7, 21))
    assert december > 2 * july


def test_who_was_called_comes_back_kinder(responses):
    """Of detractors who answer again, most who were reached are none any longer, and most others still are."""
    again = defaultdict(Counter)
    for answers in by_email(responses).values():
        for before, after in pairwise(answers):
            if is_detractor(before):
                again[was_reached(before)][is_detractor(after)] += 1
            assert at(after) - at(before) >= timedelta(days=45)
    assert again[True][False] > 5 * again[True][True]
    assert again[False][True] > 3 * again[False][False]


def test_the_same_day_and_seed_give_the_same_year(responses):
    """Whatever the hour, and in another process too; another seed gives other answers."""
    assert year(NOW.replace(hour=23, minute=59)) == responses
    assert year(NOW, seed=7) != responses
    program = (
        "import hashlib; from datetime import datetime; from demo.sample import year;"
        f"print(hashlib.sha256(repr(year(datetime.fromisoformat('{NOW.isoformat()}'))).encode()).hexdigest())"
    )
    told = {subprocess.check_output([sys.executable, "-c", program], cwd=VOICES.parent.parent) for _ in "12"}
    assert len(told) == 1


def test_answers_stand_in_order_of_time_each_with_an_id_of_its_own(responses):
    """No id twice, no answer before the one above it, none in the future."""
    times = [at(response) for response in responses]
    assert times == sorted(times)
    assert times[-1] < MIDNIGHT
    assert len({response.body["id"] for response in responses}) == len(responses) == 2400


def test_a_callback_is_claimed_then_called_then_closed_and_nothing_happens_in_the_future(responses):
    """Submitted ≤ claimed ≤ calls ≤ closed < now; who closes is the one who called last."""
    for response in responses:
        moments = [at(response), response.claimed_at, *(call.at for call in response.calls), response.closed_at]
        happened = [moment for moment in moments if moment is not None]
        assert happened == sorted(happened)
        assert happened[-1] < MIDNIGHT
        assert (response.claimed_by is None) == (response.claimed_at is None)
        if response.calls:
            assert response.claimed_by == response.calls[0].caller
            assert (response.calls[-1].next_step == "close") == (response.closed_at is not None)


def test_calls_use_the_words_of_the_call_modal(responses):
    """Outcomes, next steps and themes are those of the bot, and every one of the four colleagues calls."""
    calls = [call for response in responses for call in response.calls]
    assert {call.outcome for call in calls} == set(CALL_OUTCOMES)
    assert {call.next_step for call in calls} == set(NextStep)
    assert {theme for call in calls for theme in call.themes} <= set(THEMES)
    assert {call.caller for call in calls} == {0, 1, 2, 3}
    assert all(call.notes and "{" not in call.notes for call in calls)


def test_a_hand_over_changes_the_caller_and_nothing_else_does(responses):
    """Whoever holds a callback makes its calls, until it is handed over to another."""
    for response in responses:
        for before, after in pairwise(response.calls):
            assert (before.caller != after.caller) == (before.next_step == "hand_over")


def test_only_promoters_who_were_reached_recommend_a_friend(responses):
    """A referral comes with a name and a way to reach it."""
    referrals = [(response, call) for response in responses for call in response.calls if call.referral_name]
    assert len(referrals) > 20
    for response, call in referrals:
        assert category(response.body["score"]) is Category.PROMOTER
        assert call.outcome == "reached"
        assert call.referral_contact


@pytest.mark.parametrize("back", range(0, 365, 26))
def test_every_day_begins_with_something_to_do(back):
    """There are open and claimed callbacks, and exactly two detractors open beyond their due time."""
    now = MIDNIGHT - timedelta(days=back)
    told = year(now)
    undone = [response for response in told if response.closed_at is None]
    late = [
        response
        for response in undone
        if response.claimed_at is None and at(response) + timedelta(hours=DUE[category(response.body["score"])]) < now
    ]
    assert [is_detractor(response) for response in late] == [True, True]
    assert len([response for response in undone if response.claimed_at]) >= 3
    assert len([response for response in undone if response.claimed_at is None]) >= 4


def test_nobody_in_it_can_be_written_to_or_called(responses):
    """Addresses end in .example; numbers are kept for fiction, or begin as no number of their country does."""
    fictional = re.compile(r"\+46 70 174 06 \d\d|\+4[57] 00 .*|\+358 00 .*|\+44 7700 900\d{3}")
    contacts = [call.referral_contact for r in responses for call in r.calls if call.referral_contact]
    for respondent in (response.body["respondent"] for response in responses):
        contacts += [respondent[key] for key in ("email", "phone") if key in respondent]
        assert all(respondent.values())
    for contact in contacts:
        if "@" in contact:
            assert re.fullmatch(r"[a-z.]+\d*@[a-z]+\.example", contact)
        else:
            assert fictional.fullmatch(contact)
    links = {response.body["link"] for response in responses if "link" in response.body}
    assert all(link.startswith("https://crm.nordlys.example/") for link in links)


def test_answers_come_from_all_kinds_of_people(responses):
    """Five languages, companies, the anonymous, who are never called, and those who answer again and again."""
    respondents = [response.body["respondent"] for response in responses]
    assert {respondent["language"] for respondent in respondents} == set(LANGUAGES)
    assert {response.body.get("touchpoint") for response in responses} == {
        None,
        "purchase",
        "delivery",
        "support",
        "onboarding",
    }
    anonymous = [response for response in responses if "name" not in response.body["respondent"]]
    assert 80 < len(anonymous) < 300
    assert not any(response.calls for response in anonymous)
    assert sum("company" in respondent for respondent in respondents) > 200
    assert sum(len(answers) > 1 for answers in by_email(responses).values()) > 300
    assert 0.5 < sum("comment" in response.body for response in responses) / len(responses) < 0.7


def patterns(language):
    """Every sentence a language has, as what it may look like when filled in, with the scores it fits."""
    voice = tomllib.loads((VOICES / f"{language}.toml").read_text())
    for mood, fitting in SCORES.items():
        endings = "|".join(re.escape(tail) for tail in voice[mood]["tails"])
        for topic, sentences in voice[mood].items():
            if topic != "tails":
                for sentence in sentences:
                    parts = [re.escape(part) for part in re.split(r"\{\w+\}", sentence)]
                    yield re.compile(".+".join(parts) + f"( ({endings}))?"), fitting


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_write_fits_the_score_they_give(responses, language):
    """Each comment is one of at least forty sentences of its language, in a mood that goes with its score."""
    known = list(patterns(language))
    assert len(known) >= 40
    for response in responses:
        body = response.body
        if "comment" in body and body["respondent"]["language"] == language:
            fitting = [scores for pattern, scores in known if pattern.fullmatch(body["comment"])]
            assert any(body["score"] in scores for scores in fitting), body


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_said(language):
    """No sentence stands twice in a mood, and each names only slots that exist."""
    voice = tomllib.loads((VOICES / f"{language}.toml").read_text())
    slots = {"name", "referral"} | {form for slot in voice["slots"] for form in (slot, slot.capitalize())}
    for part in (*SCORES, "notes"):
        sentences = [sentence for topic in voice[part].values() for sentence in topic]
        assert len(sentences) == len(set(sentences))
        assert {slot for sentence in sentences for slot in re.findall(r"\{(\w+)\}", sentence)} <= slots
