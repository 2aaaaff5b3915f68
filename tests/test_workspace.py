"""What people do in the stand-in for Slack, and how a Bolt app hears of it, by Socket Mode and by HTTP."""

from __future__ import annotations

import asyncio
import json

import pytest
from bolt_app import BUTTON, CARD, Bot, actions, connected, option, plain
from slack_sdk.webhook.async_client import AsyncWebhookClient

from demo.errors import SlackError


@pytest.fixture(params=["socket", "http"])
async def bot(request, workspace):
    bot = Bot(workspace)
    async with connected(workspace, bot, request.param):
        yield bot


@pytest.fixture
async def http_bot(workspace):
    bot = Bot(workspace)
    async with connected(workspace, bot, "http"):
        yield bot


async def test_a_click_tells_the_app_all(workspace, bot):
    """A click arrives with the person, the whole message and the button, and the app may change the message."""

    async def claim(body, ack, _respond, client):
        await ack()
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Claimed")

    bot.listen, ts = claim, await bot.post_card()
    ack = await workspace.click("ingrid", "#nps", ts, "claim_callback")
    (body,) = bot.heard
    assert ack.ok
    assert ack.elapsed < 3
    assert body["type"] == "block_actions"
    assert body["user"] == {"id": "U0INGRID", "username": "ingrid", "name": "ingrid", "team_id": "T0HAVBLIKK"}
    assert body["channel"] == {"id": "C0NPS", "name": "nps"}
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": "C0NPS", "is_ephemeral": False}
    assert body["message"]["blocks"][1]["block_id"] == "card"
    (action,) = body["actions"]
    assert float(action.pop("action_ts")) > float(ts)
    button = {"type": "button", "text": plain("Claim"), "value": "42"}
    assert action == button | {"action_id": "claim_callback", "block_id": "card"}
    assert workspace.messages("#nps")[0]["text"] == "Claimed"
    assert "blocks" not in workspace.messages("#nps")[0]


async def test_a_menu_sends_its_option(workspace, http_bot):
    """What is chosen in an overflow menu arrives as its whole option; what it does not offer cannot be chosen."""
    ts = await http_bot.post_card()
    await workspace.click("mikko", "nps", ts, "callback_menu", value="snooze")
    assert http_bot.heard[0]["actions"][0]["selected_option"] == option("snooze")
    with pytest.raises(KeyError, match="has no option promote"):
        await workspace.click("mikko", "nps", ts, "callback_menu", value="promote")
    with pytest.raises(KeyError, match="nothing here has the action_id log_call"):
        await workspace.click("mikko", "nps", ts, "log_call")


async def test_nobody_clicks_what_they_do_not_see(workspace, http_bot):
    """A guest acts in the channels they were invited to, and in no other."""
    ts = await http_bot.post_card()
    assert (await workspace.click("petra", "#nps", ts, "claim_callback")).ok
    with pytest.raises(KeyError, match="petra does not see #nps-leaders"):
        await workspace.click("petra", "#nps-leaders", ts, "claim_callback")
    with pytest.raises(KeyError, match="mikko sees no message"):
        await workspace.click("mikko", "#general", ts, "claim_callback")
    with pytest.raises(SlackError, match="thread_not_found"):
        await workspace.say("mikko", "#general", "Hello", thread_ts=ts)


async def test_a_reply_to_a_click_is_seen_by_one(workspace, bot):
    """What the app responds is shown to who clicked, can have buttons, and can be replaced and taken away."""

    async def answer(body, ack, respond, _client):
        await ack()
        if body["container"]["is_ephemeral"]:
            value = body["actions"][0]["value"]
            await (respond(text="Sure?", replace_original=True) if value == "42" else respond(delete_original=True))
        else:
            blocks = [actions(BUTTON, BUTTON | {"action_id": "never_mind", "value": "no"})]
            await respond(text="Freja has it", blocks=blocks)

    bot.listen, ts = answer, await bot.post_card()
    for person in ("ingrid", "mikko"):
        await workspace.click(person, "#nps", ts, "claim_callback")
    (shown,) = workspace.ephemerals("ingrid")
    assert shown["text"] == "Freja has it"
    assert len(workspace.messages("#nps")) == 1

    await workspace.click("ingrid", "#nps", shown["ts"], "claim_callback")
    assert "message" not in bot.heard[-1]
    assert [message["text"] for message in workspace.ephemerals("ingrid")] == ["Sure?"]
    (other,) = workspace.ephemerals("mikko")
    await workspace.click("mikko", "#nps", other["ts"], "never_mind")
    assert workspace.ephemerals("mikko") == []


