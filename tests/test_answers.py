"""What is told to one person: App Home, the command, and that something went wrong; over HTTP and over sockets."""

from __future__ import annotations

import json
import logging
import sqlite3
from contextlib import closing

import pytest
from acting import (
    COMMENT,
    FILLED,
    PERSON,
    a_card,
    everything,
    log,
    on_disk,
    privately,
    shows,
    told,
)
from conftest import eventually
from structlog.testing import capture_logs

from bot import callbacks, people, slack, worklists
from demo.faults import Kind
from handlers import commands


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


async def test_an_answer_that_takes_long(running, workspace, monkeypatch):
    """What Slack would not wait for is acknowledged in time, and told to the asker alone as soon as it is there."""
    monkeypatch.setattr(commands, "ANSWER_WITHIN", 0.0)
    await a_card(running)
    for text, words in (("score", "NPS"), ("digest", "NPS of the week"), ("mine", "hold no"), ("find xyzzy", "xyzzy")):
        ack = await workspace.command("mikko", "#nps", "/nps", text)
        assert (ack.ok, ack.body or None) == (True, None)
        await eventually(lambda words=words: words in told(workspace.ephemerals("mikko")[-1:]))
    assert workspace.ephemerals("freja") == []
    with monkeypatch.context() as broken:
        broken.setattr(worklists, "waiting", lambda *_args, **_more: 1 / 0)
        await workspace.command("mikko", "#nps", "/nps", "queue")
        await eventually(lambda: "Something went wrong" in told(workspace.ephemerals("mikko")[-1]))


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
        patch.setattr(worklists, "waiting", broken(worklists.waiting))
        assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
        assert "nothing was changed" in await privately(workspace, "mikko")
        ack = await log(running, "freja", ts)
        assert ["nothing was changed" in sentence for sentence in ack.errors.values()] == [True]
        assert "nothing was changed" in (await workspace.command("jonas", "#nps", "/nps", "queue")).body["text"]
        assert everything(running) == before
    (view,) = workspace.views("freja")
    assert (await workspace.submit("freja", view["id"], FILLED)).errors == {}


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.ERROR_500, Kind.CUT_BEFORE])
async def test_a_form_that_does_not_open(running, workspace, monkeypatch, kind):
    """When Slack does not open the form, whoever clicked learns it."""
    monkeypatch.setattr(slack, "OPEN_WITHIN", 0.3)
    ts = await a_card(running)
    workspace.faults.add(kind, "views.open")
    assert (await workspace.click("mikko", "#nps", ts, "log_call")).ok
    assert "Something went wrong" in await privately(workspace, "mikko")


def test_slack_is_asked_within_three_seconds():
    """What is asked of Slack before a click is acknowledged takes less than the three seconds that Slack waits."""
    assert people.ANSWER_WITHIN + max(people.ANSWER_WITHIN, slack.OPEN_WITHIN) < 2.9


async def test_a_store_that_is_locked(running, workspace, settings):
    """While the store cannot be written a click is told so, and done when it is clicked again."""
    ts = await a_card(running)
    await running.bot.store.run(lambda db: db.execute("pragma busy_timeout = 50"))
    with closing(sqlite3.connect(settings.database, isolation_level=None)) as other:
        other.execute("begin immediate")
        assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
        assert "busy" in await privately(workspace, "mikko")
        other.execute("rollback")
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    assert on_disk(running)[0]["holder"] == "U0MIKKO"


async def test_the_log_names_nobody(running, workspace, caplog):
    """What customers and colleagues wrote, addresses and secrets stand in no line of the log, whatever happens."""
    caplog.set_level(logging.INFO)
    private = [*PERSON.values(), COMMENT[:11], FILLED["notes"], "xoxb-demo", "demo-signing-secret", "xapp-demo"]
    with capture_logs() as lines:
        ts = await a_card(running)
        await workspace.command("mikko", "#nps", "/nps", f"find {PERSON['name']}")
        await workspace.command("mikko", "#nps", "/nps", f"customer {PERSON['email']}")
        await workspace.click("petra", "#nps", ts, "claim_callback")
        await log(running, "freja", ts, next_step="call_again")
        (view,) = workspace.views("freja")
        workspace.faults.add(Kind.ERROR, "chat.postMessage", count=1, error="invalid_blocks")
        workspace.faults.add(Kind.ERROR, "chat.update", count=1, error="internal_error")
        workspace.faults.add(Kind.ERROR, "views.publish", error="internal_error")
        await workspace.submit("freja", view["id"], {**FILLED, "next_step": "close"})
        await workspace.open_home("freja")
        await shows(workspace, "Closed")
    told_to_the_log = json.dumps(lines, default=str, ensure_ascii=False) + caplog.text
    assert {line["event"] for line in lines} >= {"message_sent", "message_not_sent", "person_refused"}
    assert [word for word in private if word in told_to_the_log] == []
