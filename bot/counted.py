"""How many of what, in the English of the command line."""

from __future__ import annotations


def counted(n: int, one: str, many: str | None = None) -> str:
    """Return a number with what is counted: "1 reply", "2,000 replies"; `many` where it takes more than an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
