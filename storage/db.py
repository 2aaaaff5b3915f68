"""The small handle that the store's functions get, and how a store is opened."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlite_utils
from filelock import FileLock, Timeout

from storage import search
from storage.migrations import migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

Row = dict[str, Any]

BUSY_MS = 2_000
VALUES_MOST = 999
"""Values bound to one insert at most: what every SQLite takes."""
READ_JUST_NOW = "something reads the store just now"
BOT_RUNS = "a bot runs on it"


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


class Db:
    """One connection inside one transaction: rows out, statements in, values always bound."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, **values: object) -> list[Row]:
        """Return all rows as dictionaries."""
        return list(self.each(sql, **values))

    def each(self, sql: str, **values: object) -> Iterator[Row]:
        """Yield rows as dictionaries, one at a time: memory stays flat however many there are."""
        cursor = self.connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def row(self, sql: str, **values: object) -> Row | None:
        """Return the first row, or None."""
        cursor = self.connection.execute(sql, values)
        found = cursor.fetchone()
        if found is None:
            return None
        return dict(zip((column[0] for column in cursor.description), found, strict=True))

    def value(self, sql: str, **values: object) -> Any:
        """Return the first column of the first row, or None."""
        found = self.connection.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def execute(self, sql: str, **values: object) -> int:
        """Run a statement and return how many rows it touched."""
        return self.connection.execute(sql, values).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[object]]) -> int:
        """Run a statement once for each row, its values bound by place, and return how many rows it touched."""
        return self.connection.executemany(sql, rows).rowcount

    def insert_all(self, table: str, rows: Sequence[Mapping[str, object]], more: str = "") -> list[tuple[Any, ...]]:
        """Insert rows of the same columns and return what `more` asks for, such as `returning id`, in any order.

        Many rows share a statement, during which the other threads run. Their number in each is a power of two, so
        that few different statements are prepared.
        """
        found: list[tuple[Any, ...]] = []
        columns = tuple(rows[0]) if rows else ()
        place = f"({', '.join('?' * len(columns))})"
        begin = 0
        while begin < len(rows):
            fits = min(len(rows) - begin, VALUES_MOST // len(columns))
            size = 1 << fits.bit_length() - 1
            values = [row[column] for row in rows[begin : begin + size] for column in columns]
            sql = f"insert into {table} ({', '.join(columns)}) values {', '.join([place] * size)} {more}"
            found += self.connection.execute(sql, values).fetchall()
            begin += size
        return found

    def insert(self, sql: str, **values: object) -> int:
        """Run an insert and return the id of its row."""
        row_id = self.connection.execute(sql, values).lastrowid
        assert row_id is not None  # noqa: S101  # an insert that did not raise has one
        return row_id

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside, and only that, when it raises."""
        self.connection.execute("savepoint step")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("rollback to step")
                self.connection.execute("release step")
            raise
        self.connection.execute("release step")


def new_id(prefix: str, now: datetime) -> str:
    """Return an id that nobody can guess; later ones sort later, so that an index of them grows at its end.

    Ids strewn at random would have every commit write a page of the index for each response.
    """
    return f"{prefix}_{int(now.timestamp() * 1000):012x}{secrets.token_hex(6)}"


def stamp(at: datetime) -> str:
    """Return an aware time as the store writes it: UTC, fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def moment(text: str) -> datetime:
    """Return the aware UTC time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def moment_or_none(text: str | None) -> datetime | None:
    """Return the time, or None where there is none."""
    return None if text is None else datetime.fromisoformat(text)


def stamp_or_none(at: datetime | None) -> str | None:
    """Return the store's text of a time, or None where there is none."""
    return None if at is None else stamp(at)


def cannot_be_opened(path: Path, error: Exception) -> StoreError:
    """Return the sentence for a path that is no store, or lies where none can be."""
    return StoreError(f"The store {path} cannot be opened: {error}. Check the path and its rights.")


def connect_writer(path: Path, *, checkpoints: bool) -> sqlite3.Connection:
    """Open a connection that writes; the file is made for its owner alone when it is new.

    Only the bot's own writer takes checkpoints: connections that race in one can lose writes in SQLite
    before 3.51.3. `synchronous=FULL`: what was committed survives a power cut.
    """
    try:
        if str(path) != ":memory:":
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"pragma busy_timeout = {BUSY_MS}")
            connection.execute("pragma journal_mode = wal")
        except sqlite3.Error:
            connection.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise cannot_be_opened(path, error) from error
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma secure_delete = on")
    if not checkpoints:
        connection.execute("pragma wal_autocheckpoint = 0")
    return connection


