"""Who may do what: every request there is, for everyone there is; live for admins, failing closed."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from acting import a_card, card, everything, form, on_disk, privately, told
from conftest import eventually
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp

from bot import people
from bot.app import Bot
from bot.cards.ids import Action, Menu, View
from bot.config import SettingError, load
from bot.model import Refusal
from bot.people import NotAllowed, NotAMember, Unconfirmed
from bot.settings.roles import ActorsOnly, AdminsOnly, LeadsOnly, Role, Roles
from demo.faults import Kind
from demo.people import TEAM_ID
from handlers import rights
from handlers.commands import ANSWERS

ROLES = Roles(act=frozenset({"S0CX", "U0NORA"}), lead=frozenset({"U0MIKKO"}), admin=frozenset({"U0INGRID"}))
HELD = {"U0FREJA": Role.ACT, "U0NORA": Role.ACT, "U0MIKKO": Role.LEAD, "U0INGRID": Role.ADMIN, "U0JONAS": None}
"""Freja acts as one of a group; Nora may act and is not in the cards' channel; Jonas is a colleague without a role."""
REFUSALS = {Role.ACT: ActorsOnly, Role.LEAD: LeadsOnly, Role.ADMIN: AdminsOnly}
ROW = "response:"


@pytest.fixture(name="registered", scope="module")
def _registered(tmp_path_factory):
    """Return all that the app listens to by name, put together as at work."""
    heard = {kind: set() for kind in ("action", "view", "shortcut", "global_shortcut", "message_shortcut", "options")}
    patch = pytest.MonkeyPatch()

    def telling(listen, names):
        def told_of(app, name):
            names.update({str(name)} if isinstance(name, str) else set())
            return listen(app, name)

        return told_of

    for kind, names in heard.items():
        patch.setattr(AsyncApp, kind, telling(getattr(AsyncApp, kind), names))
    path = tmp_path_factory.mktemp("roles") / "npsbot.db"
    settings = load({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "NPSBOT_DATABASE": str(path)})
    Bot(settings).store.close()
    patch.undo()
    return heard


def test_every_request_is_in_the_table(registered):
    """Whatever is listened to has its line in the table of rights, and the table has no line for anything else."""
    assert registered["action"] == set(rights.ACTIONS) | {Action.MENU}
    assert registered["view"] == set(rights.VIEWS)
    shortcuts = registered["shortcut"] | registered["global_shortcut"] | registered["message_shortcut"]
    assert shortcuts == set(rights.SHORTCUTS)
    assert registered["options"] == set()
    assert set(rights.MENU) == set(Menu)
    assert set(rights.COMMANDS) == set(ANSWERS)


def test_what_is_the_admins_alone():
    """Exporting and forgetting are an admin's, wherever they are asked for; nothing else is."""
    tables = (rights.ACTIONS, rights.MENU, rights.VIEWS, rights.SHORTCUTS, rights.COMMANDS)
    admins = {name for table in tables for name, need in table.items() if need.role is Role.ADMIN}
    assert admins == {Action.FORGET, View.FORGET, "export", "forget"}


def test_what_changes_a_callback_is_done_by_those_who_act_on_its_card():
    """Every move asks for the role and for the card's own channel."""
    moves = [rights.ACTIONS[name] for name in (Action.CLAIM, Action.RELEASE, Action.REOPEN, Action.LOG_CALL)]
    moves += [rights.MENU[item] for item in Menu if item is not Menu.HISTORY]
    moves += [rights.VIEWS[view] for view in (View.LOG_CALL, View.ASSIGN, View.SNOOZE, View.DISMISS)]
    assert all(need.card and need.role is Role.ACT for need in moves)


def bodies(about):
    """Return what Slack sends for each request there is, about a response where it is about one."""
    click = {"type": "block_actions", "actions": [{"action_id": "", "block_id": f"{ROW}{about}", "value": about}]}
    for name, need in rights.ACTIONS.items():
        yield name, need, click | {"actions": [click["actions"][0] | {"action_id": str(name)}]}
    for item, need in rights.MENU.items():
        chosen = {"action_id": "callback_menu", "block_id": f"{ROW}{about}", "selected_option": {"value": str(item)}}
        yield item, need, {"type": "block_actions", "actions": [chosen]}
    for view, need in rights.VIEWS.items():
        form_of = {"callback_id": str(view), "private_metadata": f"{about} open:"}
        yield view, need, {"type": "view_submission", "view": form_of}
    for name, need in rights.SHORTCUTS.items():
        yield name, need, {"type": "shortcut", "callback_id": str(name)}
    for word, need in rights.COMMANDS.items():
        yield word, need, {"command": "/nps", "text": f"{word.upper()} Anna"}


