"""Forgetting a person in Slack: who may, what it says, and that each message that showed them is put without them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from acting import a_card, direct, log, privately, told
from conftest import NOW, a_response, eventually
from forgetting import ANNA, EMAIL, TRACES, call, command, left

from bot import alerts, callbacks, digest, forget, intake, messages, reminders
from bot.model import NextStep, Subject
from bot.referred import Referrals
from demo.faults import Kind
from handlers import schedule
from storage import erasures, outbox, responses, sending

ADMIN = "ingrid"


def test_an_alert_loses_the_account(db, settings):
    """The alert that an answer of a key account caused is over, and names the account no more."""
    chosen = replace(settings, alerts=replace(settings.alerts, key_accounts=("nordlys ab",)))
    alerts.sweep(db, chosen, NOW)
    intake.receive(db, settings, "json", a_response(), NOW + timedelta(hours=1))
    assert alerts.sweep(db, chosen, NOW + timedelta(hours=2)) == 1
    (task,) = [each for each in sending.take(db, NOW + timedelta(days=1), frozenset()) if each.message.kind == "alert"]
    sending.sent(db, task, "1.1", "C1", NOW)
    assert forget.forget(db, Subject(EMAIL), None, NOW).messages == 1
    assert db.value("select count(*) from alerts where over_at is not null and about <> 'Nordlys AB'") == 1


def test_a_message_on_its_way_is_put_again(db, settings):
    """A card that is being sent while its person is forgotten is put once more afterwards, without them."""
    intake.receive(db, settings, "json", a_response(), NOW)
    (task,) = sending.take(db, NOW, frozenset())
    assert forget.forget(db, Subject(EMAIL), None, NOW).messages == 1
    sending.sent(db, task, "1.1", "C1", NOW)
    (again,) = sending.take(db, NOW, frozenset())
    assert (again.message.id, again.message.ts) == (task.message.id, "1.1")


@pytest.fixture(name="ticking")
def _ticking(monkeypatch, quick) -> None:
    """Let the clock tick often, so that a command does not wait for it."""
    monkeypatch.setattr(schedule, "TICK_SECONDS", 0.5)


async def anna(running):
    """Let Anna answer, a colleague call her and others talk about it; return the card's ts."""
    ts = await a_card(running, score=10, respondent=ANNA, comment="Leveransen kom sent")
    assert (await log(running, "freja", ts, notes="Soffan saknar ben", referral_name="Bo Ek")).ok
    await eventually(lambda: "Soffan" in told(running.workspace.messages("#nps", ts)))
    await running.workspace.say("jonas", "#nps", "Anna Berg again", thread_ts=ts)
    return ts


