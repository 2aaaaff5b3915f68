"""Themes in the store: tagged on receipt and after an import, corrected by people, gone with the person."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import NOW, a_response, eventually
from past_files import OWN, imported, written

from bot.config import SettingError, Settings, load
from bot.intake import receive
from bot.past.exporting import Choice, export
from bot.themes import tagged
from bot.themes.own import names, read
from bot.themes.tagging import tagger
from storage import forgotten, responses, themes
from storage.db import beside

SETTINGS = Settings()
PRICE = a_response(comment="Alldeles för dyrt", score=None)


def about(db, response, settings=SETTINGS):
    """Return what a response is about once the sweep has come to it, and who said so."""
    tagged.sweep(db, settings)
    found = responses.by_source(db, "json", response.id)
    return responses.by_id(db, found.id).themes, db.value(
        "select corrected_by from tags where response_id = :id", id=found.id
    )


def test_a_comment_is_tagged(db, settings):
    """What comes by webhook waits for the next look; without a comment there is nothing to look at."""
    receive(db, settings, "json", a_response(), NOW)
    receive(db, settings, "json", a_response(id="r-2", comment=None), NOW)
    receive(db, settings, "json", a_response(id="r-3", comment="Ok"), NOW)
    assert themes.waiting(db) == 2
    assert about(db, a_response()) == (("delivery",), None)
    assert about(db, a_response(id="r-2")) == (None, None)
    assert about(db, a_response(id="r-3")) == ((), None)
    assert themes.waiting(db) == 0


def test_who_looks_first_sees_the_themes(db, settings):
    """A card that is shown before the sweep has come to its comment says what it is about all the same."""
    receive(db, settings, "json", a_response(), NOW)
    found = responses.by_id(db, responses.by_source(db, "json", a_response().id).id)
    assert (found.themes, tagged.known(db, settings, found).themes) == (None, ("delivery",))
    tagged.correct(db, settings, found.public_id, ["price"], "U1", NOW)
    receive(db, settings, "json", a_response(comment="Kunglig kundservice"), NOW)
    corrected = responses.by_id(db, found.id)
    assert tagged.known(db, settings, corrected).themes == ("price",)


def test_a_comment_that_changes_is_tagged_again(db, settings):
    """A comment that comes later, or is told anew, is what counts."""
    receive(db, settings, "json", a_response(comment=None), NOW)
    receive(db, settings, "json", PRICE, NOW)
    assert about(db, PRICE) == (("price",), None)
    receive(db, settings, "json", replace(PRICE, comment="Kunglig kundservice"), NOW)
    assert about(db, PRICE) == (("support",), None)
    assert themes.waiting(db) == 0


def test_a_correction_holds_for_good(db, settings):
    """Neither a new comment nor another taxonomy touches what a person has said."""
    receive(db, settings, "json", a_response(), NOW)
    public_id = responses.by_source(db, "json", a_response().id).public_id
    tagged.correct(db, settings, public_id, ("support", "price"), "U1", NOW)
    receive(db, settings, "json", replace(PRICE, comment="Levererat i tid"), NOW)
    themes.follow(db, "another")
    assert tagged.sweep(db, settings) == 1
    assert about(db, a_response()) == (("price", "support"), "U1")


def test_a_correction_that_changes_nothing_is_none(db, settings):
    """Whoever saves what was proposed has corrected nothing, so that a better taxonomy may still tag it anew."""
    receive(db, settings, "json", a_response(), NOW)
    public_id = responses.by_source(db, "json", a_response().id).public_id
    tagged.correct(db, settings, public_id, ("delivery",), "U1", NOW)
    assert about(db, a_response()) == (("delivery",), None)
    with pytest.raises(tagged.NoSuchResponse):
        tagged.correct(db, settings, "r_unknown", ("delivery",), "U1", NOW)


def test_a_forgotten_person_leaves_no_themes(db, settings):
    """What a comment was about goes with the comment, a correction too, and nobody can say anything of it any more."""
    receive(db, settings, "json", a_response(), NOW)
    public_id = responses.by_source(db, "json", a_response().id).public_id
    tagged.correct(db, settings, public_id, ("price",), "U1", NOW)
    forgotten.erase(db, responses.by_public_id(db, public_id).id, NOW)
    assert db.rows("select * from tags") == []
    assert tagged.sweep(db, settings) == 0
    with pytest.raises(tagged.NoSuchResponse):
        tagged.correct(db, settings, public_id, ("delivery",), "U1", NOW)


def test_an_import_is_tagged_afterwards(settings, tmp_path):
    """An import leaves its comments to the sweep, which takes the newest first and ends."""
    rows = "".join(f"i{n},{n},Fakturan är fel,2026-03-0{n},\n" for n in range(1, 6)) + "i6,6,,2026-03-06,\n"
    imported(settings, written(tmp_path / "past.csv", OWN + rows))
    with beside(settings.database) as db:
        assert tagged.is_behind(db, settings)
        assert themes.waiting(db) == 5
        assert [tagged.sweep(db, settings, 2) for _ in range(4)] == [2, 2, 1, 0]
        assert [row["themes"] for row in db.rows("select themes from tags")] == ['["billing"]'] * 5
        assert not tagged.is_behind(db, settings)


def test_what_an_import_fills_is_tagged_again(settings, tmp_path):
    """A comment that a later import adds to a known answer is tagged as any other."""
    imported(settings, written(tmp_path / "first.csv", OWN + "i1,1,,2026-03-01,\n"))
    imported(settings, written(tmp_path / "second.csv", OWN + "i1,1,Fakturan är fel,2026-03-01,\n"))
    with beside(settings.database) as db:
        tagged.sweep(db, settings)
        assert db.rows("select themes from tags") == [{"themes": '["billing"]'}]


def test_an_export_holds_the_themes(settings, tmp_path):
    """What each figure of themes is counted from stands in the export, one response a line."""
    with beside(settings.database) as db:
        receive(db, settings, "json", a_response(comment="Sen leverans, och dyr"), NOW)
        receive(db, settings, "json", a_response(id="r-2", comment=None), NOW)
        tagged.sweep(db, settings)
    export(settings.database, tmp_path / "all.jsonl", Choice(settings.timezone))
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["themes"] for line in lines] == [["delivery", "price"], None]
    export(settings.database, tmp_path / "all.csv", Choice(settings.timezone))
    assert '"delivery, price"' in (tmp_path / "all.csv").read_text(encoding="utf-8")


def test_another_taxonomy_tags_all_again(db, settings):
    """Once npsbot.toml has other themes, every comment is looked at again; the same taxonomy asks for nothing."""
    receive(db, settings, "json", a_response(comment="Loungen var stängd"), NOW)
    tagged.sweep(db, settings)
    assert not tagged.is_behind(db, settings)
    other = replace(settings, theme_words=(("lounge", ()),))
    assert tagged.is_behind(db, other)
    assert tagged.sweep(db, other) == 1
    assert about(db, a_response(), other)[0] == ("lounge",)
    assert db.value("select value from settings where name = 'themes_version'") == tagger(other.theme_words).version


def test_own_themes_in_the_settings(tmp_path):
    """A list names themes; a table gives one its entries, or adds some to a default theme."""
    listed = read(["returns", " returns ", "price"], tmp_path)
    assert (listed, names(listed)) == ((("returns", ()),), ("returns",))
    told = read(
        {"parking": {"sv": ["parker*", "p-plats*"], "any": ["garage"]}, "price": {"en": ["!price list"]}}, tmp_path
    )
    assert names(told) == ("parking",)
    assert told[0] == ("parking", (("sv", ("parker*", "p-plats*")), ("any", ("garage",))))
    assert json.loads(json.dumps(told))  # hashable and plain: it is the key under which a tagger is kept
    assert hash(told)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("themes = 3", ["themes in npsbot.toml is 3", "a list of texts"]),
        ("[themes]\nparking = 3", ["themes.parking in npsbot.toml is 3", "[themes.parking]"]),
        ("[themes.parking]\nde = ['Parkplatz']", ["themes.parking.de", "sv, nb, da, fi, en", "any"]),
        ("[themes.parking]\nsv = 'parker*'", ["themes.parking.sv in npsbot.toml is 'parker*'", "a list of texts"]),
        ("[themes.parking]\nany = ['*']", ["themes.parking.any in npsbot.toml has '*'", "a word or a phrase"]),
        ("[themes.parking]\nany = ['NOT .. ']", ["has 'NOT .. '", "a word or a phrase"]),
        ("[themes.parking]\nany = ['par*ing']", ["has 'par*ing'", "beginning or end"]),
        (f"[themes.{'x' * 76}]", ["'xxx", "1 to 75 characters"]),
    ],
)
def test_wrong_themes_in_the_settings(given, words):
    """A theme that cannot be is told in one line, with what is accepted."""
    Path("npsbot.toml").write_text(given, encoding="utf-8")
    with pytest.raises(SettingError) as told:
        load({})
    assert "\n" not in str(told.value)
    assert all(word in str(told.value) for word in words)


def test_settings_with_themes_of_their_own(tmp_path):
    """The settings hold the names for the forms and the entries for tagging, from a list or from tables."""
    Path("npsbot.toml").write_text("themes = ['returns']", encoding="utf-8")
    assert (load({}).themes, load({}).theme_words) == (("returns",), (("returns", ()),))
    Path("npsbot.toml").write_text("[themes.price]\nsv = ['saftig*']\n[themes.parking]\n", encoding="utf-8")
    settings = load({})
    assert settings.themes == ("parking",)
    assert tagger(settings.theme_words).tag("Saftigt, och ingen parking", "sv") == ("price", "parking")


async def test_a_running_bot_tags_what_was_imported(start, settings, tmp_path, quick):
    """The bot tags what an import has left, without being asked."""
    imported(settings, written(tmp_path / "past.csv", OWN + "i1,1,Fakturan är fel,2026-03-01,\n"))
    async with start() as running:
        read = running.bot.store.read
        found = await eventually(lambda: read(lambda db: db.rows("select themes from tags")))
        assert found == [{"themes": '["billing"]'}]
