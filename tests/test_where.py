"""By which properties a digest tells its score apart: held against going through every answer one by one."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bot import digest, where
from bot.cards import digest as card
from bot.config import Settings, load
from bot.periods import Period
from bot.segments import Segment
from bot.settings.schedules import WEEKLY, Schedule
from bot.settings.yardstick import Yardstick
from bot.texts import Texts
from storage import properties, responses, scores

WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
NOON = datetime(2026, 11, 9, 12, tzinfo=UTC)
NAMES = ("plan", "size", "beta", "id")
VALUE = st.one_of(
    st.sampled_from(["pro", "basic", "", True, False, None, [1], {"a": 1}]), st.integers(0, 30), st.sampled_from([2.5])
)
ANSWER = st.tuples(
    st.integers(0, 10),
    st.sampled_from([0, -7]),
    st.dictionaries(st.sampled_from(NAMES), VALUE),
    st.sampled_from(["support", None]),
)


def give(db, answers, start=0):
    """Store answers: score, days from the week's Monday, properties, touchpoint."""
    for number, (score, days, borne, touchpoint) in enumerate(answers, start):
        at = NOON + timedelta(days=days, seconds=number)
        response = a_response(id=f"r-{number}", score=score, submitted_at=at, properties=borne, touchpoint=touchpoint)
        responses.add(db, "json", response, NOW, imported=True)


