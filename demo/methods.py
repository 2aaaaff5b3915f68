"""What a method of the Web API is: a function of its arguments, with a scope, a pace and a kind of token."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo.errors import SlackError
from demo.messages import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from demo.people import Channel
    from demo.rules import Refusal
    from demo.state import State

Answer = dict[str, Any]

TIER_2, TIER_3, TIER_4, SPECIAL = 20, 50, 100, 600


class Args(dict[str, Any]):
    """The arguments of a call, from a query, a form or a JSON body; a form holds JSON in strings."""

    def text(self, name: str) -> str:
        """Return a string, empty when it is missing."""
        value = self.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        """Return a string that must be there."""
        if not self.text(name):
            raise SlackError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return self.text(name)

    def flag(self, name: str) -> bool:
        """Return whether something is asked for."""
        return self.text(name).lower() in ("true", "1")

    def number(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 1 to `most`."""
        try:
            value = int(self.get(name) or default)
        except (TypeError, ValueError):
            value = 0
        if value < 1:
            raise SlackError("invalid_arguments", messages=[f"[ERROR] {name} must be a number above 0"])
        return min(value, most)

    def json(self, name: str) -> Any:
        """Return a JSON value, whether it came as one or as a string; None when it is missing."""
        value = self.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            error = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}.get(name)
            raise SlackError(error or "invalid_arguments", f"{name} is no JSON") from None

    def span(self) -> Span:
        """Return the stretch of time asked for."""
        oldest, latest = self.text("oldest") or Span().oldest, self.text("latest") or Span().latest
        for name, ts in (("oldest", oldest), ("latest", latest)):
            if not ts.replace(".", "", 1).isdigit():
                raise SlackError(f"invalid_ts_{name}", f"{ts} is no ts")
        inclusive = self.flag("inclusive")
        return Span(oldest, latest, inclusive, inclusive)

    def start(self) -> int:
        """Return how many items a cursor of a plain list has behind it."""
        cursor = self.text("cursor")
        if cursor and not cursor.isdigit():
            raise SlackError("invalid_cursor")
        return int(cursor or 0)


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, how often a minute it may be called, and what it needs."""

    run: Callable[[State, Args], Answer]
    per_minute: int = TIER_4
    scope: str | None = None
    app_token: bool = False


def refuse(refusals: Iterable[Refusal]) -> None:
    """Raise the first of some refusals' error, with all sentences as its messages."""
    found = list(refusals)
    if found:
        messages = [f"[ERROR] {refusal.sentence}" for refusal in found]
        raise SlackError(found[0].error, messages=messages)


def page_of(items: list[Any], args: Args) -> tuple[list[Any], Answer]:
    """Return the page of a plain list that the arguments ask for, and the metadata that leads to the next."""
    start, limit = args.start(), args.number("limit", 100, 1000)
    end = start + limit
    return items[start:end], {"response_metadata": {"next_cursor": str(end) if end < len(items) else ""}}


def readable(state: State, channel_id: str, right: str) -> Channel:
    """Return a channel by its id if the bot may read it; `right`, read or history, is half of a scope."""
    channel = state.channels.get(channel_id)
    if channel is None or (channel.scope != "channels" and state.bot.id not in channel.members):
        raise SlackError("channel_not_found", f"the bot knows no channel {channel_id}; names are not taken here")
    state.need_scope(f"{channel.scope}:{right}")
    if right == "history" and state.bot.id not in channel.members:
        raise SlackError("not_in_channel", f"the bot is not in #{channel.name}")
    return channel
