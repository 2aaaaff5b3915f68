"""Run a bot as a process: logs on stderr, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from bot.app import Bot
from storage.db import StoreError

if TYPE_CHECKING:
    from bot.config import Settings
    from storage import Store

LOOK_AGAIN = 1.0
"""Seconds after which it is looked again whether the store lives."""


def log_to_stderr(*, readable: bool, level: int = logging.INFO) -> None:
    """Write events with their fields to stderr: as JSON lines, or readable on a terminal.

    Events hold ids and words of ours, never what a person wrote. Libraries speak up from warnings on;
    what Slack's own log at lower levels holds whole bodies.
    """
    shown = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
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
    log_to_stderr(readable=sys.stderr.isatty())

    async def until_stopped() -> None:
        asked = stop_signal()
        async with Bot(settings).running() as bot:
            gc.collect()
            gc.freeze()  # what stands now stands to the end; a collection that looks at it makes deliveries wait
            await until_asked(asked, bot.store)

    asyncio.run(until_stopped())
