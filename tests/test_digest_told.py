"""What leaders read out of a digest: nothing without its verdict, nothing twice, and nothing made of too few."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cards_shown import a_card, a_digest
from conftest import NOW, a_response

from bot import digest, numbers
from bot.cards import digest as card
from bot.cards import groups as groups_card
from bot.cards.alerts import Alert
from bot.cards.alerts import render as alert
from bot.cards.charts import charted
from bot.cards.digest import Loop, Point
from bot.cards.digest_parts import about_line
from bot.cards.scores import trend_line
from bot.closing import Recovery, Team
from bot.config import Settings
from bot.groups import Group, Groups
from bot.model import Counts
from bot.periods import Period
from bot.segments import Segment
from bot.settings.schedules import WEEKLY
from bot.texts import LANGUAGES, Texts
from bot.themes import tagged
from bot.themes.figures import ThemeFigure
from storage import responses

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENGLISH = Texts("en", STOCKHOLM)
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def give(db, answers):
    """Store answers: score, days from the week's Monday, comment; tagged."""
    for number, (score, days, comment) in enumerate(answers):
        at = NOON + days * DAY + timedelta(seconds=number)
        response = a_response(id=f"r-{number}", score=score, submitted_at=at, comment=comment)
        responses.add(db, "json", response, NOW, imported=True)
    while tagged.sweep(db, Settings()):
        pass


def said(found, texts=ENGLISH):
    """Return a digest in words."""
    return card.in_words(found, texts)


def test_the_90_days_before(db):
    """They end where the period begins: a week that fell shows against them, though not against the week before."""
    give(
        db,
        [(9, -day, None) for day in range(1, 91) for _ in range(2)]
        + [(2, -day, None) for day in (91, 200)]
        + [(6, -day, None) for day in (1, 2, 3, 4, 5, 6, 7)]
        + [(3, day, None) for day in range(7) for _ in range(2)],
    )
    found = numbers.numbers(db, Settings(), "week", WEEK, NOW)
    assert found.rolling_before == Counts(180, 0, 7)
    assert "Down 193 points from the 90 days before: more than chance" in said(found)
    told = digest.as_json(found)
    assert (told["nps_rolling_before"], told["responses_rolling_before"]) == (93, 187)
    assert told["more_than_noise_rolling"] is True
    assert "90 days before" not in said(replace(found, kind="quarter"))
    assert "90 days before" not in said(replace(found, rolling_before=Counts()))


LATE = "The delivery came two weeks too late"


def test_an_ordinary_week_tells_the_themes_of_90_days(db):
    """Where no theme of a week has answers enough to act on, one sentence says so, and those of 90 days follow."""
    give(db, [(2, day, f"{LATE}, number {'x' * (20 + day)}") for day in (1, 2)])
    assert digest.of_schedule(db, Settings(), WEEKLY, WEEK, NOW).themes_rolling != ()
    give_more = [(2, -day, f"{LATE}, as order {chr(97 + day % 26) * 9} did") for day in range(1, 30)]
    for number, (score, days, comment) in enumerate(give_more):
        response = a_response(id=f"m-{number}", score=score, submitted_at=NOON + days * DAY, comment=comment)
        responses.add(db, "json", response, NOW, imported=True)
    tagged.sweep(db, Settings())
    found = digest.of_schedule(db, Settings(), WEEKLY, WEEK, NOW)
    [figure] = [each for each in found.themes_rolling if each.theme == "delivery"]
    assert figure.counts.responses == 31
    assert "Too few say why to act on. Over the 90 days up to then:\nDelivery" in said(found)
    assert digest.as_json(found)["themes_rolling"][0]["responses"] == 31


def figure(theme, answers, impact, comments=()):
    """Return a theme of so many detractors."""
    some, everyone = Counts(0, 0, answers), Counts(60, 20, 40)
    return ThemeFigure(theme, some, everyone, impact, Counts(), everyone, None, comments)


def test_themes_of_few_are_not_told_beside_others():
    """A theme of five answers that pulls hardest makes no room for itself where another has enough of them."""
    found = a_digest(themes=(figure("price", 5, -9.0), figure("delivery", 12, -3.0)))
    assert "Delivery" in said(found)
    assert "Price" not in said(found)
    assert "Too few say why" not in said(found)


def test_nobody_is_quoted_twice(db):
    """A comment about two themes stands for one of them; it is worth reading no second time, another is instead."""
    one, other = (a_card(score=2, comment=f"{LATE} and {words}", id=words) for words in ("dear", "broken"))
    both = (replace(one, id=1), replace(other, id=2))
    text = said(a_digest(themes=(figure("delivery", 12, -9.0, both), figure("price", 12, -3.0, both[:1]))))
    assert text.count("and dear") == 1
    assert "- 🔻 2 · The delivery came two weeks too late and broken" in text
    give(db, [(2, number % 7, f"{LATE}, as order {chr(97 + number) * 12} did again") for number in range(14)])
    found = digest.of_schedule(db, Settings(), WEEKLY, WEEK, NOW)
    quoted = {each.id for theme in found.themes for each in theme.comments}
    assert quoted
    assert found.comments
    assert quoted.isdisjoint(each.id for each in found.comments)


def test_the_line_below_the_chart_tells_its_weeks():
    """Slack's chart takes twenty weeks: so does the line beneath it; beside the picture it tells all."""
    trend = tuple(Point(WEEK.first - 7 * (26 - n) * DAY, Counts(30 + n, 20, 20)) for n in range(26))
    rendered = card.render(a_digest(trend=trend), ENGLISH)
    assert trend_line(charted(trend), ENGLISH) in json.dumps(rendered.richer, ensure_ascii=False)
    assert "20 weeks: from" in json.dumps(rendered.richer)
    assert "26 weeks: from" in json.dumps(rendered.blocks)


