"""Privacy mode: who answered is told to whoever holds the callback, in what only they see, and to nobody else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from acting import a_card, buttons, direct, form, log, on_disk, privately, soon, told
from conftest import NOW, a_response, eventually
from privacy_shown import PERSON, PRIVATE, named
from queued import drained

from bot import callbacks, digest, intake, lookup, messages, privacy, reminders, routing
from bot.config import SourceSettings
from bot.model import Call, Learned, NextStep, Outcome
from bot.periods import Period
from bot.referred import Referrals
from bot.refusals import HoldersOnly
from bot.settings.privacy import Privacy
from bot.settings.routes import Route
from bot.texts import table
from storage import callbacks as stored
from storage import outbox, responses, sending
from storage import reminders as stored_reminders

EVERYWHERE = Privacy(channels=frozenset({"nps", "sales"}))
CRM = "https://crm.example/c-17"
SAID = "It came late. Anna Berg, anna@nordlys.example, 070-1740605"


@pytest.fixture(name="private")
def _private(settings):
    return replace(settings, privacy=PRIVATE)


# What the bot says, all of it


def a_life(db, settings) -> None:
    """Let everything happen to two answers of one person that the bot tells of."""
    first = intake.receive(db, settings, "json", a_response(comment=SAID), NOW).response_id
    sending.sent(db, sending.take(db, NOW, frozenset())[0], "1.1", "C0NPS", NOW)
    callbacks.assign(db, first, "U1", "U2", NOW, lead=True, comment="Anna Berg asked for you, 070-1740605")
    callbacks.assign(db, first, "U1", "U3", NOW, lead=True, comment="She mailed from anna@nordlys.example")
    callbacks.snooze(db, first, "U3", NOW + timedelta(hours=1), NOW)
    intake.receive(db, settings, "json", a_response(id="r-2", score=9, comment=SAID), NOW)
    reminders.sweep(db, settings, NOW + timedelta(hours=2))
    call = Call("U3", NOW, Outcome.NO_ANSWER, "Anna did not answer 070-1740605", (), NextStep.HAND_OVER)
    learned = Learned(preferred_time="Anna is there after 15")
    callbacks.log_call(db, settings, first, replace(call, referral_name="Bo Ek", lesson=True), learned=learned)
    for days in (2, 4, 6):
        reminders.sweep(db, settings, NOW + timedelta(days=days))
    routing.grant(db, _wish(db, first), NOW)
    callbacks.claim(db, first, "U1", NOW)
    intake.receive(db, settings, "json", a_response(comment=SAID, score=0, version=NOW.timestamp() + 9), NOW)
    digest.queue(db, settings, "week", Period(NOW.date(), NOW.date()), NOW, NOW)


def _wish(db, public_id):
    found = responses.by_public_id(db, public_id)
    db.execute("insert into wished_owners values (:id, 'U4', 0, 1, '2026-01-01', null)", id=found.id)
    (wish,) = routing.wishes(db, 1)
    return wish


def every_message(db, settings, texts):
    """Return all that is, or was, to be told of everything that happened, by its kind."""
    rows = db.rows("select kind, subject, channel from messages order by id")
    shown = {}
    for row in rows:
        message = outbox.message_of(db, row["kind"], row["subject"])
        rendered = messages.render(db, replace(message, ts=message.ts or "9.9"), settings, texts, NOW)
        if rendered is not None:
            shown.setdefault(row["kind"], []).append(
                (rendered.text, rendered.blocks, rendered.metadata, rendered.richer)
            )
    return shown


def test_nothing_that_the_bot_says_names_anybody(db, private, texts):
    """No message of any kind, to a channel, a thread or one person, names who answered; without privacy many do."""
    chosen = replace(private, referrals=Referrals("#sales"))
    a_life(db, chosen)
    shown = every_message(db, chosen, texts)
    assert shown.keys() >= {"card", "call", "assigned", "taken_over", "answered_again", "mention", "digest", "referral"}
    assert shown.keys() & {"reminder", "escalation", "called_out", "awake", "rescored"}
    assert {kind: named(told(said)) for kind, said in shown.items() if named(told(said))} == {}
    assert "Bo Ek" not in told([shown["call"], shown["card"]])
    assert "Bo Ek" in told(shown["referral"])
    openly = every_message(db, replace(chosen, privacy=Privacy()), texts)
    assert all(
        named(told(openly[kind])) for kind in ("card", "call", "assigned", "answered_again", "digest", "referral")
    )


@pytest.mark.parametrize(
    "kind", [key for key in table("en") if key.startswith("note.") and "{who}" in table("en")[key]]
)
def test_no_line_names_anybody(db, private, texts, kind):
    """Each sentence that there is about a customer, in a thread or to one person, is said without a name."""
    intake.receive(db, private, "json", a_response(comment=SAID), NOW)
    event = stored.record(db, 1, NOW, "U1", "assigned", to="U2", score=3)
    stored.remark(db, event, 1, "Anna Berg wants to be called on 070-1740605")
    for channel in ("#nps", "U2"):
        message_id = outbox.put(db, f"{kind.removeprefix('note.')}", event, channel, NOW)
        db.execute("update messages set ts = '1.1' where id = :id", id=message_id)
        shown = every_message(db, private, texts)[kind.removeprefix("note.")]
        assert named(told(shown)) == []
        assert "Nordlys AB" in told(shown)
        db.execute("delete from outbox where message_id = :id", id=message_id)
        db.execute("delete from messages where id = :id", id=message_id)


@pytest.mark.parametrize(
    "action", [key for key in table("en") if key.startswith("round_up.") and key != "round_up.more"]
)
def test_no_round_up_names_anybody(db, private, texts, action):
    """What is said of many at once lists them without names."""
    for number in range(3):
        found = a_response(id=f"r-{number}", comment=SAID, respondent_email=f"anna@nordlys-{number}.example")
        intake.receive(db, private, "json", found, NOW)
    for place in ("#nps", "U2"):
        about = stored_reminders.round_up(db, action.removeprefix("round_up."), place, [1, 2, 3], NOW)
        outbox.put(db, "round_up", about, place, NOW)
    db.execute("update messages set ts = id where kind = 'round_up'")
    shown = every_message(db, private, texts)["round_up"]
    assert named(told(shown)) == []
    assert told(shown).count("Nordlys AB") >= 6


def test_a_private_channel_of_sales_names_nobody_either(db, private, texts):
    """Whom a customer passed on is told to whoever takes the referral."""
    chosen = replace(private, privacy=EVERYWHERE, referrals=Referrals("#sales"))
    a_life(db, chosen)
    assert "Bo Ek" not in told(every_message(db, chosen, texts))


def test_an_open_channel_links_to_no_private_card(db, private, texts):
    """Of answers that share a callback, those in a private channel do not show on the cards that name somebody."""
    rules = (Route(1, {"touchpoint": frozenset({"shop"})}, channel="#shop"),)
    chosen = replace(private, routes=rules)
    for number, touchpoint in enumerate(("shop", "onboarding", "shop")):
        at = NOW + timedelta(hours=number)
        found = a_response(id=f"r-{number}", score=number, touchpoint=touchpoint, submitted_at=at)
        intake.receive(db, chosen, "json", found, at)
    cards = [str(messages.render(db, outbox.message_of(db, "card", n), chosen, texts, NOW).blocks) for n in (1, 2, 3)]
    assert [bool(named(each)) for each in cards] == [True, False, True]
    assert ["2 answers" in each for each in cards] == [True, False, True]
    assert ["Answered before: 0 (" in each for each in cards] == [False, False, True]
    assert "1 (" not in cards[2]


def test_the_forms_and_the_history(db, private):
    """Whoever holds a callback reads all of it; anybody else what its card shows."""
    a_life(db, private)
    public_id = db.value("select public_id from responses where id = 1")
    holder, other = (
        (lookup.found(db, private, public_id, reader), lookup.history(db, private, public_id, reader))
        for reader in ("U1", "U2")
    )
    assert named(repr(other)) == []
    assert {"Anna", "Berg", "1740605", "crm.example"} <= set(named(repr(holder)))
    with pytest.raises(HoldersOnly):
        privacy.contact(db, public_id, "U2")
    assert privacy.contact(db, public_id, "U1").response.respondent.phone == PERSON["phone"]


# In Slack


def nobody_is_named(running):
    """Return what names somebody in any channel or direct message."""
    workspace = running.workspace
    return [m for c in workspace.channels for m in on_show(workspace, c) if named(m)]


def on_show(workspace, channel):
    top = workspace.messages(channel)
    return [*top, *(reply for message in top for reply in workspace.messages(channel, message["ts"]))]


async def test_a_day_in_a_private_channel(start, workspace, quick):
    """Claimed, called, handed over: only the holder learns who it is, at the click, for as long as they hold it."""
    async with start(privacy=PRIVATE) as running:
        ts = await a_card(running, respondent=PERSON, link=CRM, comment=SAID)
        assert buttons(workspace) == ["claim_callback", "log_call", "callback_menu"]
        assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).ok
        await eventually(lambda: "contact_details" in buttons(workspace))
        assert (await workspace.click("mikko", "#nps", ts, "contact_details")).ok
        assert "shown only to whoever holds" in await privately(workspace, "mikko")
        assert workspace.views("mikko") == []
        view = await form(running, "ingrid", ts, "contact_details")
        assert set(named(view)) >= {"Anna", "Berg", "anna@nordlys", "174 06 05", "crm.example"}
        refused = await log(running, "ingrid", ts, notes="Anna Berg is away", next_step="hand_over")
        assert refused.ok
        await eventually(lambda: "contact_details" not in buttons(workspace))
        assert (await workspace.click("freja", "#nps", ts, "claim_callback")).ok
        await eventually(lambda: "contact_details" in buttons(workspace))
        seen = len(workspace.views("ingrid"))
        assert (await workspace.click("ingrid", "#nps", ts, "contact_details")).ok
        assert "shown only to whoever holds" in await privately(workspace, "ingrid")
        assert len(workspace.views("ingrid")) == seen
        await drained(running)
        assert nobody_is_named(running) == []
        looked = on_disk(running, "select actor from audit where action = 'contact_details'")
        assert [row["actor"] for row in looked] == ["U0MIKKO", "U0INGRID", "U0INGRID"]


async def test_lists_and_forms_for_others(start, workspace, quick):
    """What others ask for privately names nobody and finds nobody by name; the holder finds their own."""
    async with start(privacy=PRIVATE) as running:
        ts = await a_card(running, respondent=PERSON, link=CRM, comment=SAID)
        asked = ("queue", "mine", "huddle", "find late", "find Anna", "find Berg", "customer anna@nordlys.example")
        for words in asked:
            ack = await workspace.command("mikko", "#nps", "/nps", words)
            assert named(json.dumps(ack.body).replace(words.split()[-1], "")) == []
            assert "3 ·" not in json.dumps(ack.body, ensure_ascii=False) or words in {"queue", "huddle"}
        assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).ok
        for words in ("mine", "find Anna", "customer anna@nordlys.example"):
            ack = await workspace.command("ingrid", "#nps", "/nps", words)
            assert "Berg" in json.dumps(ack.body)
        for action, more in (("log_call", {}), ("callback_menu", {"value": "history"})):
            await workspace.click("mikko", "#nps", ts, action, **more)
        assert named(workspace.views("mikko")) == []
        homes = {}
        for user in ("ingrid", "mikko"):
            await workspace.open_home(user)
            homes[user] = await eventually(lambda user=user: workspace.home(user))
        assert named(homes["mikko"]) == []
        assert "Anna" in named(homes["ingrid"])


async def test_what_one_person_is_told(start, workspace, quick):
    """A direct message stays when a callback goes on to somebody else, so that it names nobody either."""
    async with start(privacy=PRIVATE) as running:
        ts = await a_card(running, respondent=PERSON)
        assert (await workspace.click("ingrid", "#nps", ts, "callback_menu", value="assign")).ok
        view = (await eventually(lambda: workspace.views("ingrid")))[-1]
        assert named(view) == []
        assert (await workspace.submit("ingrid", view["id"], {"assignee": "U0MIKKO"})).ok
        (said,) = await eventually(lambda: direct(workspace, "U0MIKKO"))
        assert named(said) == []
        assert "Nordlys AB" in said["text"]


async def test_a_referral_in_a_private_channel(start, workspace, quick):
    """Sales learns whom to call from the button, once one of them has taken the referral."""
    workspace.add_channel("sales", ["mikko", "jonas", "npsbot"])
    async with start(privacy=EVERYWHERE, referrals=Referrals("#sales")) as running:
        ts = await a_card(running, score=10)
        passed_on = {"referral_name": "Bo Ek", "referral_contact": "bo@x.example"}
        assert (await log(running, "freja", ts, **passed_on)).ok
        message = (await eventually(lambda: workspace.messages("#sales")))[-1]
        assert (await workspace.click("mikko", "#sales", message["ts"], "claim_referral")).ok
        await eventually(lambda: "referral_contact_details" in told(workspace.messages("#sales")))
        for user in ("jonas", "mikko"):
            await workspace.click(user, "#sales", message["ts"], "referral_contact_details")
        assert "only to whoever holds the referral" in await privately(workspace, "jonas")
        (view,) = await eventually(lambda: workspace.views("mikko"))
        assert "bo@x.example" in told(view)
        assert "Bo Ek" not in told([on_show(workspace, channel) for channel in workspace.channels])


async def test_other_channels_are_as_ever(start, workspace, settings, quick):
    """A private channel changes nothing in the others."""
    workspace.add_channel("shop", ["ingrid", "npsbot"])
    shop = SourceSettings("shop", "json", ("s",), channel="#shop")
    async with start(privacy=PRIVATE, sources={**settings.sources, "shop": shop}) as running:
        await running.deliver({"id": "s-1", "score": 2, "respondent": PERSON}, source="shop", secret="s")
        await eventually(lambda: workspace.messages("#shop"))
        assert "Anna Berg" in told(workspace.messages("#shop"))
        assert soon(hours=1) > datetime.now(UTC).timestamp()
