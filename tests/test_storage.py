"""The store at work: one writer with commits that many share, readers that see one moment."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.serve import until_asked
from storage import Store, Unavailable
from storage import settings as values
from storage.db import StoreError, moment, stamp


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "npsbot.db"


@contextmanager
def held_by_another(path):
    """Let another connection hold the only right to write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.execute("rollback")
        other.close()


class Gate:
    """Keeps the writer busy until it is opened, so that what comes meanwhile is committed together."""

    def __init__(self, store):
        self._store, self._reached, self._open = store, threading.Event(), threading.Event()

    async def __aenter__(self):
        self._work = asyncio.ensure_future(self._store.run(self._wait))
        await asyncio.to_thread(self._reached.wait)
        return self

    async def __aexit__(self, *_):
        self._open.set()
        await self._work

    def _wait(self, _db):
        self._reached.set()
        self._open.wait()


async def asked(work):
    """Start a write, and return once it waits for the writer."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0)
    return task


async def test_a_write_is_on_disk_when_it_returns(path):
    """What `run` returned from, another process reads at once."""
    with closing(Store(path)) as store:
        assert await store.run(values.put, "name", "value") is None
        assert await store.run(values.get, "name") == "value"
        with sqlite3.connect(path) as other:
            assert other.execute("select value from settings").fetchall() == [("value",)]
        other.close()


async def test_a_failing_function_is_undone_alone(path):
    """Of functions that share a commit, the one that raises leaves nothing behind; its neighbours stay."""

    def fail(db):
        values.put(db, "torn", "half")
        raise ValueError("no")

    batches = []
    with closing(Store(path, on_commit=lambda _seconds, count: batches.append(count))) as store:
        async with Gate(store):
            first = await asked(store.run(values.put, "first", "1"))
            failing = await asked(store.run(fail))
            last = await asked(store.run(values.put, "last", "3"))
            assert store.waiting() == 3
        await asyncio.gather(first, last)
        with pytest.raises(ValueError, match="no"):
            await failing
        names = [row["name"] for row in await store.read(lambda db: db.rows("select name from settings"))]
    assert names == ["first", "last"]
    assert batches == [1, 3]


async def test_a_failing_savepoint_within_a_function(path):
    """A function may undo a part of its own work, and go on."""

    def part(db):
        values.put(db, "kept", "1")
        with suppress(ZeroDivisionError), db.savepoint():
            values.put(db, "undone", "2")
            _ = 1 / 0
        return [row["name"] for row in db.rows("select name from settings")]

    with closing(Store(path)) as store:
        assert await store.run(part) == ["kept"]


async def test_many_writes_share_a_commit(path):
    """Writes that wait at the same time are committed together, in their order, a few hundred at most."""
    batches = []
    with closing(Store(path, on_commit=lambda _seconds, count: batches.append(count))) as store:
        async with Gate(store):
            waiting = [await asked(store.run(values.put, "count", str(number))) for number in range(300)]
        await asyncio.gather(*waiting)
        assert await store.read(values.get, "count") == "299"
    assert batches == [1, 256, 44]


async def test_what_is_alike_is_handed_over_together(path):
    """Items that wait for the same function, with the same settings, are given to it in one call, in their order."""
    calls = []

    def note(db, shared, items):
        calls.append((shared[0], items))
        values.put(db, shared[0], ",".join(items))
        return [item.upper() for item in items]

    one, other = ("one",), ("other",)
    with closing(Store(path)) as store:
        async with Gate(store):
            given = [("a", one), ("b", other), ("c", one)]
            waiting = [await asked(store.run_together(note, shared, item)) for item, shared in given]
        assert await asyncio.gather(*waiting) == ["A", "B", "C"]
        assert await store.run_together(note, one, "d") == "D"
    assert calls == [("one", ["a", "c"]), ("other", ["b"]), ("one", ["d"])]


async def test_of_what_is_alike_one_fails_alone(path):
    """Should a function raise for several items, each is given to it alone, and only what raises then is undone."""

    def note(db, _shared, items):
        for item in items:
            values.put(db, item, "1")
        if "bad" in items:
            raise ValueError(items)
        return items

    with closing(Store(path)) as store:
        async with Gate(store):
            waiting = [await asked(store.run_together(note, None, item)) for item in ("good", "bad", "fine")]
        told = await asyncio.gather(*waiting, return_exceptions=True)
        assert (told[0], told[2], told[1].args) == ("good", "fine", (["bad"],))
        assert [await store.read(values.get, name) for name in ("good", "bad", "fine")] == ["1", None, "1"]


async def test_what_gives_no_result_for_each_changes_nothing(path):
    """A function that does not say what became of every item is refused, and what it wrote is undone."""

    def forget(db, _shared, _items):
        values.put(db, "written", "1")
        return []

    with closing(Store(path)) as store:
        with pytest.raises(ValueError, match="shorter"):
            await store.run_together(forget, None, "item")
        assert await store.read(values.get, "written") is None


async def test_a_caller_who_goes_leaves_the_write_to_finish(path):
    """A write whose caller was cancelled is made all the same, and nobody else is disturbed."""
    with closing(Store(path)) as store:
        async with Gate(store):
            gone = await asked(store.run(values.put, "gone", "1"))
            stays = await asked(store.run(values.put, "stays", "2"))
            gone.cancel()
        await stays
        assert gone.cancelled()
        assert await store.read(values.get, "gone") == "1"


async def test_a_locked_store_is_unavailable_for_a_while(path, monkeypatch):
    """While someone else holds the store for too long, writes are Unavailable and change nothing; then it goes on."""
    monkeypatch.setattr("storage.db.BUSY_MS", 50)
    with closing(Store(path)) as store:
        with held_by_another(path):
            ended = await asyncio.gather(
                *(store.run(values.put, "name", str(number)) for number in range(3)), return_exceptions=True
            )
            assert [type(end) for end in ended] == [Unavailable] * 3
            assert "locked" in str(ended[0])
            assert await store.read(values.get, "name") is None
        await store.run(values.put, "name", "after")
        assert await store.read(values.get, "name") == "after"


async def test_a_full_disk_is_unavailable(path):
    """What does not fit on the disk is refused as Unavailable and leaves nothing; what fits goes on."""

    def pages(db, most):
        db.value(f"pragma max_page_count = {most}")

    with closing(Store(path)) as store:
        await store.run(values.put, "before", "1")
        await store.run(pages, await store.run(lambda db: db.value("pragma page_count")))
        async with Gate(store):
            large = await asked(store.run(values.put, "large", "x" * 1_000_000))
            small = await asked(store.run(values.put, "before", "2"))
        with pytest.raises(Unavailable, match="full"):
            await large
        await asyncio.wait([small])
        await store.run(pages, 1_000_000)
        assert await store.read(values.get, "large") is None
        assert await store.read(values.get, "before") == ("1" if small.exception() else "2")
        await store.run(values.put, "large", "x" * 1_000_000)


async def test_readers_see_one_moment(path):
    """A reader sees the store as it was when it began, whatever is written meanwhile."""
    began, written = threading.Event(), threading.Event()

    def twice(db):
        before = values.get(db, "name")
        began.set()
        written.wait()
        return before, values.get(db, "name")

    with closing(Store(path)) as store:
        await store.run(values.put, "name", "old")
        reading = asyncio.ensure_future(store.read(twice))
        await asyncio.to_thread(began.wait)
        await store.run(values.put, "name", "new")
        written.set()
        assert await reading == ("old", "old")
        assert await store.read(values.get, "name") == "new"


async def test_readers_only_read(path):
    """A function that writes where it should read is refused by the database."""
    with closing(Store(path)) as store:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await store.read(values.put, "name", "value")
        assert await store.read(values.get, "name") is None


async def test_closing_finishes_what_was_handed_over(path):
    """What waits when the store is closed is written; what comes after is refused."""
    store = Store(path)
    async with Gate(store):
        waiting = [await asked(store.run(values.put, f"name {number}", "1")) for number in range(5)]
        closing = asyncio.ensure_future(asyncio.to_thread(store.close))
    await asyncio.gather(closing, *waiting)
    with pytest.raises(Unavailable, match="closed"):
        await store.run(values.put, "late", "1")
    assert not path.with_name("npsbot.db-wal").exists()
    with sqlite3.connect(path) as other:
        assert other.execute("select count(*) from settings").fetchone() == (5,)
    other.close()


TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones())  # noqa: DTZ001


@given(TIMES, TIMES)
def test_times_keep_their_order_as_text(one, other):
    """A time comes back from the store as it was, in UTC, and text order is time order."""
    one, other = one.astimezone(UTC), other.astimezone(UTC)
    assert moment(stamp(one)) == one
    assert (stamp(one) < stamp(other)) == (one < other)


async def test_a_writer_that_dies_leaves_nobody_waiting(path, monkeypatch):
    """After a fault that nobody foresaw every write, waiting or to come, is refused, and the process is to end."""
    told, ended = [], threading.Event()

    def note(fault):
        told.append(fault.exc_type)
        ended.set()

    monkeypatch.setattr(threading, "excepthook", note)
    store = Store(path)
    await store.run(values.put, "before", "1")

    def unforeseen(db):
        db.execute("rollback")
        raise LookupError

    async with Gate(store):
        waiting = [await asked(store.run(unforeseen)), await asked(store.run(values.put, "after", "1"))]
    for work in waiting:
        with pytest.raises(Unavailable):
            await asyncio.wait_for(work, 5)
    with pytest.raises(Unavailable):
        await store.run(values.put, "after", "1")
    with pytest.raises(StoreError, match="start npsbot again"):
        await until_asked(asyncio.Event(), store)
    assert await asyncio.to_thread(ended.wait, 5)
    assert told == [LookupError]
    assert await store.read(values.get, "before") == "1"
    store.close()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("select count(*) from settings where name = 'after'").fetchone() == (0,)


async def test_a_process_that_is_asked_to_end_ends(path):
    """With a store that lives, only a signal ends the wait."""
    store, signal = Store(path), asyncio.Event()
    waiting = asyncio.ensure_future(until_asked(signal, store))
    await asyncio.sleep(0)
    signal.set()
    await asyncio.wait_for(waiting, 5)
    store.close()
