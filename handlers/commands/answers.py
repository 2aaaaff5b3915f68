"""What an answer to /nps is, and how what was typed is read."""

from __future__ import annotations

import re
from typing import Any

Answer = tuple[str, list[dict[str, Any]] | None]
"""The text, which notifications and screen readers tell, and the blocks where there are any."""


def address(text: str) -> str:
    """Return the e-mail address in what was typed, also when Slack made a link of it."""
    linked = re.match(r"<mailto:([^|>]+)", text)
    return (linked[1] if linked else text).strip("<> ")
