"""What the stand-in for Slack takes and refuses in messages, modals and App Homes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.blocks import BLOCKS, SURFACES
from demo.limits import ELEMENTS
from demo.rules import check_message, check_view


def plain(text: str = "Words") -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Words") -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def options(count: int = 2, **more: Any) -> list[dict[str, Any]]:
    return [{"text": plain(f"Option {number}"), "value": str(number), **more} for number in range(count)]


def quote(*words: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": list(words)}]}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(), "action_id": "claim_callback", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def field(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "input", "label": plain(), "element": {"action_id": "value", **element}, **more}


def message(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"text": "Words", "blocks": list(blocks), **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def home(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "home", "blocks": list(blocks)}


def cells(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "raw_text", "text": text} for text in texts]


def chart(**more: Any) -> dict[str, Any]:
    points = [{"label": "W13", "value": 12}, {"label": "W14", "value": -3.5}]
    axis = {"categories": ["W13", "W14"], "y_label": "NPS"}
    drawn = {"type": "line", "series": [{"name": "All", "data": points}], "axis_config": axis}
    return {"type": "data_visualization", "title": "Score by week", "chart": drawn | more}


FIELDS = ("type", "text", "fields", "elements", "element", "accessory", "options", "option_groups", "value")
FIELDS += ("label", "block_id", "action_id", "initial_option", "rows", "chart", "series", "min_length", "max_length")
CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No")}
IMAGE = {"type": "image", "image_url": "https://charts.example/1.png", "alt_text": "The score rose"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "button": button(value="1", style="danger", confirm=CONFIRM, url="https://crm.example/1"),
    "checkboxes": {"type": "checkboxes", "options": options(10), "initial_options": options(1)},
    "radio_buttons": {"type": "radio_buttons", "options": options(), "initial_option": options()[1]},
    "overflow": {"type": "overflow", "options": options(5, url="https://crm.example/")},
    "datepicker": {"type": "datepicker", "initial_date": "2026-03-29", "placeholder": plain()},
    "datetimepicker": {"type": "datetimepicker", "initial_date_time": 1_795_000_000},
    "timepicker": {"type": "timepicker", "initial_time": "23:59", "timezone": "Europe/Oslo"},
    "plain_text_input": {"type": "plain_text_input", "multiline": True, "min_length": 3, "max_length": 3000},
    "email_text_input": {"type": "email_text_input", "placeholder": plain(), "focus_on_load": True},
    "url_text_input": {"type": "url_text_input"},
    "number_input": {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": "10"},
    "rich_text_input": {"type": "rich_text_input", "initial_value": quote({"type": "text", "text": "Hi"})},
    "file_input": {"type": "file_input", "filetypes": ["png"], "max_files": 10},
    "static_select": {
        "type": "static_select",
        "option_groups": [{"label": plain(), "options": options(100)}],
        "initial_option": options(1)[0],
    },
    "multi_static_select": {"type": "multi_static_select", "options": options(100), "max_selected_items": 3},
    "external_select": {"type": "external_select", "min_query_length": 0},
    "multi_external_select": {"type": "multi_external_select"},
    "users_select": {"type": "users_select", "initial_user": "U0INGRID"},
    "multi_users_select": {"type": "multi_users_select", "initial_users": ["U0INGRID"]},
    "channels_select": {"type": "channels_select", "initial_channel": "C0NPS"},
    "multi_channels_select": {"type": "multi_channels_select"},
    "conversations_select": {"type": "conversations_select", "filter": {"include": ["public"]}},
    "multi_conversations_select": {"type": "multi_conversations_select", "initial_conversations": ["C0NPS"]},
}
GOOD_BLOCKS: dict[str, dict[str, Any]] = {
    "actions": actions(button(), EXAMPLES["overflow"]),
    "context": {"type": "context", "elements": [IMAGE, plain(), mrkdwn()]},
    "divider": {"type": "divider", "block_id": "line"},
    "header": {"type": "header", "text": plain("x" * 150)},
    "image": IMAGE | {"title": plain()},
    "input": field(EXAMPLES["plain_text_input"], hint=plain(), optional=True),
    "rich_text": quote({"type": "text", "text": "*not bold*", "style": {"italic": True}}),
    "section": {"type": "section", "text": mrkdwn("x" * 3000), "fields": [mrkdwn()] * 10, "accessory": IMAGE},
    "alert": {"type": "alert", "text": plain(), "level": "warning"},
    "markdown": {"type": "markdown", "text": "# Words"},
    "table": {"type": "table", "rows": [cells("a", "b")], "column_settings": [{"align": "right"}]},
    "data_table": {"type": "data_table", "caption": "Scores", "rows": [cells("Week"), cells("W13")], "page_size": 10},
    "data_visualization": chart(),
}


def test_examples_cover_all_tables():
    """There is an example of each block and element that the tables know."""
    assert EXAMPLES.keys() == ELEMENTS.keys()
    assert GOOD_BLOCKS.keys() == BLOCKS.keys()


@pytest.mark.parametrize("kind", GOOD_BLOCKS)
def test_blocks_stand_on_their_surfaces_only(kind):
    """A good block is taken on each surface that Slack's table names, and refused on the others."""
    block = GOOD_BLOCKS[kind]
    found = {
        "message": check_message(message(block)),
        "modal": check_view(modal(block)),
        "home": check_view(home(block)),
    }
    assert {surface for surface, sentences in found.items() if not sentences} == set(SURFACES[kind])


