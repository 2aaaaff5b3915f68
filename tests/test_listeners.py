"""What people do in Slack, through the real Bolt app, over HTTP and over Socket Mode alike."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from conftest import eventually

from bot import callbacks, lookup, outbox
from demo.faults import Kind

COMMENT = "Leveransen kom två veckor för sent & ingen <svarade>"
LONG = "Väldigt bra. " * 100
PERSON = {"name": "Anna Berg", "email": "anna@nordlys.example", "company": "Nordlys AB"}
COLLEAGUES = ("ingrid", "mikko", "freja", "jonas")
FILLED = {"outcome": "reached", "notes": "Fick en ny faktura", "themes": ["billing"]}


@pytest.fixture(name="running", params=["http", "socket"])
async def _running(request, start, workspace, monkeypatch):
    monkeypatch.setattr(outbox, "POSTS", (200.0, 50.0))
    monkeypatch.setattr(outbox, "CHANGES", (200.0, 50.0))
    workspace.rates.on = False
    async with start(socket=request.param == "socket") as running:
        await eventually(lambda: workspace.app()["connected"])
        yield running


@pytest.fixture(name="http")
async def _http(start, workspace):
    workspace.rates.on = False
    async with start() as running:
        yield running


def told(message):
    """Return all the words of a message or view."""
    return json.dumps(message, ensure_ascii=False)


def card(workspace, channel="#nps"):
    """Return the newest card."""
    return [m for m in workspace.messages(channel) if "actions" in {b["type"] for b in m.get("blocks", ())}][-1]


async def a_card(running, **body):
    """Deliver a response, wait for its card, and return the card's ts."""
    body = {"id": "r-1", "score": 3, "comment": COMMENT, "respondent": PERSON, **body}
    stood = len(running.workspace.messages("#nps"))
    await running.deliver(body)
    await eventually(lambda: len(running.workspace.messages("#nps")) > stood)
    return card(running.workspace)["ts"]


def buttons(workspace, channel="#nps"):
    """Return the action_ids of the newest card."""
    (row,) = [block for block in card(workspace, channel)["blocks"] if block["type"] == "actions"]
    return [element["action_id"] for element in row["elements"]]


def on_disk(running, sql="select * from callbacks"):
    """Return what another program finds in the store's file just now."""
    with closing(sqlite3.connect(running.bot.settings.database)) as other:
        other.row_factory = sqlite3.Row
        return [dict(row) for row in other.execute(sql)]


def everything(running):
    """Return all that people's acts may change."""
    return {name: on_disk(running, f"select * from {name}") for name in ("callbacks", "calls", "history", "responses")}


async def shows(workspace, word):
    """Wait until the newest card says a word."""
    return await eventually(lambda: word in told(card(workspace)) and card(workspace))


def privately(workspace, user):
    """Wait for what only this person is shown, and return the newest of it."""

    def last():
        shown = workspace.ephemerals(user)
        return shown and shown[-1]["text"]

    return eventually(last)


async def form(running, user, ts, action="log_call", **more):
    """Let a person open a form from a card."""
    assert (await running.workspace.click(user, "#nps", ts, action, **more)).ok
    return (await eventually(lambda: running.workspace.views(user)))[-1]


async def log(running, user, ts, **fields):
    """Let a person log a call; return the acknowledgement."""
    view = await form(running, user, ts)
    ack = await running.workspace.submit(user, view["id"], {**FILLED, **fields})
    assert ack.elapsed < 2.5
    return ack


def soon(**span):
    return int((datetime.now(UTC) + timedelta(**span)).timestamp())


async def test_a_claim(running, workspace):
    """Whoever claims holds it: on disk when Slack hears of it, on the card at once."""
    ts = await a_card(running)
    assert {"claim_callback", "callback_menu"} <= set(buttons(workspace))
    ack = await workspace.click("mikko", "#nps", ts, "claim_callback")
    (row,) = on_disk(running)
    assert (ack.ok, row["state"], row["holder"]) == (True, "claimed", "U0MIKKO")
    assert ack.elapsed < 2.5
    shown = await shows(workspace, "Claimed")
    assert "<@U0MIKKO>" in told(shown)
    assert {"release_callback", "log_call", "callback_menu"} <= set(buttons(workspace))
    assert workspace.ephemerals("mikko") == []


