"""The store's file: how it is opened, brought up to date, and used by commands beside a running bot."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress

import pytest
import sqlite_utils
from conftest import NOW, ROOT, a_response

from bot.intake import receive
from storage import Store, responses
from storage import settings as values
from storage.db import StoreError, beside, connect_writer, migrate, stamp
from storage.migrations import migrations


@pytest.fixture(name="path")
def _path(tmp_path):
    return tmp_path / "npsbot.db"


async def test_the_pragmas_that_promises_rest_on(path):
    """Commits survive a power cut, references hold, what is erased is overwritten, the file is its owner's alone."""
    with closing(Store(path)) as store:
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        found = {name: store._connection.execute(f"pragma {name}").fetchone()[0] for name in names}
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "secure_delete": 1,
            "busy_timeout": 2000,
        }
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with beside(path) as db:
            assert db.value("pragma wal_autocheckpoint") == 0
            assert db.value("pragma synchronous") == 2


def test_one_bot_a_store(path):
    """A second bot on the same store is refused with what to do; once the first has stopped, it may start."""
    with closing(Store(path)), pytest.raises(StoreError, match=r"Another npsbot is running on .*NPSBOT_DATABASE"):
        Store(path)
    with closing(Store(path)):
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
    with closing(Store(path)) as store:
        found = await store.read(responses.by_public_id, "r_1")
        assert (found.response.score, found.told_by) == (3, {})
        await store.run(receive, settings, "json", a_response(id="r-1"), NOW)
        assert (await store.read(responses.by_public_id, "r_1")).response.comment == a_response().comment


@pytest.mark.parametrize("opening", [Store, lambda path: beside(path).__enter__()], ids=["bot", "command"])
def test_a_newer_store_is_refused(path, opening):
    """A store that a newer npsbot has written is left alone, with the name of what is not known."""
    with closing(Store(path)):
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
    with closing(Store(path)) as store:
        applied = store._connection.execute("select count(*) from _sqlite_migrations").fetchone()
        migrate(store._connection, path)
        assert store._connection.execute("select count(*) from _sqlite_migrations").fetchone() == applied


async def test_a_command_beside_the_bot(path):
    """A command writes while the bot runs, each sees what the other has committed, and a fault undoes the command."""
    with closing(Store(path)) as store:
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
    with closing(Store(path)), beside(path), refused, beside(path):
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
    with closing(Store(path)) as store:
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
    with closing(Store(path)) as store:
        assert store._connection.execute("select value from settings").fetchall() == [("kept",)]
