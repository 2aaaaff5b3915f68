"""Deliveries recorded in tests/payloads, a folder a kind, a file a condition; and signatures that others published.

A file holds `headers`, `body` (a JSON value, or the raw text of one that is no JSON), perhaps `query`, `fields`,
`zone` and `secret`, and what must come of it: `expect` (of a batch a list), `ignored` with the reason, or
`unmappable` with the field at fault. `told` is what the tool's API answers to each path that is asked of it; without it
such an event is `thin`, and names these responses.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, ROOT

from bot.model import Thin
from handlers.sources import Delivery, Ignored
from handlers.sources.kinds import KINDS

PAYLOADS = ROOT / "tests/payloads"
VECTORS = json.loads((PAYLOADS / "signatures.json").read_text(encoding="utf-8"))
HUBSPOT = next(vector for vector in VECTORS if vector["tool"] == "hubspot")
PLAIN = ("score", "comment", "survey", "touchpoint", "version", "link", "properties")
PERSON = ("name", "email", "phone", "company", "language")


def recording(kind, name):
    """Return one recorded delivery."""
    return json.loads((PAYLOADS / kind / f"{name}.json").read_text(encoding="utf-8"))


def recorded(*kinds):
    """Return every recorded delivery of the kinds, as a test's parameter."""
    return [
        pytest.param(kind, recording(kind, path.stem), id=f"{kind}-{path.stem}")
        for kind in kinds or KINDS
        for path in sorted((PAYLOADS / kind).glob("*.json"))
    ]


def delivery_of(sample, **changes):
    """Return a recorded delivery as the web edge hands it over."""
    body = sample["body"]
    raw = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Delivery(
        headers={name.lower(): value for name, value in sample["headers"].items()},
        body=raw.encode(),
        now=NOW,
        query=sample.get("query", {}),
        zone=ZoneInfo(sample.get("zone", "UTC")),
        **changes,
    )


def shown(found):
    """Return a response under the names that the recorded deliveries use."""
    if isinstance(found, Ignored):
        return {"ignored": found.reason}
    if isinstance(found, Thin):
        return {"thin": found.id}
    person = asdict(found.respondent)
    time = found.submitted_at
    return {
        **{name: getattr(found, name) for name in PLAIN},
        **{name: person[name] for name in PERSON},
        "person_id": person["id"],
        "response_id": found.id,
        "submitted_at": time and time.replace(microsecond=0).isoformat().replace("+00:00", "Z"),
    }


def signed(vector, **changes):
    """Return a delivery signed by another's code, three seconds after it was sent."""
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    stamp = headers.get("webhook-timestamp") or headers.get("x-hubspot-request-timestamp", "")[:10]
    now = datetime.fromtimestamp(int(stamp), UTC) + timedelta(seconds=3) if stamp else NOW
    found = Delivery(headers, vector["raw_body"].encode(), now, method=vector["method"], url=vector["url"] or "")
    return replace(found, **changes)


def kind_of(vector):
    """Return the kind that a published vector is for."""
    return {"standard-webhooks": "json"}.get(vector["tool"], vector["tool"])


def vectors():
    """Return the published vectors, as a test's parameters."""
    return [pytest.param(vector, id=vector["file"].removesuffix(".json")) for vector in VECTORS]
