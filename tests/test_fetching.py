"""Events that hold no answers: stored, then completed by the tool's API, here played by a server of our own."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from conftest import NOW, SECRET, a_response, eventually
from recorded import delivery_of, recording

from bot import doctor, fetching, forget, intake, tool_api
from bot.config import SettingError, SourceSettings, load
from bot.model import Subject, Thin
from bot.settings.sources import ASKED, ApiSettings
from handlers.retry import read_again
from handlers.sources.kinds import ASKED as READ
from storage import fetches, quarantine

SAMPLE = recording("surveymonkey", "completed_told_by_the_api")
EXPECT = SAMPLE["expect"]
TOKEN = {"Authorization": "Bearer a-token"}


@dataclass
class Api:
    """The tool's API: plays what is scripted for its next requests, then tells what it was recorded to tell."""

    told: dict = field(default_factory=lambda: dict(SAMPLE["told"]))
    script: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    base: str = ""

    async def answer(self, request):
        """Answer one request as the script says."""
        self.asked.append((time.monotonic(), request.raw_path))
        if request.headers.get("Authorization") != TOKEN["Authorization"]:
            return web.json_response({"error": "no such token"}, status=401)
        step = self.script.pop(0) if self.script else None
        if callable(step):
            step = await step(request)
        if step is not None:
            return step
        return web.json_response(self.told[request.raw_path])


