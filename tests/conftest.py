"""What the tests share: a store, settings, a workspace, a running bot; each test its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import hypothesis
import pytest
import structlog
import yaml

from bot import outbox, people, slack
from bot.app import Bot
from bot.config import Settings, SourceSettings
from bot.model import Respondent, Response
from bot.texts import Texts
from demo.workspace import Workspace
from storage.db import Db, connect_writer, migrate

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
SECRET = "a-secret-of-the-tests"

hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the golden files be written anew, for their diff to be read."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/*.json as things are now")


@pytest.fixture(autouse=True)
def _scrubbed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of the machine it runs on, or writes where it was started."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CHANNEL", "DIGEST_CHANNEL", "DATABASE", "HOST", "PORT", "TIMEZONE", "LANGUAGE", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"NPSBOT_{name}", raising=False)
    monkeypatch.delenv("NPSBOT_CONFIG", raising=False)
    monkeypatch.delenv("NPSBOT_PUBLIC_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.ReturnLoggerFactory(),
        cache_logger_on_first_use=False,
    )


@cache
def _migrated() -> bytes:
    """Return an empty store as it stands after all migrations."""
    with closing(connect_writer(Path(":memory:"), checkpoints=True)) as connection:
        migrate(connection, Path(":memory:"))
        return connection.serialize()


@contextmanager
def an_empty_store(content: bytes | None = None) -> Iterator[Db]:
    """Yield a store in memory, in a transaction: one for each case that Hypothesis draws, empty or as it is told."""
    with closing(connect_writer(Path(":memory:"), checkpoints=True)) as connection:
        connection.deserialize(content or _migrated())
        connection.execute("begin immediate")
        yield Db(connection)


@pytest.fixture(name="db")
def _db() -> Iterator[Db]:
    with an_empty_store() as db:
        yield db


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    return Settings(
        database=tmp_path / "npsbot.db",
        bot_token="xoxb-demo",
        signing_secret="demo-signing-secret",
        port=0,
        sources={"json": SourceSettings("json", "json", (SECRET,))},
    )


@pytest.fixture(name="texts")
def _texts(settings: Settings) -> Texts:
    return Texts("en", settings.timezone)


@pytest.fixture(name="scopes", scope="session")
def _scopes() -> list[str]:
    manifest: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    scopes: list[str] = manifest["oauth_config"]["scopes"]["bot"]
    return scopes


@pytest.fixture(name="workspace")
async def _workspace(scopes: list[str]) -> AsyncIterator[Workspace]:
    workspace = Workspace(scopes)
    await workspace.start()
    yield workspace
    await workspace.stop()


@pytest.fixture(name="slack")
async def _slack(workspace: Workspace) -> AsyncIterator[slack.Slack]:
    """The door to the workspace's Web API, with its connection open."""
    door = slack.Slack(workspace.bot_token, workspace.api_url)
    await door.open()
    yield door
    await door.close()


@dataclass
class Running:
    """A bot at work on a workspace, and a client to knock at its door."""

    bot: Bot
    workspace: Workspace
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Return where the bot listens."""
        return f"http://127.0.0.1:{self.bot.port}"

    async def deliver(self, body: object, *, source: str = "json", secret: str = SECRET) -> tuple[int, dict[str, Any]]:
        """Send one delivery as JSON; return status and answer."""
        headers = {"Authorization": f"Bearer {secret}"}
        async with self.http.post(f"{self.url}/webhooks/{source}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()


Starter = Callable[..., AbstractAsyncContextManager[Running]]


async def eventually(look: Callable[[], Any], within: float = 30.0) -> Any:
    """Return what `look` gives as soon as it is true; fail with the last it gave when it never is."""
    until = asyncio.get_running_loop().time() + within
    while True:
        found = look()
        found = await found if asyncio.iscoroutine(found) else found
        if found:
            return found
        if asyncio.get_running_loop().time() > until:
            raise AssertionError(f"not so within {within} s: the last was {found!r}")
        await asyncio.sleep(0.01)


@pytest.fixture(name="start")
def _start(workspace: Workspace, settings: Settings) -> Starter:
    """Start the real bot, over HTTP or, with `socket=True`, over Socket Mode; other words are settings."""

    @asynccontextmanager
    async def start(*, socket: bool = False, **changes: Any) -> AsyncIterator[Running]:
        chosen = replace(
            settings, slack_api_url=workspace.api_url, app_token="xapp-demo" if socket else None, **changes
        )
        async with Bot(chosen).running() as bot, aiohttp.ClientSession() as http:
            if not socket:
                workspace.request_url = f"http://127.0.0.1:{bot.port}/slack/events"
            yield Running(bot, workspace, http)

    return start


@pytest.fixture(name="quick")
def _quick(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> None:
    """Shorten every wait of the delivery loop in its own proportion; keep no pace, and give a busy machine time."""
    looks = {"LOOKS": (0.2, 0.5, 1.0), "LOOKS_ANSWERED": (0.2, 0.4)}
    waits = {"BLOCKED_FOR": 0.3, "LOOK_AGAIN": 0.3, "LOOK_AGAIN_REFUSED": 0.3}
    for name, seconds in looks.items():
        monkeypatch.setattr(outbox, name, tuple(timedelta(seconds=each) for each in seconds))
    for name, wait in waits.items():
        monkeypatch.setattr(outbox, name, timedelta(seconds=wait))
    for name, figure in {"STORE_AGAIN": 0.05, "PASS_AGAIN": 0.2, "LONGEST_WAIT": 0.2}.items():
        monkeypatch.setattr(outbox, name, figure)
    for name in ("POSTS", "CHANGES"):
        monkeypatch.setattr(outbox, name, (200.0, 50.0))
    monkeypatch.setattr(slack, "OPEN_WITHIN", 20.0)
    monkeypatch.setattr(people, "ANSWER_WITHIN", 20.0)
    workspace.rates.on = False
    workspace.deliveries.ack_seconds = workspace.view_store.trigger_seconds = 30.0


@pytest.fixture(name="running", params=["http", "socket"])
async def _running(
    request: pytest.FixtureRequest, start: Starter, quick: None
) -> AsyncIterator[Running]:  # it only has to be
    """A bot that Slack reaches over HTTP, and then over Socket Mode."""
    async with start(socket=request.param == "socket") as running:
        await eventually(lambda: running.workspace.app()["connected"])
        yield running


def a_response(**changes: Any) -> Response:
    """Return a response as a source tells it; every field can be given."""
    person = {
        name.removeprefix("respondent_"): changes.pop(name) for name in list(changes) if name.startswith("respondent_")
    }
    full = Response(
        id="r-1001",
        score=3,
        comment="Leveransen kom två veckor för sent",
        survey="relationship",
        touchpoint="onboarding",
        submitted_at=NOW,
        version=NOW.timestamp(),
        respondent=Respondent(
            id="c-17",
            name="Anna Berg",
            email="anna@nordlys.example",
            phone="+46 70 174 06 05",
            company="Nordlys AB",
            language="sv",
        ),
        link="https://crm.example/c-17",
        properties={"plan": "pro"},
    )
    return replace(full, respondent=replace(full.respondent, **person), **changes)
