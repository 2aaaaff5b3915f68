"""The card's menu: hand over with a word, put aside and bring back, close with a reason; forms that came too late."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from acting import a_card, buttons, card, direct, everything, form, on_disk, privately, shows, soon, told
from conftest import eventually

from bot.cards import modals
from bot.config import SettingError, load
from bot.texts import LANGUAGES, table


def items(workspace):
    """Return what the menu of the newest card offers."""
    (row,) = [block for block in card(workspace)["blocks"] if block["type"] == "actions"]
    (menu,) = [element for element in row["elements"] if element["type"] == "overflow"]
    return [option["value"] for option in menu["options"]]


def fields(view):
    """Return the inputs of a form, and whether each may be left out."""
    return {block["block_id"]: block["optional"] for block in view["blocks"] if block["type"] == "input"}


async def held(running, workspace, user="mikko"):
    """Return the ts of a card whose callback somebody holds."""
    ts = await a_card(running)
    await workspace.click(user, "#nps", ts, "claim_callback")
    await shows(workspace, "Claimed")
    return ts


async def test_what_is_free_is_given_away_without_a_word(running, workspace):
    """Nobody loses what nobody holds, so the form asks for a colleague and nothing else."""
    ts = await a_card(running)
    view = await form(running, "ingrid", ts, "callback_menu", value="assign")
    assert fields(view) == {"assignee": False}
    assert (await workspace.submit("ingrid", view["id"], {"assignee": "U0FREJA"})).errors == {}
    assert on_disk(running)[0]["holder"] == "U0FREJA"


async def test_whoever_loses_a_callback_reads_why(running, workspace):
    """Taking it from a colleague asks for a word, which both of them are told; the history keeps who, not what."""
    ts = await held(running, workspace)
    view = await form(running, "ingrid", ts, "callback_menu", value="assign")
    assert fields(view) == {"assignee": False, "comment": False}
    assert list((await workspace.submit("ingrid", view["id"], {"assignee": "U0FREJA"})).errors) == ["comment"]
    ack = await workspace.submit("ingrid", view["id"], {"assignee": "U0FREJA", "comment": "   "})
    assert list(ack.errors) == ["comment"]
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    word = "Freja talar svenska & kan <produkten>"
    assert (await workspace.submit("ingrid", view["id"], {"assignee": "U0FREJA", "comment": word})).errors == {}
    for user in ("U0FREJA", "U0MIKKO"):
        (message,) = await eventually(lambda user=user: direct(workspace, user))
        assert word in json.dumps(message["blocks"], ensure_ascii=False)
        assert "<@U0INGRID>" in message["text"]
    await workspace.click("jonas", "#nps", ts, "callback_menu", value="history")
    (history,) = await eventually(lambda: workspace.views("jonas"))
    assert word in told(history)


async def test_what_is_ones_own_is_passed_on(running, workspace):
    """The holder may say a word and need not; it is undone from the same menu."""
    ts = await held(running, workspace)
    view = await form(running, "mikko", ts, "callback_menu", value="assign")
    assert fields(view) == {"assignee": False, "comment": True}
    assert (await workspace.submit("mikko", view["id"], {"assignee": "U0FREJA"})).errors == {}
    await shows(workspace, "<@U0FREJA>")
    view = await form(running, "freja", ts, "callback_menu", value="assign")
    assert (await workspace.submit("freja", view["id"], {"assignee": "U0MIKKO", "comment": "Yours"})).errors == {}
    assert on_disk(running)[0]["holder"] == "U0MIKKO"


async def test_put_aside_and_brought_back(running, workspace):
    """While a callback is put aside its menu brings it back, at once and without a form; to its holder alone."""
    ts = await held(running, workspace)
    assert items(workspace) == ["assign", "snooze", "dismiss", "history"]
    view = await form(running, "mikko", ts, "callback_menu", value="snooze")
    assert (await workspace.submit("mikko", view["id"], {"until": soon(days=1)})).errors == {}
    await shows(workspace, "Put aside until")
    assert items(workspace) == ["assign", "snooze", "wake", "dismiss", "history"]
    old = card(workspace)
    assert (await workspace.click("freja", "#nps", ts, "callback_menu", value="wake")).ok
    assert (await privately(workspace, "freja")).startswith("<@U0MIKKO> holds this callback.")
    assert (await workspace.click("mikko", "#nps", ts, "callback_menu", value="wake")).ok
    assert (on_disk(running)[0]["snoozed_until"], workspace.views("mikko")) == (None, [])
    await eventually(lambda: "wake" not in items(workspace))
    workspace.store.replace("C0NPS", old)
    await workspace.click("mikko", "#nps", ts, "callback_menu", value="wake")
    assert "not put aside any more" in await privately(workspace, "mikko")
    actions = [row["action"] for row in on_disk(running, "select action from history")]
    assert actions == ["opened", "claimed", "snoozed", "woken"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"reason_choice": "0"}, "We have talked already"),
        ({"reason_choice": "4", "reason": "until May"}, "Asked not to be called: until May"),
        ({"reason": "Our own <test> & nothing"}, "Our own <test> & nothing"),
    ],
)
async def test_a_reason_from_the_list_or_in_own_words(running, workspace, given, kept):
    """A callback is closed with one of the usual reasons, with words of one's own, or with both; and opened again."""
    ts = await a_card(running)
    view = await form(running, "mikko", ts, "callback_menu", value="dismiss")
    assert list((await workspace.submit("mikko", view["id"], {})).errors) == ["reason"]
    assert (await workspace.submit("mikko", view["id"], given)).errors == {}
    assert on_disk(running)[0]["dismissed"] == kept
    await shows(workspace, "Closed")
    assert "reopen_callback" in buttons(workspace)
    await workspace.click("freja", "#nps", ts, "reopen_callback")
    assert on_disk(running)[0]["state"] == "open"
    await workspace.click("jonas", "#nps", ts, "callback_menu", value="history")
    (history,) = await eventually(lambda: workspace.views("jonas"))
    assert kept in json.loads(json.dumps(told(history)))


