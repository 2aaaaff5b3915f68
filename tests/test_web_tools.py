"""Every recorded delivery of every tool through HTTP: what its sender is told, and what is stored and queued."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from conftest import SECRET
from recorded import delivery_of, recorded

from bot.config import SourceSettings
from handlers.sources.kinds import KINDS
from storage import quarantine


def source_of(kind, number, sample):
    """Return the source that a recorded delivery is for."""
    return SourceSettings(
        f"{kind}-{number}", kind, (sample.get("secret", SECRET),), fields=sample.get("fields", {})
    )


async def send(running, sample, source):
    """Post a recorded delivery; return status and what became of it."""
    url = f"{running.url}/webhooks/{source.name}?{urlencode(sample.get('query', {}))}"
    async with running.http.post(url, data=delivery_of(sample).body, headers=sample["headers"]) as answer:
        told = await answer.json()
        return answer.status, told.get("status") or told.get("field")


async def stored(running, source):
    """Return the scores stored for a source, and how many deliveries of it are kept aside."""
    scores = await running.bot.store.read(
        lambda db: [row["score"] for row in db.rows("select score from responses where source = :name", name=source)]
    )
    kept = await running.bot.store.read(quarantine.listing)
    return scores, [row["body"] for row in kept if row["source"] == source]


@pytest.mark.parametrize("kind", KINDS)
async def test_recorded_deliveries(start, kind):
    """An answer is accepted once; what is none is ignored; what may be one, but cannot be read, is kept whole."""
    samples = [parameter.values[1] for parameter in recorded(kind)]
    sources = {source.name: source for n, sample in enumerate(samples) if (source := source_of(kind, n, sample))}
    async with start(sources=sources, public_url="https://bot.example.com") as running:
        for sample, source in zip(samples, sources.values(), strict=True):
            wanted = sample.get("expect", [])
            wanted = [each for each in ([wanted] if isinstance(wanted, dict) else wanted) if "ignored" not in each]
            first, again = await send(running, sample, source), await send(running, sample, source)
            scores, kept = await stored(running, source.name)
            assert len(scores) == len(wanted) * (1 if wanted and wanted[0].get("response_id", True) else 2)
            if wanted:
                assert first == (202, "accepted")
                assert again in {(200, "duplicate"), (202, "accepted")}
            elif "ignored" in sample or isinstance(sample.get("expect"), list):
                assert {first, again} == {(200, "ignored")}
            elif kind == "json":
                assert {first, again} == {(422, sample["unmappable"])}
            else:
                assert {first, again} == {(202, "quarantined")}
                assert kept == [delivery_of(sample).body] * 2
