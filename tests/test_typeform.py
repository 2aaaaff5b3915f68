"""Typeform's deliveries, one recorded body a condition: what becomes of each, and what is told of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from conftest import ROOT, eventually

from bot.config import SourceSettings
from storage import quarantine

SECRET = "typeform-test-secret"
BODIES = ROOT / "tests/payloads/typeform"
ACCEPTED, IGNORED, KEPT = (202, "accepted"), (200, "ignored"), (202, "quarantined")


def body_of(name: str) -> bytes:
    return (BODIES / f"{name}.json").read_bytes()


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


@pytest.fixture(name="begin")
def _begin(start):
    """Start a bot with one source of the kind typeform; words are its further settings."""

    def begin(**more):
        more = {"secrets": (SECRET,), **more}
        return start(sources={"typeform": SourceSettings("typeform", "typeform", **more)})

    return begin


async def send(running, body: bytes, query: str = "", **headers: str):
    """Deliver a body, signed unless it comes with other headers; return status and what became of it."""
    headers = headers or {"Typeform-Signature": signature(body)}
    headers = {"Content-Type": "application/json", **headers}
    async with running.http.post(f"{running.url}/webhooks/typeform{query}", data=body, headers=headers) as answer:
        return answer.status, (await answer.json()).get("status")


async def stored(running):
    """Return the responses in the store."""
    return await running.bot.store.read(lambda db: db.rows("select * from responses order by id"))


READ = {
    "nps_all_fields": {
        "source_id": "q3x8mvd0t2kq3x8m5z7wn1c4r6ybf0ae",
        "score": 9,
        "comment": "Supporten svarade på tio minuter och löste allt – grymt jobbat! 🎉",
        "survey": "Kundundersökning hösten 2026",
        "name": "Åsa Lindqvist",
        "email": "asa.lindqvist@bjorkvik.example",
        "phone": "+46701740635",
        "company": "Björkvik Möbler AB",
        "language": "sv",
        "submitted_at": "2026-09-14T08:01:09.000000Z",
    },
    "opinion_scale_zero_hidden_fields": {
        "source_id": "z0w4e6r8t1y3u5i7o9p2a4s6d8f0g1h3",
        "score": 0,
        "comment": "Lasku tuli väärin jo kolmatta kertaa, eikä kukaan vastaa sähköpostiin 😡",
        "survey": "Asiakaskysely Q3",
        "name": "Päivi Hämäläinen",
        "email": "paivi.hamalainen@tuuliranta.example",
        "company": "Tuuliranta Oy",
        "submitted_at": "2026-09-15T11:21:44.000000Z",
    },
    "nps_comment_skipped": {"score": 6, "comment": None},
    "nps_zero_with_quiz_score": {"score": 0, "comment": "Väntade i tre veckor"},
    "nps_without_definition": {"score": 7, "comment": "Helt okej", "email": "bo@granvik.example", "survey": None},
    "nps_without_hidden_fields": {"score": 10, "email": None, "name": None},
    "several_scales_one_about_recommending": {"score": 8, "comment": "Mostly fine"},
    "contact_in_answers_and_hidden_fields": {
        "score": 9,
        "email": "known@granvik.example",
        "name": "Bo Ek",
        "company": "Granvik AB",
        "phone": "+46 70 174 06 99",
        "language": "sv",
    },
}
NOTHING = {
    "ping_without_form_response": IGNORED,
    "event_of_another_type": IGNORED,
    "form_without_nps_question": IGNORED,
    "nps_question_skipped": IGNORED,
    "partial_with_nothing_yet": IGNORED,
    "several_scales_about_recommending": KEPT,
    "opinion_scale_not_about_recommending": KEPT,
    "opinion_scale_without_definition": KEPT,
    "nps_above_ten": KEPT,
    "token_missing": KEPT,
}
TOGETHER = {"partial_with_comment_only", "partial_with_score_and_comment"}


def test_every_recorded_body_is_tried():
    """No body lies in the folder unread."""
    assert {path.stem for path in BODIES.glob("*.json")} == {*READ, *NOTHING, *TOGETHER}


@pytest.mark.parametrize("name", READ)
async def test_what_is_read(begin, name):
    """The score, the words and the person are found where the form has them; a second delivery changes nothing."""
    async with begin() as running:
        assert await send(running, body_of(name)) == ACCEPTED
        assert await send(running, body_of(name)) == (200, "duplicate")
        (row,) = await stored(running)
        assert {column: row[column] for column in READ[name]} == READ[name]
        card = (await eventually(lambda: running.workspace.messages("#nps")))[0]
        assert f"{READ[name]['score']} of 10" in card["text"]


@pytest.mark.parametrize("name", NOTHING)
async def test_what_is_no_answer(begin, name):
    """What is no NPS answer is let go; what may be one, but cannot be mapped, is kept whole. No card for either."""
    async with begin() as running:
        assert await send(running, body_of(name)) == NOTHING[name]
        assert await stored(running) == []
        kept = await running.bot.store.read(quarantine.listing)
        assert [row["body"] for row in kept] == ([body_of(name)] if NOTHING[name] == KEPT else [])
        assert await running.bot.store.read(lambda db: db.value("select count(*) from outbox")) == 0
        assert SECRET not in str(kept)


async def test_a_comment_before_its_score(begin):
    """A comment that is sent before its score waits for it; then there is one card with both."""
    async with begin() as running:
        assert await send(running, body_of("partial_with_comment_only")) == ACCEPTED
        assert await running.bot.store.read(lambda db: db.value("select count(*) from outbox")) == 0
        assert await send(running, body_of("partial_with_score_and_comment")) == (200, "updated")
        (card,) = await eventually(lambda: running.workspace.messages("#nps"))
        assert "Levererades till fel adress" in json.dumps(card, ensure_ascii=False)


@pytest.mark.parametrize("named", ["ease", "Ops2", "How easy was it to get help?"])
async def test_a_configured_score(begin, named):
    """Which question is the score can be said by its ref, its id or its title; nothing is guessed then."""
    async with begin(fields={"score": named, "comment": "nps_reason"}, survey="ease of help") as running:
        assert await send(running, body_of("opinion_scale_not_about_recommending")) == ACCEPTED
        assert await send(running, body_of("several_scales_one_about_recommending")) == ACCEPTED
        assert await send(running, body_of("nps_all_fields")) == KEPT
        rows = await stored(running)
        assert [(row["score"], row["survey"]) for row in rows] == [(9, "ease of help"), (1, "ease of help")]


async def test_a_configured_score_without_definition(begin):
    """A ref is found in the answers, too, where the form's definition is missing."""
    async with begin(fields={"score": "likely"}) as running:
        assert await send(running, body_of("opinion_scale_without_definition")) == ACCEPTED


