"""What a score is held against: how many answers it takes, the bands it may fall into, and the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.model import Counts, nps
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from pathlib import Path

BANDS = (("positive", 1), ("good", 30), ("excellent", 50), ("world_class", 70))
"""Each band and the score at which it begins; below the first stands `needs_work`."""
BELOW = "needs_work"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """`minimum` answers make a score that one may act on; `bands` begin at their scores, lowest first."""

    minimum: int = 10
    target: int | None = None
    bands: tuple[tuple[str, int], ...] = BANDS

    def enough(self, *counts: Counts) -> bool:
        """Tell whether each has answers enough to act on."""
        return all(each.responses >= self.minimum for each in counts)

    def band(self, counts: Counts) -> str | None:
        """Return the band that a score falls into; None for a score of too few answers."""
        score = nps(counts)
        if score is None or not self.enough(counts):
            return None
        return next((name for name, least in reversed(self.bands) if score >= least), BELOW)


STANDARD = Yardstick()
"""What there is when nothing is set."""


def read(given: Any, path: Path) -> Yardstick:
    """Return what [score] in npsbot.toml asks for."""
    if not isinstance(given, dict) or set(given) - {"minimum", "target", "bands"}:
        raise SettingError(f"score in {path} must be a table [score] with minimum, target and bands.")
    minimum = given.get("minimum", STANDARD.minimum)
    if not _whole(minimum, 1, 10_000):
        raise SettingError(f"score.minimum in {path} is {minimum!r}, but must be a whole number from 1 to 10000.")
    target = given.get("target")
    if target is not None and not _whole(target, -100, 100):
        raise SettingError(f"score.target in {path} is {target!r}, but must be a whole number from -100 to 100.")
    return Yardstick(minimum, target, _bands(given.get("bands", dict(BANDS)), path))


def _bands(given: Any, path: Path) -> tuple[tuple[str, int], ...]:
    good = isinstance(given, dict) and given and all(name and _whole(at, -100, 100) for name, at in given.items())
    if not good or len(set(given.values())) < len(given):
        raise SettingError(
            f"score.bands in {path} is {given!r}, but must be names with the scores they begin at, each another, "
            "such as { good = 30, excellent = 50 }."
        )
    return tuple(sorted(given.items(), key=lambda band: band[1]))


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
