"""The demo: the bot as it really runs, on a workspace, a store and customers that exist on this machine alone."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp
import click
from aiohttp import web

from bot.app import Bot
from bot.calendars import Calendar
from bot.config import Settings, SourceSettings
from bot.demo_store import arrived, count_arrival, prepare
from bot.model import Category
from bot.referred import Referrals
from bot.serve import log_to_stderr, stop_signal
from bot.settings.reminding import Reminders, Stale
from bot.settings.roles import Roles
from bot.settings.routes import OWNER, Route
from bot.settings.yardstick import Yardstick
from bot.slack import SCOPES
from demo.page import page
from demo.people import CALLERS, SALES, cast
from demo.sample import arrivals
from demo.workspace import Workspace

if TYPE_CHECKING:
    from demo.people import People
    from storage import Store

STORE = Path("npsbot-demo.db")
PACE = (4.0, 8.0)
"""Seconds between live responses: at first, and once a visitor has seen how it goes."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where responses are sent: the bot's own webhook, as any survey tool would."""

    url: str
    secret: str
    http: aiohttp.ClientSession

    async def send(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Deliver one response; return status and answer."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with self.http.post(self.url, json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def form(self, given: dict[str, Any]) -> tuple[int, Any]:
        """Deliver what a visitor typed into the page's panel."""
        person = {name: given.pop(name) for name in ("name", "company", "email") if given.get(name)}
        return await self.send({"survey": "relationship", "respondent": person, **given})

    async def run(self, store: Store) -> None:
        """Deliver sample responses without end, at a pace that one can follow, from where the last run ended."""
        pace, longest = PACE
        for delay, body in arrivals(lambda: datetime.now(UTC), after=await store.read(arrived)):
            await asyncio.sleep(delay or pace)
            pace = min(longest, pace * 1.15)
            if not delay:
                await store.run(count_arrival)
            await self.send(body)


def show_demo(host: str, port: int, *, fresh: bool) -> None:
    """Run the demo until it is interrupted."""
    log_to_stderr(readable=sys.stderr.isatty(), level=logging.WARNING)
    if fresh:
        for suffix in ("", "-wal", "-shm", ".lock"):
            STORE.with_name(STORE.name + suffix).unlink(missing_ok=True)
    asyncio.run(_show(host, port))


async def _show(host: str, port: int) -> None:
    asked = stop_signal()
    workspace = Workspace(SCOPES)
    cast(workspace.people)
    secret = secrets.token_urlsafe(12)
    feed: list[Feed] = []

    async def send_response(given: dict[str, Any]) -> tuple[int, Any]:
        return await feed[0].form(given)

    runner = web.AppRunner(page(workspace, send_response), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        workspace.base_url = f"http://{host}:{runner.addresses[0][1]}"
        settings = _settings(workspace, secret)
        ids = {user.name: user.id for user in workspace.people.users.values()}
        bot = Bot(settings)
        await bot.store.run(prepare, settings, ids, datetime.now(UTC))
        async with bot.running(), aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{bot.port}/webhooks/json"
            feed.append(Feed(url, secret, http))
            _greet(workspace.base_url, url, secret)
            feeding = asyncio.create_task(feed[0].run(bot.store))
            await asked.wait()
            feeding.cancel()
    finally:
        await runner.cleanup()
        await workspace.stop()


def _settings(workspace: Workspace, secret: str) -> Settings:
    """Return the demo's own settings; nothing of the environment is read."""
    return Settings(
        database=STORE,
        channel="#nps",
        digest_channel="#nps-leaders",
        bot_token="xoxb-demo",  # noqa: S106  # the local workspace's, of no use elsewhere
        app_token="xapp-demo",  # noqa: S106  # the same
        slack_api_url=workspace.api_url,
        port=0,
        timezone=ZoneInfo("Europe/Stockholm"),
        sources={"json": SourceSettings("json", "json", (secret,))},
        **_team(workspace.people),
    )


def _team(people: People) -> dict[str, Any]:
    """Return what belongs to the team: roles, working hours, reminders, whose companies are whose."""
    leads = frozenset({people.user("ingrid").id})
    return {
        "roles": Roles(act=frozenset(people.user(name).id for name in CALLERS), lead=leads, admin=leads),
        "calendar": Calendar(days=frozenset(range(7)), opens=8 * 60, closes=20 * 60),  # there is always somebody
        "reminders": Reminders(
            unclaimed_after=timedelta(minutes=30),
            escalate_to=people.user("ingrid").id,
            stale_claims=Stale.WARN,
        ),
        "routes": (
            Route(1, {"category": frozenset({Category.DETRACTOR})}, assign=OWNER),
            Route(2, {"category": frozenset({Category.PROMOTER})}, mention=True),
        ),
        "referrals": Referrals(SALES),
        "score": Yardstick(target=40),
    }


def _greet(address: str, url: str, secret: str) -> None:
    body = '{"score": 3, "comment": "Too late again", "respondent": {"name": "You"}}'
    click.echo(
        f"""
  npsbot's demo: {address}
  Everything runs on this machine; new responses arrive by themselves. Send one of your own:

    curl {url} -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' -d '{body}'

  Ctrl+C ends it; npsbot demo --fresh starts over.
""",
        err=True,
    )
