"""What a digest says in each state and language: golden files, held to Slack's rules, and the same as a page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from cards_shown import HOSTILE, a_card, a_digest, message
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from bot.board import page
from bot.cards import digest as card
from bot.cards import scores
from bot.cards.digest import Loop, Point
from bot.closing import InTime, Recovery, Team
from bot.groups import Group, Groups
from bot.model import Counts, tally
from bot.settings.yardstick import Yardstick
from bot.texts import LANGUAGES, Texts
from bot.themes.figures import ThemeFigure
from bot.themes.new_words import NewWord
from demo.rules import check_message

STOCKHOLM = ZoneInfo("Europe/Stockholm")
FOLDER = ROOT / "tests" / "golden" / "digests"
MONDAY = date(2026, 11, 9)
ORDINARY = (4, 2, 1, 2, 3, 4, 4, 9, 11, 25, 35)


def counted(by_score):
    """Return the categories of how many gave each score."""
    return tally(dict(enumerate(by_score)))


def weeks(*points):
    """Return a trend that ends with the week of the digest."""
    first = MONDAY - timedelta(weeks=len(points) - 1)
    return tuple(Point(first + timedelta(weeks=number), Counts(*counts)) for number, counts in enumerate(points))


CALM = weeks(*[(50 + number % 5, 25, 20 + number % 3) for number in range(26)])
CRISIS = weeks(*[(50, 30, 15)] * 22, (40, 25, 35), (25, 25, 50), (18, 22, 60), (12, 20, 68))
SAID = tuple(a_card(score=2, comment=text) for text in ("Two weeks late", "Nobody told us", "Late once more"))
LATE = ThemeFigure(
    "delivery", Counts(2, 3, 30), Counts(50, 15, 35), -14.2, Counts(5, 5, 8), Counts(50, 25, 25), -2.5, SAID
)
LOOP = Loop(
    20, 16, 14, 12, 3, timedelta(hours=3), timedelta(hours=26), 1, 2, InTime(24, 12, 15, 3), InTime(8, 13, 15),
    Team(4, 31, 22), Recovery(Counts(20, 10, 8), Counts(9, 11, 15)), 3, 2,
)  # fmt: skip
GROUPS = Groups(
    "touchpoint",
    (Group("purchase", Counts(40, 10, 5), Counts(30, 10, 5)), Group("delivery", Counts(10, 8, 20), Counts(12, 8, 10))),
    best=(Group("purchase", Counts(40, 10, 5), Counts(30, 10, 5)),),
    worst=(Group("delivery", Counts(10, 8, 20), Counts(12, 8, 10)),),
    mix_misleads=True,
)
NOTHING = {"waiting": (), "waiting_in_all": 0, "comments": (), "loop": Loop()}

STATES = {
    "ordinary": a_digest(
        counts=counted(ORDINARY), by_score=ORDINARY, trend=CALM, year_before=Counts(45, 30, 25), loop=LOOP,
        themes=(LATE,), new_words=(NewWord("strike", Counts(0, 1, 6), 0, 3.1),), where=(GROUPS,),
        yardstick=Yardstick(target=45), invited=431,
    ),
    "no_responses": a_digest(counts=Counts(), by_score=(0,) * 11, trend=CALM[:-1], **NOTHING),
    "few": a_digest(counts=Counts(4, 1, 1), by_score=(1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3), trend=CALM, **NOTHING),
    "first_week": a_digest(
        counts=counted(ORDINARY), by_score=ORDINARY, before=Counts(), trend=CALM[-1:], rolling=counted(ORDINARY),
        rolling_before=Counts(),
    ),
    "world_class": a_digest(counts=Counts(90, 6, 4), before=Counts(80, 12, 8), trend=CALM, **NOTHING),
    "crisis": a_digest(
        counts=Counts(12, 20, 68), before=Counts(18, 22, 60), year_before=Counts(50, 30, 15), trend=CRISIS,
        rolling=Counts(400, 250, 320), rolling_before=Counts(520, 260, 190), themes=(LATE,),
        yardstick=Yardstick(target=30),
    ),
    "few_reasons": a_digest(
        counts=counted(ORDINARY), by_score=ORDINARY, trend=CALM, themes=(replace(LATE, counts=Counts(1, 2, 3)),),
        themes_rolling=(LATE,), loop=replace(LOOP, recovery=Recovery(Counts(20, 10, 8), Counts(0, 1, 0))),
    ),
    "no_year_before": a_digest(counts=counted(ORDINARY), by_score=ORDINARY, trend=CALM, year_before=None),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_as_agreed(request, state, language):
    """A digest says in each state what its golden file holds, in blocks that every workspace takes and in charts."""
    rendered = card.render(STATES[state], Texts(language, STOCKHOLM))
    found = json.dumps({**message(rendered), "richer": rendered.richer}, ensure_ascii=False, indent=2) + "\n"
    path = FOLDER / f"{state}.{language}.json"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert json.loads(found) == json.loads(path.read_text(encoding="utf-8"))


def test_no_golden_file_is_left_over():
    """Each golden file belongs to a state and a language."""
    assert {path.stem for path in FOLDER.glob("*.json")} == {
        f"{s}.{language}" for s in STATES for language in LANGUAGES
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_slack_takes_it(state, language):
    """Both forms keep Slack's rules, also as a change of what is posted."""
    rendered = card.render(STATES[state], Texts(language, STOCKHOLM))
    shown = message(rendered)
    assert check_message({**shown, "ts": "1.1"}) == []
    if rendered.richer:
        assert check_message({**shown, "blocks": rendered.richer, "ts": "1.1"}) == []


