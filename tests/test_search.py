"""Finding words as people type them; the index is true to what the store holds, whatever happens to it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bot.config import Settings
from bot.intake import receive
from bot.model import Call, NextStep, Outcome
from storage import calls, past, responses, search, settings
from storage.db import beside
from storage.lists import Sight

SETTINGS = Settings()
EVERYTHING = Sight()


def told(db, comment=None, name=None, company=None, *, number=1):
    """Let somebody answer; return the response's id."""
    person = {"respondent_name": name, "respondent_company": company}
    response = a_response(id=f"r-{number}", comment=comment, **person, submitted_at=NOW + timedelta(minutes=number))
    return responses.by_public_id(db, receive(db, SETTINGS, "json", response, NOW).response_id).id


def found(db, asked, **page):
    """Return the ids of what is found."""
    search.catch_up(db.connection)
    return search.containing(db, asked, EVERYTHING, **{"limit": 50, **page}).ids


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Malmö", "malmo malmoe MALMÖ malmö malm lmö"),
        ("Sørensen", "sorensen soerensen Sørensen SØRENSEN sörensen rensen soer"),
        ("Soerensen", "soerensen sørensen sorensen erensen"),
        ("Ærlig Ødegård", "aerlig odegaard ærlig ødegard arlig oedegård Ärlig Ödegaard"),
        ("Extraersättning", "ersättning ersattning ersaettning extraersaettning"),
        ("Israel does queue", "israel does queue srael oes"),
        ("Åbenrå", "abenra aabenraa åbenrå"),
        ("Aabenraa", "aabenraa åbenrå"),
        ("Mærsk", "maersk mærsk MÆRSK"),
        ("Müller", "muller mueller müller"),
        ("Straße", "strasse straße STRASSE"),
        ("Jyväskylä", "jyvaskyla jyväskylä"),
        ("Łódź", "lodz łódź"),
        ("Mun\u0303oz", "munoz muñoz"),
        ("Ål", "ål al aal"),
        ("Leveransen kom sent", 'lever verans LEVERANSEN "leveransen kom" “kom sent” "sent'),
        ("100 %_ * nöjd", "100 %_ * % _"),
        ("東京は良い 🎉", "東京 良 🎉"),
        ("one\ttwo\nthree", '"one two" "two three"'),
    ],
)
def test_as_people_type(db, written, asked):
    """What somebody wrote is found by each way in which people type it."""
    wanted = told(db, comment=f"Hej! {written}, tack")
    told(db, comment="Nothing of the kind", name="Bo Ek", company="Granvik", number=2)
    questions = search._TERM.findall(asked)
    asked_each = [f'"{phrase}"' if phrase else word for phrase, word in questions]
    assert {each: found(db, each) for each in asked_each} == {each: [wanted] for each in asked_each}


SPELLINGS = {
    "å": "å Å a aa Aa a\u030a",
    "ä": "ä Ä ae a æ",
    "æ": "æ Æ ae a ä",
    "ö": "ö Ö oe o ø",
    "ø": "ø Ø oe o ö",
    "ü": "ü ue u U",
    "ß": "ß ss SS ẞ",
    "é": "é e É",
    "ł": "ł l Ł",
    **{letter: letter for letter in "aeiousrl"},
}
SPELT = st.sampled_from(sorted(SPELLINGS)).flatmap(
    lambda letter: st.tuples(*[st.sampled_from(SPELLINGS[letter].split())] * 2)
)


@given(st.lists(SPELT, min_size=1, max_size=12), st.integers(0, 5))
def test_any_way_of_typing_each_letter_finds_it(letters, start):
    """Whichever way each letter was written, and whichever way each is typed, a word and its beginning are found."""
    written, asked = ("".join(ways) for ways in zip(*letters, strict=True))
    beginning = "".join(typed for _, typed in letters[: start + 1])
    with an_empty_store() as db:
        wanted = told(db, comment=f"Hej! {written}, tack")
        assert found(db, asked) == found(db, beginning) == [wanted]


def test_every_word_anywhere(db):
    """Several words are all looked for, in name, company, comment and notes alike; a phrase only as it is written."""
    one = told(db, "The delivery came late", "Anna Sørensen", "Nordlys AB")
    other = told(db, "Late again", "Bo Berg", "Nordlys AB", number=2)
    calls.add(db, other, Call("U1", NOW, Outcome.REACHED, "Delivery was on a holiday", (), NextStep.CLOSE))
    assert found(db, "late nordlys") == [other, one]
    assert found(db, "delivery nordlys late") == [other, one]
    assert found(db, "soerensen deliv") == [one]
    assert found(db, '"delivery came" nordlys') == [one]
    assert found(db, '"came delivery"') == []
    assert found(db, "berg sørensen") == []


def test_what_is_no_answer_is_not_found(db):
    """A comment that still waits for its score is not found, and is once the score is there."""
    told(db, number=2)
    receive(db, SETTINGS, "json", a_response(id="r-1", score=None, comment="Ensam kommentar"), NOW)
    assert found(db, "ensam") == []
    receive(db, SETTINGS, "json", a_response(id="r-1", score=4, comment=None), NOW)
    assert len(found(db, "ensam")) == 1


