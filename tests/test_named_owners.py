"""Whom a rule names for a callback: it is theirs, and they hear of it, only when they may act on its card."""

from __future__ import annotations

from datetime import timedelta

import pytest
from acting import a_card, card, direct, on_disk, told
from conftest import NOW, eventually
from queued import drained

from bot.settings.roles import Roles
from bot.settings.routes import OWNER, Route, Routing, folded
from demo.faults import Kind
from demo.people import OTHER_TEAM_ID
from handlers import schedule
from storage import owners
from storage.db import stamp

DAY = timedelta(days=1)
STRANGERS = {
    "U0GUEST": {"is_restricted": True},
    "U0STRANGER": {"is_stranger": True, "team_id": OTHER_TEAM_ID},
    "U0ROBOT": {"is_bot": True},
    "U0LEFT": {"deleted": True},
    "U0NORA": {},
    "U0NOBODY": None,
}
"""Who cannot act on a card of the default channel; Nora is a colleague who is not in it, the last is nobody's id."""


async def settled(running):
    """Wait until nobody who was named is still to be asked about."""
    await eventually(lambda: not on_disk(running, "select * from wished_owners"))
    await drained(running)


@pytest.mark.parametrize("user", STRANGERS)
@pytest.mark.parametrize("way", ["property", "company", "fixed"])
async def test_whoever_cannot_act_gets_nothing(start, workspace, quick, user, way):
    """Whoever may not act on the card is neither given its callback nor told of it, however they were named."""
    if STRANGERS[user] is not None:
        workspace.add_user(user.lower(), "Other", id=user, **STRANGERS[user])
    if way != "fixed" and STRANGERS[user] is not None and user != "U0NORA":
        workspace.join(user, "#nps")
    route = Route(1, {}, assign=user if way == "fixed" else OWNER, mention=True)
    async with start(routes=(route,), routing=Routing("account_owner")) as running:
        if way == "company":
            await running.bot.store.run(owners.put, folded("Nordlys AB"), "Nordlys AB", user)
        named = {"properties": {"account_owner": user}} if way == "property" else {}
        ts = await a_card(running, **named)
        await settled(running)
        (callback,) = on_disk(running)
        assert (callback["state"], callback["holder"]) == ("open", None)
        assert on_disk(running, "select kind from messages where kind <> 'card'") == []
        assert (direct(workspace, user), workspace.messages("#nps", ts)) == ([], [])
        actions = [(row["action"], row["details"]) for row in on_disk(running, "select * from history")]
        assert actions == [("opened", "{}"), ("not_given", f'{{"to": "{user}"}}')]
        assert (await workspace.click("ingrid", "#nps", ts, "callback_menu", value="history")).ok
        (view,) = await eventually(lambda: workspace.views("ingrid"))
        assert f"<@{user}> was named for it, but could not take it" in told(view)


async def test_whoever_has_not_the_role_gets_nothing(start, workspace, quick):
    """Where acting is kept to some, a colleague without that role is not given a callback by a rule."""
    roles = Roles(act=frozenset({"U0INGRID"}))
    async with start(routes=(Route(1, {}, assign="U0FREJA"),), roles=roles) as running:
        await a_card(running)
        await settled(running)
        assert on_disk(running)[0]["state"] == "open"
        assert direct(workspace, "U0FREJA") == []


async def test_an_owner_is_asked_about_until_slack_answers(start, workspace, quick):
    """While Slack does not tell of a named person nothing is decided; after a restart they are asked about again."""
    routes = (Route(1, {}, assign="U0FREJA"),)
    workspace.faults.add(Kind.ERROR_500, "users.info")
    async with start(routes=routes) as running:
        await a_card(running)
        await eventually(lambda: on_disk(running, "select * from wished_owners where asked_at is not null"))
        assert on_disk(running)[0]["state"] == "open"
    workspace.faults.clear()
    async with start(routes=routes) as running:
        await settled(running)
        (message,) = await eventually(lambda: direct(workspace, "U0FREJA"))
        assert "gave you the callback" in message["text"]
        assert on_disk(running)[0]["holder"] == "U0FREJA"
        await eventually(lambda: "Claimed" in card(workspace)["text"])
        for _ in range(2):
            await schedule.tick(running.bot.desk)
        await drained(running)
        assert len(direct(workspace, "U0FREJA")) == 1


async def test_an_owner_is_not_asked_about_for_ever(start, workspace, quick):
    """Whom Slack did not confirm within a day is not given the callback any more."""
    workspace.faults.add(Kind.ERROR_500, "users.info")
    async with start(routes=(Route(1, {}, assign="U0FREJA"),)) as running:
        await a_card(running)
        await eventually(lambda: on_disk(running, "select * from wished_owners where asked_at is not null"))
        await running.bot.store.run(lambda db: db.execute("update wished_owners set since = :at", at=stamp(NOW - DAY)))
        await schedule.tick(running.bot.desk)
        assert on_disk(running, "select * from wished_owners") == []
        assert on_disk(running, "select * from history")[-1]["action"] == "not_given"
        assert on_disk(running)[0]["state"] == "open"