def journals_in_memory(connection: sqlite3.Connection) -> None:
    """Keep what undoes a statement with triggers in memory: a file for each would cost more than the statement."""
    connection.execute("pragma temp_store = memory")


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that can only read."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"pragma busy_timeout = {BUSY_MS}")
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the store up to this version; refuse one that a newer npsbot has written."""
    database = sqlite_utils.Database(connection, execute_plugins=False)
    with sqlite_utils.Database(memory=True) as empty:
        known = {migration.name for migration in migrations.pending(empty)}
    applied = {migration.name for migration in migrations.applied(database)}
    if newer := applied - known:
        raise StoreError(
            f"The store {path} was written by a newer npsbot ({', '.join(sorted(newer))}). "
            "Start that version, or name another file in NPSBOT_DATABASE."
        )
    if known - applied:
        migrations.apply(database)


def lock_of(path: Path) -> FileLock:
    """Return the lock that the one bot on a store holds."""
    return FileLock(f"{path}.lock")


def bot_runs(path: Path) -> bool:
    """Tell whether a bot runs on the store at this moment."""
    try:
        with lock_of(path).acquire(timeout=0):
            return False
    except Timeout:
        return True


def scrub(connection: sqlite3.Connection) -> str | None:
    """Leave no trace in file or write-ahead log of what was erased; return why that cannot be, None when it is done.

    `secure_delete` overwrites what is deleted. But the index of words keeps what was taken out of it until it is
    written anew; and where SQLite has moved a row from one page to another it leaves a copy in the first page's gap,
    which nothing overwrites later, so that the whole file is written anew.
    """
    try:
        if not _log_emptied(connection):
            return READ_JUST_NOW
        search.optimize(Db(connection))
        connection.execute("pragma temp_store = file")  # for the copy of all that VACUUM makes
        connection.execute("vacuum")
        journals_in_memory(connection)
        return None if _log_emptied(connection) else READ_JUST_NOW
    except sqlite3.OperationalError as error:
        return str(error)


def _log_emptied(connection: sqlite3.Connection) -> bool:
    busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    return not busy


def scrub_alone(path: Path) -> str | None:
    """Scrub the store, when no bot runs on it; return why that cannot be, None when it is done."""
    try:
        with lock_of(path).acquire(timeout=0):
            connection = connect_writer(path, checkpoints=True)
            try:
                return scrub(connection)
            finally:
                connection.close()
    except Timeout:
        return BOT_RUNS


@contextmanager
def turns(path: Path, *, cache_mb: int = 2) -> Iterator[Callable[[], AbstractContextManager[Db]]]:
    """Give a command one immediate transaction after another on the store, also while the bot runs on it.

    Between two of them whoever waits has the store. Raises StoreError when it cannot be used.
    """
    connection = connect_writer(path, checkpoints=False)
    connection.execute(f"pragma cache_size = {-1024 * cache_mb}")

    @contextmanager
    def turn() -> Iterator[Db]:
        connection.execute("begin immediate")
        try:
            yield Db(connection)
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        connection.execute("commit")

    try:
        migrate(connection, path)
        yield turn
    except sqlite3.OperationalError as error:
        raise StoreError(f"The store {path} cannot be used just now: {error}.") from error
    finally:
        connection.close()


@contextmanager
def beside(path: Path) -> Iterator[Db]:
    """Give a command its own immediate transaction on the store, also while the bot runs on it."""
    with turns(path) as turn, turn() as db:
        yield db


@contextmanager
def reading(path: Path) -> Iterator[Db]:
    """Give a command one moment of the store for as long as it reads; whoever writes goes on meanwhile."""
    with beside(path):
        pass  # the store is of this version then
    connection = connect_reader(path)
    try:
        connection.execute("begin")
        yield Db(connection)
    finally:
        connection.close()
