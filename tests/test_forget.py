"""Forgetting a person in the store: to the last byte, by whatever name, and for good."""

from __future__ import annotations

import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import NOW, a_response
from forgetting import EMAIL, TRACES, bytes_of, call, command, left, run
from hypothesis import given
from hypothesis import settings as drawn
from hypothesis import strategies as st

from bot import callbacks, forget, intake
from bot.config import Settings
from bot.model import Subject
from bot.refusals import NoSuchCallback
from storage import Store
from storage.db import beside, reading, turns


@pytest.fixture(name="remembered")
def _remembered(settings) -> str:
    with beside(settings.database) as db:
        receipt = intake.receive(db, settings, "json", a_response(), NOW)
        callbacks.log_call(db, settings, receipt.response_id, call())
        intake.set_aside(db, "typeform", {}, f'{{"email": "{EMAIL}"}}'.encode(), "no score", NOW)
    return receipt.response_id


def test_no_byte_of_a_person_is_left(settings, remembered):
    """The command takes them out of the file, its log and the index of words; the score stays."""
    assert left(settings.database) == list(TRACES)
    done = run(settings, "forget", EMAIL.upper(), "--yes")
    told_of = "Erased: 1 response, 1 call, 0 messages in Slack and 1 delivery kept as they came."
    assert (done.returncode, told_of in done.stderr) == (0, True), done.stderr
    assert left(settings.database) == []
    with closing(sqlite3.connect(settings.database)) as store:
        assert store.execute("select score, email from responses").fetchall() == [(3, None)]
        assert store.execute("select count(*) from search").fetchone() == (0,)


TEXTS = st.sampled_from(["short", "y" * 300, "long " * 400])


@drawn(max_examples=12)
@given(st.lists(st.tuples(TEXTS, TEXTS, st.booleans()), min_size=30, max_size=90))
def test_no_copy_is_left_in_a_gap(people):
    """Rows that grew were moved from page to page; of none of those copies is a byte left, the others are whole."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=Path(folder) / "npsbot.db")
        with turns(settings.database) as turn:
            ids = {}
            for later in (False, True):
                for n, texts in enumerate(people):
                    came = a_response(
                        id=f"r-{n}", comment=f"words{n}; {texts[later]}", respondent_email=f"p{n}@x.example"
                    )
                    with turn() as db:
                        came = replace(came, version=came.version + later)
                        ids[n] = intake.receive(db, settings, "json", came, NOW).response_id
                        if later:
                            callbacks.log_call(db, settings, ids[n], call(notes=f"note{n}; {texts[0]}"))
            for n, (*_, gone) in enumerate(people):
                if gone:
                    with turn() as db:
                        erasure = forget.forget(db, Subject(f"p{n}@x.example"), None, NOW)
        if any(gone for *_, gone in people):
            assert forget.settled(settings.database, erasure.id) is not None
        found = bytes_of(settings.database)
        for n, (*_, gone) in enumerate(people):
            traces = [trace.encode() in found for trace in (f"words{n};", f"note{n};", f"p{n}@x.example")]
            assert traces == [not gone] * 3


@pytest.mark.parametrize(
    "spelt",
    [
        EMAIL,
        EMAIL.upper(),
        quote(EMAIL),
        quote(f'"{EMAIL}"'),
        quote(f'"{EMAIL}"').lower(),
        f"x\\n{EMAIL}.",
        f"<{EMAIL}>",
    ],
)
def test_deliveries_are_found_however_they_spell_it(db, settings, spelt):
    """A delivery in quarantine is dropped whether it holds the address as JSON or as a form; another's stays."""
    for address in (spelt, "hanna@nordlys.example", f"{EMAIL}.org"):
        intake.set_aside(db, "tally", {}, f"email={address}&comment=x".encode(), "no score", NOW)
    assert forget.concerned(db, Subject(EMAIL)).bodies == 1
    assert forget.forget(db, Subject(EMAIL), None, NOW).bodies == 1
    assert db.value("select count(*) from quarantine") == 2


def test_a_redelivery_brings_nothing_back(settings, remembered):
    """The same response sent again is a duplicate, of which nothing is stored; a new answer is a new response."""
    with beside(settings.database) as db:
        assert forget.forget(db, Subject(EMAIL), None, NOW).responses == 1
        again = intake.receive(db, settings, "json", a_response(score=9), NOW)
        assert (again.status, again.response_id) == (intake.Status.DUPLICATE, remembered)
        assert db.value("select count(*) from responses where name is not null") == 0
        new = intake.receive(db, settings, "json", a_response(id="r-2"), NOW)
        assert new.status is intake.Status.ACCEPTED


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nobody@nowhere.example"], 1, "Nobody with the address nobody@nowhere.example has answered."),
        (["--id", "c-17", "--source", "other"], 1, "Nobody with the id c-17 at other has answered."),
        ([], 2, "give EMAIL, or --id ID together with --source NAME"),
        (["--id", "c-17"], 2, "give EMAIL, or --id ID together with --source NAME"),
        ([EMAIL, "--id", "c-17", "--source", "json"], 2, "give EMAIL, or --id ID together with --source NAME"),
    ],
)
def test_somebody_unknown_is_said_to_be(settings, remembered, words, code, sentence):
    """Whoever is not there, and whoever is not named, ends with a sentence; nothing is erased."""
    done = run(settings, "forget", *words, "--yes")
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr
    assert left(settings.database) == list(TRACES)


