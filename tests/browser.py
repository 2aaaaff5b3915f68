"""A real Chromium for tests: `from browser import browser, visit`, and loop_scope="session" for the tests."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]
PATIENCE = 5_000
"""Milliseconds after which what a test waits for has not happened."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the session; without one, tests are skipped here and fail in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        await chromium.close()


@asynccontextmanager
async def visit(browser: Browser, address: str, **context: Any) -> AsyncIterator[Page]:
    """Open an address as a new visitor; a script's error on the page fails the test when it ends."""
    wanted = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **context}
    opened = await browser.new_context(**wanted)
    opened.set_default_timeout(PATIENCE)
    page = await opened.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        await page.goto(address)
        yield page
        assert errors == []
    finally:
        await opened.close()
