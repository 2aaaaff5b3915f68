"""Which column is what, by the names that tools and people give them in five languages."""

from __future__ import annotations

import pytest
from past_files import imported, stored, written

from bot.past import files
from bot.past.columns import recognise, words
from bot.past.scores import score
from bot.past.tables import Trouble

QUALTRICS = """StartDate,RecordedDate,ResponseId,RecipientFirstName,RecipientLastName,Q1_NPS_GROUP,Q1,Q2
Start Date,Recorded Date,Response ID,Recipient First Name,Recipient Last Name,\
How likely are you to recommend us? - Group,How likely are you to recommend us?,Why?
"{""ImportId"":""startDate""}","{""ImportId"":""recordedDate""}","{""ImportId"":""_recordId""}","{""ImportId"":""f""}",\
"{""ImportId"":""l""}","{""ImportId"":""QID1_NPS_GROUP""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2_TEXT""}"
2026-01-05 09:58:00,2026-01-05 10:00:00,R_1,Anna,Berg,Promoter,9,Quick
"""
SURVEYMONKEY = """Respondent ID,Collector ID,Start Date,End Date,Email Address,First Name,Last Name,\
How likely is it that you would recommend us?,Why did you give this score?,
,,,,,,,Response,Open-Ended Response,Other
118,42,01/05/2026 09:58:00 AM,01/15/2026 10:00:00 AM,anna@x.example,Anna,Berg,9 - Very likely,Quick,x
"""


def mapping(tmp_path, text: str) -> dict[str, str]:
    table = files.opened(written(tmp_path / "past.csv", text))
    columns = recognise(table, list(table.rows()), (), {})
    return {field: columns.name(field) for field in columns.index}


@pytest.mark.parametrize(
    "header",
    [
        "ID,Score,Comment,Submitted at,Name,Email,Phone,Company,Language",
        "response_id,npsScore,Feedback,Created At (UTC),Full Name,E-mail Address,Phone Number,Company Name,Locale",
        "Svars-ID;Poäng;Kommentar;Svarsdatum;Namn;E-postadress;Telefonnummer;Företag;Språk",
        "id;Betyg (0–10);Fritextsvar;Datum;Kundnamn;E-post;Mobil;Företagsnamn;Språk",
        "Svar-ID;Karakter;Begrunnelse;Svardato;Navn;E-postadresse;Tlf.;Bedrift;Språk",
        "Besvarelses-ID;Vurdering;Bemærkninger;Besvaret;Fulde navn;Mailadresse;Mobilnummer;Virksomhed;Sprog",
        "Vastaus-ID;Arvosana;Palaute;Vastauspäivä;Nimi;Sähköposti;Puhelin;Yritys;Kieli",
        "Submission ID\tHow likely are you to recommend us?\tWhy?\tSubmission Date\tName\tEmail\tTel\tAccount\tlang",
        "token,Hur sannolikt är det att du rekommenderar oss?,Varför?,Tidsstämpel,Namn,Mejl,Tel,Bolag,språk",
        "token,Skulle du rekommendera oss?,Vad kan vi göra bättre?,Response At,Namn,Mejl,Tel,Bolag,språk",
        "token,Kuinka todennäköisesti suosittelisit meitä?,Miksi?,Aikaleima,Nimi,S-posti,GSM,Yritys,Kieli",
    ],
)
def test_names_in_five_languages(tmp_path, header):
    """Exports of tools and lists that people keep are understood without a word."""
    separator = next(mark for mark in "\t;," if mark in header)
    row = separator.join(["a1", "9", "text here", "2026-01-05", "Anna", "a@x.example", "070", "Nordlys", "sv"])
    fields = ["id", "score", "comment", "submitted_at", "name", "email", "phone", "company", "language"]
    assert mapping(tmp_path, f"{header}\n{row}\n") == dict(zip(fields, header.split(separator), strict=True))


@pytest.mark.parametrize(("text", "row"), [(QUALTRICS, "R_1"), (SURVEYMONKEY, "118")])
def test_headers_of_several_lines(tmp_path, settings, text, row):
    """Qualtrics writes three lines of header, SurveyMonkey two; first and last name make a name."""
    imported(settings, written(tmp_path / "past.csv", text))
    (found,) = stored(settings)
    assert (found["source_id"], found["score"], found["comment"], found["name"]) == (row, 9, "Quick", "Anna Berg")
    assert found["submitted_at"][:13] in {"2026-01-05T10", "2026-01-15T10"}


def test_codes_of_a_tool_can_be_named(tmp_path, settings):
    """--map takes Qualtrics' codes as well as its questions, whatever the case."""
    imported(settings, written(tmp_path / "past.csv", QUALTRICS), mapping={"q2": "property.reason"})
    assert stored(settings)[0]["properties"] == '{"reason": "Quick"}'


