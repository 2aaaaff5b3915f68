"""What the bot writes to one person: in their own language, with a link to the card it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from acting import a_card, direct, form, on_disk, shows, told
from conftest import NOW, a_response, eventually

from bot import callbacks
from bot.intake import receive
from bot.reminders import sweep
from bot.settings.routes import Route
from bot.texts import table
from demo.faults import Kind
from storage import outbox, sending

LINK = "/archives/C0NPS/p"


@pytest.fixture(name="freja", autouse=True)
def _freja(workspace):
    """Let Freja read Swedish, in Helsinki's time."""
    workspace.users["U0FREJA"] = replace(workspace.users["U0FREJA"], locale="sv-SE", tz="Europe/Helsinki")


async def given_to(running, workspace, user="U0FREJA"):
    """Let Ingrid give a new card's callback to somebody; return the card's ts."""
    ts = await a_card(running)
    view = await form(running, "ingrid", ts, "callback_menu", value="assign")
    assert (await workspace.submit("ingrid", view["id"], {"assignee": user})).errors == {}
    return ts


async def test_what_one_person_is_told_is_in_their_language(running, workspace):
    """An assignment reads in the language of who gets it, also of somebody who has never asked the bot for anything."""
    ts = await given_to(running, workspace)
    (message,) = await eventually(lambda: direct(workspace, "U0FREJA"))
    assert "har tilldelat dig" in message["text"]
    assert f'{LINK}{ts.replace(".", "")}"' in told(message["blocks"])
    assert "Claimed" in (await shows(workspace, "Claimed"))["text"]


async def test_reminders_are_in_the_language_of_their_holder(running, workspace):
    """What is told of many at once, and what time brings back, speaks to its holder, too."""
    await given_to(running, workspace)
    await eventually(lambda: len(direct(workspace, "U0FREJA")) == 1)

    def time_passes(db):
        past = "update callbacks set claimed_at = '2026-01-01T00:00:00.000000Z', due_at = '2026-01-02T00:00:00.000000Z'"
        db.execute(f"{past}, snoozed_until = '2026-01-01T09:00:00.000000Z'")
        return sweep(db, running.bot.settings, NOW + timedelta(hours=2))

    await running.bot.store.run(time_passes)
    running.bot.outbox.wake()
    messages = await eventually(lambda: len(found := direct(workspace, "U0FREJA")) >= 3 and found)
    words = table("sv")
    assert words["round_up.due_soon"]["one"].format(n=1) in told(messages)
    assert words["note.awake"].partition("{")[0] in told(messages)
    assert all(LINK in told(message["blocks"]) for message in messages)


async def test_it_goes_out_while_slack_does_not_tell_who_reads(running, workspace):
    """Somebody of whom Slack does not tell just now is told in the team's language, once."""
    ts = await a_card(running)
    card = on_disk(running, "select public_id from responses")[0]["public_id"]
    workspace.faults.add(Kind.ERROR_500, "users.info")
    await running.bot.desk.change(callbacks.assign, card, "U0INGRID", "U0FREJA", NOW, lead=True)
    (message,) = await eventually(lambda: direct(workspace, "U0FREJA"))
    assert "gave you the callback" in message["text"]
    assert ts.replace(".", "") in told(message["blocks"])


async def test_slack_is_asked_once_an_hour(running, workspace):
    """However much one person is told, Slack is asked about them once."""
    people = running.bot.desk.people
    for _ in range(5):
        assert (await people.person("U0FREJA")).locale == "sv-SE"
    assert (await people.admit("U0MIKKO")).locale == (await people.person("U0MIKKO")).locale
    asked = [entry for entry in workspace.log if "users.info" in str(entry)]
    assert len(asked) <= 2


async def test_a_doubtful_message_is_found_whatever_language_it_has(running, workspace):
    """A message to one person whose fate is unknown is found again and not sent in another language."""
    ts = await a_card(running)
    card = on_disk(running, "select public_id from responses")[0]["public_id"]
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage", count=1)
    await running.bot.desk.change(callbacks.assign, card, "U0INGRID", "U0FREJA", NOW, lead=True)
    await eventually(lambda: on_disk(running, "select 1 from outbox where state = 'unknown'"))
    workspace.users["U0FREJA"] = replace(workspace.users["U0FREJA"], locale="da-DK")
    running.bot.desk.people._told.clear()
    await eventually(lambda: not on_disk(running, "select 1 from outbox"))
    (message,) = direct(workspace, "U0FREJA")
    assert "har tilldelat dig" in message["text"]
    assert ts


async def test_whoever_is_given_one_at_once_has_its_link(start, workspace, quick):
    """What a rule gives away on receipt is told once its card stands, so that it can be opened from there."""
    async with start(routes=(Route(1, {}, assign="U0FREJA"),)) as running:
        workspace.faults.add(Kind.LIMIT, "chat.postMessage", count=1, retry_after="1")
        ts = await a_card(running)
        (message,) = await eventually(lambda: direct(workspace, "U0FREJA"))
        assert f'{LINK}{ts.replace(".", "")}"' in told(message["blocks"])


def test_what_links_to_a_card_waits_for_it(db, settings):
    """A message that links to a card is taken when the card stands, or when it was given up."""
    for number, end in enumerate(("sent", "fail")):
        receive(db, settings, "json", a_response(id=f"r-{number}", respondent_email=None, respondent_id=None), NOW)
        (card,) = sending.take(db, NOW, frozenset())
        waiting = outbox.put(db, "assigned", number, "U0FREJA", NOW, waits_for=card.message.id)
        assert sending.take(db, NOW, frozenset()) == []
        if end == "sent":
            sending.sent(db, card, "1.1", "C0NPS", NOW)
        else:
            sending.fail(db, card, "too long")
        (task,) = sending.take(db, NOW + timedelta(seconds=1), frozenset())
        assert task.message.id == waiting
        sending.sent(db, task, "2.1", "D0FREJA", NOW)
