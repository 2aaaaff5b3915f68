"""The demo: one command, a browser, the whole loop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import browser, visit
from walk import demo, the_loop

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

__all__ = ["browser"]
ARTIFACTS = Path(__file__).parent.parent / "artifacts"


@pytest.mark.asyncio(loop_scope="session")
async def test_a_newcomer_sees_the_whole_loop(browser, tmp_path):
    """A response appears, is claimed and called; the thread tells what was said, and leaders read the digest."""
    ARTIFACTS.mkdir(exist_ok=True)

    async def shot(name: str, what: Page | Locator) -> None:
        await what.screenshot(path=ARTIFACTS / f"demo-{name}.png")

    async with demo(tmp_path) as address, visit(browser, address) as tab:
        await the_loop(tab, shot)
    assert (tmp_path / "npsbot-demo.db").exists()


@pytest.mark.asyncio(loop_scope="session")
async def test_the_demo_starts_again_on_its_own_store(tmp_path, browser):
    """A second start shows again what is recent, and the digest once."""
    async with demo(tmp_path):
        pass
    async with demo(tmp_path) as address, visit(browser, address) as tab:
        await tab.locator("[data-place=C0NPSLEADERS]").click()
        await tab.get_by_role("article").filter(has_text="NPS of the week").wait_for(timeout=45_000)
        await tab.locator("[data-place=C0NPS]").click()
        await tab.get_by_role("article").first.wait_for(timeout=15_000)