@pytest.fixture(name="guarded")
async def _guarded(start, workspace, quick):
    """A bot with all roles given, and the card of a response."""
    workspace.people.add_group("cx", ["freja"])
    workspace.add_user("nora", "Nora Vik")
    async with start(roles=ROLES) as running:
        await a_card(running)
        yield running


@pytest.mark.parametrize("user", [*HELD, "U0PETRA", "U0LIAM"])
async def test_everyone_asks_for_everything(guarded, user):
    """Each request of each person is let through, or refused for the reason that holds: the matrix, generated."""
    about = card(guarded.workspace)["metadata"]["event_payload"]["response_id"]
    role = HELD.get(user)
    for name, need, body in bodies(about):
        asked = rights.asked(body)
        assert asked.need == need, name
        expected = None
        if user not in HELD:
            expected = NotAllowed
        elif need.role is not None and (role is None or role < need.role):
            expected = REFUSALS[need.role]
        elif need.card and user == "U0NORA":
            expected = NotAMember
        if expected is None:
            assert (await rights.let_in(guarded.bot.desk, user, TEAM_ID, asked)).id == user, name
        else:
            with pytest.raises(expected):
                await rights.let_in(guarded.bot.desk, user, TEAM_ID, asked)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "actions": [{"action_id": "not_thought_of", "value": "r_1"}]},
        {"type": "block_actions", "actions": [{"action_id": "callback_menu", "selected_option": {"value": "erase"}}]},
        {"type": "block_suggestion", "action_id": "claim"},
        {"type": "view_submission", "view": {"callback_id": "not_thought_of"}},
        {"type": "message_action", "callback_id": "not_thought_of"},
        {"type": "something_new"},
        {},
    ],
    ids=str,
)
async def test_what_nobody_thought_of_is_done_for_nobody(guarded, body):
    """A request that is not in the table is refused to everyone, to admins as well."""
    with pytest.raises(Refusal):
        await rights.let_in(guarded.bot.desk, "U0INGRID", TEAM_ID, rights.asked(body))


async def test_a_colleague_without_a_role(guarded, workspace):
    """Where it is said who acts, others read the card and can do nothing to it, whatever they press."""
    ts, before = card(workspace)["ts"], everything(guarded)
    for number, value in enumerate((None, "assign", "snooze", "dismiss"), start=1):
        action = "claim_callback" if value is None else "callback_menu"
        assert (await workspace.click("jonas", "#nps", ts, action, value=value)).ok
        shown = await eventually(lambda number=number: workspace.ephemerals("jonas")[number - 1 :])
        assert "only some colleagues" in shown[0]["text"]
    assert workspace.views("jonas") == []
    assert "only some colleagues" in (await workspace.command("jonas", "#nps", "/nps", "queue")).body["text"]
    assert everything(guarded) == before
    assert (await form(guarded, "jonas", ts, "callback_menu", value="history"))["callback_id"] == View.HISTORY


async def test_who_is_not_in_the_cards_channel(guarded, workspace):
    """Whoever may act, and is not in the channel of the card, does so from the moment they join it."""
    ts = card(workspace)["ts"]
    assert (await workspace.click("nora", "#nps", ts, "claim_callback")).ok
    assert "#nps" in await privately(workspace, "nora")
    assert on_disk(guarded)[0]["state"] == "open"
    workspace.join("nora", "#nps")
    await workspace.click("nora", "#nps", ts, "claim_callback")
    assert on_disk(guarded)[0]["holder"] == "U0NORA"


async def test_a_refusal_is_in_the_language_of_whoever_is_refused(guarded, workspace):
    """A colleague who has no role learns it in their own language."""
    workspace.add_user("alma", "Alma Ek", locale="sv-SE")
    workspace.join("alma", "#nps")
    await workspace.click("alma", "#nps", card(workspace)["ts"], "claim_callback")
    assert "bara vissa kollegor" in await privately(workspace, "alma")
    assert on_disk(guarded)[0]["state"] == "open"


