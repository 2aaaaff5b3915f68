"""What [privacy] in npsbot.toml asks for: channels that name no customer, and channels that others may be in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.settings import checks
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def folded_channel(name: str) -> str:
    """Return a channel's name or id as it is compared: with or without its #, whatever its case."""
    return name.removeprefix("#").casefold()


@dataclass(frozen=True, slots=True)
class Privacy:
    """`channels` name no customer; `shared` may be written to with other organisations in them; both folded.

    `shared` is None where any channel may.
    """

    channels: frozenset[str] = frozenset()
    shared: frozenset[str] | None = frozenset()

    def lets_others_read(self, names: Iterable[str]) -> bool:
        """Tell whether a channel that goes by these names may be written to with another organisation in it."""
        return self.shared is None or not self.shared.isdisjoint(map(folded_channel, names))


def read(given: Any, path: Path) -> Privacy:
    """Return what [privacy] asks for. Raises SettingError."""
    if not isinstance(given, dict) or set(given) - {"channels", "allow_shared"}:
        raise SettingError(f"privacy in {path} must be a table [privacy] with channels and allow_shared.")
    shared = given.get("allow_shared", False)
    if isinstance(shared, bool):
        return Privacy(_channels("channels", given.get("channels", []), path), None if shared else frozenset())
    return Privacy(
        _channels("channels", given.get("channels", []), path),
        _channels("allow_shared", shared, path, "true, false or "),
    )


def _channels(name: str, given: Any, path: Path, also: str = "") -> frozenset[str]:
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise SettingError(
            f'privacy.{name} in {path} is {given!r}, but must be {also}a list of channels such as ["#nps-private"].'
        )
    return frozenset(folded_channel(checks.channel(f"privacy.{name} in {path}", each)) for each in given)
