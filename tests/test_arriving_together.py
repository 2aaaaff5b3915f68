"""Deliveries that come at the same time share statements: whatever they hold, they end as one after the other."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks as moves
from bot.config import Settings, SourceSettings
from bot.intake import Arrival, receive, receive_all, receive_together
from bot.model import Thin
from bot.settings.routes import Route
from bot.settings.surveys import Survey
from storage import forgotten, responses

SETTINGS = Settings(
    sources={"shop": SourceSettings("shop", "json", ("s",), wait=60.0)},
    surveys={"pulse": Survey(anonymous=True)},
    routes=(
        Route(1, {"company": frozenset({"nordlys ab"})}, "#key", assign="U0FREJA", mention=True),
        Route(2, {"company": frozenset({"quiet oy"})}, None, callback=False),
    ),
)
EMAILS = (None, "", "anna@nordlys.example", "ANNA@nordlys.example", "bo@havblikk.example", "qa@npsbot.example")
ANSWERS = st.builds(
    a_response,
    id=st.one_of(st.sampled_from(["a", "b", "known", "gone"]), st.integers(0, 99).map(str)),
    score=st.sampled_from([None, 0, 6, 8, 10]),
    comment=st.sampled_from([None, "Sent igen"]),
    survey=st.sampled_from(["relationship", "pulse"]),
    version=st.sampled_from([None, 1.0, 1763629200.123456]),
    respondent_id=st.sampled_from([None, "", "7", "8"]),
    respondent_email=st.sampled_from(EMAILS),
    respondent_company=st.sampled_from([None, "Nordlys AB", "Quiet Oy"]),
)
FOUND = st.lists(
    st.one_of(ANSWERS, st.builds(Thin, st.sampled_from("ab"), st.just(("/x",)), st.just(b"{}"))), max_size=3
)
ARRIVALS = st.lists(
    st.tuples(st.sampled_from(["json", "shop"]), st.one_of(ANSWERS.map(lambda each: [each]), FOUND)), max_size=40
)


@cache
def begun():
    """Return a store in which there is somebody whose callback is held, and somebody who was forgotten."""
    with an_empty_store() as db:
        receipt = receive(db, SETTINGS, "json", a_response(id="known", respondent_id="7"), NOW - timedelta(days=1))
        moves.claim(db, receipt.response_id, "U0INGRID", NOW - timedelta(hours=1))
        gone = responses.add(db, "json", a_response(id="gone", respondent_email="gone@x.example"), NOW)
        forgotten.erase(db, gone.id, NOW)
        db.execute("commit")
        return db.connection.serialize()


def told(db, receipts):
    """Return all that was answered and is stored; what has a number of its own is known by its response instead."""
    found = db.rows("select * from responses")
    keys = {row["id"]: (row["source"], row["source_id"]) for row in found}
    public = {row["public_id"]: keys[row["id"]] for row in found} | {None: None}
    history: dict[tuple[str, str], list[object]] = {}
    events = {}
    for row in db.rows("select * from history order by id"):
        about = history.setdefault(keys[row["response_id"]], [])
        details = json.loads(row["details"])
        about.append(
            (row["at"], row["actor"], row["action"], details | {"response": keys.get(details.get("response"))})
        )
        events[row["id"]] = (*keys[row["response_id"]], len(about))
    messages = {
        row["id"]: (row["kind"], (keys if row["kind"] == "card" else events)[row["subject"]], row["channel"])
        for row in db.rows("select * from messages")
    }
    by_response = ("callbacks", "untagged", "wished_owners")
    return {
        "receipts": [[(receipt.status, public[receipt.response_id]) for receipt in each] for each in receipts],
        "responses": [
            (keys[row["id"]], row | {"id": 0, "public_id": "", "callback_of": keys.get(row["callback_of"])})
            for row in sorted(found, key=lambda row: keys[row["id"]])
        ],
        "history": history,
        "outbox": sorted(
            (*messages[row["message_id"]], row["lane"], row["urgent"], row["queued_at"], row["not_before"] or "")
            for row in db.rows("select * from outbox")
        ),
        "cards": [subject for kind, subject, _ in messages.values() if kind == "card"],
        **{
            table: sorted(
                (keys[row["response_id"]], str(row | {"response_id": 0})) for row in db.rows(f"select * from {table}")
            )
            for table in by_response
        },
        **{
            table: sorted(str(row | {"id": 0}) for row in db.rows(f"select * from {table}"))
            for table in ("daily", "daily_groups", "fetches", "quarantine", "forgotten")
        },
    }


@given(ARRIVALS)
def test_together_as_one_after_the_other(deliveries):
    """Nothing that is answered, stored or queued tells whether deliveries came together, but the order of ids."""
    arrivals = [
        Arrival(source, found, NOW + timedelta(milliseconds=number))
        for number, (source, found) in enumerate(deliveries)
    ]
    with an_empty_store(begun()) as one, an_empty_store(begun()) as other:
        together = receive_together(one, SETTINGS, arrivals)
        in_turn = [receive_all(other, SETTINGS, each.source, each.found, each.now) for each in arrivals]
        assert told(one, together) == told(other, in_turn)


@pytest.mark.parametrize("people", [2, 7, 256])
def test_many_answers_of_a_few_people(people):
    """However often somebody answers at one moment, they have as many callbacks as if they had taken their time."""
    arrivals = [
        Arrival(
            "json",
            [a_response(id=str(number), respondent_id=None, respondent_email=f"p{number % people}@x.example")],
            NOW + timedelta(milliseconds=number),
        )
        for number in range(256)
    ]
    with an_empty_store(begun()) as one, an_empty_store(begun()) as other:
        together = receive_together(one, SETTINGS, arrivals)
        in_turn = [receive_all(other, SETTINGS, each.source, each.found, each.now) for each in arrivals]
        assert told(one, together) == told(other, in_turn)


def test_new_responses_share_their_statements(db, settings):
    """A hundred new responses take not many more statements than one."""
    statements: set[str] = set()  # each is told again for what its triggers do
    arrivals = [
        Arrival("json", [a_response(id=str(n), respondent_id=str(n), respondent_email=None)], NOW) for n in range(100)
    ]
    db.connection.set_trace_callback(statements.add)
    receive_together(db, settings, arrivals)
    inserted = [each for each in statements if each.startswith("insert into responses")]
    assert len(inserted) == 4  # of 32, 32, 32 and 4
    assert len(statements) < 40
    assert db.value("select count(*) from callbacks") == db.value("select count(*) from outbox") == 100
