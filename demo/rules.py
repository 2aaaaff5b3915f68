"""What Slack would refuse in a message, a modal or an App Home: a sentence for each thing.

Stricter than Slack where it lets pass what readers notice or what breaks one day: a message without `text`
(silent to screen readers and in notifications), and metadata above 1,000 bytes (Slack names no figure).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from demo.blocks import BLOCKS, BLOCKS_MOST, MESSAGE, MESSAGE_MOST, METADATA, MODAL, SURFACES, VIEWS
from demo.shapes import Anything, Many, String, Typed, objects_in, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TEXT_MOST, UPDATE_MOST, ALL_TEXT_MOST = 40_000, 4_000, 12_000
METADATA_BYTES, VIEW_BYTES = 1_000, 250_000
ATTACHMENTS_MOST = 100


class Refusal(NamedTuple):
    """One thing that Slack would refuse: the error it answers with, and a sentence for people."""

    error: str
    sentence: str


def check_message(payload: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing Slack would refuse in a message; one with a `ts` is an update."""
    return [refusal.sentence for refusal in message_refusals(payload)]


def check_view(view: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each thing Slack would refuse in a modal or an App Home."""
    return [refusal.sentence for refusal in view_refusals(view)]


def message_refusals(payload: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yield what Slack would refuse in a message's arguments; those of chat.update have a `ts` among them."""
    blocks = payload.get("blocks")
    if "markdown_text" in payload:
        yield from _markdown_refusals(payload)
    elif not payload.get("text"):
        yield Refusal("no_text", "/text: is missing; notifications and screen readers say nothing else")
    else:
        text = String(UPDATE_MOST if "ts" in payload else TEXT_MOST)
        yield from (Refusal("msg_too_long", each) for each in text.faults(payload["text"], "/text"))
    attachments = Many(Anything(), 0, ATTACHMENTS_MOST).faults(payload.get("attachments", []), "/attachments")
    yield from (Refusal("too_many_attachments", each) for each in attachments)
    if payload.get("metadata"):
        yield from _metadata_refusals(payload["metadata"])
    if blocks:
        yield from (Refusal("invalid_blocks", sentence) for sentence in _block_faults(blocks, MESSAGE))
        written = sum(map(len, texts_in(blocks)))
        if written > ALL_TEXT_MOST:
            sentence = f"/blocks: must have at most {ALL_TEXT_MOST} characters together, have {written}"
            yield Refusal("msg_blocks_too_long", sentence)


def view_refusals(view: Mapping[str, Any]) -> Iterator[Refusal]:
    """Yield what Slack would refuse in the view of views.open, push, update or publish."""
    yield from (Refusal("invalid_arguments", sentence) for sentence in Typed(VIEWS).faults(view, ""))
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        return
    surface = str(view.get("type"))
    yield from (Refusal("invalid_arguments", each) for each in _surface_faults(blocks, surface))
    inputs = any(block.get("type") == "input" for block in objects_in(blocks))
    if surface == MODAL and inputs and "submit" not in view:
        yield Refusal("invalid_arguments", "/submit: is missing, and there are inputs to submit")
    size = len(json.dumps(view, ensure_ascii=False).encode())
    if size > VIEW_BYTES:
        yield Refusal("view_too_large", f"the view must have at most {VIEW_BYTES} bytes, has {size}")


def _block_faults(blocks: object, surface: str) -> Iterator[str]:
    yield from Many(Typed(BLOCKS), 1, BLOCKS_MOST[surface]).faults(blocks, "/blocks")
    if isinstance(blocks, list):
        yield from _surface_faults(blocks, surface)


def _surface_faults(blocks: Sequence[Any], surface: str) -> Iterator[str]:
    """Yield what no single block shows: blocks on the wrong surface, ids used twice, too many of a kind."""
    objects = objects_in(blocks)
    parts = [(f"/blocks/{number}", part) for number, block in enumerate(blocks) for part in _parts(block)]
    for at, part in parts:
        if surface not in SURFACES.get(str(part.get("type")), (surface,)):
            yield f"{at}: no {part['type']} may stand in a {surface}"
    for name in _twice(block.get("block_id") for block in objects):
        yield f"/blocks: two blocks have the block_id {name}"
    for number, block in enumerate(blocks):
        for name in _twice(part.get("action_id") for part in _parts(block)):
            yield f"/blocks/{number}: two elements have the action_id {name}"
    if sum(part.get("focus_on_load") is True for _, part in parts) > 1:
        yield "/blocks: at most one element may have focus_on_load"
    kinds = Counter(str(block.get("type")) for block in objects)
    for family, most in MESSAGE_MOST.items():
        if sum(kinds[kind] for kind in family) > most:
            yield f"/blocks: at most {most} of {' and '.join(family)} may stand in a {surface}"


def _parts(block: object) -> list[dict[str, Any]]:
    """Return a block and the elements that stand directly in it, nothing for what is no block."""
    if not isinstance(block, dict):
        return []
    inner = objects_in([block.get("accessory"), block.get("element")])
    return [block, *objects_in(block.get("elements")), *inner]


def _twice(names: Iterable[object]) -> list[str]:
    counted = Counter(name for name in names if isinstance(name, str))
    return [name for name, times in counted.items() if times > 1]


def _markdown_refusals(payload: Mapping[str, Any]) -> Iterator[Refusal]:
    if payload.get("text") or payload.get("blocks"):
        yield Refusal("markdown_text_conflict", "/markdown_text: may not stand beside text or blocks")
    if len(str(payload["markdown_text"])) > ALL_TEXT_MOST:
        yield Refusal("msg_too_long", f"/markdown_text: must have at most {ALL_TEXT_MOST} characters")


def _metadata_refusals(metadata: object) -> Iterator[Refusal]:
    yield from (Refusal("invalid_metadata_format", each) for each in METADATA.faults(metadata, "/metadata"))
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if isinstance(payload, dict):
        for name, value in payload.items():
            if not _may_be_metadata(value):
                yield Refusal("invalid_metadata_schema", f"/metadata/event_payload/{name}: is no plain value")
    size = len(json.dumps(metadata).encode())
    if size > METADATA_BYTES:
        sentence = f"/metadata: keep it below {METADATA_BYTES} bytes; it has {size}"
        yield Refusal("metadata_too_large", sentence)


def _may_be_metadata(value: object) -> bool:
    if isinstance(value, list):
        return len(objects_in(value)) == len(value) and all(_is_flat(item) for item in value)
    return isinstance(value, (str, int, float, bool, dict))


def _is_flat(item: dict[str, Any]) -> bool:
    return not any(isinstance(value, (list, dict)) for value in item.values())
