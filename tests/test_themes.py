"""Tagging: what a comment is about, in five languages, however it is typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled import ALL, agreement, labelled

from bot.model import THEMES
from bot.themes.slips import Slips, is_slip, one_apart
from bot.themes.tagging import tagger
from bot.themes.taxonomy import LANGUAGES, NOT, spoken_as, taxonomy
from bot.themes.words import words

LETTERS = st.text(st.sampled_from("abc"), max_size=5)
COMMENTS = [each.comment for name in ("tuning", "held_out") for each in labelled(name)]
TYPED = st.one_of(st.text(), st.sampled_from(COMMENTS), st.text(st.sampled_from("aAåÅöÖøæßıİſΣςﬁ'’-. !\n\u0301\u0308")))


def test_the_held_out_comments_are_many_and_of_every_language():
    """What is measured are at least 150 comments in five languages, a tenth of them about nothing, none tuned on."""
    held_out, tuned_on = list(labelled("held_out")), {each.comment for each in labelled("tuning")}
    assert len(held_out) >= 150
    assert all(sum(each.language == language for each in held_out) >= 30 for language in LANGUAGES)
    assert sum(not each.themes for each in held_out) >= len(held_out) / 10
    assert not tuned_on & {each.comment for each in held_out}
    assert {theme for each in held_out for theme in each.themes} == set(THEMES)


@pytest.mark.parametrize("telling", [True, False], ids=["language told", "language guessed"])
def test_tagging_agrees_with_a_person(telling):
    """Precision and recall on held-out comments stay where they were measured, in all and in each language."""
    found = agreement(tagger(), "held_out", telling=telling)
    assert found[ALL].precision >= 0.9
    assert found[ALL].recall >= 0.9
    assert all(each.precision >= 0.85 and each.recall >= 0.85 for each in found.values())


@pytest.mark.parametrize(
    ("comment", "themes"),
    [
        ("inte dyrt", {"price"}),
        ("Dyyyyrt!!!", {"price"}),
        ("Fungerar inte", {"reliability"}),
        ("Inte dum, fungerar", set()),
        ("Det handlar inte om priset", set()),
        ("Lever upp till allt", set()),
        ("hemleveransen", {"delivery"}),
        ("LEVERANSTID?", {"delivery"}),
        ("leveansen var sen", {"delivery"}),
        ("kundservise", {"support"}),
        ("asiakaspalvelusta", {"support"}),
        ("Laskutusvirhe", {"billing"}),
        ("kundtjanst", {"support"}),
        ("The app isn't working", {"reliability"}),
        ("The app isn’t working", {"reliability"}),
        ("No refund, no reply", {"billing", "communication"}),
        ("Very slow to respond", {"communication"}),
        ("", set()),
        ("🤷", set()),
    ],
)
def test_what_a_comment_is_about(comment, themes):
    """Negation, slips, compounds and missing accents are read as people mean them."""
    assert set(tagger().tag(comment)) == themes


def test_negation_and_gaps_end_with_the_clause():
    """A phrase reaches over a few words, never over the end of a clause."""
    own = (("parking", (("en", ("car .. park", f"{NOT} .. space*")),)),)
    assert tagger(own).tag("the car I could park") == ("parking",)
    assert "parking" not in tagger(own).tag("the car. park it")
    assert "parking" not in tagger(own).tag("the car which I then could park")
    assert tagger(own).tag("there is no more space") == ("parking",)
    assert "parking" not in tagger(own).tag("no, spacious")


def test_own_themes():
    """A theme of the team's own is tagged by its entries, one that is only named by its name; both in their order."""
    own = (("parking", (("sv", ("parker*", "p-plats*")), ("any", ("garage",)))), ("Lobby bar", ()))
    by = tagger(own)
    assert by.themes == (*THEMES, "parking", "Lobby bar")
    assert by.tag("Svårt att parkera, garaget", "sv") == ("usability", "parking")
    assert by.tag("GARAGE") == ("parking",)
    assert by.tag("We loved the lobby bars") == ("Lobby bar",)
    assert by.version != tagger().version


@pytest.mark.parametrize(
    ("language", "known"),
    [
        ("sv", "sv"),
        ("sv-SE", "sv"),
        ("EN_us", "en"),
        ("no", "nb"),
        ("nn-NO", "nb"),
        ("de", None),
        ("", None),
        (None, None),
    ],
)
def test_languages_as_senders_call_them(language, known):
    """A language is known by its code, with or without a country."""
    assert spoken_as(language) == known
    assert tagger().tag("Dyr", language) == tagger().tag("Dyr", known)


def test_own_entries_for_a_default_theme():
    """A table that is named as a default theme adds to it, and can take from it."""
    own = (("delivery", (("any", ("stork*", "!stork* club")),)),)
    assert tagger(own).tag("The storks came") == ("delivery",)
    assert tagger(own).tag("The stork club") == ()
    assert tagger(own).themes == THEMES


@given(TYPED, st.sampled_from([*LANGUAGES, None, "", "xx"]))
def test_any_text_is_tagged_the_same_however_it_is_typed(text, language):
    """Tagging never raises, and neither case nor Unicode's normal form nor the time of day makes a difference."""
    by = tagger()
    found = by.tag(text, language)
    assert found == tuple(theme for theme in by.themes if theme in found)
    for same in (text, text.upper(), text.lower(), text.swapcase(), text.casefold()):
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert by.tag(unicodedata.normalize(form, same), language) == found


@given(st.text())
def test_words_hold_letters_and_figures_alone(text):
    """What is left of a text are words in small letters, and the ends of its clauses between them."""
    assert all(word == "." or (word.isalnum() and not word.isupper()) for word in words(text))


@given(LETTERS, LETTERS)
def test_one_letter_apart(one, other):
    """Two texts are one letter apart exactly when an edit of one letter makes one of the other, or none is needed."""
    edits = {one}
    for i in range(len(one) + 1):
        edits |= {one[:i] + letter + one[i:] for letter in "abc"}
        edits |= {one[:i] + letter + one[i + 1 :] for letter in ("", *"abc")}
        edits.add(one[:i] + one[i : i + 2][::-1] + one[i + 2 :])
    assert one_apart(one, other) == (other in edits)


@given(st.lists(st.text(st.sampled_from("abc"), min_size=1, max_size=5), min_size=1), LETTERS.filter(bool))
def test_slips_find_all_stems_that_are_one_letter_apart(stems, word):
    """The index finds what a walk over all stems would find."""
    starts = [word[:size] for size in range(len(word) + 1)]
    slow = {f"{s}*" for s in stems if s[0] == word[0] and any(start and is_slip(s, start) for start in starts)}
    assert set(Slips(f"{stem}*" for stem in stems).of(word)) == slow


def test_the_taxonomy_is_whole():
    """Every language tells of every theme, and an entry has its stars at the ends of its words alone."""
    known = taxonomy()
    for language in LANGUAGES:
        bit = 1 << LANGUAGES.index(language)
        assert {entry.theme for entry in known.entries if entry.languages & bit and not entry.never} == set(THEMES)
    atoms = {step.atom for entry in known.entries for step in entry.steps}
    assert all(atom == NOT or atom.strip("*").isalnum() for atom in atoms)