async def test_one_winner(running, workspace):
    """Of eight who click at the same moment one holds it; the others are told who, and nobody else sees it."""
    people = [*COLLEAGUES, "nils", "oda", "pia", "rune"]
    for name in people[4:]:
        workspace.add_user(name, name.capitalize())
        workspace.join(name, "#nps")
    ts = await a_card(running)
    acks = await asyncio.gather(*(workspace.click(name, "#nps", ts, "claim_callback") for name in people))
    assert all(ack.ok and ack.elapsed < 2.5 for ack in acks)
    (row,) = on_disk(running)
    losers = [name for name in people if workspace.people.user(name).id != row["holder"]]
    assert len(losers) == 7
    for name in losers:
        assert (await privately(workspace, name)).startswith(f"<@{row['holder']}> holds this callback.")
    assert [event["action"] for event in on_disk(running, "select * from history")] == ["opened", "claimed"]
    assert len(workspace.messages("#nps")) == 1


async def test_release_and_reopen(running, workspace):
    """The holder releases, nobody else does; what is closed is opened again."""
    ts = await a_card(running)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    await shows(workspace, "Claimed")
    assert (await workspace.click("freja", "#nps", ts, "release_callback")).ok
    assert "do not hold" in await privately(workspace, "freja")
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    await workspace.click("mikko", "#nps", ts, "release_callback")
    assert on_disk(running)[0]["state"] == "open"
    await shows(workspace, "Open")
    assert (await log(running, "freja", ts)).ok
    await shows(workspace, "Closed")
    assert {"reopen_callback", "log_call"} <= set(buttons(workspace))
    await workspace.click("jonas", "#nps", ts, "reopen_callback")
    assert (on_disk(running)[0]["state"], on_disk(running)[0]["holder"]) == ("open", None)


async def test_a_click_on_an_old_card(running, workspace):
    """A click on a button whose time is over is told, and changes nothing."""
    ts = await a_card(running)
    old = card(workspace)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    workspace.store.replace("C0NPS", old)
    before = everything(running)
    assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
    assert "closed" in await privately(workspace, "mikko")
    assert everything(running) == before


@pytest.mark.parametrize(
    ("step", "state", "holder"),
    [("close", "closed", None), ("call_again", "claimed", "U0FREJA"), ("hand_over", "open", None)],
)
async def test_a_call(running, workspace, step, state, holder):
    """A logged call is one transaction: the call, the next state, the card, and what was said in the thread."""
    ts = await a_card(running)
    again = {"call_again_at": soon(days=2)} if step == "call_again" else {}
    ack = await log(running, "freja", ts, next_step=step, **again)
    (row,), (call,) = on_disk(running), on_disk(running, "select * from calls")
    assert (ack.ok, ack.errors, row["state"], row["holder"]) == (True, {}, state, holder)
    assert (call["caller"], call["outcome"], call["notes"], call["next_step"]) == (
        "U0FREJA",
        "reached",
        FILLED["notes"],
        step,
    )
    assert json.loads(call["themes"]) == ["billing"]
    assert workspace.views("freja") == []
    await shows(workspace, state.capitalize())
    (note,) = await eventually(lambda: workspace.messages("#nps", ts))
    assert all(word in told(note) for word in ("<@U0FREJA>", "Reached", FILLED["notes"], "Billing"))
    assert note["metadata"]["event_type"] == "nps_note"


