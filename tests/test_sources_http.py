"""Deliveries of survey tools through HTTP: what becomes of them in the store, and what their senders are told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from conftest import SECRET, eventually
from recorded import HUBSPOT, VECTORS, delivery_of, kind_of, recording, vectors
from yarl import URL

from bot.config import SourceSettings
from handlers.sources import Delivery, proofs
from handlers.sources.kinds import KINDS
from storage import quarantine


@pytest.fixture(name="running")
async def _running(start):
    sources = {kind: SourceSettings(kind, kind, (SECRET,)) for kind in KINDS}
    sources |= {
        f"{kind_of(v)}-signed": SourceSettings(f"{kind_of(v)}-signed", kind_of(v), (v["secret"],)) for v in VECTORS
    }
    sources["quiet"] = SourceSettings("quiet", "zapier", (SECRET,), survey="Our own name")
    async with start(sources=sources, public_url="https://bot.example.com") as running:
        yield running


async def send(running, sample, *, source):
    """Post a recorded delivery; return status and answer."""
    delivery = delivery_of(sample)
    url = f"{running.url}/webhooks/{source}?{urlencode(sample.get('query', {}))}"
    async with running.http.post(url, data=delivery.body, headers=sample["headers"]) as answer:
        return answer.status, await answer.json()


async def rows(running, sql="select * from responses order by id"):
    """Return rows of the store."""
    return await running.bot.store.read(lambda db: db.rows(sql))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("jotform", "multipart"),
        ("qualtrics", "web_service_task_zero_as_a_form"),
        ("wootric", "urlencoded"),
        ("zapier", "form_zero"),
        ("make", "multipart_zero"),
        ("asknicely", "zero"),
        ("google_forms", "named_values_zero"),
    ],
)
async def test_through_http(running, workspace, kind, name):
    """A delivery of any of the tools' content types becomes a response and a card."""
    sample = recording(kind, name)
    status, answer = await send(running, sample, source=kind)
    assert (status, answer["status"]) == (202, "accepted")
    (row,) = await rows(running)
    assert (row["source"], row["score"], row["comment"]) == (
        kind,
        sample["expect"]["score"],
        sample["expect"]["comment"],
    )
    await eventually(lambda: workspace.messages("#nps"))
    assert (await send(running, sample, source=kind)) == (200, {**answer, "status": "duplicate"})


@pytest.mark.parametrize(
    "vector",
    [v for v in vectors() if v.values[0]["tool"] in ("typeform", "tally", "delighted", "survicate", "wootric")],
)
async def test_signed_through_http(running, vector):
    """The published bodies, byte for byte with their signatures, are taken; with one byte more they are not."""
    url = f"{running.url}/webhooks/{kind_of(vector)}-signed"
    for body, status in ((vector["raw_body"], 202), (vector["raw_body"] + " ", 401)):
        async with running.http.post(url, data=body.encode(), headers=vector["headers"]) as answer:
            assert answer.status == status
    assert len(await rows(running)) == 1


async def test_a_retry_is_signed_anew(running):
    """Standard Webhooks signs each attempt anew: the same message is one response, also without an id of its own."""
    secret = next(vector["secret"] for vector in VECTORS if kind_of(vector) == "json")
    bare = Delivery({"content-type": "application/json"}, b'{"score": 0}', datetime.now(UTC))
    for now, wanted in ((bare.now - timedelta(minutes=2), (202, "accepted")), (bare.now, (200, "duplicate"))):
        attempt = KINDS["json"].sign(replace(bare, now=now), secret)
        url = f"{running.url}/webhooks/json-signed"
        async with running.http.post(url, data=attempt.body, headers=attempt.headers) as answer:
            assert (answer.status, (await answer.json())["status"]) == wanted


async def test_a_signed_address_through_http(running):
    """HubSpot's signature over the public address is right behind a proxy, escapes in the address and all."""
    path, secret = "/webhooks/hubspot-signed?to=%40nps&x=a%2Fb", HUBSPOT["secret"]
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))
    content = f"POSThttps://bot.example.com{path}".encode() + HUBSPOT["raw_body"].encode() + stamp.encode()
    signature = proofs.base64_hmac(secret, content, "sha256")
    headers = {
        "Content-Type": "application/json",
        "X-HubSpot-Signature-v3": signature,
        "X-HubSpot-Request-Timestamp": stamp,
    }
    url = URL(f"{running.url}{path}", encoded=True)
    async with running.http.post(url, data=HUBSPOT["raw_body"].encode(), headers=headers) as answer:
        assert answer.status == 202
    async with running.http.post(f"{running.url}/webhooks/hubspot-signed", data=b"[]", headers=headers) as answer:
        assert answer.status == 401


async def test_a_batch_through_http(running):
    """All that one delivery holds is taken at once, and what is no NPS answer in it left out."""
    sample = recording("hubspot", "batch_of_events")
    status, answer = await send(running, sample, source="hubspot")
    assert (status, answer["status"]) == (202, "accepted")
    assert [(row["source_id"], row["score"]) for row in await rows(running)] == [("20110045", 0), ("20110047", 10)]
    assert (await send(running, sample, source="hubspot"))[0:1] == (200,)
    sample["body"] = [{**event, "occurredAt": event["occurredAt"] + 60_000} for event in sample["body"]]
    sample["body"][-1]["propertyValue"] = "8"
    assert (await send(running, sample, source="hubspot"))[1]["status"] == "updated"


async def test_a_batch_with_one_to_be_asked_for(running):
    """Where the tool cannot be asked, what is whole in a batch is taken, and only the rest kept for later."""
    sample = recording("hubspot", "batch_of_events")
    other = {**recording("hubspot", "batch_without_the_answers")["body"][0], "objectId": 20119999}
    sample["body"] = [*sample["body"], other]
    status, answer = await send(running, sample, source="hubspot")
    assert (status, answer["status"]) == (202, "accepted")
    assert [(row["source_id"], row["score"]) for row in await rows(running)] == [("20110045", 0), ("20110047", 10)]
    (kept,) = await running.bot.store.read(quarantine.listing)
    assert json.loads(kept["body"]) == [other]
    assert "API must be asked" in kept["reason"]


async def test_what_is_not_taken_through_http(running):
    """What is no NPS answer is ignored with 200; what holds no answers is kept with 202, its secrets left out."""
    ignored = recording("wootric", "declined")
    status, answer = await send(running, ignored, source="wootric")
    assert (status, answer["status"], answer["reason"]) == (200, "ignored", ignored["ignored"])
    thin = recording("surveymonkey", "completed_has_no_answers")
    thin["headers"]["X-Webhook-Token"] = SECRET
    assert await send(running, thin, source="surveymonkey") == (202, {"status": "quarantined"})
    assert await rows(running) == []
    (kept,) = await running.bot.store.read(quarantine.listing)
    assert "API must be asked" in kept["reason"]
    assert SECRET not in str(kept)
    assert kept["headers"]["content-type"] == "application/vnd.surveymonkey.response.v1+json"


async def test_the_configured_survey_counts(running):
    """A source's own survey stands above what the tool calls it."""
    sample = recording("zapier", "json")
    assert (await send(running, sample, source="quiet"))[0] == 202
    assert (await rows(running))[0]["survey"] == "Our own name"
