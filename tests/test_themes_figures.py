"""The figures of themes against an independent, slow computation; what is new; the comments that stand for a theme."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from fractions import Fraction

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Category, Counts, category
from bot.segments import Segment
from bot.themes import standing
from bot.themes.figures import impact, of_period, shares_differ
from bot.themes.new_words import new_words, standing_out
from storage import responses, themes

WEEK = timedelta(days=7)
NAMES = ("delivery", "price", "own theme")
ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 10),
        st.sampled_from(["relationship", "support"]),
        st.integers(0, 20),
        st.one_of(st.none(), st.sets(st.sampled_from(NAMES))),
        st.booleans(),
    ),
    max_size=25,
)


def store(db, answers):
    """Store answers: each a score, a survey, its age in days, its themes where known, and whether it is a test."""
    for number, (score, survey, age, about, test) in enumerate(answers):
        response = a_response(id=f"r{number}", score=score, survey=survey, submitted_at=NOW - timedelta(days=age))
        added = responses.add(db, "json", response, NOW, test=test)
        if about is not None:
            themes.put(db, [(added.id, sorted(about))])


def exact(scores):
    """Return the NPS of scores as a fraction, unrounded."""
    net = sum((category(s) is Category.PROMOTER) - (category(s) is Category.DETRACTOR) for s in scores)
    return Fraction(100 * net, len(scores))


def tallied(scores):
    """Count scores by category."""
    of = Counter(map(category, scores))
    return Counts(of[Category.PROMOTER], of[Category.PASSIVE], of[Category.DETRACTOR])


@given(ANSWERS, st.sampled_from([None, "support"]))
def test_figures_are_those_of_a_slow_count(answers, survey):
    """Mentions, shares, scores and impact are what counting one by one gives, in this span and in the one before."""
    with an_empty_store() as db:
        store(db, answers)
        found = of_period(db, NOW - WEEK, NOW, segment=Segment(survey), quotes=0)
    spans = []
    for latest, oldest in ((0, 7), (7, 14)):
        within = [a for a in answers if latest < a[2] <= oldest and not a[4] and survey in {None, a[1]}]
        spans.append(within)
    now, before = spans
    named = {theme for _, _, _, about, _ in now for theme in about or ()}
    assert {figure.theme for figure in found} == named
    for figure in found:
        for answers_then, counts, told, moved in (
            (now, figure.counts, figure.told, figure.impact),
            (before, figure.before, figure.told_before, figure.impact_before),
        ):
            mention = [a[0] for a in answers_then if figure.theme in (a[3] or ())]
            rest = [a[0] for a in answers_then if figure.theme not in (a[3] or ())]
            assert counts == tallied(mention)
            assert told == tallied([a[0] for a in answers_then if a[3] is not None])
            if rest:
                assert moved == pytest.approx(float(exact([a[0] for a in answers_then]) - exact(rest)))
            else:
                assert moved is None
        assert figure.share == figure.counts.responses / figure.told.responses
    assert [abs(f.impact or 0) for f in found] == sorted((abs(f.impact or 0) for f in found), reverse=True)


def test_impact_by_hand():
    """Ten answers, 5 promoters and 4 detractors: +10; without three detractors who mention it +57.1: impact −47.1."""
    assert impact(Counts(5, 1, 4), Counts(0, 0, 3)) == pytest.approx(10 - 400 / 7)
    assert impact(Counts(1, 0, 1), Counts(1, 0, 1)) is None
    assert impact(Counts(1, 0, 1), Counts()) == 0


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_shares_differ_as_their_source_says(hits, others, hits_before, others_before):
    """Agresti and Caffo's interval of the difference leaves out 0 exactly when the shares differ."""
    total, total_before = hits + others, hits_before + others_before
    found = shares_differ(hits, total, hits_before, total_before)
    if not total or not total_before:
        assert found is None
        return
    n, m = total + 2, total_before + 2
    p, q = Fraction(hits + 1, n), Fraction(hits_before + 1, m)
    variance = p * (1 - p) / n + q * (1 - q) / m
    assert found == ((p - q) ** 2 > Fraction(196, 100) ** 2 * variance)
    assert found == shares_differ(hits_before, total_before, hits, total)


def test_what_stands_out_by_hand():
    """The log-odds ratio with its prior over its deviation is z; a word counts once a comment, with all its endings."""
    now = [("Chaufför chauffören chaufförens", "sv", 2)] * 6 + [("bra mat", "sv", 9)] * 14
    before = [("bra mat", "sv", 9)] * 100 + [("chauffören", "sv", 9)]
    (word,) = standing_out(now, before)
    n, m = 6 + 2 * 14, 2 * 100 + 1
    a = n * 7 / (n + m)
    odds = [(y + a) / (size + n - y - a) for y, size in ((6, n), (1, m))]
    assert word.z == pytest.approx(math.log(odds[0] / odds[1]) / math.sqrt(1 / (6 + a) + 1 / (1 + a)))
    assert (word.word, word.counts, word.comments, word.before) == ("chaufför", Counts(0, 0, 6), 6, 1)


