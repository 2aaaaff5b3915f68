"""Who looks after which company, from a file; and which rule a response would take, asked on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.past import owners as owner_files
from bot.past.tables import Trouble
from bot.settings.routes import folded
from storage import owners

RULES = """
[[routes]]
survey = "relationship"
company = "Nordlys  ab"
channel = "#key-accounts"
assign = "owner"
"""
OWNERS = "Company;Owner\n Nordlys  AB ;U0INGRID\nGranvik Oy;ingrid\n;U0FREJA\nBölgen A/S;U0FREJA\nnordlys ab;U0MIKKO\n"


def test_owners_from_a_file(db, tmp_path):
    """Good rows are in, bad ones are named with their lines, and a second run changes nothing."""
    path = tmp_path / "owners.csv"
    path.write_text(OWNERS, encoding="cp1252")
    found = owner_files.import_owners(db, path)
    assert (found.new, found.known) == (2, 0)
    assert [reason.split(" ")[1] for reason in found.refused] == ["3", "4", "6"]
    assert all(word in " ".join(found.refused) for word in ("'ingrid'", "no company", "U0MIKKO"))
    listed = owners.listing(db)
    assert listed == [
        {"company": "Bölgen A/S", "owner": "U0FREJA"},
        {"company": "Nordlys AB", "owner": "U0INGRID"},
    ]
    again = owner_files.import_owners(db, path)
    assert (again.new, again.known, owners.listing(db)) == (0, 2, listed)
    path.write_text("company,owner\nNordlys AB,U0MIKKO\n", encoding="utf-8")
    assert owner_files.import_owners(db, path).new == 1
    assert owners.of_company(db, folded("NORDLYS ab")) == "U0MIKKO"


@pytest.mark.parametrize("content", ["", "name,who\na,b\n", None])
def test_a_file_that_is_none_of_owners(db, tmp_path, content):
    """A file without the two columns, or that is not there, is refused with a sentence."""
    path = tmp_path / "owners.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Trouble, match=r"owners\.csv"):
        owner_files.import_owners(db, path)


def run(*command, code=0):
    """Run a command; return what it printed."""
    done = CliRunner().invoke(main, list(map(str, command)))
    assert done.exit_code == code, done.output
    return done


def test_the_commands(tmp_path):
    """Owners are imported and listed, and a response shows which rule it would take, without being stored."""
    Path("npsbot.toml").write_text(RULES, encoding="utf-8")
    Path("owners.csv").write_text(OWNERS, encoding="utf-8")
    assert "No company has an owner" in run("owners", "list").stdout
    refused = run("owners", "import", "owners.csv", code=1)
    assert "2 new" in refused.stdout
    assert "line 3" in refused.stderr
    assert json.loads(run("owners", "list", "--json").stdout)[1]["owner"] == "U0INGRID"
    body = {"score": 3, "survey": "relationship", "respondent": {"company": "NORDLYS AB"}}
    path = tmp_path / "response.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    found = json.loads(run("route", path, "--json").stdout)
    assert (found["rule"], found["channel"], found["owner"]) == (1, "#key-accounts", "U0INGRID")
    assert "rule 1" in run("route", path).stdout
    path.write_text(json.dumps(body | {"survey": "other"}), encoding="utf-8")
    assert "no rule fits" in run("route", path).stdout
    assert "#nps" in run("route", path).stdout
    for wrong in ("{", '{"score": 70}'):
        path.write_text(wrong, encoding="utf-8")
        assert "response.json" in run("route", path, code=1).stderr
    assert "no-such" in run("route", "no-such.json", code=1).stderr
    assert "No source" in run("route", path, "--source", "shop", code=1).stderr
    assert run("owners", "import", "no-such.csv", code=1).stderr
