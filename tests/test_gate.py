"""Who and what is let in: Slack's own requests alone, and of people full members alone."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
from conftest import eventually
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.slack import Unknown
from demo import payloads
from demo.deliveries import INTERACTIVE
from demo.people import OTHER_TEAM_ID, TEAM_ID
from handlers.web import read_form

MEMBER_BUT = {
    "guest": {"is_restricted": True},
    "guest of one channel": {"is_restricted": True, "is_ultra_restricted": True},
    "stranger": {"is_stranger": True, "team_id": OTHER_TEAM_ID},
    "of another workspace": {"team_id": OTHER_TEAM_ID},
    "bot": {"is_bot": True},
    "left": {"deleted": True},
    "not confirmed": {},
}
CLICKS = {
    "claim": ("claim_callback", None),
    "log call": ("log_call", None),
    "assign": ("callback_menu", "assign"),
    "snooze": ("callback_menu", "snooze"),
    "dismiss": ("callback_menu", "dismiss"),
    "history": ("callback_menu", "history"),
    "show comment": ("show_comment", None),
}
FORMS = {
    "log call": ("log_call", None, {"outcome": "voicemail"}),
    "assign": ("callback_menu", "assign", {"assignee": "U0INGRID"}),
    "snooze": ("callback_menu", "snooze", {}),
    "dismiss": ("callback_menu", "dismiss", {"reason": "No need"}),
}
COMMANDS = (
    "",
    "help",
    "score",
    "queue",
    "mine",
    "find Anna",
    "customer anna@nordlys.example",
    "digest",
    "export",
    "forget x@y.example",
)
SIGNING_SECRET = "demo-signing-secret"
REFUSED = ("Only full members", "could not confirm")
BODY = {
    "id": "r-1",
    "score": 3,
    "comment": "Leveransen " * 100,
    "respondent": {"name": "Anna", "email": "anna@nordlys.example"},
}


@pytest.fixture(name="card")
async def _card(running):
    """Deliver a response and wait for its card, until the store knows where it stands."""
    await running.deliver(BODY)
    await eventually(lambda: running.bot.store.read(lambda db: db.value("select ts from messages")))
    return running.workspace.messages("#nps")[0]


@pytest.fixture(name="outsider", params=MEMBER_BUT)
async def _outsider(request, card, workspace, running, monkeypatch):
    """Let somebody into the channel who is no full member, or of whom Slack does not say it."""
    assert card
    user = workspace.add_user("other", "Other", **MEMBER_BUT[request.param])
    workspace.join(user.id, "#nps")
    if request.param == "not confirmed":
        ask = running.bot.slack.user

        async def told_of_others(whom):
            if whom == user.id:
                raise Unknown("internal_error", answered=True)
            return await ask(whom)

        monkeypatch.setattr(running.bot.slack, "user", told_of_others)
    return user


async def everything(running):
    """Return all that is in the store."""

    def read(db):
        tables = ("responses", "callbacks", "calls", "history", "messages")
        return {table: db.rows(f"select * from {table}") for table in tables}

    return await running.bot.store.read(read)


def refused(text):
    return any(word in text for word in REFUSED)


async def test_outsiders_clicks(running, workspace, outsider, card):
    """Whoever is no full member can press every button; each press is refused to them alone and changes nothing."""
    before = await everything(running)
    for number, (action, value) in enumerate(CLICKS.values(), start=1):
        assert (await workspace.click(outsider.id, "#nps", card["ts"], action, value=value)).ok
        told = await eventually(lambda number=number: workspace.ephemerals(outsider.id)[number - 1 :])
        assert refused(told[0]["text"])
    assert workspace.views(outsider.id) == []
    assert await everything(running) == before


async def test_outsiders_forms(running, workspace, outsider, card):
    """Nor do they get through with a form that they should not have."""
    before = await everything(running)
    for action, value, fields in FORMS.values():
        assert (await workspace.click("ingrid", "#nps", card["ts"], action, value=value)).ok
        await eventually(lambda: workspace.views("ingrid"))
        (view,) = workspace.view_store.stacks["U0INGRID"]
        workspace.view_store.stacks = {outsider.id: [view]}
        ack = await workspace.submit(outsider.id, view["id"], fields)
        assert (ack.ok, [refused(sentence) for sentence in ack.errors.values()]) == (True, [True])
    assert await everything(running) == before


async def test_outsiders_commands(running, workspace, outsider):
    """Nor with the command, whatever they ask."""
    before = await everything(running)
    for text in COMMANDS:
        ack = await workspace.command(outsider.id, "#nps", "/nps", text)
        assert (ack.ok, ack.body["response_type"], refused(ack.body["text"])) == (True, "ephemeral", True)
        assert "Anna" not in json.dumps(ack.body)
    assert await everything(running) == before


async def test_outsiders_home(running, workspace, outsider):
    """Their App Home says why it is empty, and its buttons would do nothing."""
    before = await everything(running)
    if not (outsider.is_bot or outsider.deleted):
        assert (await workspace.open_home(outsider.id)).ok
        home = json.dumps(await eventually(lambda: workspace.home(outsider.id)))
        assert (refused(home), "Anna" in home) == (True, False)
    await workspace.open_home("ingrid")
    theirs = await eventually(lambda: workspace.home("ingrid"))
    workspace.view_store.publish_home(outsider.id, theirs)
    assert (await workspace.click_view(outsider.id, "home", "claim_callback")).ok
    assert refused(json.dumps(await eventually(lambda: workspace.views(outsider.id))))
    assert await everything(running) == before


@pytest.mark.usefixtures("card")
async def test_colleagues_outside_the_channel(workspace):
    """A colleague who is not in the cards' channel is shown no customer, neither by the command nor at home."""
    workspace.add_user("nora", "Nora Vik")
    workspace.join("nora", "#general")
    for text in ("queue", "mine", "find Anna", "customer anna@nordlys.example", "digest"):
        ack = await workspace.command("nora", "#general", "/nps", text)
        assert "#nps" in ack.body["text"]
        assert "Anna" not in json.dumps(ack.body)
    await workspace.open_home("nora")
    home = json.dumps(await eventually(lambda: workspace.home("nora")))
    assert ("#nps" in home, "Anna" in home) == (True, False)
    workspace.join("nora", "#nps")
    assert "Anna" in json.dumps((await workspace.command("nora", "#general", "/nps", "queue")).body)


