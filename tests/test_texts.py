"""The texts of every language say the same, fit their places, and read as people there write."""

from __future__ import annotations

import re
from datetime import date, timedelta
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, ROOT

from bot.callbacks import HeldBySomeoneElse
from bot.cards import blocks
from bot.cards.ids import Action, Menu
from bot.cards.scores import change_line, score_line
from bot.config import SettingError, load
from bot.model import THEMES, Category, Counts, NextStep, Outcome, State
from bot.periods import KINDS
from bot.texts import LANGUAGES, Texts, table
from handlers.errors import sentence

OTHERS = LANGUAGES[1:]
STOCKHOLM = ZoneInfo("Europe/Stockholm")
CODE = re.compile(r"`[^`]*`")
ENGLISH = re.compile(r"\b(the|this|that|your?|with|and|of|is|are|callback|claim|try|again)\b", re.IGNORECASE)
SAME_AS_ENGLISH = {
    "chart.score",
    "card.earlier_answer",  # placeholders alone, here and below
    "digest.title",
    "list.call",
    "score.survey",
    "score.title",
    "history.npsbot",  # a name
}

ROOM = {
    **dict.fromkeys(("button", "modal", "menu", "category", "state"), 24),
    **dict.fromkeys(("outcome", "next_step", "theme"), 40),
    "field": 48,
    "mistake": 100,
    "hint": 150,
    "help": 1500,
}
"""Characters that a phone shows uncut; Slack itself takes 24 in a modal's title and buttons, 75 in a choice."""


def forms(text: str | dict[str, str]) -> dict[str, str]:
    """Return a text by its plural forms; one without them is as it is for every number."""
    return text if isinstance(text, dict) else {"other": text}


def every(language: str) -> list[tuple[str, str, str]]:
    """Return each form of each text of a language: key, form, text."""
    return [(key, form, text) for key, value in table(language).items() for form, text in forms(value).items()]


def english() -> dict[str, str]:
    """Return the texts that all others are held to."""
    return {key: forms(value)["other"] for key, value in table("en").items()}


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def emoji(text: str) -> list[str]:
    """Return the pictures in a text."""
    return [sign for sign in text if ord(sign) > 0x2300]


def commands(text: str) -> list[str]:
    """Return what is to be typed, without its arguments, which have their own names in every language."""
    return sorted(" ".join(found.strip("`").split()[:2]) for found in CODE.findall(text))