def said(state, language="en"):
    """Return a digest in words."""
    return card.render(STATES[state], Texts(language, STOCKHOLM)).text


def test_what_each_state_says():
    """The band, the target, the change and its worth; of too few answers the score alone, of nobody nothing."""
    assert "NPS +40 ±15 (100 answers)\nGood · target +45: 5 points to go\n100 of 431 invited answered (23%)\nUp 15" in (
        said("ordinary")
    )
    assert "World class" in said("world_class")
    assert "Nobody answered." in said("no_responses")
    few = said("few")
    assert "too few to act on" in few
    assert "NPS +50 ±" in few
    assert not re.search("Excellent|within noise|more than chance", few)
    assert "target +30: 86 points to go" in said("crisis")
    assert "more than chance" in said("crisis")
    assert "a year before" not in said("no_year_before")
    assert "there is nothing to compare with" in said("first_week")


def test_why_where_and_the_loop_are_told():
    """The theme that drags the score and its quotes, what is new, who is best and worst, and the loop."""
    text = said("ordinary")
    for part in ("Delivery · ", "- 🔻 2 · Two weeks late", "strike", "Best: purchase", "Worst: delivery", "Careful"):
        assert part in text
    for part in ("12 of 15 detractors", "13 of 15 within 8 working hours", "2 could not be reached", "Thank you: 4"):
        assert part in text


def test_groups_are_a_table_where_slack_takes_one():
    """The best and worst groups stand in one table with their figures, and in words where no table is taken."""
    rendered = card.render(STATES["ordinary"], Texts("en", STOCKHOLM))
    [table] = [block for block in rendered.richer if block["type"] == "table"]
    rows = [[cell["text"] for cell in row] for row in table["rows"]]
    assert rows == [
        ["Where", "NPS", "Answers", "Change"],
        ["touchpoint: purchase", "+64 ±17", "55", "+8, within noise"],
        ["touchpoint: delivery", "−26 ±26", "38", "−33, within noise"],
    ]
    assert not {"table", "data_visualization"} & {block["type"] for block in rendered.blocks}


@pytest.mark.parametrize("language", LANGUAGES)
def test_best_and_worst_of_chance(language):
    """Where best and worst are no further apart than chance brings, that stands beside them and below tables."""
    texts = Texts(language, STOCKHOLM)
    near = tuple(Group(name, Counts(promoters, 5, 5)) for name, promoters in (("support", 12), ("purchase", 10)))
    groups = Groups("touchpoint", near, near[:1], near[1:])
    rendered = card.render(a_digest(where=(groups, GROUPS, replace(groups, by="property.plan"))), texts)
    by = texts("groups.touchpoint")
    assert texts("groups.near", groups=by) in rendered.text
    assert rendered.text.count(texts("groups.near", groups="plan")) == 1
    [below] = [
        block
        for block in rendered.richer
        if texts("groups.near", groups=f"{by}, plan") in json.dumps(block, ensure_ascii=False)
    ]
    assert below["type"] == "context"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_of_long_names(language):
    """Names as long as they may be make no digest that Slack refuses: what finds no room is counted."""
    texts, name = Texts(language, STOCKHOLM), "Företaget med det långa namnet " * 6
    every = tuple(Group(f"{number} {name}", Counts(400 + number, 100, 50), Counts(300, 100, 50)) for number in range(6))
    where = tuple(Groups(f"property.{number}{'x' * 60}", every, every[:3], every[3:], True) for number in range(8))
    comments = tuple(a_card(score=2, comment="ord " * 200, respondent_name=name) for _ in range(3))
    themes = tuple(replace(LATE, theme=f"{number} {name}", comments=comments) for number in range(4))
    words = tuple(NewWord(f"{number}{'w' * 30}", Counts(0, 1, 6), 0, 3.1) for number in range(10))
    rendered = card.render(replace(STATES["ordinary"], where=where, themes=themes, new_words=words), texts)
    for blocks in (rendered.blocks, rendered.richer):
        assert check_message({**message(rendered), "blocks": blocks, "ts": "1.1"}) == []
        shown = sum(f"{field.by.removeprefix('property.')}" in json.dumps(blocks) for field in where)
        assert 0 < shown < len(where)
        assert texts("list.more", n=len(where) - shown) in json.dumps(blocks, ensure_ascii=False)