def test_by_the_id_of_a_source(settings, remembered):
    """Who has no address is named by the id that a source knows them by; their deliveries go by their addresses."""
    done = run(settings, "forget", "--id", "c-17", "--source", "json", "--yes")
    assert (done.returncode, left(settings.database)) == (0, []), done.stderr


BO = "bo@x.example"


@pytest.mark.parametrize("subject", [Subject(EMAIL), Subject(None, "json", "c-17")], ids=["email", "id"])
@pytest.mark.parametrize(("other", "erased"), [(None, 2), (EMAIL.upper(), 3)])
def test_answers_without_an_address(db, settings, subject, other, erased):
    """An answer under the same id of a source is theirs, whichever of the two the person is named by."""
    intake.receive(db, settings, "json", a_response(), NOW)
    intake.receive(db, settings, "json", a_response(id="r-2", respondent_email=None), NOW)
    intake.receive(db, settings, "other", a_response(id="r-2", respondent_email=None), NOW)
    if other:
        intake.receive(db, settings, "shop", a_response(id="r-3", respondent_email=other, respondent_id="x"), NOW)
    assert forget.forget(db, subject, None, NOW).responses == erased
    assert forget.forget(db, subject, None, NOW).responses == 0


@pytest.mark.parametrize(("subject", "left_over"), [(Subject(EMAIL), {"r-3", "r-4"}), (Subject(BO), {"r-1", "r-2"})])
def test_an_id_of_several_people(db, settings, subject, left_over):
    """Where an id goes with two addresses neither takes the other along, only what shares a callback with it."""
    mail = {"r-1": EMAIL, "r-2": None, "r-3": BO, "r-4": None}
    for number, address in mail.items():
        if number == "r-3":  # so that Bo's answer, and what follows, shares a callback of its own
            db.execute("update callbacks set state = 'closed', closed_at = opened_at")
        came = a_response(id=number, respondent_email=address)
        intake.receive(db, settings, "json", came, NOW)
    forget.forget(db, subject, None, NOW)
    rows = db.rows("select source_id from responses where forgotten = 0")
    assert {row["source_id"] for row in rows} == left_over
    assert forget.concerned(db, Subject(None, "json", "c-17")).responses == len(rows)


def test_nobody_shares_a_callback_with_somebody_else(db, settings):
    """An answer without an address, under an id that two people have, brings these two not together."""
    for number, address in enumerate((EMAIL, None, BO)):
        intake.receive(db, settings, "json", a_response(id=f"r-{number}", respondent_email=address), NOW)
    assert db.value("select count(*) from callbacks") == 2
    assert db.value("select callback_of from responses where email = :email", email=BO) is None


def test_it_asks_first(settings, remembered):
    """Without --yes the command says how much it is about, and erases nothing on a no."""
    words, environment = command(settings, "forget", EMAIL)
    done = subprocess.run(words, env=environment, input="n\n", capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Erase 1 response, 1 call, 0 messages in Slack and 1 delivery kept as they came" in done.stderr
    assert left(settings.database) == list(TRACES)


def test_whom_a_customer_passed_on_is_forgotten_too(db, settings):
    """A person who never answered, but stands in a call as somebody to talk to, is taken out of it; the call stays."""
    receipt = intake.receive(db, settings, "json", a_response(score=10), NOW)
    callbacks.log_call(db, settings, receipt.response_id, call(referral_contact="Bo.Ek@x.example, mornings"))
    assert forget.concerned(db, Subject("bo.ek@x.example")) == forget.Concerned(0, 1, 0, 0)
    forget.forget(db, Subject("bo.ek@x.example"), None, NOW)
    row = db.row("select notes, referral_name, referral_contact from calls")
    assert row == {"notes": call().notes, "referral_name": None, "referral_contact": None}


def test_an_open_form_brings_nothing_back(db, settings):
    """What is entered in a form that was open while its customer was forgotten is not taken."""
    receipt = intake.receive(db, settings, "json", a_response(), NOW)
    forget.forget(db, Subject(EMAIL), None, NOW)
    with pytest.raises(NoSuchCallback):
        callbacks.log_call(db, settings, receipt.response_id, call())


def test_traces_of_an_erasure_that_was_cut_short_go(settings, remembered):
    """The command asked again, after one that was ended in the middle, still cleans the file."""
    with beside(settings.database) as db:
        forget.forget(db, Subject(EMAIL), None, NOW)
    assert run(settings, "forget", EMAIL, "--yes").returncode == 1
    assert left(settings.database) == []
    with beside(settings.database) as db:
        assert forget.under_way(db) == []


async def test_a_reader_puts_it_off(settings, remembered):
    """While somebody reads the store its log cannot be emptied, and so nothing is said to be gone; then it is."""
    with beside(settings.database) as db:
        forget.forget(db, Subject(EMAIL), None, NOW)
    store = Store(settings.database)
    with reading(settings.database) as db:
        assert db.value("select count(*) from responses") == 1
        assert await store.scrub() == "something reads the store just now"
    assert await store.scrub() is None
    assert left(settings.database) == []
    store.close()
