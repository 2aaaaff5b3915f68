"""How often the stand-in for Slack lets itself be called."""

from __future__ import annotations

import pytest
from bolt_app import client_of, post
from slack_sdk.errors import SlackApiError

from demo.workspace import Workspace


async def test_messages_to_a_channel_flow_at_one_a_second(scopes):
    """Four at once are taken, then one a second; Retry-After says when; other channels are not slowed."""
    now = [1_795_000_000.0]
    workspace = Workspace(scopes, clock=lambda: now[0])
    await workspace.start()
    client = client_of(workspace)
    for _ in range(4):
        await post(client)
    with pytest.raises(SlackApiError) as refused:
        await post(client)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel="#nps-leaders", text="x")
    for _ in range(3):
        now[0] += 1
        await post(client)
    assert len(workspace.messages("nps")) == 7
    await workspace.stop()


async def test_a_minute_is_over_after_a_minute(scopes):
    """What was used up in one minute is there again in the next."""
    now = [1_795_000_000.0]
    workspace = Workspace(scopes, clock=lambda: now[0])
    await workspace.start()
    client = client_of(workspace)
    for minute in range(2):
        now[0] += 60 * minute
        for _ in range(20):
            await client.users_list()
    await workspace.stop()


async def test_each_method_has_its_tier(workspace):
    """A method's calls of one minute are counted; other methods go on; the pace can be set and lifted."""
    client = client_of(workspace)
    for _ in range(20):
        await client.users_list()
    with pytest.raises(SlackApiError, match="ratelimited") as refused:
        await client.users_list()
    assert 1 <= int(refused.value.response.headers["Retry-After"]) <= 60
    await client.users_info(user="U0MIKKO")
    workspace.rates.per_minute["users.list"] = 21
    await client.users_list()
    workspace.rates.on = False
    await client.users_list()
