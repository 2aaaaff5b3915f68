"""Whatever is sent is answered: no body breaks the bot, and no answer or log line repeats what a person wrote."""

from __future__ import annotations

import copy
import json
import logging

import pytest
from conftest import SECRET, eventually
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from knocking import FULL
from recorded import recorded
from structlog.testing import capture_logs

from bot.config import SourceSettings
from handlers.sources.kinds import KINDS
from handlers.web import LARGEST_BODY
from storage import failures, quarantine, responses
from storage import outbox as stored

HUGE = "8a1f0dd2-1e999"
"""Stands in a body for the number 1e999, which no encoder writes."""
ODD = [
    None,
    True,
    0,
    -1,
    7.5,
    2**63,
    -(2**63) - 1,
    10**4000,
    HUGE,
    "",
    " ",
    "\x00",
    "\ud800",
    "a\udfff\x00b",
    "<!channel> <@U0INGRID> *b* `c`",
    "\u202eabc\u2066",
    "🙈" * 4000,
    "x" * 100_000,
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "1" * 17,
    [],
    {},
    [[]],
    {"": ""},
    {"\ud800": "\x00"},
]
BODY = {**FULL, "survey": {"id": "s-1", "name": "relationship"}, "properties": {"plan": {"seats": [1, 2]}}}
SEND = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
FIXTURES = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow], "deadline": None}
anything = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Yield the way to every value within a body."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from places(below, (*path, key))


def changed(body, path, value):
    """Return a body with another value at one place."""
    if not path:
        return value
    body = copy.deepcopy(body)
    place = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return body


def written(body):
    """Return a body as bytes, with what no encoder writes."""
    return json.dumps(body).replace(f'"{HUGE}"', "1e999").encode()


@st.composite
def bodies(draw, sample):
    """Draw a body that is right but for a few places."""
    body = sample
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(body))))
        body = changed(body, path, draw(anything))
    return body


@pytest.fixture(name="running")
async def _running(start, quick):
    assert quick is None
    async with start(sources={kind: SourceSettings(kind, kind, (SECRET,)) for kind in KINDS}) as running:
        yield running


async def send(running, body, source="json"):
    async with running.http.post(f"{running.url}/webhooks/{source}", data=body, headers=SEND) as answer:
        return answer.status, await answer.text()


async def shown(running):
    """Wait until all cards stand; none was too strange for Slack."""

    async def settled():
        found = await running.bot.store.read(stored.figures)
        return not (found.get("queued") or found.get("sending"))

    await eventually(settled)
    assert await running.bot.store.read(failures.listing) == []


@settings(max_examples=150, **FIXTURES)
@given(body=bodies(BODY))
async def test_any_value_at_any_place(running, body):
    """A body with anything at all in any of its places is taken or refused with the place's name."""
    sent = written(body)
    status, text = await send(running, sent)
    answer = json.loads(text)
    if status == 422:
        assert set(answer) == {"error", "field"}
    else:
        assert status in ({413} if len(sent) > LARGEST_BODY else {200, 202, 400}), text
    await shown(running)


async def test_odd_values(running):
    """Every value that has ever broken a parser, at every place of the documented body."""
    for path in filter(None, places(BODY)):
        for number, value in enumerate(ODD):
            body = changed({**BODY, "id": f"r-{number}"}, path, value)
            status, text = await send(running, written(body))
            assert status in {200, 202, 422}, (path, value, text)
            if status == 422:
                assert json.loads(text)["field"].split(".")[-1] in map(str, path)
    await shown(running)


@pytest.mark.parametrize("place", ["", "properties", "score", "comment", "respondent"])
@pytest.mark.parametrize("source", ["json", "typeform"])
async def test_depth(running, place, source):
    """Values within values within values, however deep, are an answer."""
    for depth in (10, 100, 300, 450, 500, 700, 900, 990, 1_100, 100_000):
        for opening, end in (("[", "]"), ('{"a":', "}")):
            nest = opening * depth + "1" + end * depth
            nest = f'{{"a": {nest}}}' if place == "properties" else nest
            form = '"event_type": "form_response", "form_response": {"token": "t"}'
            body = f'{{"score": 9, {form}, "{place}": {nest}}}' if place else nest
            status, text = await send(running, body.encode(), source)
            assert status in {200, 202, 400, 413, 422}, (depth, text)


@pytest.mark.parametrize(
    "number", ["1" * 4_300, "1" * 5_000, "-" + "9" * 5_000, "1e400", "-1e400", "1e-400", "0" * 300]
)
async def test_numbers_of_absurd_length(running, number):
    """A number of any length, in any place, is an answer."""
    for body in (number, f'{{"score": {number}}}', f'{{"score": 9, "id": {number}, "properties": {{"n": {number}}}}}'):
        status, text = await send(running, body.encode())
        assert status in {202, 400, 422}, text