class Whole(HTMLParser):
    """A page whose tags must all be closed in order."""

    def __init__(self):
        """Begin with nothing open."""
        super().__init__()
        self.open, self.words, self.loads = [], [], []

    def handle_starttag(self, tag, attrs):
        """Note what is opened, and whatever it would load."""
        self.loads += [value for name, value in attrs if name in {"src", "srcset", "data", "poster"} or tag == "link"]
        if tag not in {"meta", "polyline", "polygon", "rect", "circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """Nothing stays open."""

    def handle_endtag(self, tag):
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keep the words."""
        self.words.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
def test_the_same_as_a_page(state, language):
    """The page is whole, loads nothing, and tells the score, the groups and the comments of the digest."""
    texts = Texts(language, STOCKHOLM)
    read = Whole()
    read.feed(page(STATES[state], texts))
    words = " ".join(read.words)
    assert (read.open, read.loads) == ([], [])
    assert "url(" not in words
    assert scores.score_line(STATES[state].counts, texts, STATES[state].yardstick) in words
    if state == "ordinary":
        assert all(part in words for part in ("Two weeks late", "purchase", texts("digest.why")))


def test_a_page_says_literally_what_customers_wrote():
    """Whatever a customer wrote is text on the page, in quotes, names and themes."""
    hostile = f"<script>alert(1)</script> {HOSTILE}"
    found = a_card(comment=hostile, respondent_name=hostile)
    figure = replace(LATE, theme=hostile, comments=(found,))
    shown = page(a_digest(comments=(found,), themes=(figure,)), Texts("en", STOCKHOLM))
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_a_page_stays_a_page():
    """A comment that goes on for ever is cut, and says so."""
    shown = page(a_digest(comments=(a_card(comment="late " * 200_000),)), Texts("en", STOCKHOLM))
    assert len(shown) < 20_000
    assert "late…" in shown


@given(st.lists(st.integers(0, 400), min_size=11, max_size=11))
def test_columns_of_signs(by_score):
    """Each score has its line and its number, ten first; who was named at all has at least one sign."""
    drawn = scores.histogram(by_score)
    if not any(by_score):
        assert drawn == ""
        return
    for line, score in zip(drawn.splitlines(), range(10, -1, -1), strict=True):
        assert line.startswith(f"{score:>2} ")
        assert line.endswith(f" {by_score[score]}")
        assert ("█" in line) == (by_score[score] > 0)
        assert line.count("█") <= 16


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.none() | st.integers(-100, 100))
def test_the_band_by_hand(promoters, passives, detractors, target):
    """The band is the highest that the score reaches, told from ten answers on; the target with how far it is."""
    counts, texts = Counts(promoters, passives, detractors), Texts("en", STOCKHOLM)
    told = scores.verdict(counts, texts, Yardstick(target=target))
    n = counts.responses
    if n == 0:
        assert told == ""
        return
    exact = 100 * (promoters - detractors) / n
    score = int(abs(exact) + 0.5) * (1 if exact >= 0 else -1)
    reached = [
        name
        for least, name in ((70, "World class"), (50, "Excellent"), (30, "Good"), (1, "Positive"))
        if score >= least
    ]
    assert told.startswith((reached or ["Needs work"])[0]) == (n >= 10)
    if target is not None and n >= 10:
        assert ("reached" in told) == (score >= target)
        assert score >= target or f"{target - score} point" in told
