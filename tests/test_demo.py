"""The demo: one command, a browser, the whole loop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from browser import browser, visit
from days import a_leads_day, an_agents_day
from walk import demo, the_loop

from bot.demo import PACE, Feed
from demo.sample import arrivals
from storage import Store

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

__all__ = ["browser"]
ARTIFACTS = Path(__file__).parent.parent / "artifacts"


@pytest.fixture
def shot():
    """What a walk saw, kept beside the project for whoever looks into a failure or a change."""
    ARTIFACTS.mkdir(exist_ok=True)

    async def take(name: str, what: Page | Locator) -> None:
        await what.screenshot(path=ARTIFACTS / f"demo-{name}.png")

    return take


@pytest.mark.asyncio(loop_scope="session")
async def test_a_newcomer_sees_the_whole_loop(browser, tmp_path, shot):
    """A response appears, is claimed and called; the thread tells what was said, and leaders read the digest."""
    async with demo(tmp_path) as address, visit(browser, address) as tab:
        await the_loop(tab, shot)
    assert (tmp_path / "npsbot-demo.db").exists()


@pytest.mark.parametrize("day", [an_agents_day, a_leads_day])
@pytest.mark.asyncio(loop_scope="session")
async def test_a_day_in_the_team(browser, tmp_path, shot, day):
    """An agent claims, calls in vain, puts aside, is reminded, calls and passes on; a lead sees to what is overdue."""
    async with demo(tmp_path) as address, visit(browser, address) as tab:
        await day(tab, address, shot)


@pytest.mark.asyncio(loop_scope="session")
async def test_what_arrives_goes_on_in_the_next_run(tmp_path, monkeypatch):
    """A second run on the same store sends none of the first run's answers again."""
    monkeypatch.setattr("bot.demo.PACE", (0.001, 0.001))
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        told.put_nowait(await request.json())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/", take)
    async with TestServer(app) as server, aiohttp.ClientSession() as http:
        runs = [await _first(Feed(str(server.make_url("/")), "s", http), tmp_path / "demo.db", told) for _ in range(2)]
    assert runs[0].isdisjoint(runs[1])


async def _first(feed: Feed, path: Path, told: asyncio.Queue[dict[str, Any]]) -> set[str]:
    """Run a feed until it has sent two answers; return who answered what."""
    store = Store(path)
    running = asyncio.create_task(feed.run(store))
    said = {(body := await told.get())["respondent"].get("name", "") + body.get("comment", "") for _ in range(2)}
    running.cancel()
    await asyncio.wait([running])
    store.close()
    return said


def test_new_responses_come_every_few_seconds_however_long_it_runs():
    """The pace of the first minute is that of the last too, and none waits longer for its second half."""
    now = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
    assert max(*PACE, *(delay for delay, _ in islice(arrivals(lambda: now), 400))) <= 8


@pytest.mark.asyncio(loop_scope="session")
async def test_the_demo_starts_again_on_its_own_store(tmp_path, browser):
    """A second start shows again what is recent, and each digest once: the last week's, and that of the crisis."""
    async with demo(tmp_path):
        pass
    async with demo(tmp_path) as address, visit(browser, address) as tab:
        await tab.locator("[data-place=C0NPSLEADERS]").click()
        for digest in ("NPS of the week", "NPS of the quarter"):
            await tab.get_by_role("article").filter(has_text=digest).wait_for(timeout=45_000)
        await tab.locator("[data-place=C0NPS]").click()
        await tab.get_by_role("article").first.wait_for(timeout=15_000)
