"""How many of those who were asked have answered."""

from __future__ import annotations


def rate(answered: int, invited: int | None) -> float | None:
    """Return which part of those invited answered, 0 to 1; None where nobody knows how many were.

    None also where more answered than were invited: then some of their invitations are of other days, and the two
    numbers do not belong together.
    """
    if not invited or answered > invited:
        return None
    return answered / invited
