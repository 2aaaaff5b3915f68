"""Run a bot as a process: logs on stderr, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from bot.app import Bot

if TYPE_CHECKING:
    from bot.config import Settings


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


def serve(settings: Settings) -> None:
    """Run until the process is asked to end."""
    log_to_stderr(readable=sys.stderr.isatty())

    async def until_stopped() -> None:
        asked = stop_signal()
        async with Bot(settings).running():
            gc.collect()
            gc.freeze()  # what stands now stands to the end; a collection that looks at it makes deliveries wait
            await asked.wait()

    asyncio.run(until_stopped())
