"""Modals in the stand-in for Slack: filled in, handed over, answered, updated, closed."""

from __future__ import annotations

import time

import pytest
from bolt_app import BUTTON, FORM, NOTES, Bot, actions, connected, field, modal, open_form, option, plain
from slack_sdk.errors import SlackApiError

from demo.workspace import Workspace


@pytest.fixture(params=["socket", "http"])
async def bot(request, workspace):
    bot = Bot(workspace)
    async with connected(workspace, bot, request.param):
        yield bot


@pytest.fixture
async def http_bot(workspace):
    bot = Bot(workspace)
    async with connected(workspace, bot, "http"):
        yield bot


FIELDS = [
    ("plain_text_input", {}, "Rang", {"value": "Rang"}),
    ("plain_text_input", {"initial_value": "Hej"}, None, {"value": None}),
    ("static_select", {"options": [option("reached")]}, "reached", {"selected_option": option("reached")}),
    ("radio_buttons", {"options": [option("close")]}, "close", {"selected_option": option("close")}),
    (
        "multi_static_select",
        {"options": [option("price"), option("delivery")]},
        ["delivery", "price"],
        {"selected_options": [option("delivery"), option("price")]},
    ),
    ("checkboxes", {"options": [option("price")]}, ["price"], {"selected_options": [option("price")]}),
    ("datetimepicker", {}, 1_795_000_000, {"selected_date_time": 1_795_000_000}),
    ("datepicker", {"initial_date": "2026-11-20"}, "2026-11-23", {"selected_date": "2026-11-23"}),
    ("timepicker", {}, "09:30", {"selected_time": "09:30"}),
    ("users_select", {"initial_user": "U0MIKKO"}, "U0FREJA", {"selected_user": "U0FREJA"}),
    ("multi_users_select", {}, ["U0FREJA"], {"selected_users": ["U0FREJA"]}),
    ("channels_select", {}, "C0NPS", {"selected_channel": "C0NPS"}),
    ("conversations_select", {}, "C0NPS", {"selected_conversation": "C0NPS"}),
    ("number_input", {"is_decimal_allowed": False}, "7", {"value": "7"}),
    (
        "static_select",
        {"option_groups": [{"label": plain(), "options": [option("reached")]}]},
        "reached",
        {"selected_option": option("reached")},
    ),
    (
        "rich_text_input",
        {},
        "Rang",
        {
            "rich_text_value": {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "Rang"}]}],
            }
        },
    ),
]


@pytest.mark.parametrize(("kind", "more", "value", "state"), FIELDS)
async def test_fields_arrive_in_slacks_shapes(workspace, http_bot, kind, more, value, state):
    """Each kind of field arrives in the state of the view as Slack shapes it."""
    block = field("answer", kind, **more) | {"optional": True}
    view = await open_form(workspace, http_bot, modal(block))
    assert (await workspace.submit("ingrid", view["id"], {"answer": value})).ok
    sent = http_bot.heard[0]["view"]
    assert sent["state"]["values"] == {"answer": {"value": {"type": kind, **state}}}


async def test_a_form_comes_back_with_errors_or_closes(workspace, bot):
    """What Slack misses never reaches the app; the app's errors keep the modal open; else it closes."""
    view = await open_form(workspace, bot)
    ack = await workspace.submit("ingrid", view["id"], {"notes": "x"})
    assert ack.errors["notes"] == "This must be at least 2 characters."
    ack = await workspace.submit("ingrid", view["id"], {"notes": "x" * 21})
    assert ack.errors == {
        "notes": "This must be at most 20 characters.",
        "outcome": "Please complete this required field.",
    }
    assert bot.heard == []

    bot.answer = {"response_action": "errors", "errors": {"notes": "Say more."}}
    ack = await workspace.submit("ingrid", view["id"], {"notes": "Hi", "outcome": "reached"})
    assert ack.ok
    assert ack.errors == {"notes": "Say more."}
    assert workspace.views("ingrid")[0]["state"]["values"]["notes"]["value"]["value"] == "Hi"

    bot.answer = {}
    ack = await workspace.submit("ingrid", view["id"], {"notes": "He was glad"})
    assert ack.errors == {}
    assert workspace.views("ingrid") == []
    assert bot.heard[-1]["view"]["private_metadata"] == "42"
    assert bot.heard[-1]["view"]["callback_id"] == "log_call"


async def test_a_form_may_lead_to_others(workspace, bot):
    """The answer to a form may update it, push another on top, at most three, or clear them all."""
    view = await open_form(workspace, bot, modal({"type": "divider"}, NOTES))
    for number, action in enumerate(("update", "push", "push")):
        bot.answer = {"response_action": action, "view": modal(NOTES, title=plain(f"Step {number}"))}
        await workspace.submit("ingrid", workspace.views("ingrid")[-1]["id"], {"notes": "Hi"})
    assert [each["title"]["text"] for each in workspace.views("ingrid")] == ["Step 0", "Step 1", "Step 2"]
    assert workspace.views("ingrid")[2]["root_view_id"] == view["id"]

    await workspace.submit("ingrid", workspace.views("ingrid")[-1]["id"], {"notes": "Hi"})
    assert workspace.log[-1].sentence.startswith("push_limit_reached")
    bot.answer = {"response_action": "clear"}
    await workspace.submit("ingrid", workspace.views("ingrid")[-1]["id"], {"notes": "Hi"})
    assert workspace.views("ingrid") == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "Wrong"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
        {"response_action": "dance"},
        {"response_action": "update"},
    ],
)
async def test_a_wrong_answer_to_a_form_is_an_error_for_its_person(workspace, http_bot, answer):
    """What Slack would not take as an answer leaves the modal open and shows an error."""
    view = await open_form(workspace, http_bot, modal(NOTES))
    http_bot.answer = answer
    async with workspace.subscribe() as events:
        await workspace.submit("ingrid", view["id"], {"notes": "Hi"})
        told = await anext(event async for event in events if event["type"] == "user_error")
    assert told["user"] == "U0INGRID"
    assert len(workspace.views("ingrid")) == 1


