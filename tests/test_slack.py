"""What a failed call to Slack means: try later, a channel or the token in the way, never, or nobody knows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot import slack
from bot.cards.blocks import Rendered
from bot.cards.ids import Event
from bot.slack import Blocked, Later, Never, Slack, Unknown, api, faults
from demo.faults import Kind

MESSAGE = Rendered("Words", [], Event.RESPONSE, {"response_id": "r_1"})


@pytest.fixture(name="client")
async def _client(workspace, monkeypatch):
    monkeypatch.setattr(api, "TIMEOUT", 1.0)
    client = Slack(workspace.bot_token, workspace.api_url)
    await client.open()
    yield client
    await client.close()


async def fault_of(client, channel="#nps"):
    """Post, and return what the door made of the failure."""
    with pytest.raises(slack.SlackFault) as caught:
        await client.post(channel, MESSAGE, None)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "more", "answered"),
    [
        (Kind.HANG, {}, False),
        (Kind.CUT_BEFORE, {}, False),
        (Kind.CUT_AFTER, {}, False),
        (Kind.LATE, {"seconds": 0.0}, False),
        (Kind.ERROR_500, {}, True),
        (Kind.ERROR_503, {}, True),
        (Kind.HTML, {}, True),
        (Kind.ERROR, {"error": "internal_error"}, True),
        (Kind.ERROR, {"error": "fatal_error"}, True),
        (Kind.ERROR, {"error": "request_timeout"}, True),
        (Kind.ERROR, {"error": "service_unavailable"}, True),
        (Kind.ERROR, {"error": ""}, True),
    ],
    ids=str,
)
async def test_nobody_knows(workspace, client, kind, more, answered):
    """No answer, half an answer, or Slack's own confession of a fault: it may have been done."""
    workspace.faults.add(kind, "chat.postMessage", **more)
    fault = await fault_of(client)
    assert isinstance(fault, Unknown)
    assert fault.answered is answered
    assert fault.reason


@pytest.mark.parametrize("status", [200, 302, 403, 502])
@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"ok"', "7", "{}", '{"ok": false}', '{"ok": true, "ts": ', "\ufeff{}"]
)
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "text/html", "application/octet-stream"])
async def test_an_answer_that_is_none(status, body, content_type):
    """Whatever stands between us and Slack may say anything: without an answer of Slack's nobody knows."""

    async def speak(_request):
        return web.Response(status=status, text=body, content_type=content_type)

    server = web.Application()
    server.router.add_post("/api/chat.postMessage", speak)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = Slack("xoxb-demo", f"http://127.0.0.1:{runner.addresses[0][1]}/api/")
    await client.open()
    try:
        assert isinstance(await fault_of(client), Unknown)
    finally:
        await client.close()
        await runner.cleanup()


@pytest.mark.parametrize(
    ("retry_after", "low", "high"),
    [
        ("7", 7, 7),
        ("0.5", 0.5, 0.5),
        ("0", 0, 0),
        ("-3", 0, 0),
        ("86400", 3600, 3600),
        ("inf", 3600, 3600),
        ("nan", 5, 5),
        ("soon", 5, 5),
        ("", 5, 5),
        (None, 5, 5),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        pytest.param(
            format_datetime(datetime.now(UTC) + timedelta(hours=20), usegmt=True), 3600, 3600, id="tomorrow's date"
        ),
    ],
)
async def test_too_many_calls(workspace, client, retry_after, low, high):
    """A 429 was certainly not done; it says when to come back, and if that makes no sense in five seconds."""
    workspace.faults.add(Kind.LIMIT, "chat.postMessage", retry_after=retry_after)
    fault = await fault_of(client)
    assert isinstance(fault, Later)
    assert low <= fault.seconds <= high