async def test_a_promoters_call(running, workspace):
    """A promoter can be asked for whom else to talk to."""
    ts = await a_card(running, score=10)
    assert (await log(running, "freja", ts, referral_name="Bo Ek", referral_contact="bo@granvik.example")).ok
    (call,) = on_disk(running, "select * from calls")
    assert (call["referral_name"], call["referral_contact"]) == ("Bo Ek", "bo@granvik.example")
    (note,) = await eventually(lambda: workspace.messages("#nps", ts))
    assert "bo@granvik.example" in told(note)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"outcome": None}, "outcome"),
        ({"notes": None}, "notes"),
        ({"notes": "   "}, "notes"),
        ({"next_step": "call_again"}, "call_again_at"),
        ({"next_step": "call_again", "call_again_at": soon(minutes=-1)}, "call_again_at"),
        ({"next_step": "call_again", "call_again_at": soon(days=-300)}, "call_again_at"),
    ],
    ids=str,
)
async def test_a_mistake_in_the_form(running, workspace, fields, at):
    """A mistake is told at its field, what was typed stays, nothing is stored; mended it goes through."""
    ts = await a_card(running)
    before = everything(running)
    ack = await log(running, "freja", ts, **fields)
    assert list(ack.errors) == [at]
    assert len(ack.errors[at]) > 10
    assert everything(running) == before
    (view,) = workspace.views("freja")
    mended = {**FILLED, "next_step": "call_again", "call_again_at": soon(days=1)}
    assert (await workspace.submit("freja", view["id"], mended)).errors == {}
    assert len(on_disk(running, "select * from calls")) == 1


async def test_another_call_on_a_closed_one(running, workspace):
    """On a closed callback another call can be logged; it stays closed, or opens for whoever calls again."""
    ts = await a_card(running)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    await log(running, "mikko", ts, notes="Ringde tillbaka själv")
    assert on_disk(running)[0]["state"] == "closed"
    await eventually(lambda: len(workspace.messages("#nps", ts)) == 2)
    await log(running, "mikko", ts, next_step="call_again", call_again_at=soon(hours=3))
    assert (on_disk(running)[0]["state"], on_disk(running)[0]["holder"]) == ("claimed", "U0MIKKO")


async def test_someone_elses_call(running, workspace):
    """Nobody logs on what someone else holds: neither opens the form nor, when they had it open, hands it over."""
    ts = await a_card(running)
    view = await form(running, "freja", ts)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    before = everything(running)
    ack = await workspace.submit("freja", view["id"], FILLED)
    assert "Mikko Lehtonen" in ack.errors["outcome"]
    assert everything(running) == before
    await shows(workspace, "Claimed")
    await workspace.click("jonas", "#nps", ts, "log_call")
    assert (await privately(workspace, "jonas")).startswith("<@U0MIKKO> holds this callback.")
    assert workspace.views("jonas") == []


async def test_assign(running, workspace):
    """A callback is given to a colleague, who is told; a guest cannot be given one."""
    ts = await a_card(running)
    view = await form(running, "ingrid", ts, "callback_menu", value="assign")
    assert list((await workspace.submit("ingrid", view["id"], {"assignee": "U0PETRA"})).errors) == ["assignee"]
    assert on_disk(running)[0]["state"] == "open"
    assert (await workspace.submit("ingrid", view["id"], {"assignee": "U0MIKKO"})).errors == {}
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    (message,) = await eventually(lambda: direct(workspace, "U0MIKKO"))
    assert "<@U0INGRID>" in message["text"]
    await shows(workspace, "<@U0MIKKO>")


def direct(workspace, user_id):
    """Return what the bot wrote to a person."""
    channel = "D" + user_id[1:]
    return workspace.messages(channel) if channel in workspace.channels else []


async def test_snooze(running, workspace):
    """What is put aside is out of the queue until its time; a time that is past is a mistake at its field."""
    ts = await a_card(running)
    view = await form(running, "mikko", ts, "callback_menu", value="snooze")
    for past in (soon(minutes=-1), soon(days=-1)):
        assert list((await workspace.submit("mikko", view["id"], {"until": past})).errors) == ["until"]
    assert on_disk(running)[0]["snoozed_until"] is None
    assert (await workspace.submit("mikko", view["id"], {"until": soon(days=1)})).errors == {}
    assert on_disk(running)[0]["snoozed_until"] is not None
    ack = await workspace.command("ingrid", "#nps", "/nps", "queue")
    assert "Anna Berg" not in told(ack.body)


