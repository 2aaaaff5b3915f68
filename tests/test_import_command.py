"""The commands import and export as a shell starts them: their words, their exit codes, killed and beside a bot."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import NOW, a_response, eventually
from past_files import imported, many, number_stored, stored, written

from bot import intake
from bot.cli import main
from bot.past import importing
from storage import Store, past
from storage.db import StoreError, beside

MANY = 20_000
ENVIRONMENT = {"PATH": "", "NPSBOT_DATABASE": "npsbot.db"}


@pytest.fixture(name="npsbot")
def _npsbot(monkeypatch: pytest.MonkeyPatch):
    """Run a command in the test's folder; return exit code, stdout, stderr."""
    monkeypatch.setenv("NPSBOT_DATABASE", "npsbot.db")

    def run(*words: str) -> tuple[int, str, str]:
        found = CliRunner().invoke(main, words)
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found.exit_code, found.stdout, found.stderr

    return run


def a_line(number: int) -> str:
    return f"r-{number},{number % 11},Comment {number},2026-01-05T08:00:00Z,person{number}@x.example"


def test_results_on_stdout_words_on_stderr(npsbot, tmp_path):
    """The count is the result; what was taken from where is for people; refused rows end with 1."""
    written(tmp_path / "past.csv", "Betyg;Kommentar\n9;Bra\nnio;Hm\n")
    code, out, err = npsbot("import", "past.csv")
    assert (code, out) == (1, "past.csv: 2 rows: 1 new, 0 known already, 1 refused.\n")
    assert "score from “Betyg”" in err
    assert 'refused: line 3, Betyg: must be a whole number from 0 to 10, not "nio"' in err
    assert "past.csv.refused.csv" in err
    assert "No column says when" in err
    code, out, _ = npsbot("import", "past.csv", "--json")
    assert code == 1
    assert json.loads(out) == {
        "rows": 2,
        "new": 0,
        "filled": 0,
        "known": 1,
        "refused": 1,
        "refused_file": "past.csv.refused.csv",
    }


def test_only_the_first_refused_rows_are_named(npsbot, tmp_path):
    """A thousand bad rows are twenty lines, a count and a file."""
    written(tmp_path / "past.csv", "score\n9\n" + "x\n" * 1_000)
    code, _, err = npsbot("import", "past.csv")
    assert (code, err.count("refused: line")) == (1, importing.TOLD)
    assert "… and 980 more." in err
    assert (tmp_path / "past.csv.refused.csv").read_text(encoding="utf-8").count("\n") == 1_001


def test_a_dry_run_shows_and_stores_nothing(npsbot, tmp_path):
    """The mapping, the first rows and what would be refused; no store, no file of refused rows."""
    written(tmp_path / "past.csv", "Betyg;Kommentar;Datum;Plan\n9;Bra;25/03/2026;pro\nnio;Hm;25/03/2026;pro\n")
    code, out, _ = npsbot("import", "past.csv", "--dry-run", "--map", "Kommentar=property.why", "--survey", "spring")
    assert code == 0
    for part in (
        "score          from “Betyg”",
        "property.why   from “Kommentar”",
        "survey         is spring",
        "day-first",
    ):
        assert part in out
    for part in (
        "not taken: Plan",
        "submitted_at 2026-03-25T00:00:00",
        "1 row would be taken, 1 refused.",
        "line 3, Betyg",
    ):
        assert part in out
    assert [path.name for path in tmp_path.iterdir()] == ["past.csv"]
    assert "not taken" not in npsbot("import", "past.csv", "--dry-run", "--map", "Plan=property.plan")[1]
    _, out, _ = npsbot("import", "past.csv", "--dry-run", "--json")
    told = json.loads(out)
    assert (told["would_take"], told["would_refuse"], told["not_taken"]) == (1, 1, ["Plan"])
    assert told["mapping"]["comment"] == "Kommentar"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["import", "nowhere.csv"], 1, "nowhere.csv: it cannot be read: No such file or directory."),
        (["import", "past.csv", "--map", "score"], 2, "give COLUMN=FIELD"),
        (["import", "past.csv", "--map", "score=rating"], 2, "with a field of id, score, comment"),
        (["import", "past.csv", "--map", "a=property."], 2, "give COLUMN=FIELD"),
        (["import", "past.csv", "--map", "None=score"], 1, '--map names the column "None"'),
        (["import", "past.csv", "--dates", "year-first"], 2, "'year-first' is not one of"),
        (["import"], 2, "Missing argument"),
        (["export", "out.txt"], 1, "name a file that ends in .csv, .jsonl or .xlsx"),
        (["export", "out.csv", "--from", "2026-02-01", "--to", "2026-01-01"], 2, "--from is after --to"),
    ],
)
def test_wrong_use_and_failures(npsbot, tmp_path, words, code, says):
    """2 for wrong use, 1 for what cannot be done, each with a sentence and no traceback."""
    written(tmp_path / "past.csv", "score\n9\n")
    found, out, err = npsbot(*words)
    assert (found, out) == (code, "")
    assert says in err
    assert "Traceback" not in err