@pytest.mark.parametrize("groups", [("3", "1"), ("Promoter", "Detractor")])
def test_a_groups_number_is_no_score(tmp_path, groups):
    """Qualtrics' groups, told as numbers too, say which column is the score beside them."""
    text = "ResponseId,Q1_NPS_GROUP,Q1\n" + "".join(f"R_{i},{group},{i}\n" for i, group in enumerate(groups))
    assert mapping(tmp_path, text)["score"] == "Q1"
    with pytest.raises(Trouble, match="no column is known as the score"):
        mapping(tmp_path, text.replace(",Q1\n", ",Other\n"))


def test_a_groups_name_is_no_score(tmp_path):
    """A column of promoters and detractors called NPS, or a question asked for words, is not the score."""
    text = "NPS,How likely are you to recommend us?,Would you recommend us? Why?\nPromoter,9,Sure\nPassive,7,No\n"
    assert mapping(tmp_path, text) == {
        "score": "How likely are you to recommend us?",
        "comment": "Would you recommend us? Why?",
    }


def test_a_long_text_is_no_score():
    """A text that is longer than any answer's label is not looked through for a number, which takes for ever."""
    assert score("9 - " + "likely " * 10) == 9
    assert score("9 - " + "likely " * 200) is None


def test_two_questions_for_one_score_are_asked_about(tmp_path, settings):
    """Never the first number: where two questions ask how likely, the person says which is the score."""
    text = "id,How likely are you to recommend us?,How likely are you to recommend our app?\nr-1,9,2\n"
    path = written(tmp_path / "past.csv", text)
    with pytest.raises(Trouble, match="may both be the score; say which with --map"):
        imported(settings, path)
    imported(settings, path, mapping={"How likely are you to recommend our app?": "score"})
    assert stored(settings)[0]["score"] == 2


def test_a_question_with_few_good_answers_is_still_the_score(tmp_path, settings):
    """Bad cells are refused one by one; with no good one the column is named."""
    path = written(tmp_path / "past.csv", "Hur troligt är det?\n9\nx\ny\nz\n")
    assert imported(settings, path).refused == 3
    with pytest.raises(Trouble, match='the column "Hur troligt är det\\?" holds "x"'):
        imported(settings, written(tmp_path / "past.csv", "Hur troligt är det?\nx\n"))


def test_numbers_of_rows_are_no_ids(tmp_path):
    """A column # that numbers the rows means other answers in the next file; Typeform's tokens are ids."""
    assert "id" not in mapping(tmp_path, "#,score\n1,9\n2,8\n")
    assert mapping(tmp_path, "#,score\nk3f9x,9\nm2a7q,8\n")["id"] == "#"


def test_times_in_utc_by_their_name(tmp_path, settings):
    """A column that says UTC is in UTC, whatever the time zone of the team."""
    path = written(tmp_path / "past.csv", "score,Submit Date (UTC)\n9,2026-01-05 10:00:00\n")
    imported(settings, path)
    assert stored(settings)[0]["submitted_at"] == "2026-01-05T10:00:00.000000Z"


def test_a_source_column_of_another_tool_is_left_alone(tmp_path):
    """Elsewhere `source` means e-mail or web; only our own exports say whose ids theirs are."""
    assert "source" not in mapping(tmp_path, "id,score,source\nr-1,9,email\n")


def test_the_first_column_of_a_name_counts(tmp_path):
    """Where two columns could be one field, the surer name wins, then the first column."""
    assert mapping(tmp_path, "Rating,Score,Feedback,Comment,Comment\n3,9,a,b,c\n") == {
        "score": "Score",
        "comment": "Comment",
    }


def test_blank_and_missing_names(tmp_path, settings):
    """A column without a name can be mapped by its place; a file without a header is told so by its columns."""
    path = written(tmp_path / "past.csv", "score,,company\n9,Bra,Nordlys\n")
    imported(settings, path, mapping={"column 2": "comment"})
    assert stored(settings)[0]["comment"] == "Bra"
    with pytest.raises(Trouble, match='there are "9", "Bra"'):
        imported(settings, written(tmp_path / "bare.csv", "9,Bra\n8,Ok\n"))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("SubmittedAt", "submitted at"),
        ("E-post", "e post"),
        ("NPS_score", "nps score"),
        ("ÅrsMöte", "års möte"),
        ("#", "#"),
    ],
)
def test_names_are_compared_word_by_word(name, plain):
    """Case, underscores, hyphens and humps make no difference."""
    assert words(name) == plain