def test_little_and_nothing_is_no_news():
    """A word of three comments, small words, figures and what was said as often before are no news."""
    assert standing_out([], []) == ()
    assert standing_out([("zebra", "en", 1)] * 3, [("the weather", "en", 1)] * 100) == ()
    assert standing_out([("the not and 2026 är ja", "en", 1)] * 50, [("weather", "en", 1)] * 100) == ()
    assert standing_out([("weather", "en", 1)] * 50, [("weather", "en", 1)] * 600) == ()


@given(st.lists(st.tuples(st.text(), st.sampled_from(["sv", "fi", None, "xx"]), st.integers(0, 10)), max_size=20))
def test_any_words_can_be_news(said):
    """Whatever is written, what stands out of it is told, the same each time."""
    found = standing_out(said * 4, said[:1])
    assert found == standing_out(said * 4, said[:1])
    assert all(word.z >= 3 and word.comments >= 4 for word in found)


def test_news_of_a_week_in_the_store(db):
    """The week is held against the twelve weeks before it, and nothing older."""
    for number in range(60):
        old = number >= 10
        comment = "Maten var god" if old else "Ny chaufför, sur"
        submitted = NOW - (timedelta(days=8 + number) if old else timedelta(days=1))
        response = a_response(id=f"r{number}", comment=comment, submitted_at=submitted)
        responses.add(db, "json", response, NOW)
    response = a_response(id="older", comment="sur chaufför", submitted_at=NOW - 14 * WEEK)
    responses.add(db, "json", response, NOW)
    found = {word.word: (word.comments, word.before) for word in new_words(db, NOW - WEEK, NOW)}
    assert found == {"chaufför": (10, 0), "sur": (10, 0)}


def test_of_very_many_comments_a_sample_is_read(db):
    """Where comments are sampled, each stands for as many as were left out."""
    for number in range(10):
        responses.add(db, "json", a_response(id=f"r{number}"), NOW)
    span = themes.Span(NOW - WEEK, NOW + WEEK)
    step, read = themes.texts(db, span, 4)
    assert (step, len(list(read))) == (3, 3)
    step, read = themes.texts(db, span, 10)
    assert (step, len(list(read))) == (1, 10)


def said(db, comments, about=("delivery",)):
    """Return comments as they stand in the store, the last the newest, each about some themes."""
    for number, comment in enumerate(comments):
        response = a_response(id=f"r{number}", comment=comment, submitted_at=NOW - WEEK + timedelta(hours=number))
        themes.put(db, [(responses.add(db, "json", response, NOW).id, about)])
    span = themes.Span(NOW - 2 * WEEK, NOW)
    return list(themes.comments(db, span, standing.SHORTEST, standing.LONGEST, 100))


def test_the_comments_that_stand_for_a_theme(db):
    """Those say what most say, at a length that is read, no two the same; the choice is always the same."""
    late = ["Leveransen kom för sent igen", "Leveransen kom alldeles för sent", "Leveransen kom för sent även nu"]
    odd = ["Paketet luktade starkt av gurka", "sent", "Leveransen kom för sent " * 20]
    found = said(db, [*odd, *late])
    chosen = [each.response.comment for each in standing.chosen(found, 2)]
    assert chosen == [late[2], odd[0]]
    assert chosen == [each.response.comment for each in standing.chosen(list(found), 2)]
    assert standing.by_theme(found) == {"delivery": found}


def test_each_category_has_its_share_of_the_comments():
    """Of three comments about what half praise and a third blame, two praise and one blames."""
    seats = standing._seats(Counter({Category.PROMOTER: 11, Category.PASSIVE: 2, Category.DETRACTOR: 7}), 3)
    assert seats == Counter({Category.PROMOTER: 2, Category.DETRACTOR: 1})
    assert standing._seats(Counter(dict.fromkeys(Category, 1)), 1) == Counter({Category.DETRACTOR: 1})


@given(st.dictionaries(st.sampled_from(Category), st.integers(1, 50), min_size=1), st.integers(0, 5))
def test_all_comments_are_chosen_that_were_asked_for(counts, most):
    """The shares always come to as many as were asked for, none further than one from its exact part."""
    seats = standing._seats(Counter(counts), most)
    assert seats.total() == most
    assert all(abs(seats[which] - Fraction(most * n, sum(counts.values()))) < 1 for which, n in counts.items())


def test_figures_quote_their_comments(db):
    """A theme's figure carries the comments that stand for it."""
    said(db, ["Leveransen kom för sent igen", "Paketet luktade starkt av gurka"])
    (figure,) = of_period(db, NOW - 2 * WEEK, NOW)
    assert len(figure.comments) == 2
    assert (figure.stands_out, figure.score_changed, figure.share_changed) == (None, None, None)
    assert of_period(db, NOW - 2 * WEEK, NOW, quotes=0)[0].comments == ()