async def test_the_teams_own_reasons(start, workspace, settings, quick):
    """Reasons in npsbot.toml stand in place of the usual ones, in this order."""
    own = replace(settings.callbacks, dismiss_reasons=("Moved away", "Is a reseller"))
    async with start(callbacks=own) as running:
        ts = await a_card(running)
        view = await form(running, "mikko", ts, "callback_menu", value="dismiss")
        assert (await workspace.submit("mikko", view["id"], {"reason_choice": "1"})).errors == {}
        assert on_disk(running)[0]["dismissed"] == "Is a reseller"


@pytest.mark.parametrize(
    "given", ["7", '"Moved"', '[""]', "[7]", "[]", f'["{"x" * 76}"]', str([f"no {n}" for n in range(101)])]
)
def test_wrong_reasons(given):
    """Reasons that Slack could not offer stop the start with one sentence."""
    Path("npsbot.toml").write_text(f"[callbacks]\ndismiss_reasons = {given}\n", encoding="utf-8")
    with pytest.raises(SettingError, match=r"^callbacks\.dismiss_reasons[^\n]*$"):
        load({})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_reasons_stand_in_every_language(language):
    """Each usual reason has its words, and each of the words is offered."""
    known = {key.partition(".")[2] for key in table(language) if key.startswith("dismissal.")}
    assert known == set(modals.DISMISSALS)


FORMS = {
    "assign": ({"assignee": "U0JONAS"}, "assignee"),
    "snooze": ({"until": soon(days=1)}, "until"),
    "dismiss": ({"reason": "A test"}, "reason"),
}


