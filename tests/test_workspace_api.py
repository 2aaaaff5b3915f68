"""The Web API of the stand-in for Slack, called by Slack's own client."""

from __future__ import annotations

import json

import aiohttp
import pytest
from bolt_app import client_of, post
from slack_sdk.errors import SlackApiError

from demo.workspace import Workspace

METADATA = {"event_type": "nps_response", "event_payload": {"response_id": "r-1"}}
DIVIDER = {"type": "divider"}


@pytest.fixture
def client(workspace):
    workspace.rates.on = False
    return client_of(workspace)


async def test_the_app_learns_who_it_is(client):
    """auth.test names the bot and tells the scopes in a header."""
    assert (await client.api_test(foo="bar"))["args"]["foo"] == "bar"
    answer = await client.auth_test()
    assert (answer["user"], answer["user_id"], answer["team_id"]) == ("npsbot", "U0NPSBOT00", "T0HAVBLIKK")
    assert "chat:write" in answer.headers["X-OAuth-Scopes"].split(",")


def as_parts(form: dict[str, str]) -> aiohttp.FormData:
    parts = aiohttp.FormData(default_to_multipart=True)
    for name, value in form.items():
        parts.add_field(name, value)
    return parts


async def test_forms_and_json_are_both_taken(workspace):
    """Blocks, metadata and flags arrive as JSON or as strings in a form, the token in a header or a field."""
    call = {"channel": "C0NPS", "text": "x", "blocks": [DIVIDER], "metadata": METADATA}
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in call.items()}
    async with aiohttp.ClientSession() as http:
        address = f"{workspace.api_url}chat.postMessage"
        for sent in (
            {"json": call, "headers": {"Authorization": "Bearer xoxb-demo"}},
            {"data": form | {"token": "xoxb-demo"}},
            {"params": form | {"token": "xoxb-demo"}},
            {"data": as_parts(form), "headers": {"Authorization": "Bearer xoxb-demo"}},
        ):
            async with http.post(address, **sent) as answer:
                assert (await answer.json())["message"]["metadata"] == METADATA
        async with http.post(address, data=b"{", headers={"Content-Type": "application/json"}) as answer:
            assert await answer.json() == {"ok": False, "error": "invalid_json"}
    assert [message["blocks"][0]["type"] for message in workspace.messages("nps")] == ["divider"] * 4


