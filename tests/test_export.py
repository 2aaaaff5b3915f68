"""npsbot export: what is written, that a spreadsheet runs none of it, and that it can be imported again."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st
from past_files import counts, imported, stored

from bot import callbacks, intake
from bot.config import Settings
from bot.model import Call, NextStep, Outcome, Respondent, Response
from bot.past.cells import defused, defused_phone, themselves
from bot.past.exporting import COLUMNS, Choice, export
from bot.past.tables import Trouble
from storage import forgotten
from storage.db import beside

if TYPE_CHECKING:
    from pathlib import Path

ALL = Choice(ZoneInfo("UTC"))
ENDINGS = ("csv", "jsonl", "xlsx")
CONTENT = """source, source_id, survey, touchpoint, score, comment, submitted_at, name, email, phone, company, language,
  link, properties"""


@pytest.fixture(name="answered")
def _answered(settings: Settings) -> Settings:
    """A store with a detractor who was called, an anonymous 0, and a test answer."""
    trying = replace(settings, test_domains=frozenset({"test.example"}))
    with beside(settings.database) as db:
        first = intake.receive(db, trying, "json", a_response(comment="=1+1; sent", submitted_at=NOW), NOW)
        bare = Response(id="0", score=0, submitted_at=NOW - timedelta(days=40))
        intake.receive(db, trying, "json", bare, NOW)
        intake.receive(db, trying, "json", a_response(id="t", respondent_email="a@test.example"), NOW)
        intake.receive(db, trying, "json", a_response(id="w", score=None), NOW)
        call = Call("U1", NOW, Outcome.REACHED, "Sorry", ("delivery",), NextStep.CLOSE)
        callbacks.log_call(db, settings, first.response_id, call)
    return trying


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_sheet(path: Path) -> list[dict[str, object]]:
    head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_json_lines_tell_everything(tmp_path, answered):
    """An object a response, in order of time, with its callback and calls; what does not count is left out."""
    target = tmp_path / "out.jsonl"
    assert export(answered.database, target, ALL) == 2
    bare, full = read_lines(target)
    assert list(full) == [*COLUMNS, "callback"]
    assert full["response_id"].startswith("r_")
    assert (full["id"], full["source"], full["score"], full["category"]) == ("r-1001", "json", 3, "detractor")
    assert full["submitted_at"] == "2026-11-20T08:15:00Z"
    assert (full["comment"], full["properties"]) == ("=1+1; sent", {"plan": "pro"})
    callback = full["callback"]
    assert (callback["state"], callback["holder"], callback["due"]) == ("closed", None, "2026-11-21T08:15:00Z")
    (call,) = callback["calls"]
    assert (call["who"], call["when"], call["outcome"]) == ("U1", "2026-11-20T08:15:00Z", "reached")
    assert (call["notes"], call["themes"], call["next_step"]) == ("Sorry", ["delivery"], "close")
    assert (bare["id"], bare["score"], bare["comment"], bare["properties"]) == ("0", 0, None, {})
    assert bare["callback"]["calls"] == []


def test_the_medians_follow_from_the_export(tmp_path, answered):
    """When a callback was opened and first claimed stands in the export: they stay, whoever holds it later."""
    with beside(answered.database) as db:
        public_id = db.value("select public_id from responses where score = 0")
        for hours, move in ((1, callbacks.claim), (2, callbacks.release), (3, callbacks.claim)):
            move(db, public_id, "U1", NOW + timedelta(hours=hours))
    export(answered.database, tmp_path / "out.jsonl", ALL)
    bare, full = read_lines(tmp_path / "out.jsonl")
    opened, claimed = "2026-11-20T08:15:00Z", "2026-11-20T09:15:00Z"
    assert (bare["callback"]["opened_at"], bare["callback"]["first_claimed_at"]) == (opened, claimed)
    assert (full["callback"]["opened_at"], full["callback"]["first_claimed_at"]) == (opened, opened)


def test_a_csv_has_a_column_for_each(tmp_path, answered):
    """The same fields under the same names; formulas are defused, phone numbers stay as they are to the eye."""
    target = tmp_path / "out.csv"
    export(answered.database, target, ALL)
    bare, full = read_csv(target)
    assert tuple(full) == COLUMNS
    assert full["comment"] == "'=1+1; sent"
    assert full["phone"].strip() == "+46 70 174 06 05"
    assert full["properties"] == '{"plan": "pro"}'
    assert (bare["score"], bare["comment"], bare["properties"]) == ("0", "", "")


def test_a_workbook_holds_texts_and_numbers(tmp_path, answered):
    """Scores are numbers, everything else is text: no formula, no changed phone number."""
    target = tmp_path / "out.xlsx"
    export(answered.database, target, ALL)
    bare, full = read_sheet(target)
    assert tuple(full) == COLUMNS
    assert (full["score"], full["comment"], full["phone"]) == (3, "=1+1; sent", "+46 70 174 06 05")
    assert bare["score"] == 0
    cells = [cell for row in openpyxl.load_workbook(target).worksheets[0] for cell in row]
    assert "f" not in {cell.data_type for cell in cells}


def test_days_and_surveys_are_chosen(tmp_path, answered, monkeypatch):
    """--from and --to are local days, both included; one survey leaves the others out."""
    target = tmp_path / "out.jsonl"
    monkeypatch.setattr("bot.past.exporting.STEP", 1)
    helsinki = ZoneInfo("Europe/Helsinki")
    assert export(answered.database, target, Choice(helsinki, first=date(2026, 11, 20))) == 1
    assert export(answered.database, target, Choice(helsinki, last=date(2026, 11, 19))) == 1
    assert export(answered.database, target, Choice(helsinki, date(2026, 11, 20), date(2026, 11, 20))) == 1
    assert export(answered.database, target, Choice(helsinki, survey="relationship")) == 1
    assert export(answered.database, target, Choice(helsinki, survey="none such")) == 0
    assert target.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_file_is_its_owners_and_whole_or_not(tmp_path, answered, ending, monkeypatch):
    """It takes its name once it is whole, readable for its owner alone; a failure leaves what was there."""
    target = tmp_path / f"out.{ending}"
    target.write_text("before", encoding="utf-8")

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.past.exporting.content", failing)
        with pytest.raises(Trouble, match="cannot be written: No space left on device"):
            export(answered.database, target, ALL)
    assert [path.name for path in tmp_path.glob("out*")] == [f"out.{ending}"]
    assert target.read_text(encoding="utf-8") == "before"
    export(answered.database, target, ALL)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("out*")] == [f"out.{ending}"]


@pytest.mark.parametrize(
    ("name", "says"), [("out.pdf", "ends in .csv, .jsonl or .xlsx"), ("no/out.csv", "No such file")]
)
def test_what_cannot_be_written_gets_a_sentence(tmp_path, answered, name, says):
    """Another ending, a folder that is not there."""
    with pytest.raises(Trouble, match=says):
        export(answered.database, tmp_path / name, ALL)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_export_is_imported_into_an_empty_store(tmp_path, answered, ending):
    """The same answers with the same content under the same ids; a second time nothing, and nothing at home."""
    target = tmp_path / f"out.{ending}"
    export(answered.database, target, ALL)
    other = replace(answered, database=tmp_path / "other.db")
    assert counts(imported(other, target)) == (2, 0, 0)
    assert counts(imported(other, target)) == (0, 2, 0)
    export(other.database, tmp_path / "other.jsonl", ALL)
    assert [line["callback"] for line in read_lines(tmp_path / "other.jsonl")] == [None, None]
    kept = sorted(stored(answered, f"{CONTENT}, test"), key=lambda row: row["submitted_at"])
    assert stored(other, CONTENT) == [
        {name: value for name, value in row.items() if name != "test"}
        for row in kept
        if row["score"] is not None and not row["test"]
    ]
    assert counts(imported(answered, target)) == (0, 2, 0)


def test_a_sheet_holds_so_many_rows(tmp_path, answered, monkeypatch):
    """More than a sheet holds is refused with what to do instead."""
    monkeypatch.setattr("bot.past.workbook.MOST_ROWS", 2)
    with pytest.raises(Trouble, match=r"a sheet holds 1 rows; choose days with --from and --to, or write a \.csv"):
        export(answered.database, tmp_path / "out.xlsx", ALL)
    assert not list(tmp_path.glob("out*"))


def test_forgotten_people_are_not_exported(tmp_path, answered):
    """Of a forgotten person the score is left, and goes in and out as such."""
    with beside(answered.database) as db:
        forgotten.erase(db, 1, NOW)
    target = tmp_path / "out.jsonl"
    assert export(answered.database, target, ALL) == 2
    text = target.read_text(encoding="utf-8")
    assert "Anna" not in text
    assert "r-1001" not in text


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30).map(
    str.strip
) | st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "'=1",
        "''=1",
        "+1",
        "-1+2",
        "@SUM(1)",
        "＝1",
        "＋1",
        "'",
        "a\nb",
        'say "hi"',
        "+46 70 123",
        "a;b,c\td",
    ]
)
MAYBE = st.none() | TEXTS.filter(bool)


@given(
    answers=st.lists(
        st.builds(
            Response,
            id=TEXTS.filter(bool),
            score=st.integers(0, 10),
            comment=MAYBE,
            survey=MAYBE,
            touchpoint=MAYBE,
            submitted_at=st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
            respondent=st.builds(
                Respondent, id=st.none(), name=MAYBE, email=MAYBE, phone=MAYBE, company=MAYBE, language=MAYBE
            ),
            link=MAYBE,
            properties=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=2),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda answer: answer.id,
    ),
    ending=st.sampled_from(ENDINGS),
)
def test_whatever_was_said_makes_the_round_trip(tmp_path_factory, answers, ending):
    """Any content comes back as it was, through each kind of file, hostile cells among it."""
    folder = tmp_path_factory.mktemp("trip")
    home, away = (Settings(database=folder / name) for name in ("home.db", "away.db"))
    with beside(home.database) as db:
        for answer in answers:
            intake.receive(db, home, "json", answer, NOW)
    target = folder / f"out.{ending}"
    export(home.database, target, ALL)
    assert imported(away, target).new == len(answers)

    def content(settings: Settings) -> dict[str, dict[str, object]]:
        rows = stored(settings, CONTENT)
        return {row["source_id"]: {**row, "properties": json.loads(row["properties"])} for row in rows}

    assert content(away) == content(home)


@given(cell=TEXTS | st.text(max_size=10))
def test_defusing_can_be_undone(cell):
    """No cell starts as a formula does once it is defused, and each is itself again."""
    for made in (defused(cell), defused_phone(cell)):
        assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert themselves(defused(cell)) == cell


def test_phone_numbers_stay_readable():
    """Only what is a phone number all through is left to the eye as it is; no formula hides in one."""
    assert defused_phone("+46 (0)70-123 45 67") == "\u00a0+46 (0)70-123 45 67"
    assert defused_phone("+1+cmd|' /C calc'!A0").startswith("'+1")
    assert defused_phone("070-123 45 67") == "070-123 45 67"


def test_an_empty_store_gives_a_header(tmp_path, settings):
    """Where nobody has answered there is a header and no rows; the store is made where there is none."""
    with an_empty_store():
        assert export(settings.database, tmp_path / "out.csv", ALL) == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").strip() == ",".join(COLUMNS)
