"""What a visitor of the demo's page does: buttons, menus, forms, commands, a response of their own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from browser import browser, visit
from desk import Desk, button, desk, options, row, words
from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["browser", "desk"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

MENU = {"type": "overflow", "action_id": "menu", "options": options("Assign", "Snooze")}
FORM = {
    "type": "modal",
    "callback_id": "log_call",
    "title": words("Log call"),
    "submit": words("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "outcome",
            "label": words("Outcome"),
            "element": {
                "type": "static_select",
                "action_id": "value",
                "options": options("Reached", "Voicemail"),
            },
        },
        {
            "type": "input",
            "block_id": "notes",
            "optional": True,
            "label": words("Notes"),
            "element": {"type": "plain_text_input", "action_id": "value", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "again",
            "optional": True,
            "label": words("Call again"),
            "element": {"type": "datetimepicker", "action_id": "value"},
        },
    ],
}


def opens_form(desk: Desk) -> Callable[[dict[str, Any]], Any]:
    """Answer a click by opening the form."""

    async def answer(body: dict[str, Any]) -> None:
        if body["type"] == "block_actions":
            await desk.client.views_open(trigger_id=body["trigger_id"], view=FORM)

    return answer


async def test_a_click_reaches_the_app(browser, desk):
    """A button tells the app its ids and value; one that asks first tells it only after a yes."""
    asks = {"title": words("Sure?"), "text": words("It is gone."), "confirm": words("Yes"), "deny": words("No")}
    await desk.post(blocks=[row(button("Claim", "claim_callback"), button("Drop", "drop", confirm=asks))])
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await tab.get_by_role("button", name="Drop").click()
        await tab.get_by_role("dialog").get_by_text("No").click()
        await tab.get_by_role("article").get_by_role("button", name="Claim").click()
        action = await desk.action()
        assert (action["action_id"], action["block_id"], action["value"]) == ("claim_callback", "row", "r-1")
        await tab.get_by_role("button", name="Drop").click()
        await tab.get_by_role("dialog").get_by_text("Yes").click()
        assert (await desk.action())["action_id"] == "drop"


async def test_an_app_that_fails_is_told_to_the_visitor(browser, desk):
    """Who clicks and gets no answer reads so, and the workspace's log keeps it."""

    def fail(_: dict[str, Any]) -> None:
        raise web.HTTPInternalServerError

    desk.answer = fail
    await desk.post(blocks=[row(button("Claim", "claim_callback"))])
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await tab.get_by_role("article").get_by_role("button", name="Claim").click()
        await expect(tab.locator(".toast")).to_have_text("npsbot answered with an error.")
        await tab.get_by_role("button", name="Log 1").click()
        await expect(tab.get_by_role("region", name="Workspace log")).to_contain_text("http_error")


async def test_errors_stand_at_their_fields(browser, desk):
    """A form that the app refuses stays open, with the sentence at the field and the text in it."""
    desk.answer = opens_form(desk)
    await desk.post(blocks=[row(button("Log call", "log_call"))])
    async with visit(browser, desk.address) as tab:
        await tab.click("[data-place=C0NPS]")
        await tab.get_by_role("button", name="Log call").click()
        form = tab.get_by_role("dialog", name="Log call")
        await form.get_by_label("Notes").fill("Rang twice")
        await form.get_by_role("button", name="Save").click()
        outcome = form.get_by_role("combobox", name="Outcome")
        await expect(outcome).to_have_accessible_description("Please complete this required field.")
        await expect(outcome).to_be_focused()
        refusal = {"response_action": "errors", "errors": {"notes": "Say what was said."}}
        desk.answer = lambda body: refusal if body["view"]["state"]["values"]["notes"]["value"]["value"] else None
        await outcome.press("Enter")
        await outcome.press("Enter")
        await form.get_by_role("button", name="Save").click()
        notes = form.get_by_label("Notes")
        await expect(notes).to_have_accessible_description("Say what was said.")
        await expect(notes).to_have_value("Rang twice")
        await notes.fill("")
        await form.get_by_role("button", name="Save").click()
        await expect(form).to_be_hidden()


