"""Forgetting a person: in the file's bytes, in Slack, and for good."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from conftest import NOW, a_response, eventually

from bot import callbacks, forget, intake
from bot.model import Call, NextStep, Outcome
from storage.db import beside

if TYPE_CHECKING:
    from pathlib import Path

EMAIL = "anna@nordlys.example"
TRACES = ("Anna Berg", "anna@nordlys", "Leveransen kom", "70 174 06 05", "Nordlys AB", "Soffan saknar ben", "Bo Ek")


def call(public_id: str) -> Call:
    return Call(
        caller="U1",
        at=NOW + timedelta(hours=1),
        outcome=Outcome.REACHED,
        notes="Anna Berg: Soffan saknar ben",
        themes=("delivery",),
        next_step=NextStep.CLOSE,
        referral_name="Bo Ek",
    )


def bytes_of(store: Path) -> bytes:
    return b"".join(each.read_bytes() for each in store.parent.glob(f"{store.name}*"))


@pytest.fixture(name="remembered")
def _remembered(settings) -> str:
    with beside(settings.database) as db:
        receipt = intake.receive(db, settings, "json", a_response(), NOW)
        callbacks.log_call(db, settings, receipt.response_id, call(receipt.response_id))
        intake.set_aside(db, "typeform", {}, f'{{"email": "{EMAIL}"}}'.encode(), "no score", NOW)
    return receipt.response_id


def test_no_byte_of_a_person_is_left(settings, remembered):
    """The command takes them out of the file and its log; the score stays."""
    assert all(trace.encode() in bytes_of(settings.database) for trace in TRACES)
    environment = {"NPSBOT_DATABASE": str(settings.database), "PATH": ""}
    command = [sys.executable, "-m", "bot", "forget", EMAIL.upper(), "--yes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 responses, 1 deliveries" in done.stderr) == (0, True), done.stderr
    left = bytes_of(settings.database)
    assert [trace for trace in TRACES if trace.encode() in left] == []
    with closing(sqlite3.connect(settings.database)) as store:
        assert store.execute("select score, email from responses").fetchall() == [(3, None)]


def test_a_redelivery_brings_nothing_back(settings, remembered):
    """The same response sent again is a duplicate, of which nothing is stored; a new answer is a new response."""
    with beside(settings.database) as db:
        assert forget.forget(db, EMAIL, None, NOW).responses == 1
        again = intake.receive(db, settings, "json", a_response(score=9), NOW)
        assert (again.status, again.response_id) == (intake.Status.DUPLICATE, remembered)
        assert db.value("select count(*) from responses where name is not null") == 0
        new = intake.receive(db, settings, "json", a_response(id="r-2"), NOW)
        assert new.status is intake.Status.ACCEPTED


def test_somebody_unknown_is_said_to_be(settings):
    """An address that nobody answered from ends with exit code 1 and a sentence."""
    environment = {"NPSBOT_DATABASE": str(settings.database), "PATH": ""}
    command = [sys.executable, "-m", "bot", "forget", "nobody@nowhere.example", "--yes"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (1, "Nobody with the address nobody@nowhere.example has answered.")


async def test_what_stands_in_slack_is_put_without_them(start, workspace, settings):
    """Card and thread lose name, words and notes; the bot empties the log while the command waits."""
    async with start() as running:
        await running.deliver(
            {"id": "r-1", "score": 3, "comment": "Leveransen kom sent", "respondent": {"email": EMAIL}}
        )
        card = await eventually(lambda: workspace.messages("nps"))
        await workspace.click("ingrid", "nps", card[0]["ts"], "log_call")
        values = {"outcome": "reached", "notes": "Soffan saknar ben", "next_step": "close"}
        assert (await workspace.submit("ingrid", workspace.views("ingrid")[-1]["id"], values)).ok
        await eventually(lambda: workspace.messages("nps", card[0]["ts"]))
        await running.bot.desk.change(forget.forget, EMAIL, None, NOW)
        await eventually(lambda: "Erased" in str(workspace.messages("nps")[0]))
        await eventually(lambda: "Soffan" not in str(workspace.messages("nps", card[0]["ts"])))
        assert "Leveransen" not in str(workspace.messages("nps"))
        assert EMAIL not in str(workspace.messages("nps"))