def test_of_weeks_alike_the_newest_is_named():
    """Two weeks that share the lowest score: the newer is told."""
    scores = (40, 20, 40, 20, 30)
    trend = [Point(WEEK.first - 7 * (5 - n) * DAY, Counts(p, 60 - p, 40)) for n, p in enumerate(scores)]
    assert "lowest −20 in week 44, highest 0 in week 43" in trend_line(trend, ENGLISH)


@pytest.mark.parametrize(
    ("recovery", "told"),
    [
        (Recovery(Counts(20, 10, 8), Counts(9, 11, 15)), "had been called answered the next time: NPS +32 ±24"),
        (Recovery(Counts(20, 10, 8), Counts(0, 1, 0)), "had been called answered the next time: NPS +32 ±24"),
        (Recovery(Counts(1, 0, 0), Counts(9, 11, 15)), "had not been called answered the next time: NPS −17 ±26"),
        (Recovery(Counts(1, 0, 0), Counts(0, 1, 0)), ""),
    ],
)
def test_recovery_of_few(recovery, told):
    """A side of too few is left out, and with it all comparing; of which days the rest is, is said."""
    text = said(a_digest(loop=Loop(5, recovery=recovery)))
    assert told in text
    assert ("In the last 90 days" in text) == bool(told)
    assert "(1 answer)" not in text
    assert (
        ("drew lots" in text)
        == ("those who had not" in text)
        == (recovery.not_called.responses > 30 < recovery.called.responses)
    )


def test_thanks_count_as_people_do():
    """One call is a call, and one customer a customer."""
    text = said(a_digest(loop=Loop(5, team=Team(1, 1, 1))))
    assert "Thank you: 1 colleague logged 1 call and spoke with 1 customer" in text
    assert "1 customers" not in text


def test_who_waits_now():
    """Who waits is told of now; who is overdue is marked, and how many more there are is said, also in blocks."""
    found = a_digest()
    for shown in (said(found), json.dumps(card.render(found, ENGLISH).blocks, ensure_ascii=False)):
        assert "7 detractors wait for a call now" in shown
        assert "… and 5 more" in shown
        assert "⏰ overdue since " in shown
    assert "more" not in said(a_digest(waiting_in_all=2)).split("Worth reading")[0].split("wait for a call now")[1]


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("fi", "en", "Finnish"), ("fi", "sv", "finska"), ("sv", "fi", "ruotsi"), ("sv-FI", "en", "Swedish (FI)"),
        ("EN", "da", "engelsk"), ("tlh-klingon", "en", "Klingon (klingon)"), ("zz", "en", "zz"), ("", "en", ""),
        ("sv\n*x*", "en", "sv\n*x*"),
    ],
)  # fmt: skip
def test_languages_are_called_by_their_names(code, language, name):
    """A language is told as its readers call it; one that nobody knows by what was sent."""
    texts = Texts(language, STOCKHOLM)
    assert texts.tongue(code) == name
    if code == "fi":
        assert name in about_line(Segment(None, "language", code), texts)
        told = Groups("language", (Group(code, Counts(9, 2, 1)), Group("en", Counts(5, 5, 5))))
        assert f"{name}: NPS" in groups_card.told_apart("", told, texts)


def test_a_change_of_too_few_stands_in_no_table():
    """Where words tell no change, as too few answered before, the table tells none either."""
    group = Group("delivery", Counts(10, 8, 20), Counts(1, 0, 0))
    groups = Groups("touchpoint", (group, replace(group, label="b")), best=(group,), worst=(group,))
    rendered = card.render(a_digest(where=(groups,)), ENGLISH)
    [table] = [block for block in rendered.richer or [] if block["type"] == "table"]
    assert [row[-1]["text"] for row in table["rows"]] == ["Change", "–"]
    assert "−126" not in rendered.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alert_tells_a_day(language):
    """Since when something is so is a day of the team's, not a midnight that others see as an evening before."""
    since = datetime(2026, 3, 22, 23, tzinfo=UTC)
    texts = Texts(language, STOCKHOLM)
    rendered = alert(Alert(1, "theme", "delivery", since, {"n": 9, "usual": 1.5}), texts)
    told = texts("alert.since", when=texts.day(date(2026, 3, 23)))
    assert told in rendered.text
    assert told in json.dumps(rendered.blocks, ensure_ascii=False)
    assert "<!date" not in json.dumps(rendered.blocks)


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (date(2026, 11, 16), date(2026, 11, 22), "16–22 Nov 2026"),
        (date(2026, 12, 28), date(2027, 1, 3), "28 Dec 2026 – 3 Jan 2027"),
        (date(2026, 4, 1), date(2026, 6, 30), "1 Apr – 30 Jun 2026"),
        (date(2026, 4, 1), date(2026, 4, 1), "1 Apr 2026"),
    ],
)
def test_days_are_told_once(first, last, told):
    """The month and the year that two days share stand once."""
    assert " ".join(ENGLISH.days(first, last).split()) == told


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_term_for_more_than_chance(language):
    """A theme, a change and an alert that are more than noise say so in the same words."""
    texts = Texts(language, STOCKHOLM)
    term = texts("change.real")
    for key, values in (
        ("themes.more", {"share": ""}),
        ("themes.less", {"share": ""}),
        ("alert.theme.sure", {"usual": 1}),
    ):
        assert term in texts(key, **values)
