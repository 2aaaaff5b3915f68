"""The commands, as a shell starts them: what they print, where, and how they end."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from conftest import NOW, SECRET, a_response, eventually

from bot import intake
from bot.cards.digest import TEXT_MOST
from bot.config import Settings
from storage import failures
from storage.db import beside

SCORES = (10, 10, 9, 8, 3)
FIELD = {"id": "q", "ref": "how", "title": "Hur gick det?", "type": "opinion_scale"}


@pytest.fixture(name="npsbot")
def _npsbot(tmp_path: Path):
    """Run a command in an empty folder; return exit code, stdout, stderr."""

    def run(*words: str, **environment: str) -> tuple[int, str, str]:
        found = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=tmp_path,
            env={"PATH": "", "HOME": str(tmp_path), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return found.returncode, found.stdout, found.stderr

    return run


@pytest.fixture(name="answered")
def _answered(tmp_path: Path) -> Settings:
    """A store in which five answered in one week: two surveys, one touchpoint."""
    settings = Settings(database=tmp_path / "npsbot.db")
    with beside(settings.database) as db:
        for number, score in enumerate(SCORES):
            at = datetime(2026, 3, 23, 12, tzinfo=UTC) + timedelta(days=number)
            survey = "relationship" if number < 3 else "transactional"
            response = a_response(id=f"r-{number}", score=score, survey=survey, submitted_at=at)
            intake.receive(db, settings, "json", response, at)
    return settings


def test_help_names_every_command(npsbot):
    """`--help` ends with 0 and tells what there is; so does every command's own."""
    code, out, _ = npsbot("--help")
    assert code == 0
    for command in ("demo", "run", "score", "digest", "forget", "quarantine", "outbox", "backup", "doctor"):
        assert f"  {command} " in out
        assert npsbot(command, "--help")[0] == 0


def test_a_wrong_use_ends_with_two(npsbot):
    """An unknown command or option, and dates that make no sense, are wrong use."""
    assert npsbot("nonsense")[0] == 2
    assert npsbot("score", "--last", "soon")[0] == 2
    assert npsbot("score", "--last", "7d", "--from", "2026-01-01")[0] == 2
    assert npsbot("score", "--from", "2026-02-01", "--to", "2026-01-01")[0] == 2


def test_a_wrong_setting_is_one_line(npsbot):
    """It names the setting, its value and what is accepted; there is no traceback."""
    code, out, err = npsbot("score", NPSBOT_TIMEZONE="Mars/Olympus")
    assert (code, out) == (1, "")
    assert err.strip().count("\n") == 0
    assert "NPSBOT_TIMEZONE" in err
    assert "Mars/Olympus" in err
    assert "Europe/Stockholm" in err


def test_run_without_a_token_says_where_it_stands(npsbot):
    """Nothing starts, and nothing is left behind, without what Slack needs."""
    code, _, err = npsbot("run")
    assert code == 1
    assert "SLACK_BOT_TOKEN is not set" in err


def test_the_score_for_programs(npsbot, answered):
    """`score --json` has the figures of the interface, and `--to` is the last day included."""
    code, out, _ = npsbot("score", "--from", "2026-03-23", "--to", "2026-03-26", "--json")
    assert code == 0
    assert json.loads(out) == {
        "nps": 75,
        "responses": 4,
        "promoters": 3,
        "passives": 1,
        "detractors": 0,
        "margin_of_error": pytest.approx(52.8, abs=20),
        "from": "2026-03-23",
        "to": "2026-03-26",
    }


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("survey", {"relationship": 3, "transactional": 2}),
        ("week", {"2026-W13": 5}),
        ("month", {"2026-03": 5}),
        ("source", {"json": 5}),
        ("language", {"sv": 5}),
        ("company", {"Nordlys AB": 5}),
        ("touchpoint", {"onboarding": 5}),
    ],
)
def test_the_score_by_group(npsbot, answered, by, groups):
    """Each group has its own figures under its label."""
    _, out, _ = npsbot("score", "--by", by, "--json")
    assert {each["group"]: each["responses"] for each in json.loads(out)} == groups


def test_nobody_is_no_score(npsbot):
    """A store without responses has no score, not zero."""
    _, out, _ = npsbot("score", "--json")
    figures = json.loads(out)
    assert (figures["nps"], figures["responses"], figures["margin_of_error"]) == (None, 0, None)


