"""Referrals go to sales, where one takes them; lessons go into a list for product."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from acting import a_card, form, log, on_disk, privately, told
from conftest import NOW, a_response, eventually
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, forget, intake, lessons, messages, referrals
from bot.config import load
from bot.model import Call, NextStep, Outcome, Subject
from bot.referred import Referrals
from bot.settings.checks import SettingError
from storage import calls, outbox
from storage import referrals as stored
from storage.db import beside
from storage.lists import Sight

SALES = Referrals("#sales")
PASSED_ON = {"referral_name": "Bo Ek", "referral_contact": "bo@x.example"}


def a_call(**changes) -> Call:
    return Call(
        **{
            "caller": "U1",
            "at": NOW,
            "outcome": Outcome.REACHED,
            "notes": "They want it earlier",
            "themes": ("delivery",),
            "next_step": NextStep.CLOSE,
            **PASSED_ON,
            **changes,
        }
    )


@pytest.fixture(name="selling")
def _selling(settings):
    return settings.__class__(database=settings.database, referrals=SALES)


def passed_on(db, settings, **changes) -> int:
    """Log a call on a promoter's callback; return its id."""
    receipt = intake.receive(db, settings, "json", a_response(score=10, **changes), NOW)
    callbacks.log_call(db, settings, receipt.response_id, a_call())
    return max(calls.of_response(db, db.value("select max(id) from responses")))


@pytest.fixture(name="sales")
def _sales(workspace):
    """A channel of sales that the bot and two colleagues are in."""
    workspace.add_channel("sales", ["mikko", "jonas", "npsbot"])
    return "#sales"


async def referral(running, sales):
    """Let a promoter pass somebody on; return the message to sales."""
    ts = await a_card(running, score=10)
    assert (await log(running, "freja", ts, **PASSED_ON)).ok
    return (await eventually(lambda: running.workspace.messages(sales)))[-1]


def buttons(message):
    """Return the action_ids of a message."""
    rows = (block["elements"] for block in message["blocks"] if block["type"] == "actions")
    return [element["action_id"] for row in rows for element in row]


async def test_sales_is_told(start, workspace, sales, quick):
    """Who, how to reach them, who passed them on and who heard it; one takes it, the second learns who, it is won."""
    async with start(referrals=SALES) as running:
        message = await referral(running, sales)
        for word in ("Bo Ek", "bo@x.example", "Anna Berg", "Nordlys AB", "10 of 10", "<@U0FREJA>", "Free to take"):
            assert word in told(message)
        assert (message["metadata"]["event_type"], buttons(message)) == ("nps_note", ["claim_referral"])
        ts = message["ts"]
        assert (await workspace.click("mikko", sales, ts, "claim_referral")).ok
        await eventually(lambda: "*Taken* by <@U0MIKKO>" in told(workspace.messages(sales)))
        assert (await workspace.click("jonas", sales, ts, "release_referral")).ok
        assert "You do not have this referral" in await privately(workspace, "jonas")
        assert (await workspace.click("mikko", sales, ts, "won_referral")).ok
        await eventually(lambda: "*Won* by <@U0MIKKO>" in told(workspace.messages(sales)))
        assert buttons(workspace.messages(sales)[-1]) == []
        actions = [row["action"] for row in on_disk(running, "select action from history order by id")]
        assert actions[-2:] == ["referral_claimed", "referral_won"]
        assert len(workspace.messages(sales)) == 1


async def test_the_second_learns_who_was_first(start, workspace, sales, quick):
    """Of two who click at once one has it, and the other is told privately who."""
    async with start(referrals=SALES) as running:
        message = await referral(running, sales)
        for user in ("mikko", "jonas"):
            assert (await workspace.click(user, sales, message["ts"], "claim_referral")).ok
        assert "<@U0MIKKO> has this referral" in await privately(workspace, "jonas")
        assert on_disk(running, "select holder from referrals") == [{"holder": "U0MIKKO"}]


