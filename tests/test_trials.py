"""Answers that only try things out, and are known to only by what comes later: they count nowhere from then on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conftest import NOW, a_response
from past_files import imported, written

from bot import callbacks, intake
from bot.model import State
from storage import lists, responses, scores
from storage.db import Db, beside

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings


@pytest.fixture(name="trying")
def _trying(settings: Settings) -> Settings:
    return replace(settings, test_domains=frozenset({"test.example"}), test_property="trial")


UNKNOWN = a_response(respondent_email=None, comment=None)


@pytest.mark.parametrize(
    "later",
    [
        a_response(respondent_email="qa@test.example"),
        a_response(respondent_email=None, properties={"trial": "yes"}),
        a_response(respondent_email="qa@test.example", score=10),
    ],
    ids=["address", "property", "address and another score"],
)
def test_a_later_delivery_tells(db: Db, trying: Settings, later) -> None:
    """What counted as an answer until then no longer does, and the call that nobody made is not asked for."""
    receipt = intake.receive(db, trying, "json", UNKNOWN, NOW)
    assert scores.counts(db, None, None).responses == 1
    assert intake.receive(db, trying, "json", later, NOW).status is intake.Status.UPDATED
    found = responses.by_public_id(db, receipt.response_id)
    assert (found.test, found.callback) == (True, None)
    assert scores.counts(db, None, None).responses == 0
    assert intake.receive(db, trying, "json", later, NOW).status is intake.Status.DUPLICATE


def test_who_holds_it_keeps_it(db: Db, trying: Settings) -> None:
    """A callback that somebody has taken up stays theirs to close."""
    receipt = intake.receive(db, trying, "json", UNKNOWN, NOW)
    callbacks.claim(db, receipt.response_id, "U1", NOW)
    intake.receive(db, trying, "json", a_response(respondent_email="qa@test.example"), NOW)
    found = responses.by_public_id(db, receipt.response_id)
    assert (found.test, found.callback.state, found.callback.holder) == (True, State.CLAIMED, "U1")
    assert scores.counts(db, None, None).responses == 0
    assert lists.waiting(db, "U1", lists.Sight(), NOW, 10) == [found.id]


def test_an_import_tells(trying: Settings, tmp_path: Path) -> None:
    """History that names the address sets the answer apart as a delivery does."""
    with beside(trying.database) as db:
        intake.receive(db, trying, "json", UNKNOWN, NOW)
    imported(trying, written(tmp_path / "past.csv", "id,score,email\nr-1001,3,qa@test.example\n"), source="json")
    with beside(trying.database) as db:
        assert scores.counts(db, None, None).responses == 0
