"""The bot as a process of its own for test_crash.py: as `npsbot run`, with the waits for doubtful posts shortened.

Slack may apply a request late, and its history lags; the product waits 5, 20 and 60 seconds before it believes that
a message is not there. The workspace of these tests is late by a second at most in either, so 1, 2 and 4 seconds
stand in the same proportion. Changes of cards, which Slack counts for the whole workspace, go at 10 a second, so
that their queue is not what the test waits for. CRASH_LOOK_FIRST=no sends again without looking, to show that the
test would notice.
"""

import asyncio
import os
import sys
from datetime import timedelta

from bot import outbox
from bot.app import Bot
from bot.config import load
from bot.serve import log_to_stderr, stop_signal

outbox.LOOKS = (timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4))
outbox.LOOKS_ANSWERED = (timedelta(seconds=1), timedelta(seconds=2))
outbox.LOOK_AGAIN = timedelta(seconds=1)
outbox.LONGEST_WAIT = 2.0
outbox.CHANGES = (10.0, 10.0)


async def until_stopped() -> None:
    """Run the bot, and say where it listens."""
    asked = stop_signal()
    async with Bot(load(), look_first=os.environ.get("CRASH_LOOK_FIRST") != "no").running() as bot:
        sys.stdout.write(f"{bot.port}\n")
        sys.stdout.flush()
        await asked.wait()


log_to_stderr(readable=False)
asyncio.run(until_stopped())