async def test_without_a_channel_it_stays_in_the_thread(start, workspace, sales, quick):
    """Nothing is posted where no channel of sales is set; the thread's summary tells of it."""
    async with start() as running:
        ts = await a_card(running, score=10)
        await log(running, "freja", ts, **PASSED_ON)
        await eventually(lambda: "Bo Ek" in told(workspace.messages("#nps", ts)))
        assert workspace.messages(sales) == []
        assert on_disk(running, "select * from referrals") == []


MOVES = {
    "claim": (referrals.claim, "open", "claimed"),
    "release": (referrals.release, "claimed", "open"),
    "won": (referrals.won, "claimed", "won"),
    "lost": (referrals.lost, "claimed", "lost"),
}


@given(steps=st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(["U1", "U2", "U3"])), max_size=12))
def test_one_has_it_at_a_time(steps):
    """Whatever is tried by whom: a move happens from its own state and by its holder alone, else nothing changes."""
    from conftest import an_empty_store  # noqa: PLC0415  # a store for each case

    from bot.config import Settings  # noqa: PLC0415

    with an_empty_store() as db:
        call_id = passed_on(db, Settings(referrals=SALES))
        state, holder = "open", None
        for name, user in steps:
            move, before, after = MOVES[name]
            allowed = state == before and (name == "claim" or user == holder)
            if allowed:
                move(db, call_id, user, NOW)
                state, holder = after, None if after == "open" else user
            else:
                with pytest.raises((referrals.ReferralTaken, referrals.ReferralMoved)):
                    move(db, call_id, user, NOW)
            found = stored.by_call(db, call_id)
            assert (str(found.state), found.holder) == (state, holder)


def test_a_forgotten_customer_takes_the_referral_along(db, selling, texts):
    """The message to sales tells nothing any more, and cannot be taken, once the customer is forgotten."""
    call_id = passed_on(db, selling)
    message = outbox.message_of(db, "referral", call_id)
    assert "Bo Ek" in str(messages.render(db, message, selling, texts, NOW).blocks)
    forget.forget(db, Subject("anna@nordlys.example"), None, NOW)
    rendered = messages.render(db, message, selling, texts, NOW)
    assert "Bo Ek" not in str(rendered)
    assert buttons({"blocks": rendered.blocks}) == []


def test_a_referral_that_is_not_there(db):
    """A button of a referral that there is no more is answered with a sentence."""
    with pytest.raises(referrals.NoSuchReferral):
        referrals.claim(db, 42, "U1", NOW)


@pytest.mark.parametrize("given", ["referrals = 1", "[referrals]\nchannel = 1", "[referrals]\nplace = '#x'"])
def test_wrong_settings(tmp_path, given):
    """A table that says something else is refused in one sentence; the channel is checked like every other."""
    path = tmp_path / "npsbot.toml"
    path.write_text(given)
    with pytest.raises(SettingError, match=r"referrals in .* must be a table"):
        load({"NPSBOT_CONFIG": str(path)})
    path.write_text('[referrals]\nchannel = "#sales"')
    assert load({"NPSBOT_CONFIG": str(path)}).referrals == SALES
    path.write_text('[referrals]\nchannel = "a b"')
    with pytest.raises(SettingError, match=r"referrals.channel in .* channel's name"):
        load({"NPSBOT_CONFIG": str(path)})