async def test_whose_delivery_it_is(begin):
    """A right signature is taken, or the secret where there is none; a wrong signature is never made up for."""
    body = body_of("nps_all_fields")
    async with begin(secrets=("the one before", SECRET)) as running:
        for query, headers, status in (
            ("", {"Typeform-Signature": signature(body, "another")}, 401),
            ("", {"Typeform-Signature": signature(body + b" ")}, 401),
            ("", {"Typeform-Signature": signature(body).removeprefix("sha256=")}, 401),
            ("", {"Typeform-Signature": "sha256="}, 401),
            (f"?secret={SECRET}", {"Typeform-Signature": "sha256=AAAA"}, 401),
            ("?secret=another", {"User-Agent": "Typeform Webhooks"}, 401),
            ("", {"User-Agent": "Typeform Webhooks"}, 401),
            ("", {"Typeform-Signature": signature(body, "the one before")}, 202),
            (f"?secret={SECRET}", {"User-Agent": "Typeform Webhooks"}, 200),
            ("", {"Authorization": f"Bearer {SECRET}"}, 200),
        ):
            assert (await send(running, body, query, **headers))[0] == status, (query, headers)


def test_the_published_vector():
    """The signature that Typeform's own rule gives for the recorded bytes."""
    assert signature(body_of("nps_all_fields")) == "sha256=R7vxVZqwVcFPqOQdCe2jR5mi3W7sBB8ZK0KLIHvOqAA="
    assert (
        signature(body_of("opinion_scale_zero_hidden_fields")) == "sha256=6iI2wiucqkByVv2LOsV1KLOzKfKWg0lfP1OpCSde2fo="
    )
