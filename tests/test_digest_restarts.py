"""A digest and its pictures stand once, at whichever step the process was stopped that posted them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from conftest import a_response
from queued import drained

from bot import app, digest, periods
from bot.outbox import Outbox
from bot.slack import Slack
from demo import blocks
from storage import responses

pytestmark = pytest.mark.usefixtures("quick")

STEPS = {
    "before the post": (Slack, "post", False),
    "after the post": (Slack, "post", True),
    "after the mark": (Outbox, "_stands", True),
    "before the upload": (Slack, "upload", False),
    "within the upload": (Slack, "_send", True),
    "after the upload": (Slack, "upload", True),
}


def a_week(db, settings):
    """Let some answer in two weeks, and queue the digest of the last."""
    now = datetime.now(UTC)
    week = periods.before("week", periods.holding("week", periods.local_day(now, settings.timezone)))
    for number in range(24):
        at = periods.start_of(week.first, settings.timezone) + timedelta(hours=12 - 7 * 24 * (number % 2))
        responses.add(db, "json", a_response(id=f"r-{number}", score=number % 11, submitted_at=at), now, imported=True)
    return digest.queue(db, settings, "week", week, now, now)


@pytest.fixture(name="stopped")
def _stopped(monkeypatch):
    """Return what lets the process stop at a step: that step never ends, and tells that it was reached."""
    monkeypatch.setattr(app, "FINISH_WITHIN", 0.0)

    def stop(step):
        owner, name, after = STEPS[step]
        real, reached = getattr(owner, name), asyncio.Event()

        async def stuck(self, *given, **more):
            if after:
                await real(self, *given, **more)
            reached.set()
            return await asyncio.Event().wait()

        monkeypatch.setattr(owner, name, stuck)
        return reached, lambda: monkeypatch.setattr(owner, name, real)

    return stop


def digests(workspace):
    """Return the digests in the channel."""
    return [m for m in workspace.messages("nps") if (m.get("metadata") or {}).get("event_type") == "nps_digest"]


async def after_a_stop(workspace, start, stopped, step):
    """Stop the bot at a step and start it again; return the one digest that stands then."""
    reached, go_on = stopped(step)
    async with start() as running:
        await running.bot.desk.change(a_week, running.bot.settings)
        await asyncio.wait_for(reached.wait(), 30)
    go_on()
    async with start() as running:
        await drained(running)
    [shown] = digests(workspace)
    return shown


@pytest.mark.parametrize("step", STEPS)
async def test_with_pictures(workspace, start, stopped, monkeypatch, step):
    """Where charts are refused there is one digest and one upload of both pictures in its thread, after any stop."""
    for refused in ("data_visualization", "table"):
        monkeypatch.setitem(blocks.SURFACES, refused, ())
    shown = await after_a_stop(workspace, start, stopped, step)
    uploads = workspace.messages("nps", shown["ts"])
    assert [len(each["files"]) for each in uploads] == [2]


@pytest.mark.parametrize("step", ["before the post", "after the post", "after the mark"])
async def test_with_charts(workspace, start, stopped, step):
    """Where charts are taken there is one digest with them and no picture, after any stop."""
    shown = await after_a_stop(workspace, start, stopped, step)
    assert "data_visualization" in {block["type"] for block in shown["blocks"]}
    assert workspace.messages("nps", shown["ts"]) == []
