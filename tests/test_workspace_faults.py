"""What can be made to go wrong in the stand-in for Slack, and what is stored when it does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from bolt_app import CARD, Bot, client_of, connected, modal, post
from slack_sdk.errors import SlackApiError

from demo.faults import Faults, Kind
from demo.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

POST = "chat.postMessage"


@pytest.fixture
def client(workspace):
    workspace.rates.on = False
    return client_of(workspace)


@pytest.mark.parametrize(
    ("kind", "failure", "stored"),
    [
        (Kind.CUT_BEFORE, aiohttp.ClientError, 0),
        (Kind.CUT_AFTER, aiohttp.ClientError, 1),
        (Kind.ERROR, SlackApiError, 0),
        (Kind.ERROR_AFTER, SlackApiError, 1),
        (Kind.LIMIT, SlackApiError, 0),
        (Kind.ERROR_500, SlackApiError, 0),
        (Kind.ERROR_503, SlackApiError, 0),
        (Kind.HTML, SlackApiError, 0),
    ],
)
async def test_a_fault_strikes_as_often_as_asked(workspace, client, kind, failure, stored):
    """A fault strikes its method, and no other, the number of times asked for; some store before they fail."""
    workspace.faults.add(kind, POST, count=1)
    await client.auth_test()
    with pytest.raises(failure):
        await post(client)
    assert len(workspace.messages("nps")) == stored
    assert workspace.log[-1] == (workspace.log[-1].time, POST, f"the fault {kind} is switched on")
    await post(client)
    assert len(workspace.messages("nps")) == stored + 1


@pytest.mark.parametrize("retry_after", ["0.5", None, "86400", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_limit_comes_with_any_retry_after(workspace, client, retry_after):
    """The header of a 429 is as odd as wanted, or missing."""
    workspace.faults.add("limit", POST, retry_after=retry_after)
    with pytest.raises(SlackApiError) as refused:
        await post(client)
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers.get("Retry-After") == retry_after


async def test_an_error_has_any_code(workspace, client):
    """Any error code can be had, of every method at once."""
    workspace.faults.add("error", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.auth_test()
    workspace.faults.clear()
    assert (await client.auth_test())["ok"]


async def test_a_call_that_hangs_ends_with_the_fault(workspace, client):
    """A hanging call gets no answer and stores nothing; clearing the faults cuts it."""
    workspace.faults.add(Kind.HANG, POST)
    async with workspace.subscribe() as events:
        call = asyncio.create_task(post(client))
        await anext(event async for event in events if event["type"] == "log")
        assert not call.done()
        workspace.faults.clear()
        with pytest.raises(aiohttp.ClientError):
            await call
    assert workspace.messages("nps") == []


async def test_a_late_call_is_stored_after_its_connection_is_cut(workspace, client):
    """What comes late appears some time after the app has seen its connection break."""
    workspace.faults.add(Kind.LATE, POST, seconds=0.01)
    async with workspace.subscribe() as events:
        with pytest.raises(aiohttp.ClientError):
            await post(client)
        posted = await anext(event async for event in events if event["type"] == "message_posted")
    assert posted["message"]["text"] == "Words"


async def test_history_lags_behind(scopes):
    """A message that was posted well shows in history and threads only some seconds later."""
    now = [1_795_000_000.0]
    workspace = Workspace(scopes, clock=lambda: now[0])
    await workspace.start()
    client = client_of(workspace)
    parent = await post(client)
    workspace.faults.add(Kind.LAG, POST, seconds=2)
    for thread_ts in (None, parent):
        await client.chat_postMessage(channel="C0NPS", text="Late", thread_ts=thread_ts)

    async def read():
        history = await client.conversations_history(channel="C0NPS")
        thread = await client.conversations_replies(channel="C0NPS", ts=parent)
        return len(history["messages"]), len(thread["messages"])

    assert await read() == (1, 1)
    now[0] += 2
    assert await read() == (2, 2)
    await workspace.stop()


async def test_nothing_is_reached_while_slack_is_down(workspace, client):
    """While it is down every connection breaks: Web API, WebSockets, response_urls."""
    bot = Bot(workspace)
    async with connected(workspace, bot, "http"):
        workspace.faults.down = True
        with pytest.raises(aiohttp.ClientError):
            await post(client)
        async with aiohttp.ClientSession() as http:
            for path in ("/response/x", "/link"):
                with pytest.raises(aiohttp.ClientError):
                    await http.request("POST" if "resp" in path else "GET", workspace.base_url + path)
    workspace.faults.clear()
    await post(client)


def test_the_same_seed_draws_the_same_faults():
    """Two runs with one seed fail at the same calls; a fault of half the calls strikes about half of them."""
    runs = []
    for _ in range(2):
        faults = Faults(seed=7)
        faults.add(Kind.ERROR, POST, probability=0.5)
        runs.append([faults.draw(POST) is not None for _ in range(1000)])
    assert runs[0] == runs[1]
    assert 400 < sum(runs[0]) < 600


async def test_another_process_can_break_it_and_read_it(workspace, client):
    """The control routes switch faults on and off and give all messages and the log."""
    parent = await post(client)
    async with aiohttp.ClientSession(f"{workspace.base_url}/control/") as http:
        await http.post("faults", json={"kind": "error", "method": POST})
        with pytest.raises(SlackApiError):
            await post(client)
        await http.post("faults", json={"down": True})
        with pytest.raises(aiohttp.ClientError):
            await client.auth_test()
        await http.delete("faults")
        await client.chat_postMessage(channel="C0NPS", text="Reply", thread_ts=parent)
        async with http.get("messages", params={"channel": "nps"}) as answer:
            assert [(each["text"], each["channel"]) for each in await answer.json()] == [
                ("Words", "C0NPS"),
                ("Reply", "C0NPS"),
            ]
        async with http.get("log") as answer:
            assert (await answer.json())[0]["kind"] == POST


async def test_events_are_tried_again_and_clicks_are_not(workspace):
    """An event that fails is sent again up to three times, each saying which try it is; a click is sent once."""
    bot = Bot(workspace)
    workspace.deliveries.retry_after = (0, 0, 0)
    tries = []

    async def fail(body, _ack, _respond, _client):
        tries.append(body["type"])
        raise RuntimeError("not today")

    async def failed(error, request):
        assert str(error) == "not today"
        tries.append(request.headers.get("x-slack-retry-num"))

    bot.listen = fail
    bot.app.error(failed)
    async with connected(workspace, bot, "http"):
        ts = await bot.post_card()
        assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).error == "http_error"
        assert tries == ["block_actions", None]
        tries.clear()
        await workspace.open_home("ingrid")
        await workspace.background.finish()
    assert tries == ["event_callback", None, *(part for n in "123" for part in ("event_callback", [n]))]


async def test_every_socket_gets_a_share(workspace):
    """With several connections open each payload goes to any one of them; asked to, the app connects anew."""
    bots = [Bot(workspace), Bot(workspace)]
    async with connected(workspace, bots[0], "socket"), connected(workspace, bots[1], "socket"):
        ts = await bots[0].post_card()
        for _ in range(20):
            assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).ok
        assert sorted(len(bot.heard) > 0 for bot in bots) == [True, True]
        assert sum(len(bot.heard) for bot in bots) == 20


async def test_the_app_connects_anew_when_asked(workspace):
    """After a disconnect message the app opens another connection and hears what happens then."""
    bot = Bot(workspace)
    async with connected(workspace, bot, "socket"):
        ts = await bot.post_card()
        async with workspace.subscribe() as events:
            await workspace.sockets.disconnect()
            await anext(e async for e in events if e["type"] == "app_changed" and e["app"]["connected"])
        assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).ok


async def test_lost_sockets_leave_nobody_to_deliver_to(workspace):
    """Cut connections end at once; while new ones are refused an act fails, and what was seen stays."""
    bot = Bot(workspace)
    async with connected(workspace, bot, "socket"):
        ts = await bot.post_card()
        workspace.faults.no_sockets = True
        async with workspace.subscribe() as events:
            workspace.sockets.lose()
            await anext(e async for e in events if e["type"] == "app_changed" and not e["app"]["connected"])
        assert (await workspace.click("ingrid", "#nps", ts, "claim_callback")).error == "connection_failed"
        assert workspace.messages("nps")[0]["blocks"][0]["text"] == CARD[0]["text"]


async def test_a_ticket_is_good_for_one_connection(workspace):
    """A used, unknown or old ticket is refused, and so is the eleventh connection."""
    app = client_of(workspace, "xapp-demo")

    async def address() -> str:
        return (await app.apps_connections_open(app_token="xapp-demo"))["url"]

    async with aiohttp.ClientSession() as http:
        first = await address()
        sockets = [await http.ws_connect(first)]
        for wrong in (first, f"{workspace.base_url}/link?ticket=x"):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await http.ws_connect(wrong)
        sockets += [await http.ws_connect(await address()) for _ in range(9)]
        hellos = [await socket.receive_json() for socket in sockets]
        assert [hello["num_connections"] for hello in hellos] == list(range(1, 11))
        with pytest.raises(SlackApiError, match="too_many_websockets"):
            await address()


@asynccontextmanager
async def answering(workspace: Workspace, **answer: Any) -> AsyncIterator[list[str]]:
    """Answer every delivery in one way; give the types of their content as they come."""
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.content_type)
        return web.Response(**answer)

    server = web.Application()
    server.router.add_post("/", listen)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    workspace.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield heard
    await runner.cleanup()


@pytest.mark.parametrize(("status", "text"), [(200, "{"), (302, ""), (500, "")])
async def test_an_answer_must_be_well_and_readable(workspace, status, text):
    """A redirect, an error, or JSON that is none, is a failed delivery."""
    async with answering(workspace, status=status, text=text, content_type="application/json"):
        assert (await workspace.command("ingrid", "#nps", "/nps")).error == "http_error"


async def test_an_app_may_ask_for_no_retries(workspace):
    """X-Slack-No-Retry on a failure ends the tries of an event."""
    workspace.deliveries.retry_after = (0, 0, 0)
    async with answering(workspace, status=500, headers={"X-Slack-No-Retry": "1"}) as heard:
        assert (await workspace.open_home("ingrid")).error == "no_retry"
        await workspace.background.finish()
    assert heard == ["application/json"]


async def test_a_form_is_answered_with_nothing_or_json(workspace, client):
    """Text, or errors without sentences, is no answer to a form: the modal stays, and its person is told."""
    for answer in ({"text": "ok"}, {"text": '{"response_action": "errors"}', "content_type": "application/json"}):
        trigger = workspace.view_store.trigger("U0INGRID")
        view = (await client.views_open(trigger_id=trigger, view=modal({"type": "divider"})))["view"]
        async with answering(workspace, **answer):
            await workspace.submit("ingrid", view["id"], {})
        assert workspace.log[-1].sentence.startswith("invalid_arguments")
        assert len(workspace.views("ingrid")) == 1
