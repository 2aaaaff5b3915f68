"""The ids that Slack gives where an app gave none."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEPT_MOST = 10_000
LETTERS = string.ascii_uppercase + string.digits


def new_id(prefix: str) -> str:
    """Return a new id such as V0K3J9X2QPL."""
    return prefix + "0" + "".join(secrets.choice(LETTERS) for _ in range(9))


def forget_oldest(given: dict[str, Any]) -> None:
    """Drop what was given out first once there are many: nobody comes back for it after so many others."""
    if len(given) >= KEPT_MOST:
        del given[next(iter(given))]


def stamped(blocks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return blocks as Slack keeps them: each has a block_id, each interactive element an action_id."""
    return [_stamped_block(block) for block in blocks]


def _stamped_block(block: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    if block["type"] == "actions":
        whole["elements"] = [_stamped_element(element) for element in block["elements"]]
    for name in ("accessory", "element"):
        if name in block:
            whole[name] = _stamped_element(block[name])
    return whole


def _stamped_element(element: Mapping[str, Any]) -> Mapping[str, Any]:
    if "action_id" in element or element["type"] == "image":
        return element
    return {**element, "action_id": secrets.token_urlsafe(4)}
