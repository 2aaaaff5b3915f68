"""How long each survey tool's module takes to verify and to parse a delivery: the fullest of those recorded."""

from __future__ import annotations

import json
import timeit
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.sources import Delivery
from handlers.sources.kinds import KINDS
from tests.bench.figures import at_most, table
from tests.bench.process import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOADS = Path("tests/payloads")
TIMES, ROUNDS = 200, 5
BOUND_MS = 2.0
"""Of a thread that takes hundreds of deliveries a second beside all else."""


async def bench(folder: Path) -> None:
    """Print microseconds for each kind, the best of several rounds."""
    rows = []
    for kind, tool in KINDS.items():
        delivery, fields, secret = _fullest(kind)
        delivery = tool.sign(delivery, secret)
        verify = _microseconds(partial(tool.verify, delivery, ("old", secret)))
        parse = _microseconds(partial(tool.parse, delivery, fields))
        rows.append((kind, len(delivery.body), verify, parse))
    table("verify and parse, microseconds a delivery", ("bytes", "verify", "parse"), rows)
    slowest = max(rows, key=lambda row: row[2] + row[3])
    at_most(f"slowest kind, {slowest[0]}, in ms", (slowest[2] + slowest[3]) / 1000, BOUND_MS)


def _fullest(kind: str) -> tuple[Delivery, dict[str, str], str]:
    """Return the largest recorded delivery that holds a response or names one, the fields set for it, its secret."""
    samples = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((PAYLOADS / kind).glob("*.json"))]
    bodies = [
        (each["body"] if isinstance(each["body"], str) else json.dumps(each["body"], ensure_ascii=False), each)
        for each in samples
        if "expect" in each or "thin" in each
    ]
    body, sample = max(bodies, key=lambda pair: len(pair[0]))
    headers = {"content-type": sample["headers"].get("Content-Type", "application/json")}
    return Delivery(headers, body.encode(), datetime.now(UTC)), sample.get("fields", {}), sample.get("secret", SECRET)


def _microseconds(work: Callable[[], object]) -> float:
    return min(timeit.repeat(work, number=TIMES, repeat=ROUNDS)) / TIMES * 1e6
