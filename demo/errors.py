"""How the stand-in says no, in Slack's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class SlackError(Exception):
    """A call is refused: `error` is Slack's code, `sentence` says why, `fields` go beside the code."""

    def __init__(self, error: str, sentence: str = "", *, messages: Sequence[str] = (), **fields: object) -> None:
        super().__init__(sentence or error)
        self.error = error
        self.sentence = sentence or error
        self.messages = tuple(messages)
        self.fields = fields
