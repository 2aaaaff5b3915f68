"""npsbot import: what is taken in, what is refused by name, and that nothing is taken in twice."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, a_response
from past_files import counts, imported, stored, written

from bot import forget, intake
from bot.config import SourceSettings
from bot.model import Subject
from bot.past.tables import Trouble
from storage.db import beside

ROWS = """id,score,comment,submitted_at,name,email,phone,company,language,survey,touchpoint,link
r-1,9,"Snabb, trevlig",2026-01-05T08:00:00Z,Anna,anna@x.example,+46 70 1,Nordlys,sv,relationship,support,https://x.example
r-2,0,,2026-01-06T08:00:00+01:00,,,,,,,,
"""


def test_each_field_lands_in_its_place(tmp_path, settings):
    """Every field of a row is stored as it is; what is blank is missing; 0 is a score."""
    assert counts(imported(settings, written(tmp_path / "past.csv", ROWS))) == (2, 0, 0)
    first, second = stored(settings)
    assert first["public_id"].startswith("r_")
    assert {name: first[name] for name in ("source", "source_id", "score", "comment", "submitted_at", "name")} == {
        "source": "import",
        "source_id": "r-1",
        "score": 9,
        "comment": "Snabb, trevlig",
        "submitted_at": "2026-01-05T08:00:00.000000Z",
        "name": "Anna",
    }
    assert (first["email"], first["phone"], first["company"]) == ("anna@x.example", "+46 70 1", "Nordlys")
    assert (first["language"], first["survey"], first["touchpoint"]) == ("sv", "relationship", "support")
    assert (first["link"], first["imported"], first["properties"]) == ("https://x.example", 1, "{}")
    assert (second["score"], second["comment"], second["email"]) == (0, None, None)
    assert second["submitted_at"] == "2026-01-06T07:00:00.000000Z"


def test_a_second_run_adds_nothing(tmp_path, settings):
    """The same file again is known, row for row, with ids and without."""
    with_ids = written(tmp_path / "ids.csv", ROWS)
    without = written(tmp_path / "plain.csv", "score,comment\n9,Bra\n9,Bra\n3,\n")
    assert counts(imported(settings, with_ids)) == (2, 0, 0)
    assert counts(imported(settings, without)) == (3, 0, 0)
    assert counts(imported(settings, with_ids)) == (0, 2, 0)
    assert counts(imported(settings, without)) == (0, 3, 0)
    assert len(stored(settings)) == 5


def test_rows_without_an_id_are_known_by_content_and_count(tmp_path, settings):
    """A longer file with one more of the same and in another order adds that one alone; another survey is another."""
    assert counts(imported(settings, written(tmp_path / "a.csv", "score,comment\n9,Bra\n3,Sent\n"))) == (2, 0, 0)
    assert counts(imported(settings, written(tmp_path / "b.csv", "comment,score\nSent,3\nBra,9\nBra,9\n"))) == (1, 2, 0)
    assert counts(imported(settings, tmp_path / "a.csv", survey="onboarding")) == (2, 0, 0)


def test_a_time_zone_set_right_later_makes_no_new_answers(tmp_path, settings):
    """Rows without id and offset are the same answers in another time zone."""
    path = written(tmp_path / "a.csv", "score,date\n9,2026-01-05 10:00\n")
    imported(settings, path)
    assert counts(imported(replace(settings, timezone=ZoneInfo("Europe/Helsinki")), path)) == (0, 1, 0)


def test_history_and_webhooks_of_one_source_meet(tmp_path, settings):
    """A row that a webhook brought fills what is blank and changes nothing else; a webhook after it updates it."""
    with beside(settings.database) as db:
        response = a_response(id="r-1", score=3, comment=None, respondent_email=None)
        intake.receive(db, settings, "json", response, NOW)
    path = written(
        tmp_path / "past.csv",
        "id,score,comment,email,company,submitted_at,Plan\nr-1,9,Late,anna@x.example,Other,2020-01-01,pro+\n",
    )
    outcome = imported(settings, path, source="json", mapping={"Plan": "property.tier"})
    assert (outcome.new, outcome.filled, outcome.known) == (0, 1, 0)
    (row,) = stored(settings)
    assert (row["score"], row["comment"], row["email"], row["company"]) == (3, "Late", "anna@x.example", "Nordlys AB")
    assert json.loads(row["properties"]) == {"plan": "pro", "tier": "pro+"}
    assert row["submitted_at"] == "2026-11-20T08:15:00.000000Z"
    assert counts(imported(settings, path, source="json", mapping={"Plan": "property.tier"})) == (0, 1, 0)
    with beside(settings.database) as db:
        receipt = intake.receive(db, settings, "json", a_response(id="r-1", score=9, version=NOW.timestamp() + 1), NOW)
        assert receipt.status == intake.Status.UPDATED
    assert [row["score"] for row in stored(settings)] == [9]


def test_an_imported_answer_may_change_by_webhook(tmp_path, settings):
    """What came by import first is updated by its source's later delivery, which brings its own time."""
    imported(settings, written(tmp_path / "a.csv", "id,score\nr-1,9\n"), source="json")
    with beside(settings.database) as db:
        intake.receive(db, settings, "json", a_response(id="r-1", score=2), NOW)
    (row,) = stored(settings)
    assert (row["score"], row["submitted_at"]) == (2, "2026-11-20T08:15:00.000000Z")