async def test_what_is_filled_in_outlives_an_update(workspace, http_bot):
    """A choice in a modal tells the app what else is filled in, and an update keeps it under the same ids."""
    step = field("step", "radio_buttons", options=[option("close"), option("again")]) | {"dispatch_action": True}
    view = await open_form(workspace, http_bot, modal(NOTES, step))

    async def ask_when(body, ack, _respond, client):
        await ack()
        again = modal(NOTES, step, field("when", "datetimepicker"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=again)

    http_bot.listen = ask_when
    chosen = {"value": "again", "block_id": "step", "values": {"notes": "Rang"}}
    await workspace.click_view("ingrid", view["id"], "value", **chosen)
    sent = http_bot.heard[0]
    assert sent["actions"][0]["selected_option"] == option("again")
    assert sent["view"]["state"]["values"]["notes"]["value"]["value"] == "Rang"
    values = workspace.views("ingrid")[0]["state"]["values"]
    assert values["notes"]["value"]["value"] == "Rang"
    assert values["step"]["value"]["selected_option"] == option("again")
    assert values["when"]["value"] == {"type": "datetimepicker", "selected_date_time": None}
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await http_bot.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(NOTES))


async def test_closing_is_told_if_asked_for(workspace, bot):
    """An app hears of a closed modal only with notify_on_close."""
    view = await open_form(workspace, bot)
    assert (await workspace.close_view("ingrid", view["id"])).ok
    assert bot.heard == []
    view = await open_form(workspace, bot, FORM | {"notify_on_close": True})
    await workspace.close_view("ingrid", view["id"], all_views=True)
    assert (bot.heard[0]["type"], bot.heard[0]["is_cleared"]) == ("view_closed", True)
    assert workspace.views("ingrid") == []


async def test_a_trigger_opens_one_modal_within_three_seconds(scopes):
    """A trigger is refused the second time, and after three seconds."""
    now = [time.time()]
    workspace = Workspace(scopes, clock=lambda: now[0])
    await workspace.start()
    bot = Bot(workspace)
    async with connected(workspace, bot, "http"):
        view = await open_form(workspace, bot)
        ts = await bot.post_card()
        await workspace.click("ingrid", "#nps", ts, "claim_callback")
        trigger = bot.heard[-1]["trigger_id"]
        now[0] += 3.1
        for wrong, error in ((trigger, "expired"), ("1.2.3", "invalid")):
            with pytest.raises(SlackApiError, match=f"{error}_trigger_id"):
                await bot.client.views_open(trigger_id=wrong, view=FORM)
        await workspace.click("ingrid", "#nps", ts, "claim_callback")
        trigger = bot.heard[-1]["trigger_id"]
        await bot.client.views_open(trigger_id=trigger, view=FORM)
        with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
            await bot.client.views_open(trigger_id=trigger, view=FORM)
        assert [each["id"] for each in workspace.views("ingrid")] != [view["id"]]
    await workspace.stop()


async def test_a_modal_is_pushed_on_the_one_it_comes_from(workspace, http_bot):
    """views.push needs a trigger from within a modal; closing the top one leaves those below."""
    view = await open_form(workspace, http_bot, modal(NOTES, actions(BUTTON), external_id="card-42"))

    async def push(body, ack, _respond, client):
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=modal(NOTES, title=plain("On top")))

    http_bot.listen = push
    await workspace.click_view("ingrid", view["id"], "claim_callback")
    top = workspace.views("ingrid")[1]
    assert (top["previous_view_id"], top["root_view_id"]) == (view["id"], view["id"])
    await workspace.close_view("ingrid", top["id"])
    assert [each["id"] for each in workspace.views("ingrid")] == [view["id"]]
    http_bot.listen = http_bot.acknowledge
    await workspace.command("ingrid", "#nps", "/nps")
    with pytest.raises(SlackApiError, match="not_found"):
        await http_bot.client.views_push(trigger_id=http_bot.heard[-1]["trigger_id"], view=FORM)


async def test_a_modal_is_known_by_its_external_id(workspace, http_bot):
    """An external id is good for updates, and no two open modals share one; a closed modal is not found."""
    view = await open_form(workspace, http_bot, FORM | {"external_id": "card-42"})
    await http_bot.client.views_update(external_id="card-42", view=FORM | {"external_id": "card-42"})
    await workspace.command("mikko", "#nps", "/nps")
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await http_bot.client.views_open(
            trigger_id=http_bot.heard[-1]["trigger_id"], view=FORM | {"external_id": "card-42"}
        )
    await workspace.close_view("ingrid", view["id"])
    for which in ({"external_id": "card-42"}, {"view_id": view["id"]}):
        with pytest.raises(SlackApiError, match="not_found"):
            await http_bot.client.views_update(view=FORM, **which)


async def test_a_page_and_a_test_name_fields_by_block(workspace, http_bot):
    """A value for a block that has no field, or an option that is not offered, is a mistake of who asks."""
    view = await open_form(workspace, http_bot)
    with pytest.raises(KeyError, match="no field themes; there are notes, outcome"):
        await workspace.submit("ingrid", view["id"], {"themes": ["price"]})
    with pytest.raises(KeyError, match="has no option lost"):
        await workspace.submit("ingrid", view["id"], {"outcome": "lost"})
    with pytest.raises(KeyError, match="has no open view"):
        await workspace.submit("mikko", view["id"], {})