def test_a_folder_that_cannot_be_written_is_told(npsbot, tmp_path, monkeypatch):
    """Where the refused rows cannot be written the import ends with a sentence, and nothing of its rows is in."""
    written(tmp_path / "past.csv", "score\n9\nx\n")
    monkeypatch.setattr(
        "bot.past.refused.os.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied"))
    )
    code, _, err = npsbot("import", "past.csv")
    assert (code, "Permission denied" in err, number_stored(tmp_path / "npsbot.db")) == (1, True, 0)


def test_there_and_back(npsbot, tmp_path):
    """What the commands export, they import; a column whose name has an equals sign can be mapped."""
    written(tmp_path / "past.csv", "id,a=b,x\nr-1,9,Bra\n")
    assert npsbot("import", "past.csv", "--map", "a=b=score", "--map", "x=comment")[0] == 0
    code, out, err = npsbot("export", "out.csv", "--survey", "none")
    assert (code, out, err) == (0, "", "out.csv: 0 responses.\n")
    assert npsbot("export", "out.csv")[2] == "out.csv: 1 response.\n"
    written(tmp_path / "more.csv", "id,score,company\nr-1,9,Nordlys\n")
    assert (
        npsbot("import", "more.csv")[1]
        == "more.csv: 1 row: 0 new, 1 known and completed, 0 known already, 0 refused.\n"
    )
    assert npsbot("import", "out.csv")[:2] == (0, "out.csv: 1 row: 0 new, 1 known already, 0 refused.\n")


def test_a_terminal_sees_how_far_it_is(tmp_path):
    """On a terminal a bar shows the rows done, the rate and the time left."""
    many(tmp_path / "past.csv", MANY, a_line)
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot", "import", "past.csv"]
    with subprocess.Popen(
        command, cwd=tmp_path, env={**ENVIRONMENT, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(mine, 65_536):
                seen += piece
        except OSError:
            pass  # the other end is closed: the command has ended
        process.communicate(timeout=60)
    os.close(mine)
    assert process.returncode == 0
    assert b"importing past.csv" in seen
    assert b"100%" in seen
    assert f"{MANY:,} rows".encode() in seen
    assert b"a second" in seen


def test_killed_in_the_middle_and_started_again(npsbot, tmp_path):
    """A kill -9 loses nothing that was committed, and the next run adds the rest, each row once."""
    path = many(tmp_path / "past.csv", MANY, a_line)
    store = tmp_path / "npsbot.db"
    script = "import bot.past.importing as i, bot.cli; i.HOLD_ALONE = 0.01; bot.cli.main()"
    for wanted in (1, MANY // 3, 2 * MANY // 3):
        with subprocess.Popen(
            [sys.executable, "-c", script, "import", path.name], cwd=tmp_path, env=ENVIRONMENT
        ) as one:
            while number_stored(store) < wanted and one.poll() is None:
                time.sleep(0.001)
            one.kill()
    assert 1 <= number_stored(store) <= MANY
    code, out, _ = npsbot("import", path.name, "--json")
    told = json.loads(out)
    assert (code, told["new"] + told["known"]) == (0, MANY)
    assert number_stored(store) == MANY
    with beside(store) as db:
        assert db.value("pragma integrity_check") == "ok"


def test_nothing_is_left_beside_the_store(npsbot, tmp_path):
    """An import with no bot beside it leaves the store whole in its one file, and no log of a gigabyte."""
    many(tmp_path / "past.csv", MANY, a_line)
    assert npsbot("import", "past.csv")[0] == 0
    assert {path.name for path in tmp_path.iterdir()} == {"past.csv", "npsbot.db", "npsbot.db.lock"}
    assert number_stored(tmp_path / "npsbot.db") == MANY


async def test_beside_a_running_bot(tmp_path, settings, monkeypatch):
    """While thousands are taken in, a bot on the same store goes on writing; both have everything in the end."""
    monkeypatch.setattr(importing, "HOLD_BESIDE", 0.02)
    path = many(tmp_path / "past.csv", MANY, a_line)
    store = Store(settings.database)
    taking = asyncio.create_task(asyncio.to_thread(imported, settings, path))
    longest, number = 0.0, 0
    try:
        while not taking.done():
            began = time.perf_counter()
            await store.run(intake.receive, settings, "json", a_response(id=f"live-{number}"), NOW)
            longest, number = max(longest, time.perf_counter() - began), number + 1
            await asyncio.sleep(0.005)  # a delivery now and then, not a flood
        outcome = await taking
    finally:
        store.close()
    assert outcome.new == MANY
    assert number > 10
    assert number_stored(settings.database) == MANY + number
    assert longest < 5


async def test_cards_of_past_answers_are_posted_when_asked_for(tmp_path, settings, start):
    """With --post a running bot posts a card for each, with --callbacks there is something to claim."""
    path = written(tmp_path / "past.csv", "id,score,comment\nr-1,2,Sent\nr-2,10,Bra\n")
    async with start() as running:
        await asyncio.to_thread(imported, settings, path, post=True, callbacks=True)
        cards = await eventually(lambda: len(cards := running.workspace.messages("nps")) == 2 and cards)
    assert {card["metadata"]["event_type"] for card in cards} == {"nps_response"}
    assert all("claim_callback" in json.dumps(card["blocks"]) for card in cards)


def test_a_store_that_stays_locked_is_told(tmp_path, settings, monkeypatch):
    """When another process keeps the store, the import ends with a sentence and can be started again."""
    monkeypatch.setattr("storage.db.BUSY_MS", 10)
    path = written(tmp_path / "past.csv", "id,score\nr-1,9\n")
    with beside(settings.database), pytest.raises(StoreError, match="cannot be used just now: database is locked"):
        imported(settings, path)
    assert imported(settings, path).new == 1


def test_ids_of_many_are_all_different(tmp_path, settings):
    """Thousands that come in one moment have public ids of their own, later ones sorting later."""
    imported(settings, many(tmp_path / "past.csv", 3_000, a_line))
    ids = [row["public_id"] for row in stored(settings, "public_id")]
    assert len(set(ids)) == 3_000
    assert len(set(map(len, ids))) == 1
    assert [public_id[:20] for public_id in past._public_ids(3_000, NOW)] == sorted(
        public_id[:20] for public_id in past._public_ids(3_000, NOW)
    )


def test_memory_does_not_grow_with_the_file(tmp_path):
    """Ten times the rows take hardly more memory, rows without ids among them."""
    script = (
        "import re, sys; from pathlib import Path; from datetime import UTC, datetime;"
        "from bot.config import Settings; from bot.past.importing import Wanted, prepare, take_in;"
        "chosen = Settings(database=Path(sys.argv[2]));"
        "take_in(prepare(Path(sys.argv[1]), Wanted(), chosen), chosen, lambda: datetime.now(UTC));"
        "print(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )

    def peak(rows: int) -> float:
        path = tmp_path / f"{rows}.csv"
        lines = "".join(f"{i % 11},Comment {i} {'x' * 100}\n" for i in range(rows))
        path.write_text(f"score,comment\n{lines}", encoding="utf-8")
        command = [sys.executable, "-c", script, str(path), str(tmp_path / f"{rows}.db")]
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300, cwd=Path.cwd())
        return int(found.stdout) / 1024

    small, large = peak(5_000), peak(50_000)
    assert large < small + 60
    assert large < 300