@pytest.fixture(name="api")
async def _api():
    api = Api()
    served = web.Application()
    served.router.add_route("GET", "/{path:.*}", api.answer)
    runner = web.AppRunner(served, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """Faults are tried again at once."""
    monkeypatch.setattr(fetching, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(fetching, "LOOK_AGAIN", 0.05)


def source_of(api, headers=TOKEN, kind="surveymonkey"):
    """Return the settings of a source whose API may be asked."""
    return {"shop": SourceSettings("shop", kind, (SECRET,), api=ApiSettings(api.base, headers))}


async def send(running, sample=SAMPLE):
    """Post an event; return status and answer."""
    delivery = delivery_of(sample)
    url = f"{running.url}/webhooks/shop?secret={SECRET}"
    async with running.http.post(url, data=delivery.body, headers=sample["headers"]) as answer:
        return answer.status, await answer.json()


async def rows(running, table="responses"):
    """Return the rows of a table."""
    return await running.bot.store.read(lambda db: db.rows(f"select * from {table}"))


async def settled(running):
    """Wait until nothing is left to be asked for."""
    await eventually(lambda: _nothing_left(running))


async def _nothing_left(running):
    return not await rows(running, "fetches")


async def test_an_event_becomes_a_card(start, workspace, api):
    """It is accepted before the tool is asked; nothing is posted until the answers are there; then once."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        asked.set()
        await go_on.wait()

    api.script = [wait]
    async with start(sources=source_of(api)) as running:
        assert await send(running) == (202, {"status": "accepted"})
        await asked.wait()
        assert len(await rows(running, "fetches")) == 1
        assert await rows(running) == []
        go_on.set()
        await settled(running)
        (row,) = await rows(running)
        assert (row["source_id"], row["score"], row["comment"]) == (EXPECT["response_id"], 10, EXPECT["comment"])
        await eventually(lambda: workspace.messages("#nps"))
        assert await send(running) == (202, {"status": "accepted"})
        await settled(running)
        assert len(await rows(running)) == 1
        assert len(workspace.messages("#nps")) == 1
        response, survey = SAMPLE["told"]
        assert [path for _, path in api.asked] == [response, survey, response]


async def _slow(_request):
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    "script",
    [
        [web.Response(status=404), web.Response(status=404)],
        [web.Response(status=500), web.Response(status=503), web.Response(status=429, headers={"Retry-After": "0"})],
        [web.Response(text="<html>soon</html>")],
        [_slow],
        [None, web.Response(status=502)],
    ],
    ids=["404 then 200", "500", "no JSON", "slow", "the second request fails"],
)
async def test_faults_pass(start, api, monkeypatch, script):
    """What may pass is tried again until it has; the doctor says what it waits for."""
    monkeypatch.setattr(tool_api, "ANSWERED_WITHIN", 0.2)
    api.script = [_again(step) for step in script]
    async with start(sources=source_of(api)) as running:
        await send(running)
        await settled(running)
        assert [row["score"] for row in await rows(running)] == [10]
        assert await rows(running, "quarantine") == []


def _again(step):
    """Return a fresh copy of a scripted answer: one can be sent only once."""
    if not isinstance(step, web.Response):
        return step

    async def fresh(_request):
        return web.Response(status=step.status, headers=dict(step.headers), body=step.body)

    return fresh


async def test_a_limit_is_obeyed(start, api):
    """After 429 with Retry-After nothing of the source is asked for that long, also what comes meanwhile."""
    api.script = [web.Response(status=429, headers={"Retry-After": "1"})]
    async with start(sources=source_of(api)) as running:
        await send(running)
        await eventually(lambda: api.asked)
        other = recording("surveymonkey", "completed_has_no_answers")
        api.told[f"/v3/surveys/415550021/responses/{other['thin'][0]}/details?simple=true"] = {
            **next(iter(api.told.values())),
            "id": other["thin"][0],
        }
        await send(running, other)
        (finding,) = await asyncio.to_thread(doctor._sources, running.bot.settings)
        await settled(running)
        assert api.asked[1][0] - api.asked[0][0] >= 0.9
        assert len(await rows(running)) == 2
    assert not finding.ok
    assert "2 wait for the tool's API" in finding.says
    assert "429" in finding.says


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([web.Response(status=302, headers={"Location": "https://elsewhere.example/"})], "answered 302"),
        ([web.Response(status=403)], "refuses the token (403)"),
        ([web.Response(status=400)], "answered 400"),
        ([], "does not run from 0 to 10"),
        ([web.Response(status=404)], "does not know this response"),
        ([web.Response(status=500)], "has a fault of its own"),
    ],
    ids=["redirect", "forbidden", "bad request", "no score", "absent for long", "down for long"],
)
async def test_what_cannot_be_completed_is_kept(start, api, monkeypatch, script, says):
    """It goes into quarantine with the reason, from where it can be asked for again; nothing is posted."""
    monkeypatch.setattr(fetching, "ABSENT_FOR", timedelta(0))
    monkeypatch.setattr(fetching, "DOWN_FOR", timedelta(0))
    stars = recording("surveymonkey", "stars_are_refused")["told"]
    api.told = api.told if script else stars
    api.script = list(script)
    async with start(sources=source_of(api)) as running:
        await send(running)
        (kept,) = await eventually(lambda: rows(running, "quarantine"))
        assert says in kept["reason"]
        assert await rows(running) == []
        api.told, api.script = dict(SAMPLE["told"]), []
        assert await running.bot.store.run(intake.take_again, running.bot.settings, (), NOW, read_again) == (1, 0)
        await settled(running)
        assert [row["score"] for row in await rows(running)] == [10]


async def test_a_wrong_token_is_told(start, api):
    """The doctor says that the token is refused, and what to do; the token itself stands nowhere."""
    async with start(sources=source_of(api, {"Authorization": "Bearer not-a-token"})) as running:
        await send(running)
        (kept,) = await eventually(lambda: rows(running, "quarantine"))
        settings = running.bot.settings
    (finding,) = doctor._sources(settings)
    assert not finding.ok
    assert "refuses the token (401)" in kept["reason"]
    assert "refuses the token (401)" in finding.says
    assert "not-a-token" not in f"{kept} {finding} {settings}"


async def test_a_restart_loses_nothing(start, workspace, api):
    """What was being asked for when the bot stopped is asked for by the next, and is one response."""
    stopped = asyncio.Event()

    async def never(_request):
        stopped.set()
        await asyncio.sleep(60)

    api.script = [never]
    async with start(sources=source_of(api)) as running:
        await send(running)
        await stopped.wait()
    async with start(sources=source_of(api)) as running:
        await settled(running)
        assert [row["score"] for row in await rows(running)] == [10]
        await eventually(lambda: workspace.messages("#nps"))


async def test_a_newer_event_is_asked_for_again(start, api):
    """An event that comes while its response is being told has it told once more."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_request):
        asked.set()
        await go_on.wait()

    api.script = [wait]
    async with start(sources=source_of(api)) as running:
        await send(running)
        await asked.wait()
        await send(running)
        go_on.set()
        await settled(running)
        assert len(api.asked) == 3
        assert len(await rows(running)) == 1


async def test_a_survey_is_asked_for_once_in_a_while(start, api):
    """Many events of one survey ask for it once; one that was changed since is asked for again, and nothing is lost."""
    response, survey = SAMPLE["told"]
    later = recording("surveymonkey", "completed_has_no_answers")
    (number,) = later["thin"]
    told = json.loads(json.dumps(SAMPLE["told"]).replace("880011", "990011").replace(', "simple_text": "10"', ""))
    async with start(sources=source_of(api)) as running:
        await send(running)
        await settled(running)
        api.told = {response.replace(EXPECT["response_id"], number): {**told[response], "id": number}}
        api.told[survey] = told[survey]
        await send(running, later)
        await settled(running)
        assert [(row["source_id"], row["score"]) for row in await rows(running)] == [
            (EXPECT["response_id"], 10),
            (number, 10),
        ]
    assert [path == survey for _, path in api.asked] == [False, True, False, False, True]


def test_what_is_known_of_a_survey():
    """It is good for ten minutes and for every response of that survey, whose own answers are never kept."""
    surveys = tool_api.Surveys()
    one, other = (Thin(number, (f"/responses/{number}", "/survey"), b"") for number in ("17", "18"))
    surveys.remember(one, {"/responses/17": 1, "/survey": 2}, 1_000.0)
    assert surveys.known(other, 1_599.0) == surveys.known(one, 1_599.0) == {"/survey": 2}
    assert surveys.known(one, 1_600.0) == {}
    for number in range(300):
        surveys.remember(Thin("x", (f"/survey/{number}",), b""), {f"/survey/{number}": 3}, 1_000.0)
    assert surveys.known(one, 1_000.0) == {}
    assert len(surveys._told) == tool_api.SURVEYS_KEPT


async def test_a_batch_is_told_one_by_one(start, api):
    """Of a batch each submission is asked for by itself, and kept with its own events only."""
    sample = recording("hubspot", "batch_without_the_answers")
    api.script = [web.Response(status=403), web.Response(status=403)]
    async with start(sources=source_of(api, kind="hubspot")) as running:
        assert await send(running, sample) == (202, {"status": "accepted"})
        await eventually(lambda: _both_kept(running))
        kept = await rows(running, "quarantine")
    assert [[event["objectId"] for event in json.loads(row["body"])] for row in kept] == [[20110045], [20110046]]


async def _both_kept(running):
    return len(await rows(running, "quarantine")) == 2


async def test_a_full_disk_loses_nothing(start, api, monkeypatch):
    """What was told while the store took nothing is asked for again, and is one response."""
    monkeypatch.setattr(fetching, "PASS_AGAIN", 0.02)
    complete, failed = intake.complete, []

    def full_at_first(*given):
        if len(failed) < 2:
            failed.append(sqlite3.OperationalError("database or disk is full"))
            raise failed[-1]
        return complete(*given)

    monkeypatch.setattr(intake, "complete", full_at_first)
    async with start(sources=source_of(api)) as running:
        await send(running)
        await settled(running)
        assert [row["score"] for row in await rows(running)] == [10]
    assert len(failed) == 2


def test_forgotten_people_are_not_asked_for(db, settings):
    """An event of a response whose person was forgotten stores nothing; one that holds the address goes."""
    thin = Thin("r-1001", ("/x",), b"[]")
    intake.receive(db, settings, "shop", a_response(), NOW)
    intake.receive_all(db, settings, "shop", [Thin("r-2", ("/x",), b'{"to": "Anna@nordlys.example"}')], NOW)
    forget.forget(db, Subject("anna@nordlys.example"), None, NOW)
    (receipt,) = intake.receive_all(db, settings, "shop", [thin], NOW)
    assert receipt.status is intake.Status.DUPLICATE
    assert fetches.waiting(db) == {}


def test_what_was_taken_away_is_not_taken_in(db, settings):
    """A response that is told after its event was dropped leaves no trace."""
    fetches.put(db, "shop", Thin("r-1", ("/x",), b"[]"), NOW)
    fetch = fetches.due(db, "shop", NOW)
    db.execute("delete from fetches")
    intake.give_up(db, fetch, "why")
    assert quarantine.listing(db) == []
    assert intake.complete(db, settings, fetch, None, NOW) is None


def test_every_tool_that_is_asked_can_be_read():
    """The tools whose API can be set are those whose module reads what it tells."""
    assert set(ASKED) == set(READ)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('kind = "typeform"\napi = { token = "t" }', "only hubspot, qualtrics, surveymonkey are asked"),
        ('kind = "surveymonkey"\napi = "t"', "must be a table"),
        ('kind = "surveymonkey"\napi = { base = "https://api.eu.surveymonkey.com" }', "needs one token"),
        ('kind = "surveymonkey"\napi = { token_env = "NOT_SET" }', "names NOT_SET, which is not set"),
        ('kind = "qualtrics"\napi = { token = "t" }', "needs a base"),
        ('kind = "surveymonkey"\napi = { token = "t", base = "http://api.surveymonkey.com" }', "https://"),
        ('kind = "surveymonkey"\napi = { token = "t", base = "https://api.example.com/v3" }', "nothing after it"),
        ('kind = "surveymonkey"\napi = { token = "t", base = "https://a:b@api.example.com" }', "another value"),
    ],
)
def test_settings_of_an_api(tmp_path, table, says):
    """Each wrong setting is named in one sentence, and no secret stands in it."""
    (tmp_path / "npsbot.toml").write_text(f'[sources.shop]\nsecret = "s"\n{table}\n', encoding="utf-8")
    with pytest.raises(SettingError, match=says):
        load({}, kinds=frozenset(ASKED) | {"typeform"})


def test_the_base_of_each_tool(tmp_path):
    """A token is enough where the tool has one address; the token does not show."""
    table = '[sources.shop]\nsecret = "s"\nkind = "surveymonkey"\napi = { token = "abc-token" }\n'
    (tmp_path / "npsbot.toml").write_text(table, encoding="utf-8")
    settings = load({}, kinds=frozenset(ASKED))
    api = settings.sources["shop"].api
    assert (api.base, api.headers) == ("https://api.surveymonkey.com", {"Authorization": "Bearer abc-token"})
    assert "abc-token" not in repr(settings)


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), ("-1", 0.0), ("1e9", 86_400.0), ("nan", None), ("", None)])
def test_retry_after(header, seconds):
    """A number of seconds is obeyed, a day at most; anything else says nothing."""
    assert tool_api._seconds(header) == seconds


def test_retry_after_as_a_date():
    """A date is obeyed too."""
    at = datetime.now(UTC) + timedelta(seconds=60)
    assert 55 < tool_api._seconds(at.strftime("%a, %d %b %Y %H:%M:%S GMT")) <= 60
