"""The elements that Slack takes, and their limits; where its documents disagree, the stricter figure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from demo.shapes import Choice, Faults, Fields, Flag, Many, Number, Rule, Shape, String, Text, Typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PLAIN = ("plain_text",)
URL = String(3000, form=r"[a-z][a-z0-9+.-]*:")
ID = String(255)
USER, CHANNEL = String(form=r"[UW]\w+$"), String(form=r"[CDGUW]\w+$")


def _options(element: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group["options"]


def initial_is_an_option(element: Mapping[str, Any], at: str) -> Faults:
    """Yield a sentence for each initial option that does not equal one of the options."""
    known = list(_options(element))
    single = [element["initial_option"]] if "initial_option" in element else []
    for option in element.get("initial_options", single):
        if option not in known:
            yield f"{at}: the initial option {option} equals none of the options"


def values_differ(element: Mapping[str, Any], at: str) -> Faults:
    """Yield a sentence for each value that two options of an element share."""
    values = Counter(option["value"] for option in _options(element))
    yield from (f"{at}: two options have the value {value}" for value, times in values.items() if times > 1)


def in_order(low: str, high: str) -> Rule:
    """Return the rule that one field's number is not above another's."""

    def rule(element: Mapping[str, Any], at: str) -> Faults:
        if low in element and high in element and float(element[low]) > float(element[high]):
            yield f"{at}: {low} is above {high}"

    return rule


OPTION = Fields(
    {"text": Text(75, PLAIN), "value": String(75)},
    {"description": Text(75, PLAIN)},
)
MARKED_OPTION = Fields({"text": Text(75), "value": String(75)}, {"description": Text(75)})
LINK_OPTION = Fields(OPTION.must, {**OPTION.may, "url": URL})
OPTION_GROUP = Fields({"label": Text(75, PLAIN), "options": Many(OPTION, 1, 100)})
CONFIRM = Fields(
    {"title": Text(100, PLAIN), "text": Text(300), "confirm": Text(30, PLAIN), "deny": Text(30, PLAIN)},
    {"style": Choice(("primary", "danger"))},
)
FILTER = Fields(
    may={
        "include": Many(Choice(("im", "mpim", "private", "public")), 1, 4),
        "exclude_external_shared_channels": Flag(),
        "exclude_bot_users": Flag(),
    },
    any_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
)
SLACK_FILE = Fields(may={"id": String(form=r"F[A-Z0-9]{8,}$"), "url": URL}, one_of=("id", "url"))
DISPATCH = Fields({"trigger_actions_on": Many(Choice(("on_enter_pressed", "on_character_entered")), 1, 2)})

ACTION: dict[str, Shape] = {"action_id": ID}
FOCUSED: dict[str, Shape] = ACTION | {"focus_on_load": Flag()}
PICKED: dict[str, Shape] = FOCUSED | {"confirm": CONFIRM}
HINTED: dict[str, Shape] = PICKED | {"placeholder": Text(150, PLAIN)}
TYPED: dict[str, Shape] = FOCUSED | {"placeholder": Text(150, PLAIN), "dispatch_action_config": DISPATCH}
LISTED: dict[str, Shape] = HINTED | {
    "options": Many(OPTION, 1, 100),
    "option_groups": Many(OPTION_GROUP, 1, 100),
}
SEVERAL: dict[str, Shape] = {"max_selected_items": Number(1)}
RESPONDING: dict[str, Shape] = {"response_url_enabled": Flag()}
CONVERSATIONS: dict[str, Shape] = {"default_to_current_conversation": Flag(), "filter": FILTER}
LISTED_RULES = (initial_is_an_option, values_differ)
ONE_LIST = ("options", "option_groups")

INLINE_STYLE = Fields(
    may={name: Flag() for name in ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight")}
)


def _inline(must: dict[str, Shape], **may: Shape) -> Fields:
    return Fields(must, {"style": INLINE_STYLE, **may})


INLINE: dict[str, Shape] = {
    "text": _inline({"text": String(12_000)}),
    "link": _inline({"url": URL}, text=String(), unsafe=Flag()),
    "emoji": _inline({"name": String()}, unicode=String(), skin_tone=Number(1, 6)),
    "user": _inline({"user_id": USER}),
    "usergroup": _inline({"usergroup_id": String()}),
    "channel": _inline({"channel_id": CHANNEL}),
    "team": _inline({"team_id": String()}),
    "broadcast": _inline({"range": Choice(("here", "channel", "everyone"))}),
    "color": _inline({"value": String(form=r"#[0-9A-Fa-f]{6}$")}),
    "date": _inline({"timestamp": Number(), "format": String()}, url=URL, fallback=String()),
}
_WORDS = Many(Typed(INLINE), 0)
_BORDER: dict[str, Shape] = {"border": Number(0, 1)}
RICH_TEXT: dict[str, Shape] = {
    "rich_text_section": Fields({"elements": _WORDS}),
    "rich_text_quote": Fields({"elements": _WORDS}, _BORDER),
    "rich_text_preformatted": Fields(
        {"elements": Many(Typed(INLINE, ("text", "link")), 0)}, _BORDER | {"language": String()}
    ),
}
RICH_TEXT["rich_text_list"] = Fields(
    {"elements": Many(Typed(RICH_TEXT, ("rich_text_section",))), "style": Choice(("bullet", "ordered"))},
    _BORDER | {"indent": Number(0, 8), "offset": Number(0)},
)
BLOCK: dict[str, Shape] = {"block_id": ID}
RICH_TEXT_BLOCK = Fields({"elements": Many(Typed(RICH_TEXT))}, BLOCK)

IMAGE_ELEMENT = Fields(
    {"alt_text": String(2000)},
    {"image_url": String(3000, form="https?://"), "slack_file": SLACK_FILE},
    one_of=("image_url", "slack_file"),
)

ELEMENTS: dict[str, Shape] = {
    "button": Fields(
        {"text": Text(75, PLAIN)},
        ACTION
        | {
            "value": String(2000),
            "url": URL,
            "style": Choice(("primary", "danger")),
            "confirm": CONFIRM,
            "accessibility_label": String(75),
        },
    ),
    "checkboxes": Fields(
        {"options": Many(MARKED_OPTION, 1, 10)},
        PICKED | {"initial_options": Many(MARKED_OPTION, 1, 10)},
        rules=LISTED_RULES,
    ),
    "radio_buttons": Fields(
        {"options": Many(MARKED_OPTION, 1, 10)},
        PICKED | {"initial_option": MARKED_OPTION},
        rules=LISTED_RULES,
    ),
    "overflow": Fields({"options": Many(LINK_OPTION, 1, 5)}, ACTION | {"confirm": CONFIRM}, rules=(values_differ,)),
    "datepicker": Fields({}, HINTED | {"initial_date": String(form=r"\d{4}-\d{2}-\d{2}$")}),
    "datetimepicker": Fields({}, PICKED | {"initial_date_time": Number(1_000_000_000, 9_999_999_999)}),
    "timepicker": Fields(
        {},
        HINTED | {"initial_time": String(form=r"([01]\d|2[0-3]):[0-5]\d$"), "timezone": String(form=r"\w+")},
    ),
    "plain_text_input": Fields(
        {},
        TYPED
        | {
            "initial_value": String(3000, least=0),
            "multiline": Flag(),
            "min_length": Number(0, 3000),
            "max_length": Number(1, 3000),
        },
        rules=(in_order("min_length", "max_length"),),
    ),
    "email_text_input": Fields({}, TYPED | {"initial_value": String()}),
    "url_text_input": Fields({}, TYPED | {"initial_value": String()}),
    "number_input": Fields(
        {"is_decimal_allowed": Flag()},
        TYPED | {name: String(form=r"-?\d+(\.\d+)?$") for name in ("initial_value", "min_value", "max_value")},
        rules=(in_order("min_value", "max_value"),),
    ),
    "rich_text_input": Fields(
        {},
        TYPED | {"initial_value": RICH_TEXT_BLOCK, "min_lines": Number(1, 100), "max_lines": Number(1, 100)},
        rules=(in_order("min_lines", "max_lines"),),
    ),
    "file_input": Fields({}, ACTION | {"filetypes": Many(String(), 0), "max_files": Number(1, 10)}),
    "static_select": Fields({}, LISTED | {"initial_option": OPTION}, one_of=ONE_LIST, rules=LISTED_RULES),
    "multi_static_select": Fields(
        {}, LISTED | SEVERAL | {"initial_options": Many(OPTION, 1, 100)}, one_of=ONE_LIST, rules=LISTED_RULES
    ),
    "external_select": Fields({}, HINTED | {"initial_option": OPTION, "min_query_length": Number(0)}),
    "multi_external_select": Fields(
        {}, HINTED | SEVERAL | {"initial_options": Many(OPTION, 1, 100), "min_query_length": Number(0)}
    ),
    "users_select": Fields({}, HINTED | {"initial_user": USER}),
    "multi_users_select": Fields({}, HINTED | SEVERAL | {"initial_users": Many(USER, 1, 100)}),
    "channels_select": Fields({}, HINTED | RESPONDING | {"initial_channel": CHANNEL}),
    "multi_channels_select": Fields({}, HINTED | SEVERAL | {"initial_channels": Many(CHANNEL, 1, 100)}),
    "conversations_select": Fields({}, HINTED | RESPONDING | CONVERSATIONS | {"initial_conversation": CHANNEL}),
    "multi_conversations_select": Fields(
        {}, HINTED | SEVERAL | CONVERSATIONS | {"initial_conversations": Many(CHANNEL, 1, 100)}
    ),
}
