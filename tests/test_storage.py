"""The store: one writer with commits that many share, readers that see one moment, commands beside a running bot."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest
import sqlite_utils
from conftest import NOW, ROOT, a_response
from hypothesis import given
from hypothesis import strategies as st

from bot.intake import receive
from storage import Store, Unavailable, responses
from storage import settings as values
from storage.db import StoreError, beside, connect_writer, migrate, moment, stamp
from storage.migrations import migrations


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "npsbot.db"


@contextmanager
def opened(path, **more):
    """Open a store for a while."""
    store = Store(path, **more)
    try:
        yield store
    finally:
        store.close()


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
    with opened(path) as store:
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
    with opened(path, on_commit=lambda _seconds, count: batches.append(count)) as store:
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

    with opened(path) as store:
        assert await store.run(part) == ["kept"]


async def test_many_writes_share_a_commit(path):
    """Writes that wait at the same time are committed together, in their order, a few hundred at most."""
    batches = []
    with opened(path, on_commit=lambda _seconds, count: batches.append(count)) as store:
        async with Gate(store):
            waiting = [await asked(store.run(values.put, "count", str(number))) for number in range(300)]
        await asyncio.gather(*waiting)
        assert await store.read(values.get, "count") == "299"
    assert batches == [1, 256, 44]


async def test_a_caller_who_goes_leaves_the_write_to_finish(path):
    """A write whose caller was cancelled is made all the same, and nobody else is disturbed."""
    with opened(path) as store:
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
    with opened(path) as store:
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

    with opened(path) as store:
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

    with opened(path) as store:
        await store.run(values.put, "name", "old")
        reading = asyncio.ensure_future(store.read(twice))
        await asyncio.to_thread(began.wait)
        await store.run(values.put, "name", "new")
        written.set()
        assert await reading == ("old", "old")
        assert await store.read(values.get, "name") == "new"


async def test_readers_only_read(path):
    """A function that writes where it should read is refused by the database."""
    with opened(path) as store:
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


async def test_the_pragmas_that_promises_rest_on(path):
    """Commits survive a power cut, references hold, what is erased is overwritten, the file is its owner's alone."""
    with opened(path) as store:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        found = {name: store._connection.execute(f"pragma {name}").fetchone()[0] for name in names}
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "busy_timeout": 5000,
        }
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with beside(path) as db:
            assert db.value("pragma wal_autocheckpoint") == 0
            assert db.value("pragma synchronous") == 2


def test_one_bot_a_store(path):
    """A second bot on the same store is refused with what to do; once the first has stopped, it may start."""
    with opened(path), pytest.raises(StoreError, match=r"Another npsbot is running on .*NPSBOT_DATABASE"):
        Store(path)
    with opened(path):
        pass


def test_a_path_that_cannot_be_opened(tmp_path):
    """A store that cannot be opened is refused with its path, and lets go of what it had taken."""
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    for path in (tmp_path / "file" / "npsbot.db", tmp_path):
        with pytest.raises(StoreError, match="cannot be opened"):
            Store(path)