async def test_a_lesson_is_ticked_and_unticked(running, workspace):
    """A note ticked in the form is in the list and the thread; the history takes the mark away, and sets it again."""
    ts = await a_card(running)
    assert (await log(running, "freja", ts, notes="Tell them the day before", lesson=["lesson"])).ok
    await eventually(lambda: "A lesson for product" in told(workspace.messages("#nps", ts)))
    ack = await workspace.command("freja", "#nps", "/nps", "lessons")
    for word in ("1 lesson for product", "Billing 1", "Anna Berg", "Tell them the day before", "<@U0FREJA>"):
        assert word in told(ack.body)
    view = await form(running, "freja", ts, "callback_menu", value="history")
    assert (await workspace.click_view("freja", view["id"], "unmark_lesson")).ok
    ack = await workspace.command("freja", "#nps", "/nps", "lessons")
    assert "No note is marked" in told(ack.body)
    await eventually(lambda: "A lesson for product" not in told(workspace.messages("#nps", ts)))
    await eventually(lambda: "mark_lesson" in told(workspace.views("freja")[-1]))
    assert (await workspace.click_view("freja", view["id"], "mark_lesson")).ok
    assert on_disk(running, "select lesson from calls") == [{"lesson": 1}]


@pytest.fixture(name="many")
def _many(db, settings):
    for n in range(11):
        receipt = intake.receive(db, settings, "json", a_response(id=f"r-{n}"), NOW)
        at = NOW + timedelta(hours=n)
        themes = ("delivery",) if n % 2 else ("price", "delivery")
        callbacks.log_call(
            db, settings, receipt.response_id, a_call(at=at, notes=f"note {n}", themes=themes, lesson=True)
        )


@pytest.mark.parametrize(("asked", "shown", "number"), [(1, 8, 1), (2, 3, 2), (9, 3, 2), (0, 8, 1)])
def test_pages_of_lessons(db, many, asked, shown, number):
    """The newest come first, a page at a time; beyond the last page stands the last; themes are counted over all."""
    page = lessons.page(db, Sight(), asked)
    assert (len(page.items), page.number, page.total) == (shown, number, 11)
    assert page.items[0][1].notes == f"note {10 - 8 * (number - 1)}"
    assert page.themes == (("delivery", 11), ("price", 6))


def test_lessons_of_other_channels_are_not_shown(db, many):
    """Whoever does not see the cards sees none of their lessons."""
    assert lessons.page(db, Sight(frozenset({"#other"}), {}, "#nps"), 1).total == 0
    assert lessons.page(db, Sight(frozenset({"#nps"}), {}, "#nps"), 1).total == 11


@pytest.mark.parametrize("ending", ["csv", "jsonl", "txt"])
def test_lessons_as_a_file(settings, tmp_path, ending):
    """The command writes every lesson with whom and what it is about, and counts them by theme."""
    with beside(settings.database) as db:
        receipt = intake.receive(db, settings, "json", a_response(), NOW)
        callbacks.log_call(db, settings, receipt.response_id, a_call(notes="=Tell them", lesson=True))
        callbacks.log_call(db, settings, receipt.response_id, a_call(notes="Nothing to learn"))
    target = tmp_path / f"lessons.{ending}"
    environment = {"NPSBOT_DATABASE": str(settings.database), "PATH": ""}
    words = [sys.executable, "-m", "bot", "lessons", str(target)]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if ending == "txt":
        assert (done.returncode, ".csv or .jsonl" in done.stderr) == (1, True)
        return
    assert (done.returncode, "1 lesson." in done.stderr, "delivery: 1" in done.stderr) == (0, True, True), done.stderr
    text = target.read_text(encoding="utf-8")
    (row,) = csv.DictReader(text.splitlines()) if ending == "csv" else map(json.loads, text.splitlines())
    assert (row["name"], row["company"], row["who"]) == ("Anna Berg", "Nordlys AB", "U1")
    assert row["notes"] == ("'=Tell them" if ending == "csv" else "=Tell them")


def test_a_call_of_another_response_is_not_marked(db, settings):
    """The button's two ids must fit together."""
    call_id = passed_on(db, settings)
    other = intake.receive(db, settings, "json", a_response(id="r-2"), NOW).response_id
    with pytest.raises(lessons.NoSuchCallback):
        lessons.mark(db, other, call_id, "U1", NOW, lesson=True)
