"""How the stand-in says no, in Slack's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class SlackError(Exception):
    """A call is refused: `error` is Slack's code, `sentence` says why, `fields` go beside the code."""

    def __init__(self, error: str, sentence: str = "", *, messages: Sequence[str] = (), **fields: object) -> None:
        self.error = error
        self.sentence = sentence or "; ".join(messages)
        self.messages = tuple(messages)
        self.fields = fields
        super().__init__(f"{error}: {self.sentence}" if self.sentence else error)
