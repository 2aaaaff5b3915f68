"""What waits, what was found and one customer's story: whole, in order and a page at a time, as far as one may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bot import callbacks, huddle, worklists
from bot.cards.lists import SHOWN, TOLD
from bot.config import Settings, SourceSettings
from bot.intake import receive
from bot.model import Call, NextStep, Outcome
from storage import lists, responses
from storage.callbacks import set_due
from storage.lists import Sight

HOUR = timedelta(hours=1)
SOURCES = {name: SourceSettings(name, "json", ("s",), channel=f"#{name}") for name in ("shop", "app")}
SETTINGS = Settings(sources=SOURCES)
EVERYTHING = Sight()
THERE_ARE = ["#nps", "#shop", "#app"]


def told(db, number, *, source="json", **more):
    """Let somebody answer at an hour; return the response."""
    response = a_response(id=f"r-{number}", submitted_at=NOW + number * HOUR, **more)
    return responses.by_public_id(db, receive(db, SETTINGS, source, response, NOW).response_id)


def every(read):
    """Return all that a list holds, page by page, each of which says truly where it stands."""
    found, number = [], 1
    while True:
        page = read(number)
        assert page.number == number
        found += [entry.found.id for entry in page.items]
        if not page.more:
            assert page.total == len(found)
            assert page.pages == number
            return found
        assert len(page.items) == page.size
        number += 1


ONE = st.tuples(
    st.sampled_from(["json", "shop", "app"]),
    st.sampled_from([None, None, "U1", "U2", "closed"]),
    st.integers(-3, 3),
    st.sampled_from([None, None, -1, 1]),
)


@how(max_examples=60)
@given(st.lists(ONE, max_size=3 * SHOWN), st.sets(st.sampled_from(THERE_ARE), min_size=1))
def test_pages_hold_all_that_is_in_sight(given_, seen):
    """Whatever waits where: the pages of queue, mine and home are the sorted list of what one may see, each once."""
    with an_empty_store() as db:
        expected = {None: [], "U1": []}
        for number, (source, holder, due, asleep) in enumerate(given_):
            found = told(db, number, source=source, respondent_email=None, respondent_id=None)
            set_due(db, found.id, NOW + due * HOUR)
            if holder == "closed":
                callbacks.dismiss(db, found.public_id, "U1", "no", NOW)
            elif holder:
                callbacks.claim(db, found.public_id, holder, NOW)
            if asleep and holder != "closed":
                db.execute(
                    "update callbacks set snoozed_until = :until where response_id = :id",
                    until=lists.stamp(NOW + asleep * HOUR),
                    id=found.id,
                )
            if holder in expected and SETTINGS.channel_of(source) in seen:
                expected[holder].append((asleep == 1, due, found.id))
        sight = worklists.sight(SETTINGS, THERE_ARE, seen)
        for holder, waiting in expected.items():
            ordered = [each[-1] for each in sorted(waiting)]
            assert every(lambda n, holder=holder: worklists.waiting(db, holder, sight, NOW, n)) == ordered
        home = worklists.home(db, "U1", sight, NOW, NOW)
        for shown, waiting in ((home.mine, expected["U1"]), (home.queue, expected[None])):
            awake = [(due, number) for asleep, due, number in sorted(waiting) if not asleep]
            assert [entry.found.id for entry in shown.page.items] == [number for _, number in awake[:SHOWN]]
            assert (shown.page.total, shown.asleep) == (len(awake), len(waiting) - len(awake))
            assert shown.overdue == sum(due < 0 for due, _ in awake)


@pytest.mark.parametrize(
    ("seen", "shown"), [({"#nps"}, 1), ({"#shop"}, 0), ({"#nps", "#shop"}, 0), (set(THERE_ARE), 0), ({"#app"}, None)]
)
def test_a_callback_of_two_channels(db, seen, shown):
    """Answers in two channels that share a callback: whoever is in either sees it once, by the answer they may see."""
    two = [told(db, number, source=source) for number, source in enumerate(("shop", "json"))]
    sight = worklists.sight(SETTINGS, THERE_ARE, seen)
    expected = [] if shown is None else [two[shown].id]
    assert every(lambda n: worklists.waiting(db, None, sight, NOW, n)) == expected
    assert [found.id for found in huddle.pack(db, sight, NOW).found] == expected
    callbacks.claim(db, two[1].public_id, "U1", NOW)
    assert every(lambda n: worklists.waiting(db, "U1", sight, NOW, n)) == expected
    home = worklists.home(db, "U1", sight, NOW, NOW)
    assert ([entry.found.id for entry in home.mine.page.items], home.mine.page.total) == (expected, len(expected))


@pytest.mark.parametrize("seen", [{"#nps"}, {"#shop"}, {"#nps", "#shop"}, set(THERE_ARE)])
def test_what_is_found_is_in_sight(db, seen):
    """A search and a story hold what stands in channels that one is in, counted and paged by that alone."""
    for number in range(3 * SHOWN):
        told(db, number, source=("json", "shop", "app")[number % 3], score=number % 11)
    sight = worklists.sight(SETTINGS, THERE_ARE, seen)
    worklists.index(db)
    found = every(lambda n: worklists.containing(db, "leveransen", sight, n))
    mine = [each for each in range(3 * SHOWN, 0, -1) if ("#nps", "#shop", "#app")[(each - 1) % 3] in seen]
    assert found == mine
    story = [worklists.customer(db, "ANNA@nordlys.example", sight, n) for n in range(1, 5)]
    assert [each.entry.found.id for page in story for each in page.items][: len(mine)] == mine
    assert worklists.of_addresses(db, ["anna@nordlys.example"], sight).items[0].found.id in mine


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("leveransen", None),
        ("kundtjansten", "…" + "x " * 18 + "och Kundtjänsten svarade inte"),
        ("berg", None),
        ("semester igen", None),
        ("SEMESTER", "☎️ Ring efter semestern"),
    ],
)
def test_where_the_words_stand(db, asked, shown):
    """What is found shows the words that were looked for, in the middle of a long comment and in notes of calls."""
    comment = "Leveransen kom igen " + "x " * 80 + "och Kundtjänsten svarade inte"
    found = told(db, 1, comment=comment)
    for notes in ("Ingen svarade", "Ring efter semestern"):
        call = Call("U1", NOW, Outcome.REACHED, notes, (), NextStep.CALL_AGAIN, NOW + HOUR)
        callbacks.log_call(db, SETTINGS, found.public_id, call)
    worklists.index(db)
    (entry,) = worklists.containing(db, asked, EVERYTHING).items
    assert entry.excerpt == shown


def test_a_card_stands_where_it_was_put(db):
    """What counts is the channel of the card, also where the settings send new ones elsewhere by now."""
    found = told(db, 1, source="shop")
    assert worklists.channels(db, Settings()) == ["#nps", "#shop"]
    for seen, ids in (({"#nps"}, []), ({"#shop"}, [found.id])):
        sight = worklists.sight(Settings(), ["#nps", "#shop"], seen)
        assert lists.waiting(db, None, sight, NOW, 10) == ids
        assert lists.waiting_counts(db, None, sight, NOW)["awake"] == len(ids)


def test_a_story_with_every_change_and_call(db):
    """A story has each answer with its change from the one before and every call about it, page by page."""
    first, second = told(db, 1, score=3), told(db, 2, score=8, comment=None)
    told(db, 3, score=10, respondent_email="bo@nordlys.example")
    third = told(db, 4, score=3, respondent_email="Anna@Nordlys.example")
    for number in range(TOLD):
        call = Call("U1", NOW + number * HOUR, Outcome.REACHED, f"call {number}", (), NextStep.CLOSE)
        callbacks.log_call(db, SETTINGS, second.public_id if number % 2 else first.public_id, call)
    pages = [worklists.customer(db, "anna@nordlys.example", EVERYTHING, number) for number in (1, 2)]
    told_ = [each for page in pages for each in page.items]
    answers = [(each.entry.found.id, each.change) for each in told_ if each.call is None]
    assert answers == [(third.id, -5), (second.id, 5), (first.id, None)]
    assert sorted(each.call.notes for each in told_ if each.call) == [f"call {number}" for number in range(TOLD)]
    assert {page.total for page in pages} == {len(told_)} == {3 + TOLD}
    assert worklists.customer(db, "anna@nordlys.example", EVERYTHING, 9).number == 1
    assert worklists.customer(db, "nobody@nordlys.example", EVERYTHING).items == ()


def test_a_page_that_is_gone_is_the_last(db):
    """Where a list has become shorter meanwhile, a page beyond its end is the last that there is."""
    for number in range(SHOWN + 1):
        told(db, number, respondent_email=None, respondent_id=None)
    assert worklists.waiting(db, None, EVERYTHING, NOW, 9).number == 2
    worklists.index(db)
    assert worklists.containing(db, "leveransen", EVERYTHING, 9).number == 2
    assert worklists.containing(db, "xylofon", EVERYTHING, 9) == replace(
        worklists.containing(db, "xylofon", EVERYTHING), number=1
    )


def test_the_week_of_a_team(db):
    """What a team has done since its week began is counted in all, not by person."""
    for number, user in enumerate(("U1", "U1", "U2")):
        found = told(db, number, respondent_email=None, respondent_id=None)
        step = NextStep.HAND_OVER if number else NextStep.CLOSE
        callbacks.log_call(
            db, SETTINGS, found.public_id, Call(user, NOW + number * HOUR, Outcome.REACHED, "", (), step)
        )
    assert lists.done_since(db, NOW) == {"calls": 3, "people": 2, "closed": 1}
    assert lists.done_since(db, NOW + HOUR) == {"calls": 2, "people": 2, "closed": 0}