async def test_what_a_form_says_of_itself_is_checked(running, workspace, card):
    """A form about a response that is not there, or with choices that it does not offer, does nothing."""
    before = await everything(running)
    await workspace.click("ingrid", "#nps", card["ts"], "log_call")
    (view,) = await eventually(lambda: workspace.views("ingrid"))
    person = workspace.people.user("ingrid")
    odd = {"type": "static_select", "selected_option": {"value": "hypnotised", "text": {}}}
    for forged in (
        view | {"private_metadata": "r_none"},
        view | {"private_metadata": ""},
        view | {"state": {"values": {}}},
        view | {"state": {"values": {"outcome": {"value": odd}}}},
        view | {"state": {"values": {"outcome": {"value": None}}}},
    ):
        ack = await workspace._send(person, INTERACTIVE, payloads.view_submission(person, "1.2.x", forged))
        assert (ack.ok, bool(ack.errors)) == (True, True)
    assert await everything(running) == before


def signed(body: bytes, secret: str = SIGNING_SECRET, *, at: int | None = None) -> dict[str, str]:
    """Return Slack's headers for a body."""
    stamp = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMAND = urlencode({"command": "/nps", "text": "queue", "user_id": "U0INGRID", "team_id": TEAM_ID}).encode()


@pytest.fixture(name="http")
async def _http(start):
    async with start() as running:
        yield running