async def test_a_method_is_left_alone_for_as_long_as_slack_asks(workspace, client, monkeypatch):
    """After a 429 a method fails at once without a call, then is called again; the others are called meanwhile."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(api, "time", SimpleNamespace(monotonic=lambda: clock.now))
    workspace.faults.add(Kind.LIMIT, "users.info", retry_after="30")
    for clock.now, left in ((1000.0, 30), (1000.0, 30), (1020.0, 10)):
        with pytest.raises(Later) as caught:
            await client.user("U0INGRID")
        assert caught.value.seconds == left
    assert [entry.kind for entry in workspace.log] == ["users.info"]
    assert "C0NPS" in [channel["id"] async for channel in client.channels()]
    workspace.faults.clear()
    clock.now = 1030.0
    assert (await client.user("U0INGRID"))["id"] == "U0INGRID"


async def test_of_two_refusals_the_longer_counts(workspace, client, monkeypatch):
    """Of calls that were under way together, the one that asks for less waiting does not end the other's."""
    monkeypatch.setattr(api, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    for seconds in ("30", "0"):
        workspace.faults.add(Kind.LIMIT, "users.info", count=1, retry_after=seconds)
    told = await asyncio.gather(client.user("U0INGRID"), client.user("U0FREJA"), return_exceptions=True)
    assert sorted(fault.seconds for fault in told) == [0, 30]
    with pytest.raises(Later):
        await client.user("U0INGRID")


async def test_a_post_leaves_its_channel_alone(workspace, client):
    """Slack limits posts by channel: other channels go on, and the one that has to wait is its lane's to hold back."""
    workspace.faults.add(Kind.LIMIT, "chat.postMessage", count=1, retry_after="30")
    assert isinstance(await fault_of(client), Later)
    assert (await client.post("#nps", MESSAGE, None)).ts


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited", "message_limit_exceeded"])
async def test_too_many_calls_with_status_200(workspace, client, code):
    """The same said with an error code instead of the status."""
    workspace.faults.add(Kind.ERROR, "chat.postMessage", error=code)
    assert isinstance(await fault_of(client), Later)


async def test_no_connection(workspace, client):
    """Where nobody listens nothing was done."""
    await workspace.stop()
    fault = await fault_of(client)
    assert isinstance(fault, Later)
    assert fault.seconds is None


@pytest.mark.parametrize("code", sorted(faults.TOKEN_ERRORS))
async def test_the_token_stands_in_the_way(workspace, client, code):
    """A fault of the token stops everything, not this message."""
    workspace.faults.add(Kind.ERROR, "chat.postMessage", error=code)
    fault = await fault_of(client)
    assert isinstance(fault, Blocked)
    assert fault.everywhere
    assert code in fault.reason


@pytest.mark.parametrize("code", sorted(faults.CHANNEL_ERRORS))
async def test_the_channel_stands_in_the_way(workspace, client, code):
    """A fault of a channel stops that channel."""
    workspace.faults.add(Kind.ERROR, "chat.postMessage", error=code)
    fault = await fault_of(client)
    assert isinstance(fault, Blocked)
    assert not fault.everywhere


async def test_a_missing_scope_is_named(workspace, client):
    """What is missing can be read in the reason."""
    workspace.scopes.discard("chat:write")
    fault = await fault_of(client)
    assert isinstance(fault, Blocked)
    assert fault.reason == "missing_scope: chat:write"


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_too_long", "thread_not_found", "an_error_of_tomorrow"])
async def test_slack_will_not_take_it(workspace, client, code):
    """Any other refusal is this one message's own."""
    workspace.faults.add(Kind.ERROR, "chat.postMessage", error=code)
    fault = await fault_of(client)
    assert isinstance(fault, Never)
    assert fault.reason == code


async def test_a_refusal_says_what_slack_said(client):
    """Of a block that Slack refuses the reason names the fault."""
    bad = Rendered("Words", [{"type": "section"}], Event.RESPONSE)
    with pytest.raises(Never, match=r"invalid_blocks: \[ERROR\]"):
        await client.post("#nps", bad, None)


async def test_each_call_is_made_once(workspace, client):
    """The library does not try again by itself: a cut answer is one message, not two."""
    workspace.faults.add(Kind.CUT_AFTER, "chat.postMessage")
    await fault_of(client)
    assert len(workspace.messages("#nps")) == 1


async def test_long_histories_are_read_to_their_end(workspace, client):
    """What is looked for is found on the last page, by its key and not by its neighbours'."""
    workspace.rates.on = False
    since = datetime.now(UTC) - timedelta(minutes=1)
    put = await client.post("#nps", MESSAGE, None)
    for number in range(250):
        other = Rendered("Words", [], Event.RESPONSE, {"response_id": f"r_{number + 2}"})
        await client.post("#nps", other, None)
    assert await client.find(put.channel, None, since, MESSAGE) == put
    absent = Rendered("Words", [], Event.RESPONSE, {"response_id": "r_none"})
    assert await client.find(put.channel, None, since, absent) is None
    assert await client.find(put.channel, None, datetime.now(UTC) + timedelta(minutes=1), MESSAGE) is None


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")))
def test_any_retry_after_is_some_seconds(text):
    """Whatever stands in the header, the wait is a number between none and an hour."""
    assert 0 <= faults._retry_after({"Retry-After": text}) <= 3600
