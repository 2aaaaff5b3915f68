"""What the bot remembers: one SQLite file, one writer, any number of readers."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from filelock import Timeout

from storage.db import (
    Db,
    StoreError,
    cannot_be_opened,
    connect_reader,
    connect_writer,
    journals_in_memory,
    lock_of,
    migrate,
    scrub,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

P = ParamSpec("P")
T = TypeVar("T")
Shared = TypeVar("Shared")
Item = TypeVar("Item")

BATCH = 256
"""Functions in one commit at most, so that the first of many does not wait for the last."""
BUSY = 4
"""Functions in one commit that show that many come at once."""


class Unavailable(StoreError):  # noqa: N818  # it says what the store is
    """The store could not take a write just now (locked, full or failing disk); nothing was changed."""


@dataclass(slots=True)
class _Work:
    """One function waiting for the writer, which takes its item alone or with those of others of the same `kind`."""

    fn: Callable[[Db, list[Any]], Sequence[Any]]
    done: asyncio.Future[Any]
    kind: object
    item: Any = None
    result: Any = None
    fault: BaseException | None = None

    def settle(self) -> None:
        """Tell the caller, who may have stopped waiting."""
        if self.done.done():
            return
        if self.fault is None:
            self.done.set_result(self.result)
        else:
            self.done.set_exception(self.fault)


class Store:
    """The store of a running bot: `run` writes in one transaction, `read` reads a consistent moment.

    Writes that wait at the same time share one commit, and one that raises is undone alone; beside such a one a
    function may run twice, so it does nothing but read and write its Db. `run` returns only after its commit is
    on disk. Once `died` is set no write is taken any more, and the process had better end.
    """

    def __init__(self, path: Path, *, on_commit: Callable[[float, int], None] = lambda _seconds, _count: None) -> None:
        self.path = path
        self._on_commit = on_commit
        self._lock = lock_of(path)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StoreError(
                f"Another npsbot is running on the store {path}. "
                "Stop that one, or name another file in NPSBOT_DATABASE."
            ) from None
        except OSError as error:
            raise cannot_be_opened(path, error) from error
        with contextlib.ExitStack() as undo:
            undo.callback(self._lock.release)
            self._connection = connect_writer(path, checkpoints=True)
            undo.callback(self._connection.close)
            migrate(self._connection, path)
            journals_in_memory(self._connection)
            undo.pop_all()
        self._waiting: list[_Work] = []
        self._to_scrub: list[_Work] = []
        self._wake = threading.Condition()
        self._closing = False
        self._batch: list[_Work] = []
        self.died = threading.Event()
        self._busy_at = float("-inf")
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="store-reader")

    async def run(self, fn: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, …)` as one transaction and return its result once it is on disk.

        Raises what `fn` raises, with nothing changed, or Unavailable. A caller that is cancelled meanwhile
        leaves the write to finish.
        """
        result: T = await self._hand_over(lambda db, _: [fn(db, *args, **kwargs)], object(), None)
        return result

    async def run_together(self, fn: Callable[[Db, Shared, list[Item]], Sequence[T]], shared: Shared, item: Item) -> T:
        """Run `fn(db, shared, items)` as `run` does, once for all items that wait for it and share the same.

        `fn` returns a result for each, in their order; should it raise, it is given each of them alone.
        """
        result: T = await self._hand_over(lambda db, items: fn(db, shared, items), (fn, id(shared)), item)
        return result

    def _hand_over(
        self, fn: Callable[[Db, list[Any]], Sequence[Any]], kind: object, item: object
    ) -> asyncio.Future[Any]:
        work = _Work(fn, asyncio.get_running_loop().create_future(), kind, item)
        with self._wake:
            if self._closing:
                raise Unavailable("the store is closed")
            self._waiting.append(work)
            self._wake.notify()
        return work.done

    async def read(self, fn: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, …)` on a read-only connection that sees one moment of the store throughout."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self._read(lambda db: fn(db, *args, **kwargs)))

    async def scrub(self) -> str | None:
        """Leave no trace in the file of what was erased, as `storage.db.scrub` does; return why that cannot be.

        Writes wait meanwhile: about a second for each 100,000 responses.
        """
        work = _Work(lambda _, __: [None], asyncio.get_running_loop().create_future(), None)
        with self._wake:
            if self._closing:
                raise Unavailable("the store is closed")
            self._to_scrub.append(work)
            self._wake.notify()
        why_not: str | None = await work.done
        return why_not

    def waiting(self) -> int:
        """Return how many writes wait for the writer."""
        return len(self._waiting)

    def busy(self) -> bool:
        """Tell whether many writes have come at once in the last second: what can wait, waits."""
        return bool(self._waiting) or time.monotonic() - self._busy_at < 1.0

    def close(self) -> None:
        """Finish what was handed over, then close every connection and let the store go."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._writer.join()
        self._readers.shutdown(wait=True)
        for connection in self._reading:
            connection.close()
        self._connection.execute("pragma wal_checkpoint(truncate)")
        self._connection.close()
        self._lock.release()

    def _read(self, fn: Callable[[Db], T]) -> T:
        if not hasattr(self._local, "connection"):
            self._local.connection = connect_reader(self.path)
            self._reading.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        connection.execute("begin")
        try:
            return fn(Db(connection))
        finally:
            connection.execute("rollback")

    def _write(self) -> None:
        """Write until the store is closed; should a fault nobody foresaw end that, nobody waits for it any more."""
        try:
            self._serve()
        finally:
            with self._wake:
                left = [*self._batch, *self._waiting, *self._to_scrub]
                if not self._closing:
                    self.died.set()
                self._closing = True
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            for work in left:
                work.fault = Unavailable("the store's writer has stopped; the bot has to be started again")
            if left:
                self._tell(left)

    def _serve(self) -> None:
        batch: list[_Work] = []
        while True:
            if len(batch) >= BUSY:
                self._busy_at = time.monotonic()
            with self._wake:
                while not (self._waiting or self._to_scrub or self._closing):
                    self._wake.wait()
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                scrubbing, self._to_scrub = self._to_scrub, []
                self._batch = [*batch, *scrubbing]
            if batch:
                self._commit(batch)
            elif not scrubbing:
                return
            self._batch = scrubbing
            if scrubbing:
                why_not = scrub(self._connection)
                for work in scrubbing:
                    work.result = why_not
                self._tell(scrubbing)

    def _commit(self, batch: list[_Work]) -> None:
        """Run a batch in one transaction; tell each caller its own outcome only after the commit.

        In a savepoint SQLite keeps a copy of every page it touches, which costs half as much again. So none is set
        at first; only when one of the batch raises, all is undone and run again, each in a savepoint of its own.
        """
        began = time.perf_counter()
        try:
            if not self._together(batch):
                self._apart(batch)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            for work in batch:
                work.fault = Unavailable(f"the store could not be written: {error}")
        else:
            self._on_commit(time.perf_counter() - began, len(batch))
        self._tell(batch)

    def _together(self, batch: list[_Work]) -> bool:
        """Commit a batch of which none raises; otherwise undo it and return False."""
        alike: dict[object, list[_Work]] = {}
        for work in batch:
            alike.setdefault(work.kind, []).append(work)
        self._connection.execute("begin immediate")
        for works in alike.values():
            if not self._attempt(works, contextlib.nullcontext()):
                self._connection.execute("rollback")
                return False
        self._connection.execute("commit")
        return True

    def _apart(self, batch: list[_Work]) -> None:
        """Commit what of a batch does not raise."""
        self._connection.execute("begin immediate")
        for work in batch:
            self._attempt([work], Db(self._connection).savepoint())
        self._connection.execute("commit")

    def _attempt(self, works: list[_Work], scope: contextlib.AbstractContextManager[None]) -> bool:
        """Run one function for all of its kind, and tell whether it did not raise.

        A fault that undid the whole transaction is the whole batch's.
        """
        fault: BaseException | None = None
        try:
            with scope:
                results = works[0].fn(Db(self._connection), [work.item for work in works])
                for work, result in zip(works, results, strict=True):
                    work.result, work.fault = result, None
        except Exception as error:  # handed to the caller who asked for the write, never swallowed
            if not self._connection.in_transaction:
                raise
            locked_or_full = isinstance(error, sqlite3.OperationalError)
            fault = Unavailable(f"the store could not be written: {error}") if locked_or_full else error
            for work in works:
                work.fault = fault
        return fault is None

    @staticmethod
    def _tell(batch: list[_Work]) -> None:
        """Settle a batch on the event loop, with one call; nobody waits any more once the loop is closed."""
        loop = batch[0].done.get_loop()
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, batch)


def _settle(batch: list[_Work]) -> None:
    for work in batch:
        work.settle()