async def test_dismiss(running, workspace):
    """A callback is closed without a call, with a reason that the card tells."""
    ts = await a_card(running)
    view = await form(running, "mikko", ts, "callback_menu", value="dismiss")
    assert list((await workspace.submit("mikko", view["id"], {"reason": "  "})).errors) == ["reason"]
    assert (await workspace.submit("mikko", view["id"], {"reason": "Answered by mistake"})).errors == {}
    assert on_disk(running)[0]["dismissed"] == "Answered by mistake"
    await shows(workspace, "Answered by mistake")


async def test_history(running, workspace):
    """The history tells only who asks who did what."""
    ts = await a_card(running)
    await log(running, "freja", ts)
    await shows(workspace, "Closed")
    view = await form(running, "jonas", ts, "callback_menu", value="history")
    assert all(word in told(view) for word in ("<@U0FREJA>", FILLED["notes"], "opened"))


async def test_the_whole_comment(running, workspace):
    """A long comment is cut on the card and whole in a modal."""
    ts = await a_card(running, comment=LONG)
    assert LONG.strip() not in told(card(workspace))
    view = await form(running, "jonas", ts, "show_comment")
    assert LONG.strip() in told(view)


async def test_a_link(running, workspace):
    """A click on a link, which Slack reports as well, is acknowledged."""
    ts = await a_card(running, link="https://crm.example/c-17")
    assert (await workspace.click("mikko", "#nps", ts, "open_link")).ok


async def test_app_home(running, workspace):
    """Home shows the score and both lists; who claims there sees it move, who comes second is told."""
    await a_card(running)
    for user in ("mikko", "freja"):
        assert (await workspace.open_home(user)).ok
        home = await eventually(lambda user=user: workspace.home(user))
        assert all(word in told(home) for word in ("Anna Berg", "NPS", "claim_callback"))
    assert (await workspace.click_view("mikko", "home", "claim_callback")).ok
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    await eventually(lambda: "claim_callback" not in told(workspace.home("mikko")))
    assert (await workspace.click_view("freja", "home", "claim_callback")).ok
    (notice,) = await eventually(lambda: workspace.views("freja"))
    assert "<@U0MIKKO> holds this callback." in told(notice)
    await eventually(lambda: "claim_callback" not in told(workspace.home("freja")))
    assert (await workspace.click_view("mikko", "home", "log_call")).ok
    (view,) = await eventually(lambda: workspace.views("mikko"))
    assert (await workspace.submit("mikko", view["id"], FILLED)).errors == {}
    await eventually(lambda: "Anna Berg" not in told(workspace.home("mikko")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["help", "score", "queue", "mine", "find", "customer", "digest", "export", "forget"]),
        ("help", ["help", "score", "queue", "mine", "find", "customer", "digest", "export", "forget"]),
        ("Frobnicate <!channel>", ["Frobnicate", "/nps score"]),
        ("score", ["NPS", "-100", "1 answer"]),
        ("SCORE 30d", ["NPS"]),
        ("score week nonsense", ["nonsense"]),
        ("queue", ["Anna Berg", "claim_callback"]),
        ("mine", ["hold no"]),
        ("find LEVERANSEN", ["Anna Berg"]),
        ("find två veckor för sent", ["Anna Berg"]),
        ("find nordlys ab", ["Anna Berg"]),
        ("find payload", ["payload"]),
        ("find 100%_", ["100%_"]),
        ("find", ["find"]),
        ("customer ANNA@nordlys.example", ["Anna Berg", "Leveransen"]),
        ("customer <mailto:anna@nordlys.example|anna@nordlys.example>", ["Anna Berg"]),
        ("customer nobody@nordlys.example", ["nobody@nordlys.example"]),
        ("customer", ["customer"]),
        ("digest", ["NPS"]),
        ("export", ["npsbot export"]),
        ("forget anna@nordlys.example", ["npsbot forget"]),
    ],
)
async def test_the_command(running, workspace, text, words):
    """Every subcommand is answered to the asker alone, in time, with what it promises; nothing changes."""
    await a_card(running)
    before = everything(running)
    ack = await workspace.command("mikko", "#nps", "/nps", text)
    assert (ack.ok, ack.body["response_type"]) == (True, "ephemeral")
    assert ack.elapsed < 2.5
    answer = told(ack.body).replace("−", "-")
    assert [word for word in words if word not in answer] == []
    assert "<!channel>" not in answer
    assert len(workspace.messages("#nps")) == 1
    assert everything(running) == before


