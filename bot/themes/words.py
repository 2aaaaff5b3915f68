"""Words of a comment, the same however it was typed: case, accents and Unicode's normal forms make no difference."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

BREAK = "."
"""Stands between the words where a sentence or a clause ends: no phrase reaches over it."""

_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "œ": "oe"})
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_TOKEN = re.compile(r"(?:(?<![^\W_])[^\W\d_]-)?[^\W_]+(?:['’´`ʼ][^\W_]+)*|[.,!?;:()\n…–—]")
_MARKS = re.compile(r"['’´`ʼ-]")


def folded(text: str) -> str:
    """Return a text without case and accents, a letter that is drawn out (dyyyrt) once."""
    if text.isascii():
        return _DRAWN_OUT.sub(r"\1", text.lower())
    capitals = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper())
    small = unicodedata.normalize("NFKD", capitals.casefold().translate(_LETTERS))
    return _DRAWN_OUT.sub(r"\1", "".join(c for c in small if not unicodedata.combining(c)))


def one_word(text: str) -> str:
    """Return a word folded, and without the marks inside it: don't is dont, e-post is epost."""
    return _MARKS.sub("", folded(text))


def words(text: str) -> list[str]:
    """Return the folded words of a text in their order, with BREAK where a clause ends."""
    found: list[str] = []
    for token in _TOKEN.findall(folded(text)):
        if token.isalnum():
            found.append(token)
        elif token[0].isalnum():
            found.append(_MARKS.sub("", token))
        elif found and found[-1] != BREAK:
            found.append(BREAK)
    return found


def spelled(text: str) -> list[tuple[str, str]]:
    """Return the words of a text as they are written, in small letters, each with itself folded."""
    tokens = _TOKEN.findall(unicodedata.normalize("NFC", text).lower())
    return [(token, _folded_once(token)) for token in tokens if token[0].isalnum()]


@lru_cache(1 << 16)
def _folded_once(token: str) -> str:
    return one_word(token)