@pytest.mark.parametrize("kind", sorted(ELEMENTS.keys() - {"button", "overflow"}))
def test_elements_are_taken_in_inputs_of_modals(kind):
    """Each element that takes input is taken in a modal's input block."""
    assert check_view(modal(field(EXAMPLES[kind]))) == []


@pytest.mark.parametrize(
    ("kind", "in_actions", "in_section"),
    [
        ("button", True, True),
        ("overflow", True, True),
        ("static_select", True, True),
        ("datetimepicker", True, False),
        ("plain_text_input", False, False),
        ("file_input", False, False),
    ],
)
def test_elements_stand_where_slack_takes_them(kind, in_actions, in_section):
    """Actions and accessories take the elements that Slack lists; a date and time picker is no accessory."""
    section = {"type": "section", "text": mrkdwn(), "accessory": EXAMPLES[kind]}
    assert (check_message(message(actions(EXAMPLES[kind]))) == []) is in_actions
    assert (check_message(message(section)) == []) is in_section


REFUSED_BLOCKS = [
    ({"type": "hologram"}, "no hologram may stand here"),
    ({"type": "section"}, "needs text or fields"),
    ({"type": "section", "text": mrkdwn("x" * 3001)}, "at most 3000 characters, has 3001"),
    ({"type": "section", "text": mrkdwn("")}, "at least 1 characters"),
    ({"type": "section", "text": "words"}, "must be a text object, not a string"),
    ({"type": "section", "text": mrkdwn() | {"emoji": True}}, "/text/emoji: is no field of a mrkdwn text"),
    ({"type": "section", "fields": [mrkdwn()] * 11}, "must have 1 to 10 items, has 11"),
    ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/fields/0/text: must have at most 2000"),
    ({"type": "section", "text": plain(), "colour": "red"}, "/colour: is no field that Slack knows here"),
    ({"type": "section", "text": mrkdwn() | {"verbatim": 1}}, "must be true or false, not a number"),
    ("divider", "must be an object, not a string"),
    ({"type": "header", "text": mrkdwn()}, "must be plain_text, not mrkdwn"),
    ({"type": "header", "text": plain("x" * 151)}, "at most 150"),
    ({"type": "divider", "block_id": "x" * 256}, "at most 255"),
    ({"type": "context", "elements": [mrkdwn()] * 11}, "1 to 10 items"),
    ({"type": "context", "elements": []}, "1 to 10 items, has 0"),
    ({"type": "image", "image_url": "https://charts.example/1.png"}, "/alt_text: is missing"),
    (IMAGE | {"slack_file": {"id": "F012345678"}}, "exactly one of image_url and slack_file"),
    (IMAGE | {"image_url": "charts/1.png"}, "has not the form that Slack takes"),
    (actions(), "1 to 25 items"),
    (actions(*(button(action_id=str(number)) for number in range(26))), "1 to 25 items"),
    (actions(button(), button()), "two elements have the action_id claim_callback"),
    (actions(button(text=plain("x" * 76))), "at most 75"),
    (actions(button(value="x" * 2001)), "at most 2000"),
    (actions(button(style="green")), "must be one of primary, danger, not green"),
    (actions(button(action_id="")), "at least 1 characters"),
    (actions(button(confirm={"text": plain()})), "/confirm/title: is missing"),
    (actions(EXAMPLES["overflow"] | {"options": options(6)}), "1 to 5 items"),
    (actions(EXAMPLES["overflow"] | {"options": [options(1)[0]] * 2}), "two options have the value 0"),
    (actions({"type": "static_select", "options": options(101)}), "1 to 100 items"),
    (actions({"type": "static_select"}), "exactly one of options and option_groups"),
    (
        actions({"type": "static_select", "options": options(), "initial_option": options(3)[2]}),
        "equals none of the options",
    ),
    (actions({"type": "radio_buttons", "options": options(11)}), "1 to 10 items"),
    (actions({"type": "checkboxes", "options": options(1, url="https://x.example")}), "/url: is no field"),
    (actions(EXAMPLES["static_select"] | {"placeholder": plain("x" * 151)}), "at most 150"),
    (actions({"type": "overflow", "options": [{"text": plain(), "value": "x" * 76}]}), "at most 75"),
    (field({"type": "plain_text_input", "min_length": 9, "max_length": 3}), "min_length is above max_length"),
    (field({"type": "plain_text_input", "max_length": 3001}), "must lie between 1 and 3000"),
    (field({"type": "plain_text_input", "multiline": "yes"}), "must be true or false, not a string"),
    (field({"type": "number_input", "is_decimal_allowed": True, "min_value": 0}), "must be a string, not a number"),
    (field({"type": "datetimepicker", "initial_date_time": "soon"}), "must be a whole number"),
    (field(button()), "no button may stand here"),
    (quote({"type": "text", "text": ""}), "at least 1 characters"),
    (quote({"type": "shout", "text": "!"}), "no shout may stand here"),
    (quote({"type": "user"}), "/user_id: is missing"),
    ({"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": [], "style": "dotted"}]}, "bullet"),
    ({"type": "table", "rows": [cells("")]}, "at least 1 characters"),
    ({"type": "table", "rows": [cells("a")] * 101}, "1 to 100 items"),
    ({"type": "data_table", "rows": [cells("a"), cells("b")]}, "/caption: is missing"),
    ({"type": "data_table", "caption": "x", "rows": [cells("a"), cells("a", "b")]}, "as many cells"),
    ({"type": "data_table", "caption": "x", "rows": [[GOOD_BLOCKS["rich_text"]], cells("b")]}, "header cell"),
    ({"type": "data_table", "caption": "x", "rows": [cells("x" * 9999), cells("xx")]}, "10000 characters"),
    (chart(type="donut"), "no donut may stand here"),
    (chart(series=[{"name": "All", "data": [{"label": "W13", "value": 1}]}]), "exactly one point for each category"),
    (chart(series=[chart()["chart"]["series"][0]] * 2), "each name must be unique"),
    (chart() | {"title": "x" * 51}, "at most 50"),
]