async def test_a_reply_may_replace_the_message_itself(workspace, http_bot):
    """An answer to a click in a thread may change or delete the message for all; once it is gone it is refused."""
    parent = await http_bot.post_card()
    posted = await http_bot.client.chat_postMessage(channel="C0NPS", text="Reply", thread_ts=parent, blocks=CARD)
    answers = []

    async def answer(_body, ack, respond, _client):
        await ack()
        for change in ({"text": "Changed", "replace_original": True}, {"delete_original": True}, {"text": "Gone"}):
            answers.append((await respond(**change)).status_code)
            answers.append([message["text"] for message in workspace.messages("nps", parent)])
        answers.append((await respond("Changed", replace_original=True)).status_code)

    http_bot.listen = answer
    await workspace.click("ingrid", "#nps", posted["ts"], "claim_callback")
    assert http_bot.heard[0]["container"]["thread_ts"] == parent
    assert answers == [200, ["Changed"], 200, [], 200, [], 500]
    assert workspace.log[-1].sentence.startswith("message_not_found")
    assert workspace.snapshot("ingrid")["ephemerals"][0]["thread_ts"] == parent


async def test_a_response_url_is_good_for_five_answers(workspace, http_bot):
    """The sixth answer to one click is refused, and so is one half an hour later."""
    ts = await http_bot.post_card()
    answers = []

    async def chat(_body, ack, respond, _client):
        await ack()
        answers.extend([await respond(f"Answer {number}") for number in range(6)])

    http_bot.listen = chat
    await workspace.click("ingrid", "#nps", ts, "claim_callback")
    assert [answer.status_code for answer in answers] == [200] * 5 + [404]
    assert len(workspace.ephemerals("ingrid")) == 5
    assert workspace.log[-1].sentence.startswith("used_url")
    unknown = AsyncWebhookClient(f"{workspace.base_url}/response/0")
    assert (await unknown.send(text="x")).body == '{"ok": false, "error": "expired_url"}'


async def test_a_command_is_answered_to_one(workspace, bot):
    """A slash command arrives with its text; both ways to answer show the answer to who typed it, or to all."""

    async def nps(body, ack, respond, _client):
        await ack("One moment")
        await respond("Score 42", response_type=body["text"])

    bot.listen = nps
    assert (await workspace.command("mikko", "#nps", "/nps", "ephemeral")).ok
    body = bot.heard[0]
    assert (body["command"], body["text"], body["user_id"]) == ("/nps", "ephemeral", "U0MIKKO")
    assert {message["text"] for message in workspace.ephemerals("mikko")} == {"One moment", "Score 42"}
    await workspace.command("mikko", "#nps", "/nps", "in_channel")
    assert workspace.messages("#nps")[-1]["text"] == "Score 42"
    assert (await workspace.command("mikko", "#nps", "/unknown")).error == "invalid_command"


async def test_a_wrong_answer_to_a_command_is_an_error_for_its_person(workspace, http_bot):
    """Blocks that Slack would not take are not shown, and whoever typed the command is told of an error."""
    http_bot.answer = {"text": "Score", "blocks": [{"type": "hologram"}]}
    async with workspace.subscribe() as events:
        await workspace.command("mikko", "#nps", "/nps")
        told = await anext(event async for event in events if event["type"] == "user_error")
    assert told["user"] == "U0MIKKO"
    assert workspace.ephemerals("mikko") == []


async def test_app_home_is_published_when_opened(workspace, bot):
    """Opening the Home tells the app, which publishes; its buttons arrive with the view."""

    async def publish(body, ack, _respond, client):
        await ack()
        if body["type"] == "event_callback":
            view = {"type": "home", "blocks": [actions(BUTTON)]}
            await client.views_publish(user_id=body["event"]["user"], view=view)

    bot.listen = publish
    async with workspace.subscribe() as events:
        await workspace.open_home("freja")
        await anext(event async for event in events if event["type"] == "home_published")
    assert bot.heard[0]["event"]["tab"] == "home"
    await workspace.click_view("freja", "home", "claim_callback")
    assert bot.heard[1]["view"]["id"] == workspace.home("freja")["id"]
    assert bot.heard[1]["container"] == {"type": "view", "view_id": workspace.home("freja")["id"]}
    assert "response_url" not in bot.heard[1]