async def test_only_leads_take_from_others(guarded, workspace):
    """Who acts takes what is free and passes on what is theirs; a lead gives everything to those who may act."""
    ts = card(workspace)["ts"]
    view = await form(guarded, "freja", ts, "callback_menu", value="assign")
    ack = await workspace.submit("freja", view["id"], {"assignee": "U0MIKKO"})
    assert "Only a lead" in ack.errors["assignee"]
    assert on_disk(guarded)[0]["state"] == "open"
    assert (await workspace.submit("freja", view["id"], {"assignee": "U0FREJA"})).errors == {}
    assert on_disk(guarded)[0]["holder"] == "U0FREJA"
    view = await form(guarded, "mikko", ts, "callback_menu", value="assign")
    for nobody in ("U0JONAS", "U0PETRA", "U0NORA"):
        ack = await workspace.submit("mikko", view["id"], {"assignee": nobody, "comment": "She is away"})
        assert "Choose another colleague" in ack.errors["assignee"]
    assert (await workspace.submit("mikko", view["id"], {"assignee": "U0INGRID", "comment": "Away"})).errors == {}
    assert on_disk(guarded)[0]["holder"] == "U0INGRID"


@pytest.fixture(name="door")
async def _door(guarded):
    return guarded.bot.desk.people


async def test_a_group_is_known_for_a_minute(door, workspace, monkeypatch):
    """Who leaves a group acts for a minute at most; who joins acts at once; an admin's group is asked each time."""
    monkeypatch.setattr(door, "_roles", replace(ROLES, admin=frozenset({"S0CX"})))
    await door.must_be("U0FREJA", Role.ACT)
    await door.must_be("U0FREJA", Role.ADMIN)
    workspace.people.groups["S0CX"] = {"U0JONAS"}
    await door.must_be("U0JONAS", Role.ACT)
    with pytest.raises(AdminsOnly):
        await door.must_be("U0FREJA", Role.ADMIN)
    await door.must_be("U0JONAS", Role.ADMIN)
    workspace.people.groups["S0CX"] = {"U0FREJA"}
    await door.must_be("U0JONAS", Role.ACT)
    with pytest.raises(AdminsOnly):
        await door.must_be("U0JONAS", Role.ADMIN)
    workspace.people.groups["S0CX"] = set()
    clock = people.time.monotonic()
    monkeypatch.setattr(people.time, "monotonic", lambda: clock + people.KNOWN_FOR + 1)
    with pytest.raises(ActorsOnly):
        await door.must_be("U0JONAS", Role.ACT)


async def test_members_of_a_channel_are_asked_about_once_a_minute(start, workspace, quick, monkeypatch):
    """Who clicks in a channel is in it for a minute after Slack has said so; then Slack is asked again."""
    asked = []
    async with start() as running:
        members = running.bot.slack.members

        async def counted(channel):
            asked.append(channel)
            return await members(channel)

        monkeypatch.setattr(running.bot.slack, "members", counted)
        await running.deliver({"id": "r-1", "score": 3})

        async def click(action):
            ts = (await eventually(lambda: action in str(workspace.messages("#nps")) and card(workspace)))["ts"]
            assert (await workspace.click("freja", "#nps", ts, action)).ok

        for action in ("claim_callback", "release_callback", "claim_callback"):
            await click(action)
        assert len(asked) == 1
        workspace.leave("freja", "#nps")
        before = everything(running)
        clock = time.monotonic() + people.KNOWN_FOR + 1
        monkeypatch.setattr(people, "time", SimpleNamespace(monotonic=lambda: clock))
        await click("release_callback")
        assert (len(asked), everything(running)) == (2, before)