async def test_the_whole_loop_by_keyboard(browser, desk):
    """Menu, form, select and submission need no mouse; Escape closes a list before its form."""
    desk.answer = opens_form(desk)
    await desk.post(blocks=[row(MENU, button("Log call", "log_call"))])
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        await tab.get_by_role("button", name="More actions").focus()
        for key in ("ArrowDown", "ArrowDown", "Enter"):
            await tab.keyboard.press(key)
        assert (await desk.action())["selected_option"]["value"] == "snooze"
        form = tab.get_by_role("dialog", name="Log call")
        await expect(form.get_by_role("combobox", name="Outcome")).to_be_focused()
        for key in ("ArrowDown", "Escape"):
            await tab.keyboard.press(key)
        await expect(form).to_be_visible()
        await tab.keyboard.type("voi")
        await tab.keyboard.press("Enter")
        await tab.keyboard.press("Tab")
        await tab.keyboard.type("Left word")
        await tab.keyboard.press("Control+Enter")
        submitted = await asyncio.wait_for(desk.heard.get(), 5)
        values = submitted["view"]["state"]["values"]
        assert values["outcome"]["value"]["selected_option"]["value"] == "voicemail"
        assert values["notes"]["value"]["value"] == "Left word"
        await expect(form).to_be_hidden()


async def test_a_time_is_picked_in_the_readers_zone(browser, desk):
    """A date and time of the reader's clock reach the app as the moment that they name."""
    desk.answer = opens_form(desk)
    await desk.post(blocks=[row(button("Log call", "log_call"))])
    async with visit(browser, f"{desk.address}/?user=freja", timezone_id="America/New_York") as tab:
        await tab.get_by_role("button", name="Log call").click()
        form = tab.get_by_role("dialog", name="Log call")
        await form.get_by_role("combobox", name="Outcome").fill("reached")
        await tab.keyboard.press("Enter")
        await form.get_by_label("Call again").fill("2026-03-08T03:30")
        await desk.action()
        await form.get_by_role("button", name="Save").click()
        submitted = await asyncio.wait_for(desk.heard.get(), 5)
        picked = submitted["view"]["state"]["values"]["again"]["value"]["selected_date_time"]
        assert picked == 1772955000  # 07:30 UTC, half an hour after New York's clocks went forward


async def test_half_typed_text_survives_updates(browser, desk):
    """Messages that come and forms that change leave focus, caret and text where they are."""
    ts = await desk.post(blocks=[row(button("Log call", "log_call"))])
    async with visit(browser, f"{desk.address}/?user=ingrid") as tab:
        box = tab.get_by_role("textbox", name="Message")
        await box.fill("half typed")
        await tab.keyboard.press("Home")
        await desk.client.chat_update(channel="C0NPS", ts=ts, text="x", blocks=[row(button("Claim", "claim"))])
        await desk.post("Another")
        await expect(tab.get_by_text("Another")).to_be_visible()
        await tab.keyboard.type("Still ")
        await expect(box).to_have_value("Still half typed")

        desk.answer = opens_form(desk)
        await tab.get_by_role("article").get_by_role("button", name="Claim").click()
        notes = tab.get_by_role("dialog").get_by_label("Notes")
        await notes.fill("no answer")
        await notes.press("Home")
        view = desk.workspace.views("ingrid")[0]
        told = {"type": "section", "block_id": "told", "text": words("New words above")}
        changed = {**FORM, "blocks": [told, FORM["blocks"][0], {**FORM["blocks"][1], "hint": words("Short")}]}
        await desk.client.views_update(view_id=view["id"], view=changed)
        await expect(tab.get_by_text("New words above")).to_be_visible()
        await tab.keyboard.type("Rang, ")
        await expect(notes).to_have_value("Rang, no answer")


async def test_a_command_is_completed_and_answered_privately(browser, desk):
    """/nps offers its words; the answer is seen by who asked, and by nobody else."""
    desk.answer = lambda body: {"text": f"You asked for {body['text']}"}
    await desk.post("A card")
    async with (
        visit(browser, f"{desk.address}/?user=mikko") as tab,
        visit(browser, f"{desk.address}/?user=freja") as other,
    ):
        await tab.get_by_role("textbox", name="Message").fill("/nps sc")
        await expect(tab.get_by_role("option")).to_have_count(1)
        await tab.keyboard.press("Enter")
        await expect(tab.get_by_role("textbox", name="Message")).to_have_value("/nps score")
        await tab.keyboard.press("Enter")
        answer = tab.get_by_role("article").filter(has_text="You asked for score")
        await expect(answer).to_contain_text("Only visible to you")
        await desk.post("For all")
        await expect(other.get_by_text("For all")).to_be_visible()
        await expect(other.get_by_text("You asked for score")).to_have_count(0)