async def test_a_late_acknowledgement_is_an_error_for_who_acted(workspace, bot):
    """Whoever waits in vain is told so, and it stands in the log."""
    ts = await bot.post_card()
    workspace.deliveries.ack_seconds = 0.05
    free = asyncio.Event()

    async def dawdle(_body, ack, _respond, _client):
        await free.wait()
        await ack()

    bot.listen = dawdle
    async with workspace.subscribe() as events:
        ack = await workspace.click("ingrid", "#nps", ts, "claim_callback")
        told = await anext(event async for event in events if event["type"] == "user_error")
    free.set()
    assert (ack.ok, ack.error) == (False, "http_timeout")
    assert told["sentence"] == "npsbot did not answer within 3 seconds."
    assert "did not answer" in workspace.log[-1].sentence


async def test_without_an_app_whoever_acts_is_told(workspace):
    """With nobody to deliver to, an act fails at once."""
    assert not workspace.snapshot("ingrid")["app"]["connected"]
    ack = await workspace.command("ingrid", "#nps", "/nps")
    assert (ack.ok, ack.error) == (False, "connection_failed")


async def test_each_person_sees_their_own_part(workspace, http_bot):
    """A snapshot is plain JSON of the channels that one person sees, with threads, and of what only they were shown."""
    ts = await http_bot.post_card()
    await workspace.say("mikko", "#nps", "I know her", thread_ts=ts)
    await http_bot.client.chat_postEphemeral(channel="C0NPS", user="U0PETRA", text="Guests cannot do that")
    guest, lead = workspace.snapshot("petra"), workspace.snapshot("U0INGRID")
    assert json.loads(json.dumps(guest)) == guest
    assert [channel["name"] for channel in guest["channels"]] == ["nps"]
    assert [channel["name"] for channel in lead["channels"]] == ["general", "nps", "nps-leaders"]
    (card,) = guest["channels"][0]["messages"]
    assert [reply["text"] for reply in card["replies"]] == ["I know her"]
    assert [shown["message"]["text"] for shown in guest["ephemerals"]] == ["Guests cannot do that"]
    assert (lead["ephemerals"], lead["views"], lead["home"]) == ([], [], None)
    assert lead["me"]["profile"]["title"] == "Head of Customer Experience"
    assert {user["name"] for user in lead["users"]} >= {"npsbot", "liam"}


async def test_whoever_watches_hears_all_in_order(workspace, http_bot):
    """A subscription gives each change once it has happened, counts of replies included, until it is closed."""
    async with workspace.subscribe() as events:
        ts = await http_bot.post_card()
        await http_bot.client.chat_postMessage(channel="C0NPS", text="Reply", thread_ts=ts)
        await http_bot.client.chat_delete(channel="C0NPS", ts=workspace.messages("nps", ts)[0]["ts"])
        workspace.archive("general")
        heard = [await events.get() for _ in range(6)]
    assert [(event["type"], event.get("thread_ts")) for event in heard] == [
        ("message_posted", None),
        ("message_posted", ts),
        ("message_changed", None),
        ("message_deleted", ts),
        ("message_changed", None),
        ("channel_changed", None),
    ]
    assert [event["message"].get("reply_count") for event in (heard[2], heard[4])] == [1, None]
    assert workspace.feed.watching == set()


async def test_what_people_say_reaches_an_app_that_listens(workspace, http_bot):
    """A message is delivered as an event only to an app that wants messages."""
    await workspace.say("mikko", "#nps", "Hello?")
    assert http_bot.heard == []
    workspace.events |= {"message"}
    said = await workspace.say("mikko", "#nps", "Anybody?")
    event = http_bot.heard[0]["event"]
    assert (event["text"], event["user"], event["ts"]) == ("Anybody?", "U0MIKKO", said["ts"])
    assert (event["channel"], event["channel_type"]) == ("C0NPS", "channel")


async def test_only_the_latest_triggers_and_addresses_are_kept(workspace, http_bot, monkeypatch):
    """However much is clicked, what an app did not use is forgotten in time."""
    monkeypatch.setattr("demo.stamps.KEPT_MOST", 2)
    ts = await http_bot.post_card()
    for _ in range(4):
        await workspace.click("ingrid", "#nps", ts, "claim_callback")
    first, last = (AsyncWebhookClient(http_bot.heard[at]["response_url"]) for at in (0, -1))
    assert (await first.send(text="x")).status_code == 404
    assert (await last.send(text="x")).status_code == 200
