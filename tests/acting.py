"""What people do in Slack, and what they and the store's file then show, for tests of the listeners."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from conftest import eventually

COMMENT = "Leveransen kom två veckor för sent & ingen <svarade>"
LONG = "Väldigt bra. " * 100
PERSON = {"name": "Anna Berg", "email": "anna@nordlys.example", "company": "Nordlys AB"}
COLLEAGUES = ("ingrid", "mikko", "freja", "jonas")
FILLED = {"outcome": "reached", "notes": "Fick en ny faktura", "themes": ["billing"]}


def told(message):
    """Return all the words of a message or view."""
    return json.dumps(message, ensure_ascii=False)


def card(workspace, channel="#nps"):
    """Return the newest card."""
    return [m for m in workspace.messages(channel) if "actions" in {b["type"] for b in m.get("blocks", ())}][-1]


async def a_card(running, **body):
    """Deliver a response, wait for its card, and return the card's ts."""
    body = {"id": "r-1", "score": 3, "comment": COMMENT, "respondent": PERSON, **body}
    stood = len(running.workspace.messages("#nps"))
    await running.deliver(body)
    await eventually(lambda: len(running.workspace.messages("#nps")) > stood)
    return card(running.workspace)["ts"]


def buttons(workspace, channel="#nps"):
    """Return the action_ids of the newest card."""
    (row,) = [block for block in card(workspace, channel)["blocks"] if block["type"] == "actions"]
    return [element["action_id"] for element in row["elements"]]


def on_disk(running, sql="select * from callbacks"):
    """Return what another program finds in the store's file just now."""
    with closing(sqlite3.connect(running.bot.settings.database)) as other:
        other.row_factory = sqlite3.Row
        return [dict(row) for row in other.execute(sql)]


def everything(running):
    """Return all that people's acts may change."""
    return {name: on_disk(running, f"select * from {name}") for name in ("callbacks", "calls", "history", "responses")}


async def shows(workspace, word):
    """Wait until the newest card says a word."""
    return await eventually(lambda: word in told(card(workspace)) and card(workspace))


def privately(workspace, user):
    """Wait for what only this person is shown, and return the newest of it."""

    def last():
        shown = workspace.ephemerals(user)
        return shown and shown[-1]["text"]

    return eventually(last)


async def form(running, user, ts, action="log_call", **more):
    """Let a person open a form from a card."""
    assert (await running.workspace.click(user, "#nps", ts, action, **more)).ok
    return (await eventually(lambda: running.workspace.views(user)))[-1]


async def log(running, user, ts, **fields):
    """Let a person log a call; return the acknowledgement."""
    view = await form(running, user, ts)
    ack = await running.workspace.submit(user, view["id"], {**FILLED, **fields})
    assert ack.elapsed < 2.9
    return ack


def soon(**span):
    return int((datetime.now(UTC) + timedelta(**span)).timestamp())


def direct(workspace, user_id):
    """Return what the bot wrote to a person."""
    channel = "D" + user_id[1:]
    return workspace.messages(channel) if channel in workspace.channels else []
