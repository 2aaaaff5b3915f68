"""The audit trail: who did and saw what, to which response, when; nothing in it changes, nobody is named in it."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest
from acting import COMMENT, FILLED, PERSON, a_card, card, form, log, on_disk, shows
from click.testing import CliRunner
from conftest import NOW, a_response, eventually

from bot import callbacks, trail
from bot.cli import main
from bot.config import Settings
from bot.intake import receive
from bot.past.tables import Trouble
from bot.past.trail import export
from storage import audit

TRAIL = "select actor, action, response_id from audit order by id"


def trail_of(running):
    """Return who asked for what, of which response, as the store's file has it; without the start's own entry."""
    return [tuple(row.values()) for row in on_disk(running, TRAIL)][1:]


async def test_what_is_looked_at_is_noted(start, workspace, quick):
    """Each command that shows customers, each look into a card, and each act of an admin is noted with its actor."""
    async with start(admins=frozenset({"U0INGRID"})) as running:
        ts = await a_card(running, comment=COMMENT * 40)
        for text in ("queue", "help", f"find {PERSON['name']}", f"CUSTOMER {PERSON['email']}", "score", "nonsense"):
            await workspace.command("mikko", "#nps", "/nps", text)
        await workspace.click("freja", "#nps", ts, "show_comment")
        await workspace.click("freja", "#nps", ts, "callback_menu", value="history")
        await workspace.command("mikko", "#nps", "/nps", "export")
        await workspace.command("ingrid", "#nps", "/nps", "export")
        await workspace.click("freja", "#nps", ts, "claim_callback")
        found = trail_of(running)
        details = [json.loads(row["details"]) for row in on_disk(running, "select details from audit order by id")]
    assert found == [
        ("U0MIKKO", "/nps queue", None),
        ("U0MIKKO", "/nps find", None),
        ("U0MIKKO", "/nps customer", None),
        ("U0MIKKO", "customer_shown", 1),
        ("U0FREJA", "show_comment", 1),
        ("U0FREJA", "history", 1),
        ("U0MIKKO", "/nps export", None),
        ("U0INGRID", "/nps export", None),
    ]
    assert details[0]["admin"] == ["U0INGRID"]
    assert [found for found in details[1:] if found] == [{"refused": True}]


async def test_nobody_is_named_in_it(running, workspace):
    """However much is done, nothing of what customers and colleagues said stands in the trail or in the history."""
    ts = await a_card(running)
    await workspace.command("mikko", "#nps", "/nps", f"customer {PERSON['email']}")
    await workspace.command("mikko", "#nps", "/nps", f"find {PERSON['name']}")
    await workspace.command("mikko", "#nps", "/nps", f"forget {PERSON['email']}")
    await log(running, "freja", ts, next_step="hand_over")
    await workspace.click("freja", "#nps", ts, "claim_callback")
    view = await form(running, "mikko", ts, "callback_menu", value="assign")
    await workspace.submit("mikko", view["id"], {"assignee": "U0INGRID", "comment": "Anna asked for a man"})
    await shows(workspace, "<@U0INGRID>")
    view = await form(running, "ingrid", ts, "callback_menu", value="dismiss")
    await workspace.submit("ingrid", view["id"], {"reason": "Anna has died"})
    written = str(on_disk(running, "select * from audit")) + str(on_disk(running, "select * from history"))
    private = [*PERSON.values(), COMMENT[:11], FILLED["notes"], "Anna"]
    assert [word for word in private if word in written] == []
    assert [row["text"] for row in on_disk(running, "select text from remarks")] == [
        "Anna asked for a man",
        "Anna has died",
    ]
    assert card(workspace)


@pytest.mark.parametrize("statement", ["update audit set actor = 'U9'", "delete from audit"])
def test_it_is_append_only(db, statement):
    """Nothing in the trail can be changed or erased."""
    trail.note(db, "U1", "looked", NOW)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)


def run(*command, code=0):
    """Run a command; return what it printed."""
    done = CliRunner().invoke(main, list(map(str, command)))
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(name="store")
def _store(settings, monkeypatch):
    """Return a store with a claim in it, which the commands work on."""
    from storage.db import beside  # noqa: PLC0415  # here alone

    monkeypatch.setenv("NPSBOT_DATABASE", str(settings.database))
    with beside(settings.database) as db:
        card = receive(db, Settings(), "json", a_response(), NOW).response_id
        callbacks.claim(db, card, "U1", NOW)
        trail.shown(db, "U2", [card, card], NOW)
    return card


def test_it_is_exported(store):
    """CSV and JSON lines hold every move and every look in order, each response by its public id, and the export."""
    run("audit", "trail.jsonl")
    lines = [json.loads(line) for line in Path("trail.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["actor"], line["action"], line["response_id"]) for line in lines[:3]] == [
        (None, "opened", store),
        ("U1", "claimed", store),
        ("U2", "customer_shown", store),
    ]
    assert lines[3]["action"] == "audit_exported"
    assert lines[3]["actor"].startswith("cli")
    assert set(lines[0]) == {"at", "actor", "action", "response_id", "details"}
    run("audit", "trail.csv")
    with Path("trail.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["action"] for row in rows] == [*(line["action"] for line in lines), "audit_exported"]
    assert Path("trail.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("store")
def test_what_the_command_line_gives_out_is_noted():
    """An export, a backup and an import of owners are in the trail, with how much it was."""
    run("export", "all.csv")
    run("backup", "copy.db")
    Path("owners.csv").write_text("company,owner\nNordlys AB,U0INGRID\n", encoding="utf-8")
    run("owners", "import", "owners.csv")
    run("audit", "trail.jsonl")
    lines = [json.loads(line) for line in Path("trail.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(line["action"], line["details"]) for line in lines if str(line["actor"]).startswith("cli")] == [
        ("export", {"responses": 1}),
        ("backup", {"responses": 1}),
        ("owners_imported", {"new": 1, "refused": 0}),
        ("audit_exported", {}),
    ]


@pytest.mark.usefixtures("store")
def test_a_file_that_cannot_be_written(settings, tmp_path):
    """Another ending and a folder that is not there are refused with a sentence; nothing is left behind."""
    assert "trail.xlsx" in run("audit", "trail.xlsx", code=1).stderr
    with pytest.raises(Trouble, match="cannot be written"):
        export(settings.database, tmp_path / "nowhere" / "trail.csv")
    assert [path.name for path in tmp_path.glob("trail*")] == []


def test_two_at_the_same_moment_stay_in_order(db):
    """Entries of one moment come out as they were written, moves before looks."""
    card = receive(db, Settings(), "json", a_response(), NOW).response_id
    for number in range(3):
        trail.note(db, f"U{number}", "looked", NOW, card)
    assert [row["actor"] for row in audit.each(db)] == [None, "U0", "U1", "U2"]


async def test_a_start_notes_its_rights(running):
    """The rights under which a bot runs are in the trail from its start on."""
    rows = await eventually(lambda: on_disk(running, "select action, details from audit"))
    assert rows[0]["action"] == "settings_read"
    assert set(json.loads(rows[0]["details"])) == {"act", "lead", "admin", "sources", "routes"}
