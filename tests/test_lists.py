"""Lists and homes: pages that Slack takes whatever was written, and buttons that lead where they say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from acting import a_card as arrived
from cards_shown import LINK, SHOWN, a_call, a_card, a_page, several
from conftest import NOW, eventually
from hypothesis import given
from hypothesis import strategies as st
from test_cards import FOUND, LANGUAGE, LONG_TEXT, elements, markup

from bot.cards import home, lists
from bot.cards.blocks import cut
from bot.cards.card import who
from bot.cards.ids import Listing
from bot.settings.routes import Route
from bot.texts import Texts
from demo.rules import check_message, check_view
from handlers.commands.answers import address

ENGLISH = Texts("en", ZoneInfo("Europe/Stockholm"))


@given(FOUND, LANGUAGE, LONG_TEXT)
def test_whatever_was_written_fits(found, texts, notes):
    """Any words in any field make pages and homes that Slack takes, however long what was asked for is."""
    entries = [lists.Entry(each, LINK) for each in several(found, 2 * lists.SHOWN)]
    pages = [lists.Page(tuple(entries[at : at + lists.SHOWN]), 50, 2, more=True) for at in (0, lists.SHOWN)]
    told = [lists.Told(entry, -10, call) for entry in entries for call in (None, a_call(notes=notes))]
    story = lists.Page(tuple(told[: lists.TOLD]), 50, 2, lists.TOLD, more=True)
    place = lists.Place(Listing.FIND, 2, "x" * 1000)
    waiting = [home.Waiting(page, 7, 7) for page in pages]
    view = home.view(home.Home(*waiting, home.Done(1, 1, 1)), "NPS", texts, NOW)
    text = lists.in_words("Found", pages[0], texts)
    messages = [
        {"text": text, "blocks": lists.callbacks("Found", pages[0], place, texts, NOW)},
        {"text": text, "blocks": lists.customer("anna@nordlys.example", story, place, texts, NOW)},
    ]
    assert check_view(view) == []
    assert [fault for shown in messages for fault in check_message(shown)] == []
    assert [sign for shown in (view, *messages) for sign in markup(shown)] == []


@given(st.sampled_from(Listing), st.integers(1, 999_999), st.text(st.characters(exclude_categories=["C", "Z"])))
def test_a_place_is_read_back(name, number, asked):
    """What a button of a list carries is read back as it was; so is the place that its row names, where it fits in."""
    place = lists.Place(name, number, asked)
    assert lists.place_of(str(place)) == place
    blocks = lists.callbacks("Found", a_page(1), place, ENGLISH, NOW)
    (row,) = [block["block_id"] for block in blocks if block["type"] == "actions"]
    assert len(row) <= lists.BLOCK_ID_MOST
    assert lists.place_of(row) in {place, None}
    assert lists.place_of(row) == place or len(asked) > 200


@pytest.mark.parametrize(
    "text", ["", "queue", "queue x", "queue 12345678", "gone 1", "response:r_1", "row 3", "mine ²"]
)
def test_what_is_no_place(text):
    """A button of another version turns no page."""
    assert lists.place_of(text) is None


@pytest.mark.parametrize(
    ("number", "total", "more", "words", "values"),
    [
        (1, 3, False, [], []),
        (1, 12, True, ["Page 1 of 2"], ["queue 2"]),
        (2, 12, False, ["Page 2 of 2"], ["queue 1"]),
        (2, 20, True, ["Page 2 of 4"], ["queue 1", "queue 3"]),
        (3, None, True, ["Page 3"], ["queue 2", "queue 4"]),
    ],
)
def test_turning_pages(number, total, more, words, values):
    """A page says which it is, and leads to those beside it; a single page does neither."""
    page = a_page(2, number=number, total=total, more=more)
    blocks = lists.turning(page, lists.Place(Listing.QUEUE, number), ENGLISH)
    assert [element["text"] for element in elements(blocks, "mrkdwn")] == words
    assert [button["value"] for button in elements(blocks, "button")] == values


@pytest.mark.parametrize("name", ["list_queue", "home"])
def test_what_is_late_is_said_in_words(name):
    """An overdue callback is marked by a word, not by a sign alone; one that is closed never is."""
    shown = SHOWN[name](ENGLISH)
    late = [element["text"] for element in elements(shown, "mrkdwn") if "Overdue" in element["text"]]
    assert late
    assert not any("Closed" in text for text in late)


@pytest.mark.parametrize("name", ["", "\u200b\u200d", "\u00ad \u2060", "\u3164", "\u2800\ufe0f"])
def test_a_name_that_nobody_sees_is_none(name):
    """Whoever has a name of signs without a shape, and no address, is anonymous; a company of such is none."""
    found = a_card(respondent_name=name, respondent_email=name, respondent_company=name)
    assert who(found, ENGLISH) == "Anonymous"


def test_joined_signs_stay():
    """What joins signs into one is no disguise where something is to be seen."""
    assert who(a_card(respondent_name="A 👩\u200d💻", respondent_company=None), ENGLISH) == "A 👩\u200d💻"


def test_what_was_cut_is_cut_once():
    """A text that is cut where it has been cut before ends in one … all the same."""
    assert cut(f"{'x' * 30}… (Nordlys AB)", 35) == f"{'x' * 30}…"


@pytest.mark.parametrize(
    "typed", ["a@x.se", '"a@x.se"', "“a@x.se”", "<mailto:a@x.se|a@x.se>", " 'a@x.se' ", "<a@x.se>"]
)
def test_an_address_as_people_type_it(typed):
    """Quotation marks, brackets and Slack's links around an address are no part of it."""
    assert address(typed) == "a@x.se"


async def test_nobody_is_nobody_in_sight(start, workspace, quick):
    """Whoever sees only some of the channels is told that of those, and not that nobody waits anywhere."""
    workspace.add_user("nora", "Nora Vik")
    workspace.join("nora", "#general")
    async with start(routes=(Route(1, {"survey": frozenset({"x"})}, channel="#general"),)) as running:
        await arrived(running)
        for text in ("queue", "customer anna@nordlys.example"):
            here = (await workspace.command("nora", "#general", "/nps", text)).body["text"]
            assert "the channels that you are in" in here
        workspace.join("nora", "#nps")
        await eventually(lambda: _asks(workspace, "queue", "Anna Berg"))
        assert "Nobody with" in (await workspace.command("nora", "#nps", "/nps", "customer bo@x.example")).body["text"]


async def _asks(workspace, text, word):
    return word in (await workspace.command("nora", "#nps", "/nps", text)).body["text"]