@pytest.mark.parametrize(("block", "sentence"), REFUSED_BLOCKS)
def test_wrong_blocks_are_refused_with_a_sentence(block, sentence):
    """Each wrong block is refused with one sentence that says where and what."""
    found = check_message(message(block))
    assert [each for each in found if sentence in each and each.startswith("/blocks/0")], found


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"blocks": [GOOD_BLOCKS["divider"]]}, "/text: is missing"),
        ({"text": "x" * 40_001}, "at most 40000"),
        ({"text": "x" * 4001, "ts": "1700000000.000100"}, "at most 4000"),
        ({"text": "x", "attachments": [{}] * 101}, "0 to 100 items, has 101"),
        ({"text": "x", "markdown_text": "x"}, "may not stand beside text"),
        ({"markdown_text": "x" * 12_001}, "at most 12000"),
        ({"text": "x", "attachments": ["more"]}, "/attachments/0: must be an object, not a string"),
        (message(*[GOOD_BLOCKS["divider"]] * 51), "1 to 50 items, has 51"),
        (message(*[GOOD_BLOCKS["table"]] * 2), "at most 1 of table and data_table"),
        (message(*[chart()] * 3), "at most 2 of data_visualization"),
        (message(GOOD_BLOCKS["divider"], GOOD_BLOCKS["divider"]), "two blocks have the block_id line"),
        (message(*[{"type": "section", "text": mrkdwn("x" * 3000)}] * 5), "12000 characters together, have 15000"),
        ({"text": "x", "metadata": {"event_type": "nps_response"}}, "/event_payload: is missing"),
        ({"text": "x", "metadata": {"event_type": "e", "event_payload": {"a": [1]}}}, "/a: is no plain value"),
        ({"text": "x", "metadata": {"event_type": "e", "event_payload": {"a": "x" * 1000}}}, "below 1000 bytes"),
    ],
)
def test_wrong_messages_are_refused_with_a_sentence(payload, sentence):
    """What no single block shows is refused for the message as a whole."""
    assert [each for each in check_message(payload) if sentence in each], check_message(payload)


