"""Scores as files write them: whole numbers from 0 to 10, perhaps with a label; nothing else is bent into one."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bot.past.tables import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

PLAIN = {str(score): score for score in range(11)}
ENOUGH = 30
"""Answers from which a scale can be told: that many all from 1 to 5 are no accident."""

MOST_VALUES = 5_000
"""Different texts of one column that are remembered; a score has few."""

LONGEST = 120
"""Characters of the longest text that a score stands in; to look through a long comment for one takes for ever."""

_NUMBER = re.compile(
    r"""(?P<number>10|[0-9])(?:[.,]0+)?
        (?:\s*(?:/|of|out\s+of|av|af)\s*10                     # 9/10, 9 of 10
          |\s*[-–—:=]\s*(?:\D*[^\W\d_]\D*)                     # 9 - Very likely
          |\s*\((?:\D*[^\W\d_]\D*)\))?                         # 10 (Extremely likely)
      | \D*[^\W\d_]\D*?\s*(?:[-–—:=]\s*|\()(?P<last>10|[0-9])\)?   # Extremely likely - 10""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)
_OTHER_SCALE = re.compile(
    r"\b[01]\s*(?:-|–|to|till?)\s*(?:[3-9]|100)\b|\b1\s*(?:-|–|to|till?)\s*10\b|out of (?:5|7|100)\b"
    r"|\bstars?\b|\bcsat\b|\bces\b",
    re.IGNORECASE,
)


def score(text: str) -> int | None:
    """Return the score that a cell holds, None where it holds none."""
    plain = PLAIN.get(text)
    if plain is not None:
        return plain
    found = _NUMBER.fullmatch(text.strip()) if len(text) <= LONGEST else None
    return int(found["number"] or found["last"]) if found else None


def is_score(text: str) -> bool:
    """Tell whether a cell holds a score."""
    return score(text) is not None


class Scale:
    """What a whole column says of its scale."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._many = False

    def weigh(self, cells: Iterable[str]) -> None:
        """Take in some cells of the column."""
        if not self._many:
            self._seen.update(cells)
            self._many = len(self._seen) > MOST_VALUES

    def check(self, column: str, *, said: bool) -> None:
        """Raise Trouble when the column is no score from 0 to 10; `said`: a person says that it is one."""
        seen = {cell.strip(): count for cell, count in self._seen.items() if cell.strip()}
        scores = [(value, count) for cell, count in seen.items() if (value := score(cell)) is not None]
        which = f'the column "{column}"'
        if not scores:
            what = ", ".join(f'"{cell[:40]}"' for cell in list(seen)[:3])
            holds = f"holds {what} and no" if seen else "holds no"
            raise Trouble(
                f'{which} {holds} whole number from 0 to 10; say which column is the score with --map "COLUMN=score"'
            )
        if said:
            return
        count = sum(count for _, count in scores)
        beyond = sum(n for cell, n in seen.items() if re.fullmatch(r"(?:1[1-9]|[2-9]\d|100)(?:[.,]0+)?", cell))
        narrow = count >= ENOUGH and all(1 <= value <= 5 for value, _ in scores)
        wide = count + beyond >= ENOUGH and 5 * beyond > count + beyond
        if narrow or wide or _OTHER_SCALE.search(column):
            looks = "goes past 10" if wide else "looks like a scale that does not run from 0 to 10"
            raise Trouble(
                f'{which} {looks}, and no other is bent into it. If it is one all the same, say --map "{column}=score"'
            )
