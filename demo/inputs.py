"""What people fill in: the state of a view's elements in Slack's shapes, from plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Element = Mapping[str, Any]
Values = dict[str, dict[str, Any]]

ONE_FIELD = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
LIST_FIELD = {
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "file_input": "files",
}
FIELD = ONE_FIELD | LIST_FIELD
REQUIRED = "Please complete this required field."


def options(element: Element) -> Iterator[Mapping[str, Any]]:
    """Yield an element's options, those of groups too."""
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group["options"]


def chosen(element: Element, value: str) -> Mapping[str, Any]:
    """Return the option with a value; KeyError when the element offers none such."""
    for option in options(element):
        if option.get("value") == value:
            return option
    raise KeyError(f"{element.get('action_id')} has no option {value}")


def filled(element: Element, value: Any) -> dict[str, Any]:
    """Return an element's state for a value: text, an option's value, a user's id, seconds, or a list."""
    kind, name = element["type"], FIELD[element["type"]]
    if kind == "rich_text_input" and isinstance(value, str):
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": value}]}
        value = {"type": "rich_text", "elements": [section]}
    elif name == "selected_option" and value is not None:
        value = chosen(element, value)
    elif name == "selected_options":
        value = [chosen(element, each) for each in value or ()]
    elif kind in LIST_FIELD:
        value = list(value or ())
    elif name == "value":
        value = value or None
    return {"type": kind, name: value}


def initial(element: Element) -> dict[str, Any]:
    """Return the state of an element that nobody has touched."""
    kind, name = element["type"], FIELD[element["type"]]
    given = element.get("initial_" + name.removeprefix("selected_").removeprefix("rich_text_"))
    return {"type": kind, name: list(given or ()) if kind in LIST_FIELD else given}


def elements(blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Element]]:
    """Yield each interactive element of some blocks with the id of its block."""
    for block in blocks:
        inner = block.get("elements", ()) if block["type"] in ("actions", "context_actions") else ()
        for element in (*inner, block.get("accessory"), block.get("element")):
            if element is not None and "action_id" in element:
                yield block["block_id"], element


def state_of(blocks: Sequence[Mapping[str, Any]], before: Values | None = None) -> Values:
    """Return the state of blocks: as `before` where ids and type are the same, else as they begin."""
    values: Values = {}
    for block_id, element in elements(blocks):
        if element["type"] in FIELD:
            kept = (before or {}).get(block_id, {}).get(element["action_id"])
            same = kept is not None and kept["type"] == element["type"]
            values.setdefault(block_id, {})[element["action_id"]] = kept if same else initial(element)
    return values


def with_values(blocks: Sequence[Mapping[str, Any]], state: Values, given: Mapping[str, Any]) -> Values:
    """Return the state with what a person filled in, by block_id; KeyError for a block without a field."""
    fields = {block_id: element for block_id, element in elements(blocks) if element["type"] in FIELD}
    for block_id in given:
        if block_id not in fields:
            raise KeyError(f"no field {block_id}; there are {', '.join(fields) or 'none'}")
    filled_in = {
        block_id: {fields[block_id]["action_id"]: filled(fields[block_id], value)} for block_id, value in given.items()
    }
    return {block_id: actions | filled_in.get(block_id, {}) for block_id, actions in state.items()}


def with_action(state: Values, action: Mapping[str, Any]) -> Values:
    """Return the state after an action on an element, if it is one that keeps a value."""
    block_id, action_id = action["block_id"], action["action_id"]
    if action_id not in state.get(block_id, {}):
        return state
    name = FIELD[action["type"]]
    changed = {action_id: {"type": action["type"], name: action[name]}}
    return {**state, block_id: {**state[block_id], **changed}}


def complaints(blocks: Sequence[Mapping[str, Any]], state: Values) -> dict[str, str]:
    """Return what Slack itself tells a person before it hands a form over, by block_id."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = state[block["block_id"]][element["action_id"]][FIELD[element["type"]]]
            sentence = _complaint(element, value, optional=block.get("optional", False))
            if sentence:
                found[block["block_id"]] = sentence
    return found


def _complaint(element: Element, value: Any, *, optional: bool) -> str | None:
    if value in (None, "", []):
        return None if optional else REQUIRED
    if element["type"] != "plain_text_input":
        return None
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"This must be at least {least} characters."
    return f"This must be at most {most} characters." if len(value) > most else None
