"""The app's shortcuts on the demo's page: one on every message, the other beside the commands; in a real browser."""

from __future__ import annotations

import asyncio

import pytest
from browser import browser, visit
from desk import desk
from playwright.async_api import expect

__all__ = ["browser", "desk"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def heard(desk):
    """Return the next thing that reaches the app, but for events."""
    while True:
        body = await asyncio.wait_for(desk.heard.get(), 10)
        if body["type"] != "event_callback":
            return body


async def test_a_message_shortcut(browser, desk):
    """The menu of a message, in a channel and in a thread, offers what the app can do with it."""
    ts = await desk.post("Anna called: anna@nordlys.example")
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        await tab.click("[data-place=C0NPS]")
        message = tab.get_by_role("log").locator("article").last
        await message.hover()
        await message.get_by_role("button", name="Message shortcuts").click()
        await tab.get_by_role("menuitem", name="Log call with customer").click()
        body = await heard(desk)
        assert (body["type"], body["callback_id"]) == ("message_action", "log_call_with_customer")
        assert (body["message"]["ts"], body["channel"]["id"], body["user"]["id"]) == (ts, "C0NPS", "U0FREJA")
        assert "metadata" not in body["message"]


async def test_a_global_shortcut(browser, desk):
    """The global shortcut stands beside the commands, and is found by its name."""
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        await tab.click("[data-place=C0NPS]")
        box = tab.get_by_role("textbox")
        await box.press_sequentially("/fin")
        option = tab.get_by_role("option", name="Find a customer")
        await expect(option).to_be_visible()
        await option.click()
        body = await heard(desk)
        assert (body["type"], body["callback_id"]) == ("shortcut", "find_customer")
        assert "channel" not in body
        await expect(box).to_have_value("")