def test_days_are_local(npsbot, tmp_path):
    """An answer at 23:30 UTC is the next day's in Helsinki."""
    settings = Settings(database=tmp_path / "npsbot.db")
    with beside(settings.database) as db:
        at = datetime(2026, 3, 22, 23, 30, tzinfo=UTC)
        intake.receive(db, settings, "json", a_response(submitted_at=at), at)
    days = ("--from", "2026-03-23", "--to", "2026-03-23", "--json")
    assert json.loads(npsbot("score", *days)[1])["responses"] == 0
    assert json.loads(npsbot("score", *days, NPSBOT_TIMEZONE="Europe/Helsinki")[1])["responses"] == 1


def test_the_digest_of_a_named_week(npsbot, answered):
    """`--ending` takes the period that holds the day; a person reads it, a program gets its figures."""
    code, out, _ = npsbot("digest", "--ending", "2026-03-25", "--json")
    found = json.loads(out)
    assert (code, found["nps"], found["responses"], found["start"], found["end"]) == (
        0,
        40,
        5,
        "2026-03-23",
        "2026-03-29",
    )
    assert "NPS +40" in npsbot("digest", "--ending", "2026-03-25")[1]


def test_the_digest_as_a_page(npsbot, answered, tmp_path):
    """`--html` writes one whole page and prints nothing; a file that cannot be written is said in a sentence."""
    code, out, err = npsbot("digest", "--ending", "2026-03-25", "--html", "board.html")
    assert (code, out) == (0, "")
    assert "board.html" in err
    written = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>")
    assert "NPS +40" in written
    code, _, err = npsbot("digest", "--html", "nowhere/board.html")
    assert (code, "cannot be written" in err, "Traceback" in err) == (1, True, False)


def test_a_digest_is_shown_whole(npsbot, tmp_path):
    """A terminal gets all of it, as customers wrote it; what is not tagged yet is tagged first."""
    settings = Settings(database=tmp_path / "npsbot.db")
    told = ("Delivery & assembly: <late>", "Far too expensive", "Support never answers", "Wrong invoice")
    with beside(settings.database) as db:
        for number in range(60):
            at = datetime(2026, 3, 23, 12, tzinfo=UTC) + timedelta(hours=number)
            words = (chr(ord("a") + number % 26) * length for length in range(3, 20))
            comment = f"{told[number % 4]}. {' '.join(words)}"
            given = {"score": (0, 8, 10)[number % 3], "comment": comment, "touchpoint": f"room {number % 3} " * 10}
            given |= {
                "survey": f"survey {number % 3} " * 10,
                "respondent_name": "Anna " * 30,
                "respondent_email": f"{number}@customer.example",
            }
            intake.receive(db, settings, "json", a_response(id=f"r-{number}", submitted_at=at, **given), at)
    out = npsbot("digest", "--ending", "2026-03-25")[1]
    assert len(out) > TEXT_MOST
    assert "Delivery · 25% of comments" in out
    assert "· Delivery & assembly: <late>" in out


def test_a_digest_by_its_name(npsbot, answered, tmp_path):
    """`--name` takes one of [[digests]] with its period, language and segment; an unknown name is wrong use."""
    table = '[[digests]]\nname = "board"\nperiod = "month"\nlanguage = "fi"\nsurvey = "relationship"\n'
    (tmp_path / "npsbot.toml").write_text(table, encoding="utf-8")
    code, out, _ = npsbot("digest", "--name", "board", "--ending", "2026-03-25", "--json")
    found = json.loads(out)
    assert (code, found["digest"], found["period"], found["responses"]) == (0, "board", "month", 3)
    assert npsbot("digest", "--name", "board", "--ending", "2026-03-25")[1].startswith("board · Kuukauden NPS")
    code, _, err = npsbot("digest", "--name", "nobody")
    assert (code, "there are: board" in err) == (2, True)


def test_a_digest_is_posted_once(npsbot, answered):
    """`--post` queues it for the bot; a second time says that it was posted before."""
    assert "The bot posts it" in npsbot("digest", "--ending", "2026-03-25", "--post")[2]
    assert "posted once" in npsbot("digest", "--ending", "2026-03-25", "--post")[2]
    with beside(answered.database) as db:
        assert [row["kind"] for row in failures.listing(db) if row["kind"] == "digest"] == ["digest"]


def test_the_outbox_is_listed_and_dropped(npsbot, answered):
    """What waits is shown with its state; what is dropped is gone, and an unknown id ends with 1."""
    rows = json.loads(npsbot("outbox", "list", "--json")[1])
    assert {row["state"] for row in rows} == {"queued"}
    assert npsbot("outbox", "drop", str(rows[0]["id"]))[0] == 0
    assert npsbot("outbox", "drop", str(rows[0]["id"]))[0] == 1
    assert len(json.loads(npsbot("outbox", "list", "--json")[1])) == len(rows) - 1