def test_a_card_is_taken():
    """A message with text, blocks and metadata of plain values has no fault."""
    metadata = {"event_type": "nps_response", "event_payload": {"response_id": "r-1", "tags": [{"name": "a"}]}}
    assert check_message(message(*GOOD_BLOCKS.values(), metadata=metadata)) == [
        "/blocks/8: no alert may stand in a message",
        "/blocks: at most 1 of table and data_table may stand in a message",
    ]
    assert check_message({"markdown_text": "# Words"}) == []


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        ({"type": "sheet", "blocks": []}, "no sheet may stand here"),
        (modal(GOOD_BLOCKS["divider"], title=plain("x" * 25)), "/title/text: must have at most 24"),
        (modal(GOOD_BLOCKS["divider"], private_metadata="x" * 3001), "at most 3000"),
        (modal(GOOD_BLOCKS["divider"], callback_id="x" * 256), "at most 255"),
        (modal(), "1 to 100 items, has 0"),
        (modal(*[{"type": "divider"}] * 101), "1 to 100 items, has 101"),
        ({"type": "modal", "title": plain(), "blocks": [GOOD_BLOCKS["input"]]}, "/submit: is missing"),
        (
            modal(*(field(EXAMPLES["email_text_input"], block_id=str(number)) for number in range(2))),
            "at most one element may have focus_on_load",
        ),
        (modal(field(EXAMPLES["file_input"], dispatch_action=True)), "a file_input dispatches no action"),
        (home(field(EXAMPLES["file_input"])), "no file_input may stand in a home"),
        (home() | {"title": plain()}, "/title: is no field that Slack knows here"),
        (home(*[{"type": "section", "text": mrkdwn("x" * 3000)}] * 90), "at most 250000 bytes"),
    ],
)
def test_wrong_views_are_refused_with_a_sentence(view, sentence):
    """Modals and Homes have limits of their own."""
    assert [each for each in check_view(view) if sentence in each], check_view(view)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from([*BLOCKS, *ELEMENTS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=30,
)


@given(blocks=JSON, metadata=JSON)
def test_any_json_gets_sentences(blocks, metadata):
    """Whatever an app sends is answered with sentences, never with an exception."""
    for sentence in check_message({"text": "x", "blocks": blocks, "metadata": metadata}):
        assert sentence.startswith("/")
    for kind in ("modal", "home"):
        assert isinstance(check_view({"type": kind, "title": plain(), "blocks": blocks}), list)
