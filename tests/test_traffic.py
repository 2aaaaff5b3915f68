"""How each source fares: counted as deliveries are answered, written down by the tick, told by doctor and metrics."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, SECRET, a_response

from bot import doctor
from bot.config import SourceSettings
from bot.traffic import Traffic
from handlers import schedule
from storage import Unavailable, responses, traffic
from storage.db import beside

DAY = NOW.date()


class AStore:
    """A store that writes into one transaction, or takes nothing just now."""

    def __init__(self, db):
        self.db, self.takes = db, True

    async def run(self, fn, *values):
        """Run it, or take nothing."""
        if not self.takes:
            raise Unavailable("the disk is full")
        return fn(self.db, *values)


async def test_counts_are_kept_until_they_are_written(db):
    """What a store could not take is written with the next; the last reason and time stand beside the sum."""
    counted, store = Traffic(ZoneInfo("UTC")), AStore(db)
    counted.count("shop", "ignored", NOW, "it is a test")
    store.takes = False
    with pytest.raises(Unavailable):
        await counted.write(store)
    counted.count("shop", "ignored", NOW + timedelta(seconds=1), "it was declined")
    store.takes = True
    await counted.write(store)
    await counted.write(store)
    counted.count("shop", "ignored", NOW - timedelta(hours=1), "long ago")
    await counted.write(store)
    assert traffic.of_day(db, DAY) == [
        traffic.Tally("shop", DAY, "ignored", 3, NOW + timedelta(seconds=1), "it was declined")
    ]
    assert traffic.of_day(db, DAY + timedelta(days=1))[0].n == 0


async def test_days_are_local(db):
    """What comes after midnight in the configured zone is of the new day."""
    counted = Traffic(ZoneInfo("Europe/Helsinki"))
    counted.count("shop", "accepted", NOW.replace(hour=23))
    await counted.write(AStore(db))
    assert traffic.of_day(db, DAY + timedelta(days=1))[0].n == 1


async def test_from_the_delivery_to_the_metrics(start):
    """Each answer is counted with its reason, and survives the end of the process."""
    sources = {
        "json": SourceSettings("json", "json", (SECRET,)),
        "zapier": SourceSettings("zapier", "zapier", (SECRET,)),
    }
    async with start(sources=sources) as running:
        assert (await running.deliver({"id": "1", "score": 9}))[0] == 202
        assert (await running.deliver({"id": "1", "score": 9}))[0] == 200
        assert (await running.deliver({"test": True}, source="zapier"))[0] == 200
        assert (await running.deliver({"score": 11}, source="zapier"))[0] == 202
        await schedule.tick(running.bot.desk)
        async with running.http.get(f"{running.url}/metrics") as page:
            text = await page.text()
        assert 'npsbot_last_delivery_timestamp_seconds{source="json"}' in text
        assert 'npsbot_quarantine{source="zapier"} 1.0' in text
        assert (await running.deliver({"score": 9}, secret="wrong"))[0] == 401
        settings = running.bot.settings
    today = doctor._fares(settings).told
    assert [(t.source, t.answer, t.n) for t in today] == [
        ("json", "401", 1),
        ("json", "accepted", 1),
        ("json", "duplicate", 1),
        ("zapier", "ignored", 1),
        ("zapier", "quarantined", 1),
    ]
    json, zapier = doctor._sources(settings)
    assert not json.ok
    assert "today 1 refused" in json.says
    assert "the secret here and the tool's differ" in json.says
    assert not zapier.ok
    assert "1 ignored (last: it is a test)" in zapier.says
    assert "npsbot quarantine" in zapier.says


def test_doctor_tells_what_to_paste(settings):
    """A source to which nothing ever came is no fault, and its address stands there; a day without any is told."""
    with beside(settings.database) as db:
        traffic.add(db, [])
    (found,) = doctor._sources(replace(settings, public_url="https://bot.example.com/"))
    assert found.ok
    assert "paste https://bot.example.com/webhooks/json into the tool" in found.says
    with beside(settings.database) as db:
        traffic.add(db, [traffic.Tally("json", DAY - timedelta(days=9), "accepted", 2, NOW - timedelta(days=9))])
    (found,) = doctor._sources(settings)
    assert found == doctor.Finding(
        "source json", ok=True, says="json at /webhooks/json, last delivery 2026-11-11 08:15, today nothing"
    )


def test_doctor_looks_at_what_is_stored(settings):
    """Counts are lost by a process that is killed, responses are not: what came is told from what is stored."""
    now = datetime.now(UTC)
    with beside(settings.database) as db:
        for number in range(3):
            responses.add(db, "json", a_response(id=str(number)), now)
        responses.add(db, "json", a_response(id="before"), now - timedelta(days=9))
    (found,) = doctor._sources(settings)
    assert found == doctor.Finding(
        "source json", ok=True, says=f"json at /webhooks/json, last delivery {now:%Y-%m-%d %H:%M}, today 3 stored"
    )
    with beside(settings.database) as db:
        tallies = [traffic.Tally("json", now.date(), "accepted", 2, now - timedelta(seconds=9))]
        tallies.append(traffic.Tally("json", now.date() - timedelta(days=1), "401", 1, now - timedelta(days=1)))
        traffic.add(db, tallies)
    (found,) = doctor._sources(settings)
    assert (found.ok, found.says.endswith("today 2 accepted, 3 stored")) == (True, True), found
    with beside(settings.database) as db:
        traffic.add(db, [traffic.Tally("json", now.date(), "accepted", 1, now)])
    assert doctor._sources(settings)[0].says.endswith("today 3 accepted")


def test_what_was_imported_has_not_arrived(settings):
    """Answers of the past that were read from a file say nothing of the tool that is to deliver."""
    with beside(settings.database) as db:
        responses.add(db, "json", a_response(), datetime.now(UTC), imported=True)
    (found,) = doctor._sources(settings)
    assert "nothing has arrived yet" in found.says


async def test_a_source_has_its_own_zone(start):
    """A time without an offset is local to its source, else to the bot."""
    sources = {
        "json": SourceSettings("json", "json", (SECRET,)),
        "shop": SourceSettings("shop", "json", (SECRET,), zone=ZoneInfo("Asia/Tokyo")),
    }
    async with start(sources=sources, timezone=ZoneInfo("Europe/Helsinki")) as running:
        for source in sources:
            body = {"id": "1", "score": 9, "submitted_at": "2026-11-20T12:00:00"}
            assert (await running.deliver(body, source=source))[0] == 202
        rows = await running.bot.store.read(lambda db: db.rows("select source, submitted_at from responses"))
    assert {row["source"]: row["submitted_at"][:16] for row in rows} == {
        "json": "2026-11-20T10:00",
        "shop": "2026-11-20T03:00",
    }