async def test_of_two_scores_the_last_counts(running):
    """A name that stands twice is no fault; JSON's readers take the last."""
    assert (await send(running, b'{"id": "r-1", "score": 11, "score": 9}'))[0] == 202
    found = await running.bot.store.read(responses.by_source, "json", "r-1")
    assert found.response.score == 9


@pytest.mark.parametrize("odd", ["\\ud800", "\\udfff", "\\u0000", "\\ud83d", "\\ude00"])
async def test_half_characters_in_a_comment(running, odd):
    """Half a character or a NUL costs that character, not the comment."""
    status, _ = await send(running, f'{{"id": "r-1", "score": 9, "comment": "Bra{odd}jobbat"}}'.encode())
    assert status == 202
    comment = (await running.bot.store.read(responses.by_source, "json", "r-1")).response.comment
    assert (comment[:3], comment[-6:]) == ("Bra", "jobbat")
    assert comment.encode()
    await shown(running)


async def test_a_comment_of_any_length(running):
    """A quarter of a megabyte of comment is kept whole, and its card is one message."""
    comment = "Så bra! 🎉 " * 17_000
    status, _ = await send(
        running, json.dumps({"id": "r-1", "score": 9, "comment": comment}, ensure_ascii=False).encode()
    )
    assert status == 202
    assert (await running.bot.store.read(responses.by_source, "json", "r-1")).response.comment == comment.strip()
    await shown(running)
    (card,) = running.workspace.messages("#nps")
    assert len(json.dumps(card)) < 10_000


async def test_long_ids_stay_apart(running):
    """Two responses whose ids differ only at their ends are two."""
    for end in "ab":
        assert (await send(running, json.dumps({"id": "x" * 600 + end, "score": 9}).encode()))[0] == 202
    assert len(await running.bot.store.read(lambda db: db.rows("select * from responses"))) == 2


TOOLS = [
    (kind, sample)
    for kind, sample in (parameter.values for parameter in recorded())
    if kind != "json" and "secret" not in sample and isinstance(sample["body"], dict | list)
]


@settings(max_examples=100, **FIXTURES)
@given(data=st.data())
async def test_no_body_of_a_tool_is_a_fault(running, data):
    """An authentic delivery of a tool that nobody can correct is taken, ignored or kept whole, whatever is in it."""
    kind, sample = data.draw(st.sampled_from(TOOLS))
    body = written(data.draw(bodies(sample["body"])))
    before = len(await running.bot.store.read(quarantine.listing))
    url = f"{running.url}/webhooks/{kind}"
    async with running.http.post(url, data=body, params=sample.get("query"), headers=sample["headers"]) as answer:
        assert answer.status in {200, 202, 401, 413}
        if (await answer.json()).get("status") == "quarantined":
            kept = await running.bot.store.read(quarantine.listing)
            assert [row["body"] for row in kept[before:]] == [body]


PRIVATE = [
    "Leveransen",
    "Anna",
    "Berg",
    "nordlys",
    "174 06 05",
    SECRET,
    "xoxb-demo",
    "demo-signing-secret",
    "xapp-demo",
]


async def test_answers_and_logs_tell_nothing(running, caplog):
    """What a person wrote, and what is secret, is in no answer that refuses and in no line of the log."""
    caplog.set_level(logging.INFO)
    answers = []
    with capture_logs() as lines:
        answers.append(await send(running, written(BODY)))
        wrongs = ({"Anna Berg": SECRET}, ["Leveransen", SECRET], "Anna Berg anna@nordlys.example")
        every = [changed(BODY, path, wrong) for path in places(BODY) for wrong in wrongs]
        answers += [await send(running, written(wrong)) for wrong in every]
        answers.append(await send(running, b'{"score": "Anna Berg"'))
        async with running.http.post(f"{running.url}/webhooks/json?secret={SECRET}", data=written(BODY)) as refused:
            answers.append((refused.status, await refused.text()))
        headers = {**SEND, "Authorization": f"Bearer {SECRET} Anna Berg"}
        async with running.http.post(f"{running.url}/webhooks/json", data=written(BODY), headers=headers) as refused:
            answers.append((refused.status, await refused.text()))
        await shown(running)
    assert {status for status, _ in answers} >= {200, 202, 400, 401, 415, 422}
    told = "\n".join(text for _, text in answers) + json.dumps(lines, default=str) + caplog.text
    assert [word for word in PRIVATE if word in told] == []
