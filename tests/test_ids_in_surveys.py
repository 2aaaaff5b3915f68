"""Ids that a tool numbers within each survey: two surveys of one source never meet, and history meets its webhooks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, SECRET
from past_files import counts, imported, stored, written
from recorded import delivery_of, recording

from bot import forget, intake
from bot.config import Settings, SourceSettings
from bot.model import Subject
from bot.past.exporting import Choice, export
from handlers.reading import read_delivery
from storage.db import beside

if TYPE_CHECKING:
    from pathlib import Path

LIME = SourceSettings("lime", "limesurvey", (SECRET,))
NAMED = replace(LIME, survey="Customers")


@pytest.fixture(name="fed", params=[LIME, NAMED], ids=["survey's own number", "survey named in the settings"])
def _fed(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """A store that two surveys of one source have each sent their response 42."""
    sample = recording("limesurvey", "completed_zero")
    with beside(settings.database) as db:
        for survey in (123456, 654321):
            body = {**sample["body"], "survey": survey}
            found = read_delivery(request.param, delivery_of({**sample, "body": body}))
            (receipt,) = intake.receive_all(db, settings, "lime", found, NOW)
            assert receipt.status is intake.Status.ACCEPTED
            (again,) = intake.receive_all(db, settings, "lime", found, NOW)
            assert again.status is intake.Status.DUPLICATE
    return replace(settings, sources={"lime": request.param})


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_what_is_exported_is_known(fed: Settings, tmp_path: Path, ending: str) -> None:
    """Both are there, each under the sender's own id; taking them in again adds nothing, and elsewhere adds both."""
    target = tmp_path / f"out.{ending}"
    assert export(fed.database, target, Choice(ZoneInfo("UTC"))) == 2
    if ending == "jsonl":
        told = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
        assert [row["id"] for row in told] == ["42", "42"]
    assert counts(imported(fed, target)) == (0, 2, 0)
    elsewhere = replace(fed, database=tmp_path / "elsewhere.db", sources={})
    for new, known in ((2, 0), (0, 2)):
        assert counts(imported(elsewhere, target)) == (new, known, 0)
    assert stored(elsewhere, "source_id, sender_id") == stored(fed, "source_id, sender_id")


def test_the_tools_own_export_meets_them(fed: Settings, tmp_path: Path) -> None:
    """A survey's answers as LimeSurvey exports them are known by its number, and the rest is new."""
    path = written(tmp_path / "past.csv", "id,submitdate,NPS\n42,2026-10-01 09:30:00,0\n43,2026-10-01 09:31:00,10\n")
    mapping = {"NPS": "score", "id": "id", "submitdate": "submitted_at"}
    for new, known in ((1, 1), (0, 2)):
        assert counts(imported(fed, path, source="lime", survey="123456", mapping=mapping)) == (new, known, 0)
    assert [row["sender_id"] for row in stored(fed)] == ["42", "42", "43"]


def test_the_survey_must_be_known(settings: Settings, tmp_path: Path) -> None:
    """Numbers without their survey would be those of another: each row is refused, and says what to do."""
    settings = replace(settings, sources={"lime": LIME})
    path = written(tmp_path / "past.csv", "id,score\n42,9\n")
    outcome = imported(settings, path, source="lime")
    assert counts(outcome) == (0, 0, 1)
    assert "--survey" in outcome.reasons[0]


def test_who_was_forgotten_stays_so(fed: Settings, tmp_path: Path) -> None:
    """The tool's id goes with the person, and an import brings nobody back."""
    path = written(tmp_path / "past.csv", "id,score,email\n42,0,ragnhild.bo@gronntoppen.example\n")
    with beside(fed.database) as db:
        forget.forget(db, Subject(email="ragnhild.bo@gronntoppen.example"), None, NOW)
    assert [row["sender_id"] for row in stored(fed)] == [None, None]
    assert counts(imported(fed, path, source="lime", survey="123456")) == (0, 1, 0)