@pytest.mark.parametrize("which", FORMS)
async def test_a_form_that_comes_too_late(running, workspace, which):
    """When the callback has moved since a form was opened, the form says what happened, and nothing is half done."""
    ts, (given, at) = await a_card(running), FORMS[which]
    view = await form(running, "freja", ts, "callback_menu", value=which)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    before = everything(running)
    ack = await workspace.submit("freja", view["id"], given)
    assert ack.errors[at].startswith("Meanwhile Mikko Lehtonen has taken this callback")
    assert everything(running) == before
    await shows(workspace, "Claimed")
    await workspace.click("mikko", "#nps", ts, "release_callback")
    assert (await workspace.submit("freja", view["id"], given)).errors == {}


@pytest.mark.parametrize("which", FORMS)
async def test_a_form_of_a_callback_that_was_closed_or_let_go(running, workspace, which):
    """The sentence tells who closed it, or that nobody holds it any more."""
    ts, (given, at) = await held(running, workspace), FORMS[which]
    view = await form(running, "mikko", ts, "callback_menu", value=which)
    await workspace.click("mikko", "#nps", ts, "release_callback")
    before = everything(running)
    assert "let go" in (await workspace.submit("mikko", view["id"], given)).errors[at]
    assert everything(running) == before
    other = await form(running, "ingrid", ts, "callback_menu", value="dismiss")
    await workspace.submit("ingrid", other["id"], {"reason": "A test"})
    ack = await workspace.submit("mikko", view["id"], given)
    assert ack.errors[at].startswith("Meanwhile Ingrid Solberg has closed this callback")


async def test_no_form_for_what_cannot_be(running, workspace):
    """Whoever asks for a form on an old card learns at once why there is none."""
    ts = await held(running, workspace)
    old = card(workspace)
    for which in ("snooze", "dismiss"):
        assert (await workspace.click("freja", "#nps", ts, "callback_menu", value=which)).ok
    await eventually(lambda: len(workspace.ephemerals("freja")) == 2)
    view = await form(running, "mikko", ts, "callback_menu", value="dismiss")
    await workspace.submit("mikko", view["id"], {"reason": "A test"})
    workspace.store.replace("C0NPS", old)
    assert (await workspace.click("jonas", "#nps", ts, "callback_menu", value="assign")).ok
    assert "closed" in await privately(workspace, "jonas")
    assert (workspace.views("freja"), workspace.views("jonas")) == ([], [])


async def test_of_two_forms_at_once_one_wins(running, workspace):
    """Two who hand in at the same moment: one callback, one holder or one closing, and one private sentence."""
    ts = await a_card(running)
    views = {
        user: await form(running, user, ts, "callback_menu", value=which)
        for user, which in (("freja", "assign"), ("jonas", "dismiss"))
    }
    acks = await asyncio.gather(
        workspace.submit("freja", views["freja"]["id"], {"assignee": "U0FREJA"}),
        workspace.submit("jonas", views["jonas"]["id"], {"reason": "A test"}),
    )
    assert sorted(len(ack.errors) for ack in acks) == [0, 1]
    (error,) = [sentence for ack in acks for sentence in ack.errors.values()]
    assert error.startswith("Meanwhile ")
    assert len(on_disk(running, "select * from history")) == 2


async def test_from_app_home(running, workspace):
    """The same menu stands in App Home: what was done so far, and a form, where one's list is."""
    await held(running, workspace)
    assert (await workspace.open_home("mikko")).ok
    await eventually(lambda: "callback_menu" in told(workspace.home("mikko") or {}))
    assert (await workspace.click_view("mikko", "home", "callback_menu", value="history")).ok
    (history,) = await eventually(lambda: workspace.views("mikko"))
    await workspace.close_view("mikko", history["id"])
    assert (await workspace.click_view("mikko", "home", "callback_menu", value="snooze")).ok
    (view,) = await eventually(lambda: workspace.views("mikko"))
    assert (await workspace.submit("mikko", view["id"], {"until": soon(days=1)})).errors == {}
    assert (history["callback_id"], on_disk(running)[0]["snoozed_until"] is None) == ("callback_history", False)
