"""Who is let in: full members of this workspace, each asked about at Slack; what cannot be confirmed is denied."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from bot import people
from bot.people import NotAllowed, NotAMember, People, Unconfirmed
from bot.slack import Identity, Unknown
from demo.faults import Kind
from demo.people import OTHER_TEAM_ID, TEAM_ID

US = Identity("U0NPSBOT00", "B0NPSBOT00", TEAM_ID, None, "http://havblikk.example/")
ORGANISATION = Identity("U0NPSBOT00", "B0NPSBOT00", TEAM_ID, "E0HAVBLIKK", "http://havblikk.example/")


@pytest.fixture(name="who")
def _who(slack):
    """Return the door's keeper of a workspace, and of an organisation's when it is given."""

    def who(identity=US):
        async def known():
            return identity

        async def place(_name):
            return "C0NPS"

        return People(slack, known, place)

    return who


def asked(workspace, method):
    """Return how often a method was called, by the workspace's own count."""
    return workspace.rates._windows.get(method, (0, 0))[1]


async def test_members_are_let_in(workspace, who):
    """A full member acts, and is asked about each time: a guest of a moment ago is one no more, and the reverse."""
    door = who()
    for _ in range(3):
        await door.admit("U0INGRID", TEAM_ID)
    assert asked(workspace, "users.info") == 3
    workspace.users["U0INGRID"] = workspace.add_user("ingrid2", "Ingrid", id="U0INGRID", is_restricted=True)
    with pytest.raises(NotAllowed):
        await door.admit("U0INGRID", TEAM_ID)


async def test_a_yes_stands_while_slack_is_too_busy(workspace, who, monkeypatch):
    """While Slack asks for fewer calls, whoever was confirmed minutes ago goes on; nobody else does."""
    door = who()
    await door.admit("U0INGRID", TEAM_ID)
    await door.may_see("U0INGRID", "#nps")
    workspace.faults.add(Kind.LIMIT, retry_after="30")
    await door.admit("U0INGRID", TEAM_ID)
    await door.may_see("U0INGRID", "#nps")
    with pytest.raises(Unconfirmed):
        await door.admit("U0MIKKO", TEAM_ID)
    monkeypatch.setattr(people.time, "monotonic", lambda: people.REMEMBERED + 1e9)
    with pytest.raises(Unconfirmed):
        await door.admit("U0INGRID", TEAM_ID)


async def test_a_no_is_asked_again(workspace, who):
    """Whoever was refused is let in as soon as Slack says that they are full members."""
    door = who()
    workspace.add_user("nora", "Nora Vik", is_restricted=True)
    with pytest.raises(NotAllowed):
        await door.admit("U0NORA", TEAM_ID)
    workspace.users["U0NORA"] = workspace.add_user("nora2", "Nora Vik", id="U0NORA")
    await door.admit("U0NORA", TEAM_ID)


@pytest.mark.parametrize(
    "flags",
    [
        {"is_bot": True},
        {"deleted": True},
        {"is_stranger": True},
        {"is_restricted": True},
        {"is_restricted": True, "is_ultra_restricted": True},
        {"team_id": OTHER_TEAM_ID},
    ],
    ids=str,
)
@pytest.mark.parametrize("identity", [US, ORGANISATION], ids=["workspace", "organisation"])
async def test_others_are_not(workspace, who, flags, identity):
    """Bots, people who left, guests, and people of other organisations are refused, each time anew."""
    workspace.add_user("other", "Other", **flags)
    door = who(identity)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            await door.admit("U0OTHER", flags.get("team_id", TEAM_ID))
    assert asked(workspace, "users.info") == 2


async def test_where_somebody_clicked_counts(who):
    """What Slack says of the person must fit what it says of the click."""
    with pytest.raises(NotAllowed):
        await who().admit("U0INGRID", OTHER_TEAM_ID)


async def test_colleagues_of_the_organisation(slack, monkeypatch):
    """In an organisation with several workspaces, colleagues of its others act; those of other organisations do not."""

    async def known():
        return ORGANISATION

    async def told(_user):
        return {"id": "U1", "team_id": "T0OTHER", "enterprise_user": {"enterprise_id": organisation}}

    monkeypatch.setattr(slack, "user", told)
    door = People(slack, known, known)
    organisation = "E0HAVBLIKK"
    await door.admit("U1", "T0OTHER")
    organisation = "E0FIRTHBAY"
    with pytest.raises(NotAllowed):
        await door.admit("U2", "T0OTHER")


