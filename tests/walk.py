"""The demo as a visitor meets it: the real command in a process of its own, and a walk through the whole loop."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Shot = Callable[[str, Page | Locator], Awaitable[None]]

COMMENT = "Leveransen kom två veckor för sent, och ingen sa något."
NOTES = "Rang Anna. Soffan kom utan ben, och ingen svarade på hennes mejl. Vi skickar benen i dag."
STARTS_WITHIN = 60.0
SLOWLY = 20_000
"""Milliseconds for what the bot does and tells, on a machine that has other things to do."""


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[str]:
    """Run `npsbot demo` in a folder, with settings in the environment that it must ignore; yield its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--port", "0"),
        cwd=folder,
        env={**os.environ, "SLACK_BOT_TOKEN": "not-a-token", "NPSBOT_DATABASE": "postgresql://nowhere"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            said = ""
            while not (found := re.search(r"demo: (http://\S+)", said)):
                line = await process.stderr.readline()
                assert line, f"the demo ended: {said}"
                said += line.decode()
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def the_loop(tab: Page, shot: Shot) -> None:
    """Answer as a customer, claim, log a call, read the thread, look at the digest."""
    await tab.locator("[data-place=C0NPS]").click()
    card = await answer(tab)
    await expect(card).to_contain_text("Open")
    await shot("card", card)
    await card.get_by_role("button", name="Claim").click()
    await expect(card).to_contain_text("Claimed by @Ingrid Solberg", timeout=SLOWLY)
    await log_call(tab, card, shot)
    await expect(card).to_contain_text("Closed by @Ingrid Solberg", timeout=SLOWLY)
    await card.get_by_role("button", name=re.compile("1 reply")).click(timeout=SLOWLY)
    thread = tab.locator(".panel-thread")
    await expect(thread).to_contain_text(NOTES)
    await shot("thread", tab)
    await tab.get_by_role("button", name=re.compile("Close thread", re.IGNORECASE)).click()
    await tab.locator("[data-place=C0NPSLEADERS]").click()
    digest = tab.get_by_role("article").filter(has_text="NPS of the week")
    await expect(digest).to_contain_text("Rolling 90 days", timeout=45_000)
    await digest.first.evaluate("each => each.scrollIntoView()")
    await shot("digest", tab)


async def answer(
    tab: Page,
    score: int = 3,
    name: str = "Anna Berg",
    company: str = "Nordlys AB",
    comment: str = COMMENT,
    title: str = "Detractor · 3 of 10",
) -> Locator:
    """Send a response through the page's own panel, and return its card once it stands."""
    await tab.get_by_role("button", name="Send a response").click()
    await tab.get_by_role("radio", name=str(score), exact=True).check()
    await tab.get_by_label("main reason").fill(comment)
    await tab.get_by_label("Your name").fill(name)
    await tab.get_by_label("Your company").fill(company)
    await tab.get_by_role("button", name="Send response").click()
    await expect(tab.get_by_text('"accepted"')).to_be_visible(timeout=SLOWLY)
    await tab.get_by_role("button", name=re.compile("Close send a response", re.IGNORECASE)).click()
    card = tab.get_by_role("article").filter(has_text=name).filter(has_text=comment)
    await expect(card).to_contain_text(title, timeout=45_000)
    await card.scroll_into_view_if_needed()
    return card


async def log_call(tab: Page, card: Locator, shot: Shot) -> None:
    """Fill in the form, first without what it needs, and read the mistake at its field."""
    await card.get_by_role("button", name="Log call").click()
    form = tab.get_by_role("dialog")
    await expect(form).to_contain_text("Listen first")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Please complete this required field.")
    await form.get_by_label("How did it go?").click()
    await tab.get_by_role("option", name="Reached").click()
    await form.get_by_label("What did the customer say?").fill(NOTES)
    await shot("call", form)
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