def test_history_posts_and_asks_for_nothing(tmp_path, settings):
    """Neither cards nor callbacks come of an import, unless they are asked for; each by its own word, once."""
    path = written(tmp_path / "past.csv", "id,score\nr-1,3\nr-2,10\n")

    def queued() -> tuple[int, int]:
        with beside(settings.database) as db:
            return db.value("select count(*) from outbox"), db.value("select count(*) from callbacks")

    imported(settings, path)
    assert queued() == (0, 0)
    imported(settings, path, source="posted", post=True)
    imported(settings, path, source="posted", post=True)
    assert queued() == (2, 0)
    imported(settings, path, source="called", callbacks=True)
    imported(settings, path, source="called", callbacks=True)
    assert queued() == (2, 2)


def test_test_answers_are_marked(tmp_path, settings):
    """Answers from a domain that only tries things out are kept apart, as those of webhooks are."""
    trying = replace(settings, test_domains=frozenset({"test.example"}))
    path = written(tmp_path / "past.csv", "id,score,email\nr-1,3,a@test.example\nr-2,3,b@x.example\n")
    imported(trying, path, callbacks=True)
    assert [row["test"] for row in stored(settings)] == [1, 0]
    with beside(settings.database) as db:
        assert db.value("select count(*) from callbacks") == 1


def test_the_forgotten_stay_forgotten(tmp_path, settings):
    """A second import of a person's answers, with ids and without, brings nothing of them back."""
    for text in ("id,score,email\nr-1,3,anna@x.example\nr-2,9,bo@x.example\n", "score,email\n3,anna@x.example\n"):
        path = written(tmp_path / "past.csv", text)
        imported(settings, path)
        with beside(settings.database) as db:
            forget.forget(db, Subject("anna@x.example"), None, NOW)
        assert imported(settings, path).new == 0
        assert "anna@x.example" not in {row["email"] for row in stored(settings)}


def test_bad_rows_are_refused_by_name_and_good_ones_taken(tmp_path, settings):
    """Each refused row is told by line, column and reason; a score is never bent; the good rows are in."""
    bad = ["11", "-1", "7.5", "true", "tio", "", "4/5", "1e1", "９", "9 9", "0x9", "10+", "8-10"]
    good = ["9.0", "9,0", " 10 ", "0", "8 - Likely", "7/10"]
    lines = "".join(f"r-{i};{cell};2026-01-05\n" for i, cell in enumerate([*bad, *good]))
    path = written(tmp_path / "past.csv", f"id;Betyg;Datum\n{lines}")
    outcome = imported(settings, path)
    assert counts(outcome) == (6, 0, len(bad))
    assert outcome.reasons[0] == 'line 2, Betyg: must be a whole number from 0 to 10, not "11"'
    assert outcome.reasons[5] == "line 7, Betyg: must be a whole number from 0 to 10, and is empty"
    assert [row["score"] for row in stored(settings)] == [9, 9, 10, 0, 8, 7]


def test_refused_rows_can_be_mended_and_imported(tmp_path, settings):
    """The refused rows stand in a file of their own; once mended they are taken in, once, like the rest."""
    path = written(
        tmp_path / "past.csv", "Poäng;Kommentar;Datum\n9;Bra;13/02/2026\nnio;=1+1;03/02/2026\n9;Bra;13/02/2026\n"
    )
    outcome = imported(settings, path)
    assert counts(outcome) == (2, 0, 1)
    refused = outcome.refused_file
    assert refused == tmp_path / "past.csv.refused.csv"
    assert refused.stat().st_mode & 0o777 == 0o600
    text = refused.read_text(encoding="utf-8")
    assert "'=1+1" in text
    with pytest.raises(Trouble, match='the column "Poäng" holds "nio" and no whole number'):
        imported(settings, refused)
    refused.write_text(
        text.replace("nio", "9").replace("'=1+1", "Bra").replace("2026-02-03", "2026-02-13"), encoding="utf-8"
    )
    assert counts(imported(settings, refused)) == (1, 0, 0)
    assert counts(imported(settings, refused)) == (0, 1, 0)
    assert [(row["score"], row["comment"]) for row in stored(settings)] == [(9, "Bra")] * 3


def test_a_file_being_mended_is_not_overwritten(tmp_path, settings):
    """Refusing the same rows again writes beside a file that somebody has begun to mend."""
    path = written(tmp_path / "past.csv", "score\n9\nnio\n")
    first = imported(settings, path).refused_file
    assert imported(settings, path).refused_file == first
    first.write_text("half mended", encoding="utf-8")
    assert imported(settings, path).refused_file == tmp_path / "past.csv.refused-2.csv"
    assert first.read_text(encoding="utf-8") == "half mended"


