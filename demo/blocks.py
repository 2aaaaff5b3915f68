"""The blocks, modals and App Homes that Slack takes, on which surface, and messages' metadata, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.limits import BLOCK, ELEMENTS, IMAGE_ELEMENT, PLAIN, RICH_TEXT_BLOCK, SLACK_FILE
from demo.shapes import Anything, Choice, Faults, Fields, Flag, Many, Number, Shape, String, Text, Typed, texts_in

if TYPE_CHECKING:
    from collections.abc import Mapping

SELECTS = tuple(name for name in ELEMENTS if name.endswith("_select"))
CHOOSERS = ("checkboxes", "radio_buttons", "datepicker", "timepicker", *SELECTS)
IN_ACTIONS = ("button", "overflow", "datetimepicker", "rich_text_input", *CHOOSERS)
IN_SECTION = ("button", "overflow", "image", *CHOOSERS)
IN_INPUT = tuple(name for name in ELEMENTS if name not in ("button", "overflow"))

WITH_IMAGES: dict[str, Shape] = ELEMENTS | {"image": IMAGE_ELEMENT}
CONTEXT: dict[str, Shape] = {"image": IMAGE_ELEMENT, "plain_text": Text(), "mrkdwn": Text()}


def _no_dispatch_of_files(block: Mapping[str, Any], at: str) -> Faults:
    if block.get("dispatch_action") and block["element"]["type"] == "file_input":
        yield f"{at}/dispatch_action: a file_input dispatches no action"


def _rows_are_even(block: Mapping[str, Any], at: str) -> Faults:
    rows = block["rows"]
    if len({len(row) for row in rows}) > 1:
        yield f"{at}/rows: each row must have as many cells as the first"
    if any(cell["type"] == "rich_text" for cell in rows[0]):
        yield f"{at}/rows/0: a header cell may not be rich_text"
    letters = sum(len(text) for text in texts_in(rows))
    if letters > 10_000:
        yield f"{at}/rows: the cells must have at most 10000 characters together, have {letters}"


def _names_are_unique(chart: Mapping[str, Any], at: str) -> Faults:
    if len({series["name"] for series in chart["series"]}) < len(chart["series"]):
        yield f"{at}/series: each name must be unique"


def _a_point_per_category(chart: Mapping[str, Any], at: str) -> Faults:
    categories = sorted(chart["axis_config"]["categories"])
    for number, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != categories:
            yield f"{at}/series/{number}/data: must have exactly one point for each category"


CELL = Typed(
    {
        "raw_text": Fields({"text": String(10_000)}),
        "raw_number": Fields({"value": Number(whole=False), "text": String()}),
        "rich_text": RICH_TEXT_BLOCK,
    }
)
COLUMN = Fields(may={"align": Choice(("left", "center", "right")), "is_wrapped": Flag()})
POINT = Fields({"label": String(20), "value": Number(whole=False)})
SEGMENT = Fields({"label": String(20), "value": Number(least=1e-9, whole=False)})
SERIES = Fields({"name": String(20), "data": Many(POINT, 1, 20)})
AXIS = Fields({"categories": Many(String(20), 1, 20)}, {"x_label": String(50), "y_label": String(50)})
XY_CHART = Fields(
    {"series": Many(SERIES, 1, 6), "axis_config": AXIS},
    rules=(_names_are_unique, _a_point_per_category),
)
CHART = Typed({"pie": Fields({"segments": Many(SEGMENT, 1, 6)})} | dict.fromkeys(("bar", "area", "line"), XY_CHART))

BLOCKS: dict[str, Shape] = {
    "actions": Fields({"elements": Many(Typed(ELEMENTS, IN_ACTIONS), 1, 25)}, BLOCK),
    "context": Fields({"elements": Many(Typed(CONTEXT), 1, 10)}, BLOCK),
    "divider": Fields({}, BLOCK),
    "header": Fields({"text": Text(150, PLAIN)}, BLOCK),
    "image": Fields(
        IMAGE_ELEMENT.must,
        {**IMAGE_ELEMENT.may, "slack_file": SLACK_FILE, "title": Text(2000, PLAIN), **BLOCK},
        one_of=IMAGE_ELEMENT.one_of,
    ),
    "input": Fields(
        {"label": Text(2000, PLAIN), "element": Typed(ELEMENTS, IN_INPUT)},
        BLOCK | {"hint": Text(2000, PLAIN), "optional": Flag(), "dispatch_action": Flag()},
        rules=(_no_dispatch_of_files,),
    ),
    "rich_text": RICH_TEXT_BLOCK,
    "section": Fields(
        {},
        BLOCK
        | {
            "text": Text(),
            "fields": Many(Text(2000), 1, 10),
            "accessory": Typed(WITH_IMAGES, IN_SECTION),
            "expand": Flag(),
        },
        any_of=("text", "fields"),
    ),
    "alert": Fields({"text": Text(200)}, BLOCK | {"level": Choice(("default", "info", "warning", "error", "success"))}),
    "markdown": Fields({"text": String(12_000)}, BLOCK),
    "table": Fields({"rows": Many(Many(CELL, 1, 20), 1, 100)}, BLOCK | {"column_settings": Many(COLUMN, 0, 20)}),
    "data_table": Fields(
        {"caption": String(), "rows": Many(Many(CELL, 1, 20), 2, 101)},
        BLOCK | {"page_size": Number(1, 100), "row_header_column_index": Number(0, 19)},
        rules=(_rows_are_even,),
    ),
    "data_visualization": Fields({"title": String(50), "chart": CHART}, BLOCK),
}

MESSAGE, MODAL, HOME = "message", "modal", "home"
EVERYWHERE = (MESSAGE, MODAL, HOME)
SURFACES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(BLOCKS, EVERYWHERE),
    **dict.fromkeys(("markdown", "table", "data_table", "data_visualization"), (MESSAGE,)),
    "alert": (MODAL,),
    "file_input": (MODAL,),
}
BLOCKS_MOST = {MESSAGE: 50, MODAL: 100, HOME: 100}
MESSAGE_MOST = {("table", "data_table"): 1, ("data_visualization",): 2}

_VIEW: dict[str, Shape] = {
    "private_metadata": String(3000, 0),
    "callback_id": String(255, 0),
    "external_id": String(255, 0),
}
VIEWS: dict[str, Shape] = {
    MODAL: Fields(
        {"title": Text(24, PLAIN), "blocks": Many(Typed(BLOCKS), 1, 100)},
        _VIEW
        | {"submit": Text(24, PLAIN), "close": Text(24, PLAIN)}
        | dict.fromkeys(("clear_on_close", "notify_on_close", "submit_disabled"), Flag()),
    ),
    HOME: Fields({"blocks": Many(Typed(BLOCKS), 0, 100)}, _VIEW),
}
METADATA = Fields({"event_type": String(50), "event_payload": Anything()})