async def test_app_home_is_the_apps_own(browser, desk):
    """Opening the app tells it so; what it publishes shows, and its buttons act."""
    blocks = [{"type": "header", "text": words("Your callbacks")}, row(button("Claim", "claim_callback"))]

    async def publish(body: dict[str, Any]) -> None:
        if body["type"] == "event_callback":
            await desk.client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": blocks})

    desk.answer = publish
    async with visit(browser, f"{desk.address}/?user=jonas") as tab:
        await tab.click("[data-place=app]")
        await expect(tab.get_by_role("heading", name="Your callbacks")).to_be_visible()
        assert (await asyncio.wait_for(desk.heard.get(), 5))["event"]["type"] == "app_home_opened"
        await tab.locator(".home").get_by_role("button", name="Claim").click()
        assert (await desk.action())["action_id"] == "claim_callback"


async def test_a_visitor_can_be_the_customer(browser, desk):
    """The panel delivers a score with what else was given, and shows what the bot answered."""
    async with visit(browser, desk.address) as tab:
        await tab.get_by_role("button", name="Send a response").click()
        await tab.get_by_role("radio", name="0", exact=True).focus()
        for key in ("Space", "ArrowRight", "ArrowRight"):
            await tab.keyboard.press(key)
        await tab.get_by_label("What is the main reason for your score?").fill("Too late")
        await tab.get_by_label("Your company").fill("Nordlys AB")
        await tab.keyboard.press("Enter")
        await expect(tab.locator(".outcome")).to_contain_text("202")
        await expect(tab.locator(".outcome")).to_contain_text('"response_id": "r-1"')
        assert desk.delivered == [{"score": 2, "comment": "Too late", "company": "Nordlys AB"}]


async def test_every_block_the_bot_may_use_is_shown(browser, desk):
    """No block or element falls back to the sentence for unknown ones; figures of a chart can be read."""
    points = [{"label": week, "value": value} for week, value in (("W1", 21), ("W2", -8))]
    chart = {
        "type": "line",
        "series": [{"name": "NPS", "data": points}],
        "axis_config": {"categories": ["W1", "W2"]},
    }
    blocks = [
        {"type": "header", "text": words("Digest")},
        {"type": "section", "fields": [words("one"), words("two")], "accessory": MENU},
        {"type": "divider"},
        {"type": "context", "elements": [words("small print")]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "Theme"}], [{"type": "raw_text", "text": "Price"}]]},
        {"type": "data_visualization", "title": "NPS by week", "chart": chart},
        row(
            {"type": "static_select", "action_id": "a", "options": options("One")},
            {"type": "users_select", "action_id": "b"},
            {"type": "radio_buttons", "action_id": "c", "options": options("Yes")},
            {"type": "checkboxes", "action_id": "d", "options": options("No")},
            {"type": "datetimepicker", "action_id": "e"},
        ),
    ]
    await desk.post(blocks=blocks)
    async with visit(browser, f"{desk.address}/?user=jonas") as tab:
        card = tab.get_by_role("article")
        await expect(card.get_by_role("cell", name="Price")).to_be_visible()
        await expect(card.get_by_role("cell", name="-8")).to_be_attached()
        await expect(card.locator("svg.plot")).to_be_visible()
        await expect(card.locator(".unknown")).to_have_count(0)
        await card.get_by_role("combobox").nth(1).fill("freja")
        await tab.keyboard.press("Enter")
        assert (await desk.action())["selected_user"] == "U0FREJA"


async def test_a_form_under_another_keeps_what_is_in_it(browser, desk):
    """A modal pushed on top is closed by Escape, and the one below is as it was left."""
    more = {"type": "section", "text": words("Help"), "accessory": button("Explain", "explain")}
    form = {**FORM, "blocks": [*FORM["blocks"][1:2], more]}
    top = {"type": "modal", "title": words("Explained"), "blocks": [{"type": "section", "text": words("So.")}]}

    async def answer(body: dict[str, Any]) -> None:
        push = body["type"] == "block_actions" and "view" in body
        method = desk.client.views_push if push else desk.client.views_open
        await method(trigger_id=body["trigger_id"], view=top if push else form)

    desk.answer = answer
    await desk.post(blocks=[row(button("Log call", "log_call"))])
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await tab.get_by_role("button", name="Log call").click()
        await tab.get_by_label("Notes").fill("half typed")
        await tab.get_by_role("button", name="Explain").click()
        await expect(tab.get_by_role("dialog", name="Explained")).to_be_visible()
        await tab.keyboard.press("Escape")
        await expect(tab.get_by_role("dialog", name="Log call")).to_be_visible()
        await expect(tab.get_by_label("Notes")).to_have_value("half typed")
