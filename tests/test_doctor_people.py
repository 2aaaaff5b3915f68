"""What `npsbot doctor` finds out about the people and groups whom the settings name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.doctor import examine
from bot.settings.reminding import Reminders
from bot.settings.roles import Roles


@pytest.mark.parametrize(
    ("whom", "says"),
    [
        ("U0INGRID", None),
        ("U0NOBODY", "there is nobody with the id U0NOBODY"),
        ("U0PETRA", "no full member"),
        ("U0NORA", "not in #nps"),
        ("S0LEADS", None),
        ("S0GONE", "there is no user group S0GONE"),
        ("S0EMPTY", "no members"),
        ("S0AWAY", "not in #nps"),
    ],
)
async def test_doctor_looks_whether_an_escalation_is_heard(settings, workspace, whom, says):
    """Whoever is named in an escalation exists, and is in the channel where that is read."""
    workspace.add_user("nora", "Nora Vik")
    for name, members in {"leads": ["freja"], "empty": [], "away": ["nora"]}.items():
        workspace.people.add_group(name, members)
    wanted = replace(settings, reminders=Reminders(escalate_to=whom), slack_api_url=workspace.api_url)
    (found,) = [each for each in await examine(lambda: wanted) if each.subject == f"escalations to {whom}"]
    assert found.ok is (says is None)
    assert (says or "in every channel") in found.says


async def test_doctor_leaves_a_lost_channel_to_its_own_finding(settings, workspace):
    """A channel that is not there says nothing about those who are named in an escalation, nor does one never sent."""
    reminders = Reminders(escalate_to="U0INGRID")
    away = replace(settings, reminders=reminders, slack_api_url=workspace.api_url, channel="#lost")
    found = {each.subject: each.ok for each in await examine(lambda: away)}
    assert (found["escalations to U0INGRID"], found["channel #lost"]) == (True, False)
    never = replace(away, reminders=Reminders(escalate_to="U0GONE", escalate_after=None))
    assert not [each for each in await examine(lambda: never) if each.subject.startswith("escalations")]


async def test_doctor_looks_at_everyone_with_a_role(settings, workspace):
    """Whoever is named under roles and could not act, or is nobody, is told with what they are named for."""
    workspace.people.add_group("cx", ["freja"])
    roles = Roles(act=frozenset({"U0NOBODY", "S0CX"}), lead=frozenset({"U0PETRA"}), admin=frozenset({"U0INGRID"}))
    wanted = replace(settings, roles=roles, slack_api_url=workspace.api_url)
    found = {each.subject: each for each in await examine(lambda: wanted)}
    assert "there is nobody with the id U0NOBODY" in found["act under roles, U0NOBODY"].says
    assert "no full member" in found["lead under roles, U0PETRA"].says
    assert found["admin under roles, U0INGRID"].ok
    assert found["user group S0CX"].ok
    assert not found["lead under roles, U0PETRA"].ok