async def test_a_claim_from_a_list(running, workspace):
    """The buttons of a private list act like the card's."""
    await a_card(running)
    await workspace.command("mikko", "#nps", "/nps", "queue")
    listed = workspace.ephemerals("mikko")[-1]
    assert (await workspace.click("mikko", "#nps", listed["ts"], "claim_callback")).ok
    assert on_disk(running)[0]["holder"] == "U0MIKKO"
    await shows(workspace, "Claimed")
    ack = await workspace.command("mikko", "#nps", "/nps", "mine")
    assert "Anna Berg" in told(ack.body)


@pytest.mark.parametrize("event", ["app_home_opened", "tokens_revoked", "app_uninstalled"])
@pytest.mark.usefixtures("running")
async def test_events_are_acknowledged(workspace, event):
    """Every event that Slack sends us is acknowledged."""
    ack = await workspace.tell({"type": event, "user": "U0MIKKO", "tab": "messages", "tokens": {}})
    assert (ack.ok, ack.error) == (True, None)


@pytest.mark.parametrize("where", ["listener", "store"])
async def test_a_fault_of_the_code(running, workspace, monkeypatch, where):
    """Whatever breaks inside, the person learns it and nothing is half done; the next try goes through."""
    ts = await a_card(running)
    before = everything(running)

    def broken(move):
        def fails(*args, **kwargs):
            if where == "store":
                move(*args, **kwargs)
            raise ZeroDivisionError

        return fails

    with monkeypatch.context() as patch:
        for name in ("claim", "log_call"):
            patch.setattr(callbacks, name, broken(getattr(callbacks, name)))
        patch.setattr(lookup, "queue", broken(lookup.queue))
        assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
        assert "nothing was changed" in await privately(workspace, "mikko")
        ack = await log(running, "freja", ts)
        assert ["nothing was changed" in sentence for sentence in ack.errors.values()] == [True]
        assert "nothing was changed" in (await workspace.command("jonas", "#nps", "/nps", "queue")).body["text"]
        assert everything(running) == before
    (view,) = workspace.views("freja")
    assert (await workspace.submit("freja", view["id"], FILLED)).errors == {}


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.ERROR_500, Kind.CUT_BEFORE])
async def test_a_form_that_does_not_open(running, workspace, kind):
    """When Slack does not open the form, whoever clicked learns it within Slack's three seconds."""
    ts = await a_card(running)
    workspace.faults.add(kind, "views.open")
    ack = await workspace.click("mikko", "#nps", ts, "log_call")
    assert (ack.ok, ack.elapsed < 2.9) == (True, True)
    assert "Something went wrong" in await privately(workspace, "mikko")


async def test_a_store_that_is_locked(http, workspace, settings):
    """While the store cannot be written a click is told so, and done when it is clicked again."""
    ts = await a_card(http)
    await http.bot.store.run(lambda db: db.execute("pragma busy_timeout = 50"))
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
        assert "busy" in await privately(workspace, "mikko")
        other.execute("rollback")
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    assert on_disk(http)[0]["holder"] == "U0MIKKO"
