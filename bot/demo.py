"""The demo: the bot as it really runs, on a workspace, a store and customers that exist on this machine alone."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import sys
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import aiohttp
import click
from aiohttp import web

from bot import callbacks, digest, periods
from bot.app import Bot
from bot.config import Settings, SourceSettings
from bot.model import Call, NextStep, Outcome, Response, State
from bot.serve import log_to_stderr, stop_signal
from bot.slack import SCOPES
from demo.page import page
from demo.sample import arrivals, year
from demo.workspace import Workspace
from handlers.sources import Delivery
from handlers.sources import json as json_source
from storage import outbox, responses
from storage import settings as stored_settings
from storage.db import stamp

if TYPE_CHECKING:
    from demo.sample import SampleResponse
    from storage.db import Db

STORE = Path("npsbot-demo.db")
CALLERS = ("ingrid", "mikko", "freja", "jonas")
CARDS_AT_FIRST = 8
PACE = (4.0, 30.0)
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

    async def run(self) -> None:
        """Deliver sample responses without end, at a pace that one can follow."""
        pace, longest = PACE
        for delay, body in arrivals(lambda: datetime.now(UTC)):
            await asyncio.sleep(delay or pace)
            pace = min(longest, pace * 1.15)
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
        people = [workspace.people.user(name).id for name in CALLERS]
        bot = Bot(settings)
        await bot.store.run(prepare, settings, people, datetime.now(UTC))
        async with bot.running(), aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{bot.port}/webhooks/json"
            feed.append(Feed(url, secret, http))
            _greet(workspace.base_url, url, secret)
            feeding = asyncio.create_task(feed[0].run())
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
    )


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


def prepare(db: Db, settings: Settings, people: list[str], now: datetime) -> None:
    """Fill an empty store with a year of responses; show what is recent in the workspace, which starts empty."""
    if db.value("select count(*) from responses") == 0:
        for sample in year(now):
            _remember(db, settings, sample, people)
        week = periods.before("week", periods.holding("week", periods.local_day(now, settings.timezone)))
        due_at = periods.at(week.last + timedelta(days=1), digest.HOUR, settings.timezone)
        stored_settings.put(db, "first_start", stamp(now))
        digest.queue(db, settings, "week", week, due_at, due_at)
    for table in ("outbox", "messages", "lanes", "channels"):
        db.execute(f"delete from {table}")
    newest = db.value("select max(id) from digests")
    if newest is not None:
        after_cards = now + timedelta(seconds=2 * CARDS_AT_FIRST)  # so that it can link to them
        outbox.put(db, "digest", newest, settings.digests_go_to, now, not_before=after_cards)
    for response_id in _worth_showing(db):
        _show_again(db, settings, response_id, now)


def _remember(db: Db, settings: Settings, sample: SampleResponse, people: list[str]) -> None:
    """Store one sample response and what became of its callback, as if each had happened at its time."""
    delivery = Delivery(headers={}, body=json.dumps(sample.body).encode(), now=datetime.now(UTC))
    [response] = json_source.parse(delivery, {})
    if not isinstance(response, Response) or (at := response.submitted_at) is None or response.score is None:
        raise ValueError("a sample response has a score and a time")
    stored = responses.add(db, "json", response, at)
    callbacks.open_if_asked(db, settings, stored.id, response.score, at)
    if sample.claimed_by is not None and sample.claimed_at is not None:
        callbacks.claim(db, stored.public_id, people[sample.claimed_by], sample.claimed_at)
    for call in sample.calls:
        step = NextStep(call.next_step)
        logged = Call(
            caller=people[call.caller],
            at=call.at,
            outcome=Outcome(call.outcome),
            notes=call.notes,
            themes=call.themes,
            next_step=step,
            call_again_at=call.at + timedelta(days=1) if step is NextStep.CALL_AGAIN else None,
            referral_name=call.referral_name,
            referral_contact=call.referral_contact,
        )
        callbacks.log_call(db, settings, stored.public_id, logged)
    if sample.closed_at is not None and sample.claimed_by is None:
        callbacks.dismiss(db, stored.public_id, people[0], "No call needed", sample.closed_at)


def _worth_showing(db: Db) -> list[int]:
    """Return the newest responses and the most urgent callbacks, in order of time."""
    newest = deque((row["id"] for row in db.rows("select id from responses order by id desc limit 4")), maxlen=4)
    urgent = db.rows(
        """select c.response_id from callbacks c join responses r on r.id = c.response_id
           where c.state <> :closed order by c.due_at limit :most""",
        closed=State.CLOSED,
        most=CARDS_AT_FIRST - 4,
    )
    return sorted({*newest, *(row["response_id"] for row in urgent)})


def _show_again(db: Db, settings: Settings, response_id: int, now: datetime) -> None:
    found = responses.by_id(db, response_id)
    if found is None:
        return
    card = outbox.put(db, "card", response_id, settings.channel, now, public_id=found.public_id)
    for row in db.rows("select id from calls where response_id = :id order by id", id=response_id):
        outbox.put(db, "call", row["id"], settings.channel, now, parent=card, urgent=True)
