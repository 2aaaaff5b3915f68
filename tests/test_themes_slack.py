"""Themes where people meet them: on the card, in the forms, in /nps themes and npsbot themes."""

from __future__ import annotations

import json

import pytest
from acting import FILLED, a_card, card, form, on_disk, privately, shows, told
from click.testing import CliRunner
from conftest import NOW, a_response
from past_files import OWN, imported, written

from bot.cards import call_form
from bot.cli import main
from bot.config import Settings
from bot.intake import receive
from storage.db import beside

TAGS = "select themes, corrected_by from tags"


def proposed(view):
    """Return which themes a form proposes."""
    (block,) = [block for block in view["blocks"] if block.get("block_id") == "themes"]
    return [option["value"] for option in block["element"].get("initial_options", [])]


async def test_a_card_tells_and_corrects_its_themes(running, workspace):
    """The card says what the comment is about; whoever corrects it sees the card follow."""
    ts = await a_card(running)
    assert "🏷️ Delivery" in told(card(workspace))
    view = await form(running, "ingrid", ts, action="correct_themes")
    assert "delivery" in proposed(view)
    assert (await workspace.submit("ingrid", view["id"], {"themes": ["support", "price"]})).errors == {}
    await shows(workspace, "Price · Support")
    assert on_disk(running, TAGS) == [{"themes": '["price", "support"]', "corrected_by": "U0INGRID"}]


async def test_a_comment_about_nothing_can_be_corrected_too(running, workspace):
    """A card without a theme says so, and has the button all the same; a card without a comment has neither."""
    ts = await a_card(running, comment="Ok")
    assert "About nothing in particular" in told(card(workspace))
    view = await form(running, "mikko", ts, action="correct_themes")
    assert proposed(view) == []
    assert (await workspace.submit("mikko", view["id"], {"themes": ["features"]})).errors == {}
    await shows(workspace, "🏷️ Features")
    await a_card(running, id="r-2", comment=None, respondent={"email": "bo@nordlys.example"})
    assert "correct_themes" not in told(card(workspace))


async def test_the_call_form_proposes_and_corrects(running, workspace):
    """The form for a call proposes what the comment is tagged with; other themes than those are a correction."""
    ts = await a_card(running, comment="Leveransen kom för sent")
    view = await form(running, "ingrid", ts, action="log_call")
    assert proposed(view) == ["delivery"]
    assert (await workspace.submit("ingrid", view["id"], {**FILLED, "themes": ["delivery", "billing"]})).errors == {}
    assert on_disk(running, TAGS) == [{"themes": '["delivery", "billing"]', "corrected_by": "U0INGRID"}]
    assert on_disk(running, "select themes from calls") == [{"themes": '["delivery", "billing"]'}]


async def test_a_call_that_leaves_the_themes_corrects_nothing(running, workspace):
    """Themes that stand as proposed are those of the call, and no correction."""
    ts = await a_card(running, comment="Leveransen kom för sent")
    view = await form(running, "ingrid", ts, action="log_call")
    assert (await workspace.submit("ingrid", view["id"], {**FILLED, "themes": ["delivery"]})).errors == {}
    assert [row for row in on_disk(running, TAGS) if row["corrected_by"]] == []


def test_what_a_form_does_not_tell_is_no_correction():
    """A submission without the field says nothing of the themes; an emptied field says that there are none."""
    block = {"block_id": "themes", "element": {"initial_options": [{"value": "price"}]}}
    view = {"blocks": [block], "state": {"values": {}}}
    assert call_form.read_themes(view) is None
    view["state"]["values"] = {"themes": {"value": {"selected_options": []}}}
    assert call_form.read_themes(view) == ()


async def test_nps_themes(running, workspace):
    """The command tells what moves the score, in the customers' words, to whoever is in the cards' channel."""
    await a_card(running, comment="Leveransen kom två veckor för sent och ingen hörde av sig")
    ack = await workspace.command("mikko", "#nps", "/nps", "themes 30d")
    said = told(ack.body)
    assert all(word in said for word in ("What moves the score", "Delivery", "100%", "hörde av sig"))
    ack = await workspace.command("mikko", "#nps", "/nps", "themes nonsense")
    assert "nonsense" in told(ack.body)


@pytest.fixture(name="command")
def _command(settings, monkeypatch):
    """Run the command on a store of its own."""
    monkeypatch.setenv("NPSBOT_DATABASE", str(settings.database))
    return lambda *words: CliRunner().invoke(main, ["themes", *words])


def test_npsbot_themes(command, settings, tmp_path):
    """The command tags what an import has left and tells each figure, for people and for programs."""
    with beside(settings.database) as db:
        receive(db, Settings(), "json", a_response(score=10, comment="Ok"), NOW)
    rows = "".join(f"i{n},2,Fakturan är alltid fel och dyr {n},2026-11-1{n},\n" for n in range(5))
    imported(settings, written(tmp_path / "past.csv", OWN + rows))
    found = command("--last", "3650d", "--json")
    assert found.exit_code == 0, found.output
    answer = json.loads(found.stdout)
    assert [(each["theme"], each["responses"], each["told"]) for each in answer["themes"]] == [
        ("billing", 5, 6),
        ("price", 5, 6),
    ]
    (billing, _) = answer["themes"]
    assert (billing["nps"], billing["impact"], billing["share"]) == (-100, round(100 * (-4 / 6 - 1), 3), 0.8333)
    assert len(billing["comments"]) == 1  # five that say the same are told once
    text = command("--last", "3650d").stdout
    assert "Billing · 83% of comments" in text
    assert "Fakturan är alltid fel" in text


def test_npsbot_themes_of_nothing(command):
    """An empty store, or a span that nobody knows, is told in a sentence."""
    assert "No comment names a theme." in command().stdout
    wrong = command("--last", "ages")
    assert (wrong.exit_code, "--last ages" in wrong.stderr) == (2, True)


async def test_who_is_not_in_the_channel_sees_no_customer(running, workspace):
    """Comments are shown to members of the cards' channel alone."""
    await a_card(running)
    workspace.channels["C0NPS"].members.discard("U0FREJA")
    ack = await workspace.command("freja", "#general", "/nps", "themes")
    said = told(ack.body) if ack.body else await privately(workspace, "freja")
    assert "Leveransen" not in said
    assert "members of" in said
