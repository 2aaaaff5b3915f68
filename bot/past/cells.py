"""Cells that a spreadsheet would run as a formula, made harmless, and made themselves again."""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_PHONE = re.compile(r"\+[\d\s()./-]*\d")
NO_BREAK = "\u00a0"


def defused(cell: str) -> str:
    """Return a cell that a spreadsheet shows and does not run: an apostrophe stands before what it would."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def defused_phone(cell: str) -> str:
    """Return a phone number that stays one to the eye: the space before its plus makes it a text."""
    return NO_BREAK + cell if _PHONE.fullmatch(cell) else defused(cell)


def themselves(cell: str) -> str:
    """Return the cell that `defused` was given."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell
