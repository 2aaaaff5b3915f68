"""The files that past answers come in: whatever encoding, separator or kind, they say the same."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from past_files import counts, imported, stored, written

from bot.past import delimited, documents, files, workbook
from bot.past.tables import Trouble

TABLE = [
    ["Poäng", "Kommentar", "Datum", "Företag"],
    ["9", 'Snabb, "trevlig"; bra|ok', "2026-01-05 10:00", "Åkeri Ängsö AB"],
    ["0", "Rad ett\nrad två", "2026-01-06 10:00", ""],
    ["7", "", "2026-01-07 10:00", "Öst\tVäst"],
]
WANTED = [
    (9, 'Snabb, "trevlig"; bra|ok', "2026-01-05T10:00:00.000000Z", "Åkeri Ängsö AB"),
    (0, "Rad ett\nrad två", "2026-01-06T10:00:00.000000Z", None),
    (7, None, "2026-01-07T10:00:00.000000Z", "Öst\tVäst"),
]


def delimited_text(separator: str, end: str = "\n") -> str:
    """Return the table as a text with every cell in quotes."""
    return end.join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in TABLE) + end


def found(settings) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in stored(settings, "score, comment, submitted_at, company")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends(tmp_path, settings, encoding, separator, end):
    """Each encoding with each separator and line end gives the same answers, line breaks in quotes too."""
    path = written(tmp_path / "past.csv", delimited_text(separator, end), encoding)
    assert counts(imported(settings, path)) == (3, 0, 0)
    assert [
        tuple(str(v).replace("\r\n", "\n") if isinstance(v, str) else v for v in row) for row in found(settings)
    ] == WANTED


def test_old_line_ends_and_excels_own_first_line(tmp_path, settings):
    """Bare carriage returns end lines; a first line sep=; says the separator and is no header."""
    written(tmp_path / "mac.csv", "score;comment\r9;Bra\r8;Ok\r")
    assert counts(imported(settings, tmp_path / "mac.csv")) == (2, 0, 0)
    path = written(tmp_path / "excel.csv", "sep=|\r\nscore|comment\r\n9|Bra\r\nx|Ok\r\n", "utf-8-sig")
    outcome = imported(settings, path, source="excel")
    assert (counts(outcome), outcome.reasons[0][:6]) == ((1, 0, 1), "line 4")


def test_a_workbook(tmp_path, settings):
    """Numbers, days and times of a workbook are read as such, below its title and past its empty sheet."""
    at = datetime(2026, 1, 5, 10)  # noqa: DTZ001  # a sheet knows no zone
    rows = [["Kundundersökning 2026"], [], TABLE[0]]
    rows += [[9, TABLE[1][1], at, TABLE[1][3]], [0.0, TABLE[2][1], at + timedelta(days=1), None]]
    path = written(
        tmp_path / "past.xlsx", [*rows, [7, None, at + timedelta(days=2), TABLE[3][3]], ["nio", None, at, None]]
    )
    outcome = imported(settings, path)
    assert found(settings) == WANTED
    assert workbook._text(9.0) == "9"
    assert outcome.reasons == ['row 7, Poäng: must be a whole number from 0 to 10, not "nio"']


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: "\n".join(map(json.dumps, rows)),
        lambda rows: "\n\n" + "\r\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\r\n\r\n",
        json.dumps,
        lambda rows: json.dumps(rows, indent=2),
        lambda rows: json.dumps({"total": 3, "responses": rows}),
        lambda rows: json.dumps({"total": 3, "responses": rows}, indent=2),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_in_its_shapes(tmp_path, settings, shape, encoding):
    """Lines, a list, or an object that holds a list, dense or indented."""
    rows = [{"score": a, "comment": b, "submitted_at": c, "respondent": {"company": d}} for a, b, c, d in WANTED]
    path = written(tmp_path / "past.json", shape(rows), encoding)
    assert counts(imported(settings, path)) == (3, 0, 0)
    assert found(settings) == WANTED


def test_json_says_what_it_says(tmp_path, settings):
    """Numbers and texts are scores, true and 7.5 are none; a key may come late; objects and lists are kept as JSON."""
    lines = ['{"score": 9}', '{"score": "8"}', '{"score": 9.0, "comment": "Late key", "tags": ["a", {"b": 1}]}']
    lines += [
        '{"score": true}',
        '{"score": 7.5}',
        '{"score": null}',
        '{"score": NaN}',
        '{"score": [9]}',
        "[9]",
        "{broken",
    ]
    path = written(tmp_path / "past.jsonl", "\n".join(lines))
    outcome = imported(settings, path, mapping={"tags": "property.tags"})
    assert counts(outcome) == (3, 0, 7)
    assert outcome.reasons[-1] == "line 10, is not a JSON object such as {...}"
    assert [(row["score"], row["comment"]) for row in stored(settings)] == [(9, None), (8, None), (9, "Late key")]
    assert json.loads(stored(settings)[2]["properties"]) == {"tags": '["a", {"b": 1}]'}


def test_properties_are_an_object(tmp_path, settings):
    """Properties come in whole as an object, beside columns that are mapped to one; what is no object is refused."""
    lines = ['{"score": 9, "properties": {"plan": "pro"}, "Shop": "A"}', '{"score": 9, "properties": {}}']
    path = written(tmp_path / "past.jsonl", "\n".join([*lines, '{"score": 9, "properties": "{broken"}']))
    outcome = imported(settings, path, mapping={"Shop": "property.shop"})
    assert outcome.reasons == ['line 3, properties: must be a JSON object such as {"plan": "pro"}']
    assert [row["properties"] for row in stored(settings)] == ['{"plan": "pro", "shop": "A"}', "{}"]


def test_a_cell_without_end_is_a_quote_without_end(tmp_path, settings, monkeypatch):
    """A cell longer than any answer is told as the quote that opened it."""
    monkeypatch.setattr(delimited, "LONGEST_CELL", 100)
    path = written(tmp_path / "past.csv", 'score,comment\n9,Bra\n8,"' + "x" * 200)
    with pytest.raises(Trouble, match="a quote that is opened on line 3 is never closed"):
        imported(settings, path)
    csv.field_size_limit(131_072)


@given(items=st.lists(st.dictionaries(st.text("ab", min_size=1), st.text(max_size=40), min_size=1), min_size=1))
def test_a_list_is_read_piece_by_piece(tmp_path_factory, items):
    """However the pieces of a file fall, a list gives its items, and never half a one."""
    path = written(tmp_path_factory.mktemp("json") / "a.json", json.dumps(items, indent=1))
    for piece in (1, 7, 1 << 16):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(documents, "PIECE", piece)
            assert [item for _, item in documents._items(path, "utf-8")] == items


@given(
    rows=st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from(delimited.SEPARATORS),
)
def test_any_text_survives_quotes(tmp_path_factory, rows, separator):
    """Whatever stands within quotes comes out as it went in."""
    quoted = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    path = written(tmp_path_factory.mktemp("csv") / "a.csv", "\r\n".join(quoted))
    assert [cells for _, cells in delimited.records(path, "utf-8", separator)] == rows


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "it is a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "it is a picture"),
        (b"%PDF-1.7 ...", "it is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as an Excel workbook (.xlsx) or as CSV"),
        (gzip.compress(b"score\n9\n", mtime=0), "unpack it first"),
        (b"SQLite format 3\x00", "it is a database"),
        (b"<!DOCTYPE html><table>", "it is a web page or XML"),
        (b"PK\x03\x04nothing", "it is an archive and no Excel workbook"),
        (b"\x01\x02\x00\x00\x00\x7f" * 40, "it holds no text"),
        (b"score\n\x81\x8d\n", "it is not UTF-8 or Windows-1252"),
        (b"\xff\xfescore"[:-1] + b"\x00", "it is not UTF-16"),
        (b"  \n \n", "it is empty"),
        (b"\xef\xbb\xbf", "there is nothing in it"),
        (b'[{"score": 9}', "it is not JSON after item 1"),
        (b'[{"score": 9}] and more', "something stands after the list of 1 items"),
        (b'{"score": 9,', "it is not JSON"),
        (b"[]", "there are no answers in it"),
    ],
)
def test_what_is_no_table_gets_a_sentence(tmp_path, settings, content, says):
    """Pictures, archives, broken files: each is told what it is, and nothing is stored."""
    path = written(tmp_path / ("past.json" if content[:1] in b"[{" else "past.csv"), content)
    with pytest.raises(Trouble, match=r"^.*past\.(csv|json): ") as trouble:
        imported(settings, path)
    assert says in str(trouble.value)
    assert not settings.database.exists()


def test_what_is_not_there_gets_a_sentence(tmp_path):
    """A file that is not there, or is a folder, cannot be read."""
    with pytest.raises(Trouble, match="it cannot be read: No such file or directory"):
        files.opened(tmp_path / "nowhere.csv")
    with pytest.raises(Trouble, match="it cannot be read: Is a directory"):
        files.opened(tmp_path)


def test_a_broken_workbook_gets_a_sentence(tmp_path, settings):
    """A workbook cut in half, and one that holds nothing, are refused whole."""
    whole = written(tmp_path / "past.xlsx", [["score"], [9]]).read_bytes()
    with pytest.raises(Trouble, match="it is an archive and no Excel workbook"):
        imported(settings, written(tmp_path / "half.xlsx", whole[: len(whole) // 2]))
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(Trouble, match="it cannot be read as an Excel workbook"):
        imported(settings, broken)
    with pytest.raises(Trouble, match="there is nothing in it"):
        imported(settings, written(tmp_path / "empty.xlsx", []))