async def test_one_of_several_groups_is_enough(door, workspace, monkeypatch):
    """Whoever is in one of the groups acts; the others are not asked about again for it, nor do their faults matter."""
    workspace.people.add_group("sales", ["jonas"])
    monkeypatch.setattr(door, "_roles", Roles(act=frozenset({"S0CX", "S0SALES", "S0GONE"})))
    asked, ask = [], door._slack.group

    async def counted(group):
        asked.append(group)
        return await ask(group)

    monkeypatch.setattr(door._slack, "group", counted)
    for _ in range(5):
        await door.must_be("U0JONAS", Role.ACT)
        await door.must_be("U0FREJA", Role.ACT)
    assert sorted(asked) == ["S0CX", "S0GONE", "S0SALES"]
    with pytest.raises(Unconfirmed):
        await door.must_be("U0MIKKO", Role.ACT)


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.ERROR_500, Kind.CUT_BEFORE])
async def test_an_admin_who_cannot_be_confirmed_is_none(door, workspace, monkeypatch, kind):
    """What Slack does not say just now about a group or a person gives nobody an admin's rights, whatever it said."""
    monkeypatch.setattr(door, "_roles", Roles(admin=frozenset({"S0CX"})))
    await door.must_be("U0FREJA", Role.ADMIN)
    await door.admit("U0FREJA", TEAM_ID, live=True)
    workspace.faults.add(kind, retry_after="30") if kind is Kind.LIMIT else workspace.faults.add(kind)
    with pytest.raises(Unconfirmed):
        await door.must_be("U0FREJA", Role.ADMIN)
    with pytest.raises(Unconfirmed):
        await door.admit("U0FREJA", TEAM_ID, live=True)
    assert not await door.leads("U0NORA") or door._roles.named(Role.LEAD) is None


async def test_a_group_that_is_gone(door, monkeypatch):
    """A group that Slack does not know gives nobody any right; those who are named themselves keep theirs."""
    monkeypatch.setattr(door, "_roles", Roles(lead=frozenset({"S0GONE", "U0MIKKO"})))
    assert await door.leads("U0MIKKO")
    assert not await door.leads("U0FREJA")


async def test_without_configuration(running, workspace):
    """With nothing configured every member of the card's channel acts and leads, and nobody exports or forgets."""
    ts = await a_card(running)
    await workspace.click("mikko", "#nps", ts, "claim_callback")
    view = await form(running, "jonas", ts, "callback_menu", value="assign")
    assert (await workspace.submit("jonas", view["id"], {"assignee": "U0FREJA", "comment": "Away"})).errors == {}
    assert on_disk(running)[0]["holder"] == "U0FREJA"
    for text in ("export", "forget anna@nordlys.example"):
        ack = await workspace.command("ingrid", "#nps", "/nps", text)
        assert f"npsbot {text}" in told(ack.body)


IDS = st.frozensets(st.sampled_from(["U01", "U02", "U03", "S01"]))


@given(roles=st.builds(Roles, act=IDS, lead=IDS, admin=IDS))
def test_higher_roles_have_the_lower_ones(roles):
    """Whoever is admin leads, whoever leads acts; without names everyone acts and leads, nobody is admin."""
    act, lead, admin = (roles.named(role) for role in Role)
    assert admin == roles.admin
    assert (act is None) == (not roles.act)
    assert (lead is None) == (not roles.lead and not roles.act)
    if lead is not None:
        assert admin <= lead
    if act is not None:
        assert lead <= act | roles.lead | roles.admin
        assert roles.act | roles.lead | roles.admin == act


@pytest.mark.parametrize(
    "toml",
    [
        "roles = 7",
        'roles = ["U024BE7LH"]',
        '[roles]\nact = "U024BE7LH"',
        '[roles]\nact = ["ingrid"]',
        '[roles]\nact = ["#nps"]',
        "[roles]\nact = [7]",
        '[roles]\nboss = ["U024BE7LH"]',
    ],
)
def test_a_wrong_role(tmp_path, toml):
    """A role that is no list of ids stops the start with one sentence."""
    (tmp_path / "npsbot.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(SettingError, match=r"^roles[^\n]*npsbot.toml is .*act"):
        load({})


def test_roles_are_read(tmp_path):
    """The table and the older list of admins stand side by side."""
    toml = 'admins = ["U01"]\n[roles]\nact = ["S0CX"]\nlead = ["U02", "S0LEADS"]\nadmin = ["U03"]\n'
    (tmp_path / "npsbot.toml").write_text(toml, encoding="utf-8")
    found = load({}).rights
    assert found.named(Role.ADMIN) == {"U01", "U03"}
    assert found.named(Role.LEAD) == {"U01", "U02", "U03", "S0LEADS"}
    assert found.groups == ["S0CX", "S0LEADS"]
