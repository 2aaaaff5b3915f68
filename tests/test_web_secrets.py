"""Whose delivery it is: bearer tokens, signatures after Standard Webhooks, and headers that are neither."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import replace

import pytest
from conftest import SECRET
from knocking import BEARER, JSON, raw, rows, send

KEY = "whsec_" + base64.b64encode(b"a key of the tests, 32 bytes long").decode()
OLD_KEY = "whsec_" + base64.b64encode(b"the key that is being replaced..").decode()


@pytest.fixture(name="running")
async def _running(start):
    async with start() as running:
        yield running


def signed(body: bytes, key=KEY, *, message_id="msg_1", at=None):
    """Return Standard Webhooks headers for a body."""
    stamp = str(int(time.time() if at is None else at))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    digest = hmac.new(secret, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {**JSON, "webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": signature}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": f"Bearer {SECRET[:-1]}"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": SECRET},
        {"X-Webhook-Secret": SECRET},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,AAAA", "webhook-id": "m", "webhook-timestamp": "NaN", **BEARER},
    ],
    ids=str,
)
async def test_without_the_secret(running, headers):
    """A secret that is missing, wrong or in the wrong place is 401, whatever the body, and nothing is stored."""
    for body in ('{"score": 9}', "{", ""):
        status, _, answer = await send(running, body, {**JSON, **headers})
        assert (status, list(answer)) == (401, ["error"])
    assert await rows(running) == []


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Bearer \xff\xfe",
        b"Authorization: Bearer \xc3\xa5\xc3\xa4",
        b"Authorization: Bearer " + b"a" * 7000,
        b"Authorization: \x80",
        b"webhook-id: \xff\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,a",
        b"webhook-id: a\r\nwebhook-timestamp: \xd9\xa1\r\nwebhook-signature: v1,a",
        b"webhook-id: a\r\nwebhook-timestamp: 99999999999999999999\r\nwebhook-signature: v1,a",
        b"webhook-id: a\r\nwebhook-timestamp: -1\r\nwebhook-signature: v1,a",
        b"webhook-id: a\r\nwebhook-timestamp: NOW\r\nwebhook-signature: \xe2\x82\xac,\xff v1, ,, v1,\xff",
        b"webhook-id: \xc3\xa5\r\nwebhook-timestamp: NOW\r\nwebhook-signature: v1",
    ],
)
async def test_hostile_headers(running, header):
    """Headers that no verifier expects are 401 like any other wrong one."""
    header = header.replace(b"NOW", str(int(time.time())).encode())
    answer = await raw(
        running,
        b"POST /webhooks/json HTTP/1.1\r\nHost: bot\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + header
        + b'\r\nContent-Length: 12\r\n\r\n{"score": 9}',
    )
    assert answer.split(b"\r\n")[0].split()[1] == b"401"
    assert await rows(running) == []


async def test_several_live_secrets(start, settings):
    """While a secret is being replaced both are taken, and a third is not."""
    source = replace(settings.sources["json"], secrets=(SECRET, "the next one", KEY, OLD_KEY))
    async with start(sources={"json": source}) as running:
        for secret, status in ((SECRET, 202), ("the next one", 202), ("the one before", 401), (KEY, 202)):
            assert (await send(running, '{"score": 9}', {**JSON, "Authorization": f"Bearer {secret}"}))[0] == status
        for key, status in ((KEY, 202), (OLD_KEY, 202), ("whsec_AAAA", 401)):
            body = b'{"score": 9}'
            assert (await send(running, body, signed(body, key, message_id=key)))[0] == status


async def test_signatures(start, settings):
    """A signature holds for its body, its id and its time of at most five minutes ago or ahead."""
    body = b'{"score": 9}'
    async with start(sources={"json": replace(settings.sources["json"], secrets=(KEY,))}) as running:
        now = time.time()
        good = signed(body)
        for headers, content, status in (
            (good, body, 202),
            (good, body, 200),
            (good, body + b" ", 401),
            ({**good, "webhook-id": "msg_2"}, body, 401),
            ({**good, "webhook-timestamp": str(int(now) - 1)}, body, 401),
            ({**good, "webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")}, body, 401),
            ({**good, "webhook-signature": f"v1,AAAA v2,x {good['webhook-signature']} v1,"}, body, 200),
            (signed(body, at=now - 290), body, 200),
            (signed(body, at=now - 330), body, 401),
            (signed(body, at=now + 290), body, 200),
            (signed(body, at=now + 330), body, 401),
        ):
            assert (await send(running, content, headers))[0] == status
        (row,) = await rows(running)
        assert row["source_id"] == "msg_1"