async def post(running, body, headers):
    async with running.http.post(f"{running.url}/slack/events", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v1=" + "a" * 64},
        {"X-Slack-Signature": "v0=" + "a" * 64},
        {"X-Slack-Signature": "v0=" + "å" * 64},
        {"X-Slack-Signature": "v0=" + "a" * 63 + "\u0661"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "1" * 40},
        {"X-Slack-Request-Timestamp": "-1234567890"},
        {"X-Slack-Request-Timestamp": "\u0661" * 10},
    ],
    ids=str,
)
async def test_headers_that_are_not_slacks(http, change):
    """A signature or a time that is missing, wrong or garbled is 401, and nobody acts."""
    await turned_away(http, change)


@pytest.mark.parametrize(
    ("body", "secret", "later"),
    [
        (COMMAND, "another-secret", 0),
        (COMMAND, SIGNING_SECRET, -3_000),
        (COMMAND, SIGNING_SECRET, 3_000),
        (COMMAND + b"&text=mine", SIGNING_SECRET, 0),
    ],
    ids=["another secret", "too old", "too new", "another body"],
)
async def test_signatures_that_are_not_slacks(http, body, secret, later):
    """A signature by another secret, of another time or of another body is 401, and nobody acts."""
    await turned_away(http, signed(body, secret, at=int(time.time()) + later))


async def turned_away(http, change):
    """See that a request of Slack's is no longer one once these headers are changed."""
    assert (await post(http, COMMAND, FORM | signed(COMMAND)))[0] == 200
    status, text = await post(http, COMMAND, FORM | signed(COMMAND) | change)
    assert (status, list(json.loads(text))) == (401, ["error"])
    assert (await post(http, b"payload=notjson", FORM | {"X-Slack-Signature": "v0=00"}))[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=notjson",
        b"payload=",
        b"payload=7",
        b"payload=[]",
        b"payload=null",
        b'payload="words"',
        b"payload=" + b"[" * 100_000,
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": []}',
        b'{"type": "block_actions"}',
        b'{"type": "block_actions", "user": "U0INGRID", "actions": []}',
        b'{"type": "block_actions", "user": {"id": "U0INGRID"}, "actions": [{}]}',
        b'{"type": "view_submission", "user": {"id": "U0INGRID"}, "view": {}}',
        b'{"type": "view_submission", "user": {"id": "U0INGRID"}, "view": {"callback_id": "log_call"}}',
        b"command=/nps",
        b"command=/nps&user_id=U0INGRID&text=%00%ff",
    ],
    ids=lambda body: body.decode(errors="replace")[:60],
)
@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
async def test_what_slack_would_never_send(http, body, content_type):
    """Even with Slack's own signature no body is a fault of ours."""
    status, text = await post(http, body, {"Content-Type": content_type} | signed(body))
    assert status < 500, text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), headers=st.sampled_from([FORM, {"Content-Type": "application/json"}]))
async def test_any_bytes_with_slacks_signature(http, body, headers):
    """Any bytes at all are answered."""
    assert (await post(http, body, headers | signed(body)))[0] < 500
    assert (await post(http, body, headers))[0] == 401


@given(st.dictionaries(st.text(), st.text()))
def test_any_form_is_read_as_it_was_written(form):
    """Every character of a command comes through, also empty fields and those that the encoding itself uses."""
    form.pop("payload", None)
    assert read_form(urlencode(form)) == form


async def test_slack_checks_the_address(http):
    """Slack's question whether the address is ours is answered as Slack wants it."""
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB"}).encode()
    status, text = await post(http, body, {"Content-Type": "application/json"} | signed(body))
    assert (status, json.loads(text)) == (200, {"challenge": "3eZbrw1aB"})


async def test_a_body_of_any_size(http):
    """More than Slack ever sends is refused before it is read."""
    status, _ = await post(http, iter_zeros(), FORM)
    assert status == 413


async def iter_zeros():
    for _ in range(40):
        yield b"0" * 65_536
        await asyncio.sleep(0)


async def test_http_is_off_in_socket_mode(start, workspace):
    """Over Socket Mode nothing is taken at the address for HTTP."""
    async with start(socket=True) as running:
        await eventually(lambda: workspace.app()["connected"])
        assert (await post(running, COMMAND, FORM | signed(COMMAND)))[0] == 404