def test_newest_first_a_page_at_a_time(db, monkeypatch):
    """Pages follow each other, newest first, and say how many there are until they are too many to sort."""
    ids = [told(db, "late", number=number) for number in (3, 1, 5, 2, 4)]
    newest_first = [ids[at] for at in (2, 4, 0, 3, 1)]
    search.catch_up(db.connection)
    for most in (1000, 3):
        monkeypatch.setattr(search, "COUNTED_MOST", most)
        pages = [search.containing(db, "late", EVERYTHING, 2, skip) for skip in (0, 2, 4, 6)]
        assert [page.ids for page in pages] == [newest_first[:2], newest_first[2:4], newest_first[4:], []]
        assert {page.total for page in pages} == {5 if most == 1000 else None}


@given(
    st.text() | st.text('"“*^:()-+NEARANDORT {}') | st.sampled_from(["\ud800 x", "a\0b", '"' * 10_000, "æ" * 10_000])
)
def test_whatever_is_typed(asked):
    """No question is an error: operators, quotes, emoji, what no text can hold, ten thousand characters."""
    with an_empty_store() as db:
        one = told(db, comment="NEAR(late AND early) OR *")
        assert set(found(db, asked)) <= {one}


WORD = st.sampled_from(["sen", "Sørås", "soras", "MALMÖ", "malmoe", "aal", "Ål", "ß", "maass", "é", "late", "a", "x y"])
TEXT = st.none() | st.lists(WORD, max_size=4).map(" ".join)
STEP = st.tuples(st.sampled_from(["tell", "call", "import", "forget", "rebuild"]), st.integers(1, 4), TEXT, TEXT, TEXT)


def slowly(db, asked):
    """Return what holds every word of a question, by reading everything: newest first."""
    hits = []
    rows = db.rows("select * from responses where score is not null order by submitted_at desc, id desc")
    for row in rows:
        notes = db.rows("select notes from calls where response_id = :id order by id", id=row["id"])
        said = (row["name"], row["company"], row["comment"], "\n".join(call["notes"] for call in notes))
        ways = [way for text in said for way in search.folded(text)]
        if all(any(form in way for form in term for way in ways) for term in search.terms(asked)):
            hits.append(row["id"])
    return hits if search.terms(asked) else []


@how(max_examples=150)
@given(st.lists(STEP, max_size=8), st.lists(WORD, min_size=1, max_size=3).map(" ".join))
def test_the_index_is_true(steps, asked):
    """Whatever is told, changed, called about, imported and erased, the index finds what reading everything finds."""
    with an_empty_store() as db:
        for what, number, comment, name, company in steps:
            step(db, what, number, comment, name, company)
            assert found(db, asked) == slowly(db, asked)
        db.execute("insert into search (search) values ('integrity-check')")


def step(db, what, number, comment, name, company):
    """Let one thing happen."""
    if what == "tell":
        told(db, comment, name, company, number=number)
    elif what == "import":
        answer = past.Answer(
            "json", f"r-{number}", None, None, 5, comment, None, name, None, None, company, None, None, "{}"
        )
        past.add(db, [answer], NOW)
    elif what == "rebuild":
        search.erase(db, [row["id"] for row in db.rows("select id from responses")])
        settings.put(db, search.READ_TO, "0")
        search.catch_up(db.connection)
        search.optimize(db)
    elif row := db.row("select id from responses where source_id = :id", id=f"r-{number}"):
        if what == "call":
            calls.add(db, row["id"], Call("U1", NOW, Outcome.REACHED, comment or "", (), NextStep.CLOSE))
        else:
            db.execute("update responses set comment = null, name = null, company = null where id = :id", id=row["id"])
            db.execute("update calls set notes = '' where response_id = :id", id=row["id"])
            search.erase(db, [row["id"]])


def test_a_store_of_an_older_version(settings):
    """What a store holds already is in the index as soon as a version that has one has opened it."""
    with beside(settings.database) as db:
        wanted = told(db, comment="Smørrebrød")
        calls.add(db, wanted, Call("U1", NOW, Outcome.REACHED, "Rødgrød", (), NextStep.CLOSE))
        for name in ("messages_cards_by_channel", "messages_by_place", "callbacks_free", "callbacks_by_closing"):
            db.execute(f"drop index {name}")
        db.execute("drop table search")
        assert db.execute("delete from _sqlite_migrations where name = 'team_search'") == 1
    with beside(settings.database) as db:
        assert [found(db, asked) for asked in ("smorrebrod", "roedgroed", "xylofon")] == [[wanted], [wanted], []]


def test_nothing_of_what_was_erased_is_left(db):
    """Once the index is optimized no token of what was erased stands in it."""
    one = told(db, comment="Xylofonkonsert", name="Qvist", company="Zwolle")
    told(db, comment="late", number=2)
    search.catch_up(db.connection)
    search.erase(db, [one])
    search.optimize(db)
    pages = b"".join(bytes(row["block"]) for row in db.rows("select block from search_data"))
    assert b"xyl" not in pages
    assert b"lat" in pages


def test_the_index_follows(db):
    """What came is found after a look at it, so many at a time; a change of what nobody looked at yet is no trouble."""
    ids = [told(db, "late", number=number) for number in (1, 2, 3)]
    told(db, "too late", number=3)
    assert search.is_behind(db)
    assert [search.catch_up(db.connection, 2) for _ in range(3)] == [2, 1, 0]
    assert not search.is_behind(db)
    assert found(db, "late") == ids[::-1]
    assert found(db, "too late") == [ids[2]]