REFUSED = [
    ("chat.postMessage", {"channel": "#nowhere", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "#general", "text": "x"}, "not_in_channel"),
    ("chat.postMessage", {"channel": "#nps"}, "no_text"),
    ("chat.postMessage", {"text": "x"}, "invalid_arguments"),
    ("chat.postMessage", {"channel": "#nps", "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
    ("chat.postMessage", {"channel": "#nps", "text": "x", "blocks": [{"type": "alert"}]}, "invalid_blocks"),
    ("chat.postMessage", {"channel": "#nps", "text": "x", "metadata": {"event_type": "e"}}, "invalid_metadata_format"),
    ("chat.postMessage", {"channel": "#nps", "text": "x", "thread_ts": "1.2"}, "thread_not_found"),
    ("chat.postMessage", {"channel": "U0NPSBOT00", "text": "x"}, "cannot_dm_bot"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("conversations.history", {"channel": "C0NPS", "limit": "many"}, "invalid_arguments"),
    ("chat.getPermalink", {"channel": "C0NOWHERE", "message_ts": "1.2"}, "channel_not_found"),
    ("views.publish", {"user_id": "U0NOBODY", "view": {"type": "home"}}, "user_not_found"),
    ("chat.postEphemeral", {"channel": "#nps-leaders", "text": "x", "user": "U0MIKKO"}, "user_not_in_channel"),
    ("chat.update", {"channel": "#nps", "ts": "1.2", "text": "x"}, "channel_not_found"),
    ("chat.update", {"channel": "C0NPS", "ts": "1.2", "text": "x"}, "message_not_found"),
    ("chat.delete", {"channel": "C0NPS", "ts": "1.2"}, "message_not_found"),
    ("chat.getPermalink", {"channel": "C0NPS", "message_ts": "1.2"}, "message_not_found"),
    ("conversations.history", {"channel": "nps"}, "channel_not_found"),
    ("conversations.history", {"channel": "C0GENERAL"}, "not_in_channel"),
    ("conversations.history", {"channel": "C0NPS", "oldest": "yesterday"}, "invalid_ts_oldest"),
    ("conversations.history", {"channel": "C0NPS", "cursor": "x"}, "invalid_cursor"),
    ("conversations.history", {"channel": "C0NPS", "limit": -1}, "invalid_arguments"),
    ("conversations.replies", {"channel": "C0NPS", "ts": "1.2"}, "thread_not_found"),
    ("conversations.list", {"types": "secret"}, "invalid_types"),
    ("conversations.open", {"users": ""}, "users_list_not_supplied"),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("users.list", {"cursor": "x"}, "invalid_cursor"),
    ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
    ("usergroups.users.list", {}, "invalid_arguments"),
    ("views.open", {"trigger_id": "1.2.3"}, "invalid_arguments"),
    ("views.publish", {"user_id": "U0INGRID", "view": {"type": "modal"}}, "invalid_arguments"),
    ("reactions.add", {}, "unknown_method"),
    ("apps.connections.open", {}, "not_allowed_token_type"),
    ("api.test", {"error": "my_error"}, "my_error"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSED)
async def test_wrong_calls_are_refused_in_slacks_words(client, workspace, method, arguments, error):
    """A wrong call gets Slack's error, stores nothing, and stands in the log with a sentence."""
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=arguments)
    assert refused.value.response["error"] == error
    assert workspace.log[-1].kind == method
    assert workspace.messages("nps") == []


async def test_refused_blocks_come_with_sentences(client):
    """invalid_blocks says in its messages what is wrong and where."""
    with pytest.raises(SlackApiError) as refused:
        await post(client, blocks=[{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    messages = refused.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] /blocks/0/text/text: must have at most 150 characters, has 151"]


async def test_scopes_and_tokens_are_asked_for():
    """A call without its scope says which is needed; a missing, wrong or revoked token is refused."""
    workspace = Workspace(["channels:read"])
    await workspace.start()
    client = client_of(workspace)
    with pytest.raises(SlackApiError) as refused:
        await client.conversations_list(types="public_channel,private_channel")
    assert refused.value.response["needed"] == "groups:read"
    assert refused.value.response["provided"] == "channels:read"
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await client_of(workspace, "xoxb-wrong").auth_test()
    with pytest.raises(SlackApiError, match="not_authed"):
        await client_of(workspace, "").auth_test()
    await workspace.revoke_token()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()
    await workspace.stop()


async def test_channels_and_people_can_be_read(client, workspace):
    """The bot sees public channels and the private ones it is in, members, people, and opens direct messages."""
    workspace.add_channel("board", ["ingrid"], is_private=True)
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.chat_postMessage(channel="#board", text="x")
    listed = await client.conversations_list(types="public_channel,private_channel", limit=2)
    names = [channel["name"] async for page in listed for channel in page["channels"]]
    assert names == ["general", "nps", "nps-leaders"]
    assert (await client.conversations_info(channel="C0NPS"))["channel"]["is_member"]
    members = (await client.conversations_members(channel="C0NPSLEADERS"))["members"]
    assert members == ["U0INGRID", "U0JONAS", "U0NPSBOT00"]
    mikko = (await client.users_info(user="U0MIKKO"))["user"]
    assert (mikko["real_name"], mikko["tz"], mikko["is_ultra_restricted"]) == (
        "Mikko Lehtonen",
        "Europe/Helsinki",
        False,
    )
    people = {user["name"]: user for user in (await client.users_list())["members"]}
    assert people["petra"]["is_ultra_restricted"]
    assert people["liam"]["is_stranger"]
    assert people["liam"]["team_id"] != mikko["team_id"]
    direct = (await client.conversations_open(users=["U0MIKKO"]))["channel"]["id"]
    await client.chat_postMessage(channel="U0MIKKO", text="Good morning")
    assert workspace.messages(direct)[0]["text"] == "Good morning"
    workspace.scopes.add("im:read")
    assert (await client.conversations_info(channel=direct))["channel"]["user"] == "U0MIKKO"
    with pytest.raises(KeyError, match="no user nobody"):
        workspace.ephemerals("nobody")
    assert [channel["id"] for channel in workspace.snapshot("mikko")["channels"]][-1] == direct


async def test_archived_channels_and_left_ones_take_nothing(client, workspace):
    """An archived channel and one that the bot was taken out of refuse messages, and take them again later."""
    ts = await post(client)
    workspace.archive("nps")
    with pytest.raises(SlackApiError, match="is_archived"):
        await post(client)
    with pytest.raises(SlackApiError, match="is_inactive"):
        await client.chat_update(channel="C0NPS", ts=ts, text="x")
    workspace.archive("nps", archived=False)
    workspace.leave("npsbot", "nps")
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await post(client)
    workspace.join("npsbot", "nps")
    await post(client)


async def test_what_has_no_id_gets_one(client, workspace):
    """Blocks and elements without ids get some, as Slack gives them; those that have ids keep them."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Claim"}}
    await post(client, blocks=[{"type": "actions", "elements": [button, button | {"action_id": "claim_callback"}]}])
    (block,) = workspace.messages("nps")[0]["blocks"]
    assert block["block_id"]
    assert block["elements"][0]["action_id"] not in ("", "claim_callback")
    assert block["elements"][1]["action_id"] == "claim_callback"


async def test_only_own_messages_can_be_changed(client, workspace):
    """What people said is theirs."""
    said = await workspace.say("ingrid", "#nps", "Well done")
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await client.chat_update(channel="C0NPS", ts=said["ts"], text="x")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await client.chat_delete(channel="C0NPS", ts=said["ts"])


async def test_a_home_read_before_it_changed_is_not_overwritten(client):
    """views.publish with the hash of a Home that has changed since is refused."""
    view = {"type": "home", "blocks": [DIVIDER]}
    old = (await client.views_publish(user_id="U0MIKKO", view=view))["view"]
    await client.views_publish(user_id="U0MIKKO", view=view, hash=old["hash"])
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_publish(user_id="U0MIKKO", view=view, hash=old["hash"])


async def test_a_permalink_leads_to_its_message(workspace, client):
    """The address of a message names its channel and ts."""
    ts = await post(client)
    link = (await client.chat_getPermalink(channel="C0NPS", message_ts=ts))["permalink"]
    assert link == f"{workspace.base_url}/archives/C0NPS/p{ts.replace('.', '')}"


async def test_some_things_need_a_scope_of_their_own(workspace, client):
    """Addresses of people, and writing to public channels without being in them, each need a scope."""
    assert "email" not in (await client.users_info(user="U0MIKKO"))["user"]["profile"]
    workspace.scopes |= {"users:read.email", "chat:write.public"}
    assert "@" in (await client.users_info(user="U0MIKKO"))["user"]["profile"]["email"]
    await client.chat_postMessage(channel="#general", markdown_text="**Words**", attachments=[{"text": "more"}])
    assert workspace.messages("general")[0]["attachments"] == [{"text": "more"}]
    joined = await client.users_conversations(types="public_channel", exclude_archived=True)
    assert [channel["name"] for channel in joined["channels"]] == ["nps"]


def test_names_are_given_once(scopes):
    """No two users, and no two channels, share a name or an id made of it."""
    workspace = Workspace(scopes)
    workspace.add_user("anna.berg", "Anna Berg", is_restricted=True)
    workspace.add_channel("#nps_dach", ["anna.berg"])
    with pytest.raises(ValueError, match="already one called annaberg"):
        workspace.add_user("annaberg", "Anna Berg")
    with pytest.raises(ValueError, match="already one called #nps"):
        workspace.add_channel("nps")
    assert [channel["name"] for channel in workspace.snapshot("anna.berg")["channels"]] == ["nps_dach"]
