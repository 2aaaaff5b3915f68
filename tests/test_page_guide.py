"""The demo's guide: a step is ticked when what it is about has happened, not when somebody tried."""

from __future__ import annotations

import asyncio

import pytest
from browser import browser, visit
from desk import button, desk, row, words
from playwright.async_api import expect

__all__ = ["browser", "desk"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

CARD = {"event_type": "nps_response", "event_payload": {"response_id": "r-1"}}


async def test_the_guide_ticks_what_has_been_done(browser, desk):
    """A step is ticked when it happens, and stays so; the strip can be put away."""
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        guide = tab.get_by_role("region", name="Guide")
        await expect(guide.get_by_role("button", name="A response arrives")).to_be_visible()
        await desk.post("A card", metadata=CARD)
        await expect(guide.get_by_role("button", name="A response arrives (done)")).to_be_visible()
        await tab.reload()
        await expect(guide.get_by_role("button", name="A response arrives (done)")).to_be_visible()
        await guide.get_by_role("button", name="Hide the guide").click()
        await expect(guide).to_be_hidden()


async def test_the_guide_ticks_no_attempt(browser, desk):
    """A claim or a digest that was refused is not done; one that the card or the answer shows is."""
    held = [mrkdwn("🙋 *Claimed* by <@U0FREJA>"), row(button("Release", "release_callback"))]
    ts = await desk.post("A card", metadata=CARD, blocks=[row(button("Claim", "claim_callback"))])
    refused = {"response_type": "ephemeral", "text": "Only full members of this workspace can do this."}
    digest = {"response_type": "ephemeral", "text": "NPS", "blocks": [{"type": "header", "text": words("NPS")}]}
    answers = [refused, digest]
    desk.answer = lambda body: answers.pop(0) if "command" in body else None
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        guide = tab.get_by_role("region", name="Guide")
        await tab.get_by_role("article").get_by_role("button", name="Claim").click()
        await desk.action()
        await send(tab, "/nps digest")
        await expect(tab.get_by_text("Only full members")).to_be_visible()
        await expect(guide.get_by_role("button", name="(done)")).to_have_count(0)
        await desk.client.chat_update(channel="C0NPS", ts=ts, text="A card", blocks=held, metadata=CARD)
        await expect(guide.get_by_role("button", name="Claim it (done)")).to_be_visible()
        await send(tab, "/nps digest")
        await expect(guide.get_by_role("button", name="See the digest (done)")).to_be_visible()


async def test_a_call_is_logged_once_the_thread_tells_of_it(browser, desk):
    """The form that was sent is not yet the call; the app's summary in a card's thread is."""
    form = {"type": "modal", "callback_id": "log_call", "title": words("Call"), "submit": words("Save")}
    ts = await desk.post("A card", metadata=CARD, blocks=[row(button("Log call", "log_call"))])
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        guide = tab.get_by_role("region", name="Guide")
        await tab.get_by_role("article").get_by_role("button", name="Log call").click()
        body = await asyncio.wait_for(desk.heard.get(), 5)
        await desk.client.views_open(trigger_id=body["trigger_id"], view={**form, "blocks": [mrkdwn("How did it go?")]})
        await tab.get_by_role("dialog").get_by_role("button", name="Save").click()
        await expect(tab.get_by_role("dialog")).to_be_hidden()
        await desk.post("Somebody else's", thread_ts=ts, blocks=[mrkdwn("☎️ <@U0MIKKO> called")])
        await expect(tab.locator(".room .replies")).to_contain_text("1 reply")
        await expect(guide.get_by_role("button", name="(done)")).to_have_count(0)
        await desk.post("Freja's", thread_ts=ts, blocks=[mrkdwn("☎️ <@U0FREJA> called")])
        for step in ("Claim it", "Log the call"):
            await expect(guide.get_by_role("button", name=f"{step} (done)")).to_be_visible()


def mrkdwn(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def send(tab, text):
    await tab.get_by_role("textbox", name="Message").fill(text)
    await tab.keyboard.press("Enter")
