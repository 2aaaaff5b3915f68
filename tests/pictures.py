"""`make pictures`: the README's pictures, made from the running demo."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from browser import ARGUMENTS, NAMES, visit
from days import a_leads_day, an_agents_day, be
from playwright.async_api import async_playwright
from walk import demo, the_loop

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
KEPT = ("home", "queue", "card", "call", "thread", "referral", "digest")
"""What the README shows of all that the walks see."""


async def main() -> None:
    """Walk through the demo and keep what it shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as folder:
        async with async_playwright() as playwright, demo(Path(folder)) as address:
            chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            await take(chromium, address)
            await chromium.close()


async def take(chromium: Browser, address: str) -> None:
    """Take the pictures of the walks, and one of a phone at night."""

    async def shot(name: str, what: Page | Locator) -> None:
        if name in KEPT:
            await what.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    async with visit(chromium, address, viewport={"width": 1280, "height": 720}) as tab:
        await a_leads_day(tab, address, shot)
        await an_agents_day(tab, address, shot)
        await be(tab, address, "ingrid")
        await the_loop(tab, shot)
    phone = {"viewport": {"width": 390, "height": 780}, "color_scheme": "dark", "device_scale_factor": 1.4}
    async with visit(chromium, address, **phone) as tab:
        await tab.goto(f"{address}/?user=freja")
        await tab.get_by_role("article").first.wait_for()
        await tab.screenshot(path=PICTURES / "phone.png", animations="disabled")


asyncio.run(main())