@pytest.fixture(name="code", scope="module")
def _code() -> str:
    """Return the source of everything that asks for texts."""
    files = (path for folder in ("bot", "handlers") for path in sorted((ROOT / folder).rglob("*.py")))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_texts_in_every_language(language: str):
    """A language has exactly the texts of English, in the same order, and plurals where English has them."""
    assert [(key, form) for key, form, _ in every(language)] == [(key, form) for key, form, _ in every("en")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_placeholders_in_every_form(language: str):
    """Every form of a text tells all that the English one tells: no name and no number gets lost in translation."""
    expected = {key: placeholders(text) for key, text in english().items()}
    assert [(key, placeholders(text)) for key, _, text in every(language) if placeholders(text) != expected[key]] == []


@pytest.mark.parametrize("n", [0, 1, 2, 1234])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_can_be_said(language: str, n: int):
    """With values in its places a text is neither empty nor ragged, and none of our braces is left."""
    texts = Texts(language, STOCKHOLM)
    for key, text in english().items():
        said = texts(key, **{**dict.fromkeys(placeholders(text), "x"), "n": n})
        assert said.strip(), key
        assert key == "help.text" or said == said.strip(), key
        assert not re.search(r"[{}<]|  ", said), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_where_there_is_little_room(language: str):
    """Buttons, titles, choices and labels are as short as a phone and Slack want them."""
    for key, _, text in every(language):
        if key != "modal.comment_cut":
            assert len(text) <= ROOM.get(key.split(".")[0], 1200), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_is_whole(language: str):
    """Bold and code are opened and closed; emoji and commands are those of English."""
    expected = english()
    for key, _, text in every(language):
        assert CODE.sub("", text).count("*") % 2 == text.count("`") % 2 == 0, key
        assert emoji(text) == emoji(expected[key]), key
        assert commands(text) == commands(expected[key]), key


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_over(language: str):
    """No text of another language is still English, in whole or in part."""
    same = {key for key, _, text in every(language) if text == english()[key]}
    assert same == SAME_AS_ENGLISH
    assert [key for key, _, text in every(language) if ENGLISH.search(CODE.sub("", text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_called_by_their_names(language: str):
    """The help names the buttons exactly as they are labelled."""
    texts = Texts(language, STOCKHOLM)
    for action in (Action.CLAIM, Action.LOG_CALL):
        assert f"*{texts(f'button.{action}')}*" in texts("help.text")


def test_every_word_of_the_model_has_a_text():
    """Whatever the code puts together a key from, its text is there."""
    sections: dict[str, Any] = {
        "category": Category,
        "share": Category,
        "guide": Category,
        "state": State,
        "outcome": Outcome,
        "next_step": NextStep,
        "theme": THEMES,
        "menu": Menu,
        "button": set(Action) - {Action.MENU},
        "span": (*KINDS, "year", "days"),
        "period": KINDS,
        "period_before": (*KINDS, "days"),
        "history": (
            *("opened", "reopened", "rescored", "claimed", "released", "assigned", "snoozed", "awake"),
            *("dismissed", "called", "reminded", "escalated", "forgotten"),
        ),
        "note": ("reminder", "escalation", "assigned", "taken_over", "awake"),
    }
    assert {f"{section}.{word}" for section, words in sections.items() for word in words} <= set(table("en"))


def test_code_and_texts_name_the_same_keys(code: str):
    """Each key that the code names is there, and each text is shown somewhere."""
    keys, sections = set(table("en")), {key.split(".")[0] for key in table("en")}
    named = {key for key in re.findall(r"\W([a-z_]+\.[a-z_]+)[\"']", code) if key.split(".")[0] in sections}
    assert named <= keys
    put_together = {section for section in sections if re.search(rf'f"{section}\.{{|\w, "{section}", texts', code)}
    unused = {key for key in keys - named if key.split(".")[0] not in put_together}
    assert unused == set()


@pytest.mark.parametrize(
    ("language", "number", "below", "share", "day", "time"),
    [
        ("en", "1,234.5", "−5", "42%", "20 Nov 2026", "20/11/2026, 09:15"),
        ("sv", "1\xa0234,5", "−5", "42\xa0%", "20 nov. 2026", "2026-11-20 09:15"),
        ("nb", "1\xa0234,5", "−5", "42\xa0%", "20. nov. 2026", "20.11.2026, 09:15"),
        ("da", "1.234,5", "−5", "42\xa0%", "20. nov. 2026", "20.11.2026 09.15"),
        ("fi", "1\xa0234,5", "−5", "42\xa0%", "20.11.2026", "20.11.2026 9.15"),
    ],
)
def test_numbers_and_times(language: str, number: str, below: str, share: str, day: str, time: str):
    """Numbers, shares and times are written as in the language's country, minus with a real minus, times local."""
    texts = Texts(language, STOCKHOLM)
    said = (texts.number(1234.5), texts.signed(-5), texts.share(42, 100), texts.day(date(2026, 11, 20)))
    assert said == (number, below, share, day)
    assert texts.time(NOW) == time
    assert (texts.signed(0), texts.signed(32)) == ("0", "+32")
    assert texts.share(0, 0).startswith("0")


@pytest.mark.parametrize(
    ("language", "hours", "days"),
    [
        ("en", "35 hours", "3 days"),
        ("sv", "35 timmar", "3 dygn"),
        ("nb", "35 timer", "3 døgn"),
        ("da", "35 timer", "3 dage"),
        ("fi", "35 tuntia", "3 päivää"),
    ],
)
def test_lengths_of_time(language: str, hours: str, days: str):
    """A length of time is told in the largest unit of which it has two."""
    texts = Texts(language, STOCKHOLM)
    assert texts.span(timedelta(hours=35)) == hours
    assert texts.span(timedelta(hours=70)) == days


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "(1 answer) · too few to act on", "NPS −20 ±5 (1,500 answers)"),
        ("sv", "(1 svar) · för få svar att dra slutsatser av", "NPS −20 ±5 (1\xa0500 svar)"),
        ("nb", "(1 svar) · for få svar til å trekke slutninger", "NPS −20 ±5 (1\xa0500 svar)"),
        ("da", "(1 svar) · for få svar til at konkludere noget", "NPS −20 ±5 (1.500 svar)"),
        ("fi", "(1 vastaus) · liian vähän vastauksia johtopäätöksiin", "NPS −20 ±5 (1\xa0500 vastausta)"),
    ],
)
def test_a_score_in_every_language(language: str, one: str, many: str):
    """A score stands with its sign, its margin and its answers, one or many."""
    texts = Texts(language, STOCKHOLM)
    assert score_line(Counts(promoters=1), texts) == f"NPS +100 ±74 {one}"
    assert score_line(Counts(500, 200, 800), texts) == many


@pytest.mark.parametrize(
    ("language", "up", "down", "none"),
    [
        (
            "en",
            "Up 1 point from the week before: within noise",
            "Down 100 points from the week before: more than chance",
            "No change from the week before",
        ),
        (
            "sv",
            "Upp 1 poäng jämfört med veckan före: inom felmarginalen",
            "Ned 100 poäng jämfört med veckan före: statistiskt säkerställt",
            "Oförändrat jämfört med veckan före",
        ),
        (
            "nb",
            "Opp 1 poeng sammenlignet med uken før: innenfor feilmarginen",
            "Ned 100 poeng sammenlignet med uken før: utenfor feilmarginen",
            "Uendret sammenlignet med uken før",
        ),
        (
            "da",
            "Op 1 point i forhold til ugen før: inden for den statistiske usikkerhed",
            "Ned 100 point i forhold til ugen før: uden for den statistiske usikkerhed",
            "Uændret i forhold til ugen før",
        ),
        (
            "fi",
            "Nousua 1 piste edellisviikosta: virhemarginaalin rajoissa",
            "Laskua 100 pistettä edellisviikosta: tilastollisesti merkitsevä ero",
            "Ei muutosta edellisviikosta",
        ),
    ],
)
def test_a_change_in_every_language(language: str, up: str, down: str, none: str):
    """A change is told in points, with what it is worth; where nothing changed there is nothing to weigh."""
    texts = Texts(language, STOCKHOLM)
    since = texts("change.from", period=texts("period_before.week"))
    even, better, worse = Counts(50, 0, 50), Counts(51, 0, 50), Counts(0, 0, 100)
    assert change_line(better, even, since, texts) == up
    assert change_line(worse, even, since, texts) == down
    assert change_line(even, even, since, texts) == none


@pytest.mark.parametrize("language", LANGUAGES)
def test_times_on_cards_mix_no_languages(language: str):
    """Slack shows a time in each reader's zone; its words for days are used in English only, elsewhere figures."""
    shown = blocks.when(NOW, Texts(language, STOCKHOLM))
    assert ("{date_short_pretty}" in shown) == (language == "en")
    assert ("{date_num}" in shown) == (language != "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_names_people_in_plain_text(language: str):
    """A form's errors are plain text, in which a mention would be read as code; elsewhere the holder is named."""
    texts = Texts(language, STOCKHOLM)
    refusal = HeldBySomeoneElse(holder="U0FREJA")
    assert sentence(refusal, texts).startswith("<@U0FREJA> ")
    assert sentence(refusal, texts, holder="Freja Lindqvist").startswith("Freja Lindqvist ")


def test_the_language_can_be_set():
    """Each language can be set, Norwegian by either of its names; another is refused with those there are."""
    assert [load({"NPSBOT_LANGUAGE": language}).language for language in LANGUAGES] == list(LANGUAGES)
    assert load({"NPSBOT_LANGUAGE": "no"}).language == "nb"
    with pytest.raises(SettingError, match="NPSBOT_LANGUAGE is 'de', but must be one of en, sv, nb, da, fi"):
        load({"NPSBOT_LANGUAGE": "de"})