def test_rows_of_another_width(tmp_path, settings):
    """A row with a cell too many is refused, one that ends early is not, blank lines are nothing."""
    path = written(tmp_path / "past.csv", "score,comment,company\n9,Bra, men dyr,Nordlys\n\n8\n,,\n7,Ok,\n")
    outcome = imported(settings, path)
    assert counts(outcome) == (2, 0, 1)
    assert outcome.reasons == ["line 2, has 4 cells where the header has 3; a text with a separator in it needs quotes"]
    with outcome.refused_file.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1][:3] == ["9", "Bra", " men dyr"]


def test_a_source_says_what_its_columns_are(tmp_path, settings):
    """--source takes the fields, the survey and the time zone of that source's settings."""
    typeform = SourceSettings(
        "tf", "typeform", (), survey="relationship", zone=ZoneInfo("Europe/Helsinki"), fields={"score": "Hur gick det?"}
    )
    path = written(tmp_path / "past.csv", "Token,Hur gick det?,Betyg,Submitted At\nabc,9,2,2026-01-05 12:00:00\n")
    imported(replace(settings, sources={"tf": typeform}), path, source="tf")
    (row,) = stored(settings)
    assert (row["score"], row["survey"], row["source"]) == (9, "relationship", "tf")
    assert row["submitted_at"] == "2026-01-05T10:00:00.000000Z"


def test_what_is_said_goes_before_what_is_recognised(tmp_path, settings):
    """--survey and --source overrule columns of these names; --map overrules them both, row by row."""
    path = written(tmp_path / "past.csv", "id,score,survey,from\nr-1,9,a,x\nr-2,9,b,\n")
    imported(settings, path, survey="all", source="s")
    assert {(row["survey"], row["source"]) for row in stored(settings)} == {("all", "s")}
    imported(settings, path, survey="all", source="t", mapping={"survey": "survey", "from": "source"})
    assert [(row["survey"], row["source"]) for row in stored(settings)[2:]] == [("a", "x"), ("b", "t")]


def test_answers_without_a_time_count_as_given_now(tmp_path, settings):
    """Where no column says when, the answers are of the moment of the import; where one does, none may be blank."""
    imported(settings, written(tmp_path / "a.csv", "score\n9\n"))
    assert datetime.fromisoformat(stored(settings)[0]["submitted_at"]) == NOW.astimezone(UTC)
    outcome = imported(settings, written(tmp_path / "b.csv", "score,date\n9,\n9,2026-01-05\n"))
    assert counts(outcome) == (1, 0, 1)
    assert "date: is empty" in outcome.reasons[0]


def test_texts_are_kept_well_formed_and_within_bounds(tmp_path, settings):
    """NUL and halves of characters go, a name is cut at 500 characters, a comment is not."""
    comment = "ä" * 20_000
    lines = [{"score": 9, "name": "n" * 600, "comment": comment}, {"score": 8, "name": "a\x00b\ud800", "comment": "ok"}]
    imported(settings, written(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines))))
    first, second = stored(settings)
    assert (len(first["name"]), first["comment"]) == (500, comment)
    assert second["name"] == "ab\ufffd"


@pytest.mark.parametrize(
    ("text", "wanted", "says"),
    [
        ("score,comment\n", {}, "has a header and no rows below it"),
        ("", {}, "it is empty"),
        ("a,b\n1,2\n", {}, 'no column is known as the score (there are "a", "b"); say which with --map'),
        ("score,b\ngood,2\nbad,3\n", {}, 'the column "score" holds "good", "bad" and no whole number from 0 to 10'),
        ("score,b\n,2\n", {}, 'the column "score" holds no whole number'),
        ("score,b\n9,2\n", {"mapping": {"Company": "company"}}, '--map names the column "Company", which is not in it'),
        ("score,b\n9,2\n", {"mapping": {"score": "name", "b": "name"}}, "--map names several columns for name"),
        ("Score (1-5),b\n4,2\n", {}, "looks like a scale that does not run from 0 to 10"),
        ("score\n" + "5\n4\n3\n" * 20, {}, "looks like a scale that does not run from 0 to 10"),
        ("score\n" + "85\n40\n9\n" * 20, {}, "goes past 10"),
        ('score,b\n9,"Bra\n8,Ok\n', {}, "a quote that is opened on line 2 is never closed"),
    ],
)
def test_what_no_row_can_be_blamed_for_is_one_sentence(tmp_path, settings, text, wanted, says):
    """A file that cannot be taken in is refused whole, with what is wrong; nothing is stored."""
    path = written(tmp_path / "past.csv", text)
    with pytest.raises(Trouble) as trouble:
        imported(settings, path, **wanted)
    assert str(trouble.value).startswith(f"{path}: ")
    assert says in str(trouble.value)
    assert not settings.database.exists()


def test_a_scale_may_be_said_to_be_the_score(tmp_path, settings):
    """Whoever says --map for a column that looks like another scale is believed."""
    path = written(tmp_path / "past.csv", "score\n" + "5\n4\n3\n" * 20)
    assert imported(settings, path, mapping={"score": "score"}).new == 60
