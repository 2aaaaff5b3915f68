"""Each survey tool's deliveries, recorded by condition, give what they hold."""

from __future__ import annotations

import sys
from subprocess import run
from urllib.parse import parse_qsl

import pytest
from conftest import ROOT, SECRET
from recorded import delivery_of, recorded, shown

from handlers.sources import Ignored, Unmappable, bodies, form, values, wording
from handlers.sources.kinds import ASKED, KINDS


@pytest.mark.parametrize(("kind", "sample"), recorded())
def test_recorded_deliveries(kind, sample):
    """A delivery is known as its tool's, and gives the response, the reason to ignore it, or the field at fault."""
    delivery = delivery_of(sample)
    KINDS[kind].verify(delivery, ("another secret", sample.get("secret", SECRET)))
    if "unmappable" in sample:
        with pytest.raises(Unmappable) as fault:
            read(kind, sample, delivery)
        assert fault.value.field == sample["unmappable"]
        return
    found = [shown(each) for each in read(kind, sample, delivery)]
    if "thin" in sample:
        assert found == [{"thin": name} for name in sample["thin"]]
        return
    wanted = [{"ignored": sample["ignored"]}] if "ignored" in sample else sample["expect"]
    wanted = wanted if isinstance(wanted, list) else [wanted]
    assert [{name: each[name] for name in expected} for each, expected in zip(found, wanted, strict=True)] == wanted


def read(kind, sample, delivery):
    """Return what a delivery holds, completed by what the tool's API told, where that was recorded."""
    fields = sample.get("fields", {})
    found = KINDS[kind].parse(delivery, fields)
    if "told" not in sample:
        return found
    answers = [[sample["told"][path] for path in each.requests] for each in found]
    return [ASKED[kind].complete(e, a, fields, delivery.zone) for e, a in zip(found, answers, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_recorded_deliveries(kind):
    """No line of a parser without a delivery: of each kind an answer or a refusal, and what is no answer."""
    samples = [sample.values[1] for sample in recorded(kind)]
    assert any("expect" in sample or "unmappable" in sample for sample in samples)
    assert any("ignored" in sample for sample in samples) or kind == "json"
    expected = [sample["expect"] for sample in samples if isinstance(sample.get("expect"), dict)]
    assert any(expect.get("score") == 0 for expect in expected)


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("How likely are you to recommend us to a friend or colleague?", True),
        ("Hur troligt är det att du rekommenderar oss?", True),
        ("Hvor sannsynlig er det at du vil anbefale oss?", True),
        ("Hvor sandsynligt er det, at du vil anbefale os til en ven?", True),
        ("Kuinka todennäköisesti suosittelisit meitä ystävällesi?", True),
        ("Kor sannsynleg er det at du vil tilrå oss?", True),
        ("Hur troligt är det att du tipsar en vän om oss?", True),
        ("How likely are you to refer us to a friend?", True),
        ("NPS", True),
        ("nps_score", True),
        ("How likely are you to come back?", False),
        ("Hur nöjd är du?", False),
        ("Hvor fornøyd er du?", False),
        ("snaps", False),
        ("Har du något att tipsa oss om?", False),
    ],
)
def test_wording_of_the_nps_question(question, is_asked):
    """It is known in five languages, and by its name; other scales are not."""
    assert wording.asks_to_recommend(wording.fold(question)) is is_asked


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Företag", "company"),
        ("Yritys", "company"),
        ("virksomhed", "company"),
        ("companyName", "company"),
        ("Din e-postadress", "email"),
        ("E-post", "email"),
        ("Sähköposti", "email"),
        ("What is your e-mail address? (optional)", "email"),
        ("Vad heter du?", "name"),
        ("Navn", "name"),
        ("Etunimi", "first name"),
        ("Puhelinnumero", "phone"),
        ("Mobil", "phone"),
        ("Språk", "language"),
        ("Touchpoint", "touchpoint"),
        ("Which company makes the best coffee?", None),
        ("What is the name of your dog?", None),
    ],
)
def test_wording_of_who_answers(question, name):
    """A field called like a thing about the person tells it; a question about such a thing does not."""
    found = [each for each in wording.CALLED if wording.means(wording.fold(question), each)]
    assert found == ([name] if name else [])


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "null"), (True, "true"), (False, "false"), (11, "11"), (7.5, "7.5"), ("x", "another text")],
)
def test_a_refused_score_is_shown_as_it_was_sent(value, said):
    """The sentence about a wrong score uses the words of JSON, which its reader has sent."""
    with pytest.raises(Unmappable, match=f"not {said}$"):
        values.score(value)


def test_a_yes_to_being_called_is_no_comment():
    """May we contact you about your feedback? Yes; that is not why."""
    answers = [
        form.Answer(form.Kind.ANY, 9, "Would you recommend us? (0-10)"),
        form.Answer(form.Kind.ANY, "Yes", "May we contact you about your feedback?"),
        form.Answer(form.Kind.ANY, "Fast", "Why would you recommend us?"),
    ]
    found = form.Form(fields={}, answers=answers, id="1").response()
    assert (found.score, found.comment) == (9, "Fast")


def test_of_two_questions_that_recommend_one_must_be_named():
    """Whether it was answered or not, a second question to recommend leaves open which is meant."""
    answers = [
        form.Answer(form.Kind.SCALE, value, f"Would you recommend {what}?") for what, value in (("us", 9), ("it", None))
    ]
    with pytest.raises(Unmappable, match=r"fields\.score"):
        form.Form(fields={}, answers=answers, id="1").response()
    found = form.Form(fields={"score": "would you recommend IT?"}, answers=answers, id="1").response()
    assert found == Ignored("the NPS question was not answered")


def test_the_modules_import_little():
    """Naming the kinds of sources loads no web framework, no Slack, no database."""
    code = "import sys; from handlers.sources.kinds import KINDS; print(*sys.modules)"
    loaded = run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiohttp", "slack_sdk", "slack_bolt", "sqlite3", "sqlite_utils", "click"} & set(loaded)


def test_forms_are_unfolded():
    """Names with brackets, double underscores or dots stand for objects within objects; a hostile one for nothing."""
    flat = dict(parse_qsl("a[b][c]=1&a__d=2&e.f=3&a=4&[]=5&g[]=6", keep_blank_values=True))
    assert bodies.unfolded(flat) == {"a": {"b": {"c": "1"}, "d": "2"}, "e": {"f": "3"}, "[]": "5", "g": "6"}
