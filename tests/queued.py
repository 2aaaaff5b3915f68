"""What is queued and what of it stands in Slack, for tests of the delivery loop against the workspace."""

from __future__ import annotations

from datetime import UTC, datetime

from conftest import eventually

from bot import callbacks
from bot.model import Call, NextStep, Outcome
from storage import failures, lanes


def names(workspace, channel="#nps"):
    """Return whose cards stand in a channel, oldest first."""
    cards = [m for m in workspace.messages(channel) if (m.get("metadata") or {}).get("event_type") == "nps_response"]
    return [card["text"].split(" from ")[1].split(".")[0] for card in cards]


def card_of(workspace, name, channel="#nps"):
    """Return somebody's card, or None."""
    return next((m for m in workspace.messages(channel) if f" from {name}." in m["text"]), None)


async def deliver(running, *senders, score=3, **more):
    """Let each of these give a score; the name is the delivery's id, too. Return the responses' ids."""
    answers = [
        await running.deliver({"id": name, "score": score, "respondent": {"name": name}}, **more) for name in senders
    ]
    assert {status for status, _ in answers} <= {200, 202}
    return [answer["response_id"] for _, answer in answers]


def drained(running):
    """Wait until nothing waits any more, and return what was set aside."""

    async def look():
        listed = await running.bot.store.read(failures.listing)
        return all(row["state"] == "failed" for row in listed) and (listed or [None])

    return eventually(look)


def paused(running):
    """Wait until a lane is paused."""
    return eventually(lambda: running.bot.store.read(lanes.paused))


async def readiness(running):
    """Return status and reason of /readyz."""
    async with running.http.get(f"{running.url}/readyz") as answer:
        return answer.status, (await answer.json()).get("reason")


async def claim(running, response_id, user="U0INGRID"):
    """Claim as the listener does."""
    return await running.bot.desk.change(callbacks.claim, response_id, user, datetime.now(UTC))


async def log_call(running, response_id, notes, user="U0INGRID"):
    """Log a call as the listener does."""
    call = Call(user, datetime.now(UTC), Outcome.REACHED, notes, (), NextStep.CLOSE)
    await running.bot.desk.change(callbacks.log_call, running.bot.settings, response_id, call)


def notes(workspace, name):
    """Return what stands in the thread of somebody's card."""
    return [reply["text"] for reply in workspace.messages("#nps", card_of(workspace, name)["ts"])]


async def is_well(running):
    """Tell whether /readyz finds nothing wrong."""
    return await readiness(running) == (200, None)