def test_a_backup_is_whole_and_never_overwrites(npsbot, answered, tmp_path):
    """The copy opens as a store of its own with everything in it."""
    assert npsbot("backup", "copy.db")[0] == 0
    assert json.loads(npsbot("score", "--json", NPSBOT_DATABASE="copy.db")[1])["responses"] == len(SCORES)
    code, _, err = npsbot("backup", "copy.db")
    assert (code, "exists already" in err) == (1, True)
    assert sorted(each.name for each in tmp_path.glob("copy*")) == ["copy.db"]


def test_quarantine_is_taken_in_once_the_mapping_is_mended(npsbot, tmp_path):
    """A delivery whose score nobody knew is read again with the configured question."""
    body = {
        "event_type": "form_response",
        "form_response": {
            "token": "t-1",
            "submitted_at": "2026-03-23T10:00:00Z",
            "definition": {"title": "Höst", "fields": [FIELD]},
            "answers": [{"type": "number", "number": 4, "field": {"id": "q", "type": "opinion_scale", "ref": "how"}}],
        },
    }
    settings = Settings(database=tmp_path / "npsbot.db")
    with beside(settings.database) as db:
        headers = {"content-type": "application/json"}
        intake.set_aside(db, "typeform", headers, json.dumps(body).encode(), "no known question", NOW)
    config = tmp_path / "npsbot.toml"
    config.write_text('[sources.typeform]\nkind = "typeform"\nsecret = "s"\n', encoding="utf-8")
    assert npsbot("quarantine", "retry")[0] == 1
    assert "typeform" in npsbot("quarantine")[1]
    config.write_text(config.read_text(encoding="utf-8") + 'fields = { score = "how" }\n', encoding="utf-8")
    code, _, err = npsbot("quarantine", "retry")
    assert code == 0, err
    assert json.loads(npsbot("score", "--json")[1])["detractors"] == 1


def test_doctor_says_what_to_do(npsbot):
    """Without anything set it ends with 1, and each fault names its remedy."""
    code, out, _ = npsbot("doctor")
    assert code == 1
    assert "set NPSBOT_WEBHOOK_SECRET" in out
    assert "SLACK_BOT_TOKEN is not set" in out
    assert "Traceback" not in out


async def test_doctor_is_content_with_a_good_set_up(npsbot, workspace, tmp_path):
    """Token, mode, scopes and channels are looked up in Slack; a channel without the bot is a fault."""
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_SIGNING_SECRET": "demo-signing-secret",
        "SLACK_API_URL": workspace.api_url,
        "NPSBOT_WEBHOOK_SECRET": SECRET,
    }
    Settings(database=tmp_path / "npsbot.db")
    with beside(tmp_path / "npsbot.db"):
        pass
    code, out, err = await asyncio.to_thread(npsbot, "doctor", **environment)
    assert (code, err) == (0, ""), out
    code, out, _ = await asyncio.to_thread(npsbot, "doctor", **environment, NPSBOT_CHANNEL="#general")
    assert code == 1
    assert "/invite @npsbot in #general" in out


async def test_the_process_runs_and_stops_cleanly(workspace, tmp_path):
    """`npsbot run` takes deliveries, posts cards, and ends with 0 soon after SIGTERM; a second one is refused."""
    environment = {
        "PATH": "",
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_APP_TOKEN": "xapp-demo",
        "SLACK_API_URL": workspace.api_url,
        "NPSBOT_WEBHOOK_SECRET": SECRET,
        "NPSBOT_PORT": "0",
    }
    words = (sys.executable, "-m", "bot", "run")
    process = await asyncio.create_subprocess_exec(*words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    assert process.stderr is not None
    events: list[dict[str, Any]] = []
    while not any(event["event"] == "listening" for event in events):
        line = await asyncio.wait_for(process.stderr.readline(), 30)
        assert line, events
        events.append(json.loads(line))
    url = f"http://127.0.0.1:{events[-1]['port']}"
    second = await asyncio.create_subprocess_exec(*words, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
    _, said = await asyncio.wait_for(second.communicate(), 30)
    assert (second.returncode, b"Another npsbot is running" in said) == (1, True)
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with http.post(
            f"{url}/webhooks/json", json={"score": 9, "comment": "hemligt"}, headers=headers
        ) as answer:
            assert answer.status == 202
        await eventually(lambda: workspace.messages("nps"))
        async with http.get(f"{url}/metrics") as page:
            assert "npsbot_outbox_messages" in await page.text()
    process.send_signal(signal.SIGTERM)
    log = await asyncio.wait_for(process.stderr.read(), 10)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert b"hemligt" not in log
