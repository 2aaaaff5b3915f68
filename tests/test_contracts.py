"""What must agree: buttons and listeners, methods and scopes, settings and README, manifest and code, runs of tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
import yaml
from conftest import ROOT
from slack_bolt.async_app import AsyncApp

from bot.app import Bot
from bot.cards.ids import COMMAND, Action, Event, Menu, Shortcut, View
from bot.config import ENVIRONMENT
from bot.slack import SCOPES
from bot.texts import LANGUAGES, table
from demo.state import SHORTCUTS
from handlers.commands import ANSWERS

HISTORY = {"channels:history", "groups:history", "im:history"}
READ = {"channels:read", "groups:read"}
SCOPES_OF = {
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": HISTORY,
    "conversations.info": READ,
    "conversations.list": READ,
    "conversations.members": READ,
    "conversations.open": {"im:write"},
    "conversations.replies": HISTORY,
    "usergroups.users.list": {"usergroups:read"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
"""What Slack asks for each method, in public and private channels and direct conversations."""


@pytest.fixture(name="manifest", scope="module")
def _manifest():
    return yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))


@pytest.fixture(name="heard")
def _heard(settings, monkeypatch):
    """Return what the app listens to by name, put together as at work: actions, views, commands, events."""
    heard = {kind: set() for kind in ("action", "view", "command", "shortcut", "event")}

    def telling(listen, names):
        def told(app, name):
            names.update({str(name)} if isinstance(name, str) else set())
            return listen(app, name)

        return told

    for kind, names in heard.items():
        monkeypatch.setattr(AsyncApp, kind, telling(getattr(AsyncApp, kind), names))
    Bot(settings).store.close()
    return heard


def golden():
    """Return all that the golden files hold."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "tests" / "golden").glob("*.json")]


def action_ids(shown):
    """Return the action_ids of what acts at once; the elements of inputs answer with their form."""
    if isinstance(shown, list):
        return {name for each in shown for name in action_ids(each)}
    if not isinstance(shown, dict) or shown.get("type") == "input":
        return set()
    here = {shown["action_id"]} if "action_id" in shown else set()
    return here | {name for value in shown.values() for name in action_ids(value)}


def methods(*, called):
    """Return the methods that bot.slack calls, or those that it names for its figures."""
    code = (ROOT / "bot" / "slack" / "__init__.py").read_text(encoding="utf-8")
    if called:
        names = re.findall(r"self\.client\.([a-z]+_\w+)", code)
        return {name.replace("_", ".", 2 if name.startswith("usergroups") else 1) for name in names}
    return set(re.findall(r"self\.call\(\s*\"([\w.]+)\"", code))


def test_every_button_has_its_listener(heard):
    """Each button and menu that is shown is listened to, and nothing else is."""
    shown = action_ids(golden())
    assert shown == heard["action"] == {str(action) for action in Action}


def test_every_form_has_its_listener(heard):
    """Each modal that can be submitted is listened to, and no other; every modal there is, is shown."""
    views = [shown for shown in golden() if shown.get("type") in {"modal", "home"}]
    assert {view["callback_id"] for view in views if "submit" in view} == heard["view"]
    assert {view["callback_id"] for view in views} == set(View)


def test_every_menu_item_is_shown():
    """The menus of the cards offer all that there is, and nothing else."""
    values = re.findall(r'"value": "(\w+)"', json.dumps([shown for shown in golden() if "metadata" in shown]))
    assert {value for value in values if not value.startswith("r_")} == set(Menu)


def test_every_kind_of_message_is_shown():
    """Each kind of metadata that others may read is on some message."""
    assert {shown["metadata"]["event_type"] for shown in golden() if "metadata" in shown} == set(Event)


def test_the_manifest_knows_the_command(heard, manifest):
    """The slash command of the manifest is the one that is listened to."""
    commands = [command["command"] for command in manifest["features"]["slash_commands"]]
    assert commands == [COMMAND]
    assert heard["command"] == {COMMAND}


def test_the_manifest_knows_the_shortcuts(heard, manifest):
    """The shortcuts of the manifest are those that are listened to, with names that Slack takes; the demo has them."""
    shortcuts = manifest["features"]["shortcuts"]
    assert {each["callback_id"] for each in shortcuts} == heard["shortcut"] == set(Shortcut)
    assert all(len(each["name"]) <= 24 and len(each["description"]) <= 150 for each in shortcuts)
    kinds = {
        kind: {each["callback_id"]: each["name"] for each in shortcuts if each["type"] == kind} for kind in SHORTCUTS
    }
    assert kinds == SHORTCUTS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_names_every_answer(language):
    """The help names each thing that can be asked for, in every language."""
    assert set(re.findall(rf"`{COMMAND} (\w+)", table(language)["help.text"])) == set(ANSWERS)


def test_every_event_has_its_listener(heard, manifest):
    """Each event that the manifest asks for is listened to, and no other."""
    assert heard["event"] == set(manifest["settings"]["event_subscriptions"]["bot_events"])


def test_every_method_has_its_scope(manifest):
    """The manifest asks for the scopes of all methods that are called, and of no other."""
    assert methods(called=True) == methods(called=False) == set(SCOPES_OF)
    needed = {scope for scopes in SCOPES_OF.values() for scope in scopes} | {"commands"}
    asked = manifest["oauth_config"]["scopes"]["bot"]
    assert len(asked) == len(set(asked))
    assert set(asked) == set(SCOPES) == needed


def test_people_can_read_what_they_are_told_privately(manifest):
    """The app has its messages tab: without it Slack refuses private messages (`messages_tab_disabled`)."""
    home = manifest["features"]["app_home"]
    assert home["messages_tab_enabled"]
    assert home["messages_tab_read_only_enabled"]


def test_every_setting_is_in_the_readme():
    """The README's table names each variable that is read, and no other."""
    rows = re.findall(r"^\|([^|]*)\|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`((?:NPSBOT|SLACK)_[A-Z_]+)`", row)]
    assert sorted(named) == sorted([*ENVIRONMENT, "NPSBOT_CONFIG"])


def test_names_of_tests(request):
    """A test bears the same name in every run and process, whatever the time and the order of sets."""
    seed = {"PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"}
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    listed = subprocess.run(
        [*command, *{str(item.path) for item in request.session.items}],
        cwd=ROOT,
        env=os.environ | seed,
        capture_output=True,
        text=True,
        check=True,
    )
    named = {item.nodeid for item in request.session.items}
    assert named - set(listed.stdout.splitlines()) == set()