def test_a_file_that_is_no_store(path):
    """A file that is something else is refused, not overwritten."""
    path.write_bytes(b"Dear diary, " * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(path)
    assert path.read_bytes().startswith(b"Dear diary")


def older(path):
    """Make a store as the first npsbot left it, with a response in it."""
    connection = connect_writer(path, checkpoints=True)
    database = sqlite_utils.Database(connection, execute_plugins=False)
    migrations.apply(database, stop_before="m002_which_version_told_what")
    connection.execute(
        """insert into responses (public_id, source, source_id, score, submitted_at, received_at)
           values ('r_1', 'json', 'r-1', 3, :now, :now)""",
        {"now": stamp(NOW)},
    )
    connection.close()


async def test_an_older_store_is_brought_up_to_date(path, settings):
    """A store of an older npsbot is taken over with all that is in it, and works on."""
    older(path)
    with opened(path) as store:
        found = await store.read(responses.by_public_id, "r_1")
        assert (found.response.score, found.told_by) == (3, {})
        await store.run(receive, settings, "json", a_response(id="r-1"), NOW)
        assert (await store.read(responses.by_public_id, "r_1")).response.comment == a_response().comment


@pytest.mark.parametrize("opening", [Store, lambda path: beside(path).__enter__()], ids=["bot", "command"])
def test_a_newer_store_is_refused(path, opening):
    """A store that a newer npsbot has written is left alone, with the name of what is not known."""
    with opened(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("update _sqlite_migrations set name = 'm999_from_the_future' where name like 'm002%'")
    connection.commit()
    connection.close()
    for _ in range(2):
        with pytest.raises(StoreError, match=r"written by a newer npsbot \(m999_from_the_future\)"):
            opening(path)


def test_migrations_are_applied_once(path):
    """A store that is up to date is opened as it is."""
    with opened(path) as store:
        applied = store._connection.execute("select count(*) from _sqlite_migrations").fetchone()
        migrate(store._connection, path)
        assert store._connection.execute("select count(*) from _sqlite_migrations").fetchone() == applied


async def test_a_command_beside_the_bot(path):
    """A command writes while the bot runs, each sees what the other has committed, and a fault undoes the command."""
    with opened(path) as store:
        await store.run(values.put, "bot", "1")
        with beside(path) as db:
            assert values.get(db, "bot") == "1"
            values.put(db, "command", "2")
        assert await store.read(values.get, "command") == "2"
        with suppress(ZeroDivisionError), beside(path) as db:
            values.put(db, "command", "3")
            _ = 1 / 0
        await store.run(values.put, "bot", "4")
        assert await store.read(values.get, "command") == "2"


def test_a_command_waits_its_turn_and_then_says_so(path, monkeypatch):
    """A command that gets no turn says that the store cannot be used just now."""
    monkeypatch.setattr("storage.db.BUSY_MS", 50)
    refused = pytest.raises(StoreError, match="cannot be used just now: database is locked")
    with opened(path), held_by_another(path), refused, beside(path):
        pytest.fail("it had no right to write")


async def test_a_command_in_another_process(path):
    """A command in a process of its own works on the store of a running bot, a hundred writes beside the bot's."""
    script = (
        "import sys; from pathlib import Path; from storage.db import beside; from storage import settings\n"
        "for number in range(100):\n"
        "    with beside(Path(sys.argv[1])) as db:\n"
        "        settings.put(db, f'command {number}', '1')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with opened(path) as store:
        command = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(path), env=environment)
        written = 0
        while command.returncode is None:
            await store.run(values.put, f"bot {written}", "1")
            written += 1
            await asyncio.sleep(0)
        assert await command.wait() == 0
        assert await store.read(lambda db: db.value("select count(*) from settings")) == 100 + written
        assert await store.read(lambda db: db.value("pragma integrity_check")) == "ok"


def test_what_was_answered_survives_a_kill(path):
    """A process that is killed after its write returned leaves the write, and the next bot starts on it."""
    script = (
        "import asyncio, os, signal, sys; from pathlib import Path; from storage import Store, settings\n"
        "async def main():\n"
        "    store = Store(Path(sys.argv[1]))\n"
        "    await store.run(settings.put, 'name', 'kept')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=False)
    assert killed.returncode == -9
    with opened(path) as store:
        assert store._connection.execute("select value from settings").fetchall() == [("kept",)]


TIMES = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.timezones())  # noqa: DTZ001


@given(TIMES, TIMES)
def test_times_keep_their_order_as_text(one, other):
    """A time comes back from the store as it was, in UTC, and text order is time order."""
    one, other = one.astimezone(UTC), other.astimezone(UTC)
    assert moment(stamp(one)) == one
    assert (stamp(one) < stamp(other)) == (one < other)
