"""What an answer to /nps is, and how what was typed is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.texts import Texts

QUOTES = " \"'“”„‟‘’«»"
"""What may stand around an address, as people and their keyboards put it."""
Answer = tuple[str, list[dict[str, Any]] | None]
"""The text, which notifications and screen readers tell, and the blocks where there are any."""


def address(text: str) -> str:
    """Return the e-mail address in what was typed, also when Slack made a link of it, or in quotation marks."""
    text = text.strip(QUOTES)
    linked = re.match(r"<mailto:([^|>]+)", text)
    return (linked[1] if linked else text).strip(f"<>{QUOTES}")


def no_such_survey(name: str, known: Sequence[str], texts: Texts) -> Answer:
    """Return what whoever names a survey learns that there is not: which there are."""
    shown = ", ".join(b.literal(each, 60) for each in known)
    key = "score.no_survey" if known else "score.no_surveys"
    return texts(key, name=b.literal(name, 60), known=shown), None
