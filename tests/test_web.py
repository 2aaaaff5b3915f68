"""What a sender of webhooks is answered, and what is stored before it is answered."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from dataclasses import replace

import pytest
from conftest import SECRET, eventually
from knocking import BEARER, FULL, HEAD, JSON, raw, rows, send

from bot.config import SourceSettings
from handlers import web
from storage import db as database
from storage import settings as values


@pytest.fixture(name="running")
async def _running(start):
    async with start() as running:
        yield running


async def test_the_documented_body(running):
    """All that the documented body says is stored, and the answer names the response by the id of its card."""
    status, _, answer = await send(running, json.dumps(FULL))
    assert (status, answer) == (202, {"status": "accepted", "response_id": answer["response_id"]})
    (row,) = await rows(running)
    assert row["public_id"] == answer["response_id"]
    told = {**FULL, **FULL["respondent"]}
    assert {name: row[name] for name in ("survey", "touchpoint", "score", "comment", "link")} == {
        name: told[name] for name in ("survey", "touchpoint", "score", "comment", "link")
    }
    assert [row[name] for name in ("name", "email", "phone", "company", "language")] == [
        told[name] for name in ("name", "email", "phone", "company", "language")
    ]
    assert row["submitted_at"].startswith("2026-11-20T08:15:00")
    assert json.loads(row["properties"]) == {"plan": "pro"}
    assert (row["source"], row["source_id"], row["respondent_id"]) == ("json", "r-1001", "c-17")
    card = (await eventually(lambda: running.workspace.messages("#nps")))[0]
    assert card["metadata"]["event_payload"] == {"response_id": answer["response_id"]}


async def test_only_a_score_is_required(running):
    """A score alone is a response; two of them are two."""
    for body in ('{"score": 9}', '{"score": "9"}', '{"score": 0}', '{"score": 1e1}'):
        assert (await send(running, body))[0] == 202
    assert [row["score"] for row in await rows(running)] == [9, 9, 0, 10]


@pytest.mark.parametrize(
    "score", ["true", "7.5", "11", "-1", "null", '"nine"', '"７"', '""', "[]", "{}", "1e999", "1" * 400, '" 7.0 "']
)
async def test_what_is_no_score(running, score):
    """Nothing is bent into a score; the answer names the field and nothing is stored."""
    status, _, answer = await send(running, f'{{"id": "r-1", "score": {score}}}')
    assert (status, answer["field"]) == (422, "score")
    assert await rows(running) == []


async def test_the_same_again(running):
    """The same delivery again is a duplicate; a changed score or a comment that comes later updates the card."""
    first = {"id": "r-1", "score": 9}
    _, _, accepted = await send(running, json.dumps(first))
    for body, outcome in (
        (first, "duplicate"),
        ({**first, "comment": "Bra"}, "updated"),
        (first, "duplicate"),
        ({**first, "score": 4}, "updated"),
    ):
        status, _, answer = await send(running, json.dumps(body))
        assert (status, answer) == (200, {"status": outcome, "response_id": accepted["response_id"]})
    (row,) = await rows(running)
    assert (row["score"], row["comment"]) == (4, "Bra")
    card = await eventually(
        lambda: [m for m in running.workspace.messages("#nps") if m["text"].startswith("Detractor · 4 of 10")]
    )
    assert len(card) == len(running.workspace.messages("#nps")) == 1


async def test_many_at_once(running):
    """Two hundred deliveries of twenty responses at the same moment are twenty responses and twenty cards."""
    running.workspace.rates.on = False
    bodies = [json.dumps({"id": f"r-{n % 20}", "score": n % 20 % 11, "comment": "Same"}) for n in range(200)]
    answers = await asyncio.gather(*(send(running, body) for body in bodies))
    outcomes = [(status, answer["status"]) for status, _, answer in answers]
    assert outcomes.count((202, "accepted")) == 20
    assert outcomes.count((200, "duplicate")) == 180
    assert len({answer["response_id"] for _, _, answer in answers}) == 20
    assert len(await rows(running)) == 20
    assert len(await rows(running, "select * from messages")) == 20


async def test_versions_at_once(running):
    """Of many versions of one response the newest by the sender's own time wins, in whatever order they came."""
    bodies = [
        json.dumps({"id": "r-1", "score": n % 11, "submitted_at": f"2026-11-20T08:{n:02}:00Z"}) for n in range(40)
    ]
    await asyncio.gather(*(send(running, body) for body in reversed(bodies)))
    (row,) = await rows(running)
    assert row["score"] == 39 % 11


async def test_a_comment_before_its_score(running, workspace):
    """What comes without a score waits for it and shows nowhere."""
    settings = running.bot.settings
    source = SourceSettings("typeform", "typeform", (SECRET,))
    running.bot.desk.settings = replace(settings, sources={**settings.sources, "typeform": source})
    partial = {"token": "t-1", "answers": [{"type": "text", "text": "Sent", "field": {"type": "long_text"}}]}
    body = {"event_type": "form_response_partial", "form_response": partial}
    assert (await running.deliver(body, source="typeform"))[0] == 202
    assert await rows(running, "select * from messages") == []
    partial["answers"].append({"type": "number", "number": 0, "field": {"type": "nps"}})
    assert (await running.deliver({**body, "event_type": "form_response"}, source="typeform"))[0] == 200
    card = await eventually(lambda: workspace.messages("#nps"))
    assert "Sent" in json.dumps(card)


async def test_a_known_source_can_be_probed(running):
    """Tools that look whether the address is there find it, and nothing is stored."""
    assert (await send(running, None, {}, method="GET"))[0] == 200
    assert (await send(running, None, {}, method="HEAD"))[0] == 200
    for method in ("GET", "HEAD", "POST"):
        assert (await send(running, None, {}, method=method, path="/webhooks/unknown"))[0] == 404
    assert (await send(running, b"{}", {}, path="/webhooks/typeform"))[0] == 404
    assert await rows(running) == []