@pytest.mark.parametrize(
    "fault",
    [
        (Kind.HANG, {}),
        (Kind.CUT_BEFORE, {}),
        (Kind.ERROR_500, {}),
        (Kind.HTML, {}),
        (Kind.LIMIT, {"retry_after": "0"}),
        (Kind.ERROR, {"error": "user_not_found"}),
        (Kind.ERROR, {"error": "missing_scope"}),
    ],
    ids=str,
)
async def test_who_cannot_be_confirmed(workspace, who, fault, monkeypatch):
    """Where Slack does not say who somebody is they can do nothing, and learn it well within three seconds."""
    assert 2 * people.ANSWER_WITHIN < 3
    monkeypatch.setattr(people, "ANSWER_WITHIN", 0.2 if fault[0] is Kind.HANG else 20.0)
    kind, more = fault
    door, began = who(), time.monotonic()
    workspace.faults.add(kind, **more)
    with pytest.raises(Unconfirmed):
        await door.admit("U0INGRID", TEAM_ID)
    with pytest.raises(Unconfirmed):
        await door.may_see("U0INGRID", "#nps")
    assert await door.name("U0INGRID") is None
    assert time.monotonic() - began < 3
    workspace.faults.clear()
    monkeypatch.setattr(people, "ANSWER_WITHIN", 20.0)
    await door.admit("U0INGRID", TEAM_ID)
    await door.may_see("U0INGRID", "#nps")
    assert await door.name("U0INGRID") == "Ingrid Solberg"


async def test_nobody_is_let_in_before_we_know_who_we_are(slack):
    """As long as Slack has not said whose token this is, nobody is confirmed."""

    async def unknown():
        raise Unknown("no answer", answered=False)

    with pytest.raises(Unconfirmed):
        await People(slack, unknown, unknown).admit("U0INGRID", TEAM_ID)


async def test_members_of_the_channel_see_customers(workspace, who):
    """Members of the cards' channel see customers; whoever joins does at once, whoever leaves no more."""
    door = who()
    workspace.add_user("nora", "Nora Vik")
    with pytest.raises(NotAMember) as caught:
        await door.may_see("U0NORA", "#nps")
    assert caught.value.values == {"channel": "#nps"}
    workspace.join("nora", "#nps")
    await door.may_see("U0NORA", "#nps")
    workspace.leave("nora", "#nps")
    await door.may_see("U0INGRID", "#nps")
    with pytest.raises(NotAMember):
        await door.may_see("U0NORA", "#nps")


async def test_who_acts_is_known_for_a_minute(workspace, who, monkeypatch):
    """For acting, a member of a minute ago is one still, and no longer; who joins is one at once; looks are live."""
    door = who()
    assert not door.knows("U0FREJA", "#nps")
    await door.may_see("U0FREJA", "#nps")
    workspace.leave("freja", "#nps")
    assert door.knows("U0FREJA", "#nps")
    workspace.add_user("nora", "Nora Vik")
    workspace.join("nora", "#nps")
    assert not door.knows("U0NORA", "#nps")
    await door.may_see("U0NORA", "#nps")
    assert not door.knows("U0FREJA", "#nps")
    with pytest.raises(NotAMember):
        await door.may_see("U0FREJA", "#nps")
    clock = people.time.monotonic() + people.KNOWN_FOR + 1
    monkeypatch.setattr(people, "time", SimpleNamespace(monotonic=lambda: clock))
    assert not door.knows("U0NORA", "#nps")


async def test_a_channel_that_is_lost(workspace, who):
    """A channel that the bot is in no more is nobody's to see, and takes the others from nobody."""
    channels = {"#nps": "C0NPS", "#gone": "C0GONE"}

    async def place(name):
        return channels[name]

    door = who()
    door._place = place
    assert await door.seen("U0INGRID", channels) == {"#nps"}
    with pytest.raises(Unconfirmed):
        await door.seen("U0INGRID", ["#gone"])


async def test_a_channel_of_many(workspace, who):
    """All pages of a channel's members are read."""
    for number in range(1_100):
        workspace.channels["C0NPS"].members.add(f"U1{number:04}")
    await who().may_see("U11099", "#nps")
