"""Run a bot as a process: logs on stderr, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import logging
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import structlog

from bot.app import Bot
from storage.db import StoreError

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

    from bot.config import Settings
    from storage import Store

LOOK_AGAIN = 1.0
"""Seconds after which it is looked again whether the store lives."""


class Log(io.TextIOWrapper):
    """Where log lines go; what cannot be written just now is dropped, and whoever wrote it hears nothing of it."""

    def write(self, text: str, /) -> int:
        """Write a line, when it can be written."""
        with contextlib.suppress(OSError, ValueError):
            return super().write(text)
        return 0

    def flush(self) -> None:
        """Hand on what was written, when it is taken."""
        with contextlib.suppress(OSError, ValueError):
            super().flush()


def _log() -> Log:
    """Return a stream of our own to stderr: what Python's still holds at the end decides over the exit code."""
    descriptor = sys.stderr.fileno() if sys.stderr else os.open(os.devnull, os.O_WRONLY)
    return Log(open(descriptor, "wb", closefd=False), encoding="utf-8", errors="backslashreplace")


def _unquoted(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Tell a library's error by its kind and where it was raised: its own words may quote what a person wrote."""
    given = event.pop("exc_info", None)
    error = given[1] if given else sys.exception()
    if error is not None:
        kind = type(error).__name__
        for words in filter(None, (repr(error), str(error))):
            event["event"] = event["event"].replace(words, kind)
        if given:
            event["exception"] = "".join([*traceback.format_tb(error.__traceback__), kind])
    return event


def log_to_stderr(*, readable: bool, level: int = logging.INFO) -> None:
    """Write events with their fields to stderr: as JSON lines, or readable on a terminal.

    Events hold ids and words of ours, never what a person wrote. Libraries speak up from warnings on, in lines
    like ours; what Slack's own log at lower levels holds whole bodies. A line that cannot be written changes nothing.
    """
    stream = _log()
    shown = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, shown],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(stream)
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared, _unquoted],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    logging.basicConfig(handlers=[libraries], level=logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def stop_signal() -> asyncio.Event:
    """Return an event that is set when the process is asked to end."""
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


async def until_asked(asked: asyncio.Event, store: Store) -> None:
    """Return when the process is asked to end; raise StoreError when its store takes nothing any more."""
    while not asked.is_set():
        if store.died.is_set():
            raise StoreError("The store's writer has stopped, as the log above tells; start npsbot again.")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN):
                await asked.wait()


def serve(settings: Settings) -> None:
    """Run until the process is asked to end; a fault that leaves it useless ends it, for a supervisor to start anew."""
    log_to_stderr(readable=bool(sys.stderr and sys.stderr.isatty()))

    async def until_stopped() -> None:
        asked = stop_signal()
        async with Bot(settings).running() as bot:
            gc.collect()
            gc.freeze()  # what stands now stands to the end; a collection that looks at it makes deliveries wait
            await until_asked(asked, bot.store)

    asyncio.run(until_stopped())