@pytest.mark.parametrize("chunked", [False, True])
async def test_how_large_a_body_may_be(running, chunked):
    """256 KiB are taken, one byte more is 413, whether the length is told beforehand or not."""

    async def in_chunks(body):
        for start in range(0, len(body), 60_000):
            yield body[start : start + 60_000]

    for more, status in ((-1, 202), (0, 202), (1, 413), (1_000_000, 413)):
        body = b'{"score": 9, "comment": "%s"}' % (b"a" * (256 * 1024 - 27 + more))
        assert len(body) == 256 * 1024 + more
        assert (await send(running, in_chunks(body) if chunked else io.BytesIO(body)))[0] == status
    assert len(await rows(running)) == 2


async def test_a_body_that_does_not_come(running, monkeypatch):
    """A body that is promised and not sent keeps nobody waiting for long."""
    monkeypatch.setattr(web, "BODY_WITHIN", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.bot.port)
    writer.write(HEAD + b"Content-Length: 99\r\n\r\n{")
    assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 408")
    assert (await send(running, '{"score": 9}'))[0] == 202
    writer.close()
    await writer.wait_closed()


async def test_slow_clients_hold_up_nobody(running):
    """Two hundred who never finish what they began to send keep no honest sender waiting."""
    slow = []
    for number in range(200):
        _, writer = await asyncio.open_connection("127.0.0.1", running.bot.port)
        writer.write(HEAD if number % 2 else HEAD + b"Content-Length: 99\r\n\r\n{")
        slow.append(writer)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(send(running, '{"score": 9}') for _ in range(20)))
    assert {status for status, _, _ in answers} == {202}
    for writer in slow:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in slow))


@pytest.mark.parametrize("broken", [b"ZZ\r\n{}\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"-1\r\n\r\n", b"\xff\r\n"])
async def test_chunks_that_are_none(running, broken):
    """A body whose chunks are broken is refused, not a fault of ours."""
    answer = await raw(running, HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + broken)
    assert b" 50" not in answer.split(b"\r\n")[0]
    assert await rows(running) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "multipart/form-data"}, 415),
        ({"Content-Type": "application/jsonp"}, 415),
        ({"Content-Type": "nonsense"}, 415),
        ({"Content-Type": "application/json; charset=utf-8"}, 202),
        ({"Content-Type": "application/cloudevents+json"}, 202),
        ({**JSON, "Content-Encoding": "gzip"}, 415),
        ({**JSON, "Content-Encoding": "br"}, 415),
        ({**JSON, "Content-Encoding": "identity"}, 202),
    ],
    ids=str,
)
async def test_what_a_body_may_be(running, headers, status):
    """JSON is taken, under any name of JSON and uncompressed; anything else is 415."""
    assert (await send(running, b'{"score": 9}', {**BEARER, **headers}))[0] == status


@pytest.mark.parametrize("body", ["", " ", "{", "nine", '{"score": NaN}', '{"score": 9', "{'score': 9}", "\udcff"])
async def test_what_is_no_json(running, body):
    """What is no JSON is 400."""
    status, _, answer = await send(running, body.encode(errors="surrogateescape"))
    assert (status, answer) == (400, {"error": "the body is not JSON"})


async def test_a_store_that_is_locked(running, settings, monkeypatch):
    """While the store cannot be written the sender is asked to come again, and nothing is half stored."""
    monkeypatch.setattr(database, "BUSY_MS", 50)
    await running.bot.store.run(lambda db: db.execute("pragma busy_timeout = 50"))
    other = sqlite3.connect(settings.database, isolation_level=None)
    other.execute("begin immediate")
    bodies = [json.dumps({"id": f"r-{n}", "score": 3}) for n in range(20)]
    for status, headers, answer in await asyncio.gather(*(send(running, body) for body in bodies)):
        assert (status, list(answer)) == (503, ["error"])
        assert int(headers["Retry-After"]) > 0
    async with running.http.get(f"{running.url}/readyz") as ready:
        assert (ready.status, "locked" in await ready.text()) == (503, True)
    async with running.http.get(f"{running.url}/healthz") as health:
        assert health.status == 200
    other.execute("rollback")
    other.close()
    for table in ("responses", "callbacks", "history", "messages", "outbox"):
        assert await rows(running, f"select * from {table}") == []
    answers = await asyncio.gather(*(send(running, body) for body in bodies))
    assert {status for status, _, _ in answers} == {202}


async def test_whether_it_is_ready_is_tried_by_writing(running):
    """A disk that takes nothing more is found out before the next delivery is refused."""
    for _ in range(2):
        before = await running.bot.store.read(values.get, "looked_at")
        async with running.http.get(f"{running.url}/readyz") as ready:
            assert ready.status == 200
        assert await running.bot.store.read(values.get, "looked_at") != before


async def test_too_many_wait(running, monkeypatch):
    """When the disk cannot keep up the sender is asked to slow down."""
    monkeypatch.setattr(web, "WAITING_MOST", -1)
    status, headers, _ = await send(running, '{"score": 9}')
    assert (status, int(headers["Retry-After"]) > 0) == (429, True)


async def test_metrics(running):
    """The figures tell what was answered and how much waits, and name nobody."""
    await send(running, json.dumps(FULL))
    await send(running, "{")
    async with running.http.get(f"{running.url}/metrics") as answer:
        page = await answer.text()
    assert 'npsbot_deliveries_total{answer="accepted",source="json"} 1.0' in page
    assert 'npsbot_deliveries_total{answer="400",source="json"} 1.0' in page
    assert "npsbot_outbox_messages" in page
    assert "Anna" not in page
