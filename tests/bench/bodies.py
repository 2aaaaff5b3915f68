"""What survey tools and Slack send to the bot, signed as they sign it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

from tests.bench.load import request
from tests.bench.process import SECRET, SIGNING_SECRET

SIZE = 1024
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
JSON = {"Content-Type": "application/json", "User-Agent": "survey-tool/1.0"}


def response(number: int) -> bytes:
    """Return the body of one response to the source `json`, a kilobyte long."""
    body: dict[str, Any] = {
        "id": f"bench-{number}",
        "survey": "relationship",
        "touchpoint": "onboarding",
        "score": number % 11,
        "submitted_at": "2026-11-20T08:15:00Z",
        "respondent": {
            "id": f"c-{number}",
            "name": "Anna Berg",
            "email": f"anna.{number}@nordlys.example",
            "phone": "+46 70 174 06 05",
            "company": "Nordlys AB",
            "language": "sv",
        },
        "link": f"https://crm.example/c-{number}",
        "properties": {"plan": "pro", "seats": 40},
        "comment": "",
    }
    body["comment"] = ("It came two weeks late and nobody answered. " * 30)[: SIZE - len(json.dumps(body))]
    return json.dumps(body).encode()


def signed(number: int) -> bytes:
    """Return one delivery with a signature after Standard Webhooks."""
    body, stamp = response(number), str(int(time.time()))
    signature = base64.b64encode(hmac.digest(KEY, f"msg_{number}.{stamp}.".encode() + body, hashlib.sha256)).decode()
    headers = {"webhook-id": f"msg_{number}", "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return request("/webhooks/json", {**JSON, **headers}, body)


def with_token(number: int) -> bytes:
    """Return one delivery with the secret as a bearer token."""
    return request("/webhooks/json", {**JSON, "Authorization": f"Bearer {SECRET}"}, response(number))


def click(payload: dict[str, Any]) -> bytes:
    """Return what Slack sends when somebody uses a button."""
    body, stamp = urlencode({"payload": json.dumps(payload)}).encode(), str(int(time.time()))
    signature = hmac.digest(SIGNING_SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hex()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
    return request("/slack/events", {"Content-Type": "application/x-www-form-urlencoded", **headers}, body)