async def test_beside_a_running_bot(start, workspace, settings, ticking):
    """The bot puts card and thread without them, empties file and log, and says where colleagues wrote themselves."""
    async with start() as running:
        ts = await anna(running)
        words, environment = command(settings, "forget", EMAIL, "--yes")
        done = await asyncio.create_subprocess_exec(
            *words, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, said = (text.decode() for text in await done.communicate())
        assert done.returncode == 0, said
        assert "Erased: 1 response, 1 call, 2 messages in Slack" in said
        assert "In Slack 2 messages put without them." in said
        (link,) = out.split()
        reply = next(m for m in workspace.messages("#nps", ts) if m["text"] == "Anna Berg again")
        assert f"/p{reply['ts'].replace('.', '')}?thread_ts={ts}" in link
        assert left(settings.database) == []
        await eventually(lambda: "have been erased" in told(workspace.messages("#nps")[0]))
        await eventually(lambda: "Soffan" not in told(workspace.messages("#nps", ts)))
        ours = told([m for m in workspace.messages("#nps", ts) if m["text"] != "Anna Berg again"])
        assert [trace for trace in TRACES if trace in ours] == []


async def test_while_slack_is_away(start, workspace, settings, ticking, monkeypatch):
    """What the running bot could not put yet is said to be on its way; without a bot it waits for one."""
    monkeypatch.setattr(forget, "PUT_WITHIN", 0.3)
    async with start() as running:
        await a_card(running, respondent=ANNA)
        workspace.faults.add(Kind.ERROR_500, "chat.update")
        erasure = await running.bot.store.run(forget.forget, Subject(EMAIL), None, datetime.now(UTC))
        running.bot.desk.outbox.wake()
        assert await asyncio.to_thread(forget.put, settings.database, erasure) == 1
    assert forget.put(settings.database, erasure) is None


@pytest.mark.parametrize("way", ["form", "button"])
async def test_an_admin_is_asked_again(start, workspace, settings, ticking, way):
    """In Slack a form names what it is about, and only its answer erases; the links come in a direct message."""
    async with start(admins=frozenset({"U0INGRID"})) as running:
        await anna(running)
        ack = await workspace.command(ADMIN, "#nps", "/nps", f"forget {EMAIL}")
        form = (await eventually(lambda: workspace.views(ADMIN)))[-1]
        for shown in (told(ack.body), told(form)):
            assert [word for word in ("1 answer", "1 call", "2 messages", "Erase") if word not in shown] == []
        assert "Leveransen" in told(workspace.messages("#nps"))
        if way == "form":
            assert (await workspace.submit(ADMIN, form["id"], {})).ok
            assert "1 response was erased" in told(workspace.views(ADMIN)[-1])
        else:
            listed = workspace.ephemerals(ADMIN)[-1]
            assert (await workspace.click(ADMIN, "#nps", listed["ts"], "forget_person")).ok
            await eventually(lambda: "1 response was erased" in told(workspace.ephemerals(ADMIN)))
        await eventually(lambda: "have been erased" in told(workspace.messages("#nps")[0]))
        (message,) = await eventually(lambda: direct(workspace, "U0INGRID"))
        assert "1 reply that a colleague wrote" in message["text"]
        assert "/archives/" in told(message)
        await eventually(lambda: left(settings.database) == [])


async def test_an_admin_who_is_none_any_more_is_told_so(start, workspace, quick):
    """A form without a field takes no errors, so whoever lost the right meanwhile reads it in the form's place."""
    async with start(admins=frozenset({"U0INGRID"})) as running:
        await anna(running)
        assert (await workspace.command(ADMIN, "#nps", "/nps", f"forget {EMAIL}")).ok
        form = (await eventually(lambda: workspace.views(ADMIN)))[-1]
        workspace.people.users["U0INGRID"] = replace(workspace.people.user(ADMIN), is_restricted=True)
        assert (await workspace.submit(ADMIN, form["id"], {})).ok
        assert "Only full members" in told(workspace.views(ADMIN)[-1])
        assert workspace.log == []


async def test_nobody_else_can(start, workspace, quick):
    """Who is no admin is refused at the command, and nothing opens."""
    async with start(admins=frozenset({"U0INGRID"})) as running:
        await anna(running)
        ack = await workspace.command("mikko", "#nps", "/nps", f"forget {EMAIL}")
        assert "npsbot forget" in told(ack.body)
        assert workspace.views("mikko") == []
        assert "erased" not in (await privately(workspace, "mikko"))


def test_replies_are_not_asked_for_forever(db, settings):
    """What has no thread in Slack is not looked for there; what has one waits for Slack's word."""
    number = erasures.add(db, NOW, actor=None, responses=1, messages=0, bodies=0, threads=[])
    other = erasures.add(db, NOW, actor="U1", responses=1, messages=1, bodies=0, threads=[("C1", "1.1")])
    erasures.scrubbed(db, [number, other], NOW)
    (waiting,) = forget.under_way(db)
    forget.replied(db, waiting, 1, [("C1", "1.2", "1.1")], NOW)
    assert forget.under_way(db) == []
    assert forget.links(db, [("C1", "1.2", "1.1")]) == ["C1 1.2"]
    assert db.value("select channel from messages where kind = 'erased'") == "U1"


def standing(db, settings, texts, now):
    """Return what each message that stands in Slack would say at a moment, by its id."""
    found = (
        outbox.message_of(db, row["kind"], row["subject"])
        for row in db.rows("select kind, subject from messages where ts is not null")
    )
    return {each.id: str(messages.render(db, each, settings, texts, now)) for each in found}


def test_every_message_that_showed_them_is_put(db, settings, texts):
    """Whatever kinds of messages told of somebody: each is put again, and none says it any more."""
    chosen = replace(
        settings,
        referrals=Referrals("#sales"),
        alerts=replace(settings.alerts, key_accounts=("nordlys ab",)),
    )
    alerts.sweep(db, chosen, NOW)
    intake.receive(db, chosen, "json", a_response(), NOW)
    for number in range(30):
        blank = {f"respondent_{name}": f"{name} {number}" for name in ("name", "email", "phone", "company")}
        intake.receive(db, chosen, "json", a_response(id=f"o-{number}", comment="Fine", **blank), NOW)
    first, now = responses.by_id(db, 1), NOW
    callbacks.assign(db, first.public_id, "ULEAD", "U1", NOW + timedelta(minutes=1), lead=True)
    callbacks.snooze(db, first.public_id, "U1", NOW + timedelta(hours=2), NOW + timedelta(minutes=2))
    for hours in (1, 3, 20, 30, 60, 90, 200):
        now = NOW + timedelta(hours=hours)
        reminders.sweep(db, chosen, now, {})
        alerts.sweep(db, chosen, now)
        digest.queue_all_due(db, chosen, now)
        _send_all(db, now)
    callbacks.log_call(db, chosen, first.public_id, call(caller="U1", at=now, next_step=NextStep.HAND_OVER))
    _send_all(db, now)
    before = {number for number, said in standing(db, chosen, texts, now).items() if "Anna Berg" in said}
    kinds = {row["kind"] for row in db.rows("select id, kind from messages") if row["kind"]}
    forget.forget(db, Subject(EMAIL), None, now)
    queued = {row["message_id"] for row in db.rows("select message_id from outbox")}
    assert before <= queued
    assert {"card", "call", "referral", "digest", "alert", "assigned", "round_up", "awake"} <= kinds
    after = standing(db, chosen, texts, now)
    assert [(number, trace) for number, said in after.items() for trace in TRACES if trace in said] == []


def _send_all(db, now):
    while taken := sending.take(db, now, frozenset()):
        for task in taken:
            sending.sent(db, task, f"1.{task.id}", "C1", now)