def label(value):
    """Return a property's value as its group is called; None for what is no value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value, separators=(",", ":"))
    return None if value in ("", None) else str(value)


def far_apart(one, other):
    """Tell whether two lists of scores differ by more than the noise of both, by the formula of the interface."""
    figures = []
    for given_scores in (one, other):
        n = len(given_scores)
        promoters, detractors = (sum(fits(s) for s in given_scores) for fits in (lambda s: s >= 9, lambda s: s <= 6))
        p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
        margin = 196 * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
        figures.append((100 * (promoters - detractors) / n, margin))
    (a, m), (b, k) = figures
    return abs(a - b) > math.sqrt(m * m + k * k)


def net(given_scores):
    """Return the score of a list of scores, as a share and exact."""
    return Fraction(sum(s >= 9 for s in given_scores) - sum(s <= 6 for s in given_scores), len(given_scores))


def by_hand(answers, touchpoint, minimum):
    """Return each property that few enough values make groups of, with how far its best lies above its worst."""
    week = [each for each in answers if each[1] == 0 and touchpoint in {None, each[3]}]
    found = {}
    for name in NAMES:
        groups = defaultdict(list)
        for score, _, borne, _ in week:
            if (value := label(borne.get(name))) is not None:
                groups[value].append(score)
        plain = {value: scores for value, scores in groups.items() if value[0] not in "[{"}
        ever = {value for each in answers if (value := label(each[2].get(name))) is not None}
        if sum(map(len, plain.values())) * 2 < len(week) or len(plain) < 2 or len(ever) > 12:  # these may be bands
            continue
        large = [(net(scores), len(scores), value) for value, scores in groups.items() if len(scores) >= minimum]
        ranked = sorted(large, key=lambda group: (-group[0], -group[1], group[2]))
        if len(ranked) > 1 and far_apart(groups[ranked[0][2]], groups[ranked[-1][2]]):
            found[f"property.{name}"] = ranked[0][0] - ranked[-1][0]
    return found


@given(st.lists(ANSWER, max_size=60), st.sampled_from([None, "support"]), st.integers(1, 12))
@how(max_examples=150)
def test_against_going_through_all(answers, touchpoint, minimum):
    """What sets groups apart by more than noise is shown, widest first; the mix may add to it."""
    segment = Segment(None, "touchpoint", touchpoint) if touchpoint else Segment()
    settings = Settings(score=Yardstick(minimum=minimum))
    with an_empty_store() as db:
        give(db, answers)
        found = where.striking(db, settings, "week", WEEK, segment)
    of_few = {each.by: each for each in found if len(each.every) <= 13}
    expected = by_hand(answers, touchpoint, minimum)
    shown = [by for by, each in of_few.items() if not each.mix_misleads]
    assert shown == sorted((by for by in expected if by in shown), key=lambda by: (-expected[by], by))
    assert len(found) <= 3
    assert len(found) == 3 or expected.keys() <= {each.by for each in found}


@given(st.lists(ANSWER, max_size=30), st.sampled_from([None, "support"]), st.sampled_from([NAMES, NAMES[:1], ()]))
def test_several_at_once_as_one_by_one(answers, touchpoint, names):
    """Groups of several properties are those of each, whatever their values are."""
    segment = Segment(None, "touchpoint", touchpoint) if touchpoint else Segment()
    fields = [f"property.{name}" for name in names]
    with an_empty_store() as db:
        give(db, answers)
        found = properties.grouped(db, *WEEK.bounds(UTC), fields, segment)
        assert found == {by: scores.grouped(db, UTC, by, WEEK, segment) for by in fields}


def test_what_is_borne(db):
    """A property is on as many responses as have a value for it; lists, objects and the empty text are none."""
    borne = [
        {"plan": "pro", "size": 10, "tags": ["a"]},
        {"plan": "basic", "size": 10},
        {"plan": "", "size": "ten"},
        {"plan": None, 'a"b': 1},
        {},
    ]
    give(db, [(9, 0, each, None) for each in borne])
    give(db, [(9, -7, {"before": 1}, None), (9, 0, {"support": True}, "support")], start=5)
    span = (NOON - timedelta(days=1), NOON + timedelta(days=1))
    assert properties.borne(db, *span, 100) == [
        ("property.size", 3, 6, 2, False),
        ("property.plan", 2, 6, 2, False),
        ("property.support", 1, 6, 1, False),
    ]
    assert properties.borne(db, *span, 1) == [("property.support", 1, 1, 1, False)]
    assert properties.borne(db, *span, 100, Segment(None, "touchpoint", "support")) == [
        ("property.support", 1, 1, 1, False)
    ]


@pytest.mark.parametrize(
    ("borne", "makes"),
    [
        (properties.Property("property.plan", 50, 100, 2, False), True),
        (properties.Property("property.plan", 49, 100, 2, False), False),
        (properties.Property("property.plan", 100, 100, 1, False), False),
        (properties.Property("property.plan", 100, 100, 20, False), True),
        (properties.Property("property.city", 100, 100, 21, False), False),
        (properties.Property("property.employees", 100, 100, 50, True), True),
        (properties.Property("property.order", 100, 100, 51, True), False),
    ],
)
def test_which_make_groups(borne, makes):
    """Few values on most of the responses do, and many numbers that come back; names and ids do not."""
    assert where.makes_groups(borne) == makes


def a_year_of_sizes():
    """Return two weeks in which small companies are glad and large ones are not, each in many sizes."""
    sizes = [5, 8, 9, 11, 14, 15, 17, 21, 500, 640, 700, 820, 900, 1100, 1400, 2000]
    answers = [(9, days, {"employees": size}, None) for days in (0, -7) for size in sizes[:8] for _ in range(6)]
    return answers + [(2, days, {"employees": size}, None) for days in (0, -7) for size in sizes[8:] for _ in range(6)]


def test_company_sizes_in_a_digest(db):
    """Many sizes stand as four bands, best and worst with their scores; by = [...] says otherwise, or nothing."""
    give(db, a_year_of_sizes())
    texts = Texts("en", Settings().timezone)
    said = card.render(digest.of_schedule(db, Settings(), WEEKLY, WEEK, NOW), texts).text
    assert "NPS of the week, by employees" in said
    assert "5–11: NPS +100 ±" in said
    assert "Worst: " in said
    assert "· 0, " in said
    for by, words in ((("property.employees",), "by employees"), (("touchpoint",), ""), ((), "")):
        found = digest.of_schedule(db, Settings(), Schedule(by=by), WEEK, NOW)
        assert [each.by for each in found.where] == ([by[0]] if words else [])
        assert words in card.render(found, texts).text
        assert ("by employees" in card.render(found, texts).text) == bool(words)


def test_where_the_mix_by_a_property_misleads(db):
    """The score rises because more of the glad ones answered, while each group fell: that is said."""
    now = [(9, "basic")] * 88 + [(2, "basic")] * 12 + [(9, "pro")] * 2 + [(2, "pro")] * 18
    before = [(9, "basic")] * 19 + [(2, "basic")] * 1 + [(9, "pro")] * 25 + [(2, "pro")] * 75
    give(db, [(s, 0, {"plan": plan}, None) for s, plan in now] + [(s, -7, {"plan": plan}, None) for s, plan in before])
    [found] = where.striking(db, Settings(), "week", WEEK)
    assert (found.by, found.mix_misleads) == ("property.plan", True)
    assert [group.change for group in found.every] == [-14, -30]
    said = card.render(digest.of_schedule(db, Settings(), WEEKLY, WEEK, NOW), Texts("en", Settings().timezone)).text
    assert "Up 77 points" in said
    assert "Careful" in said


def test_what_is_set(tmp_path):
    """By = [...] of a digest is read as it stands; without it the bot chooses."""
    (tmp_path / "npsbot.toml").write_text('[[digests]]\nby = ["touchpoint", "property.plan"]\n', encoding="utf-8")
    assert load({}).digests == (Schedule(by=("touchpoint", "property.plan")),)
    assert WEEKLY.by is None
