"""How often an app may call."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from demo.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Callable


class Rates:
    """A burst and then one message a second to each channel; of other calls so many a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.on = True
        self.burst = 4.0
        self.per_second = 1.0
        self.per_minute: dict[str, int] = {}
        self._windows: dict[str, tuple[float, int]] = {}
        self._buckets: dict[str, tuple[float, float]] = {}

    def count(self, method: str, most: int) -> None:
        """Count one call of a method; SlackError `ratelimited` when this minute's are used up."""
        if not self.on:
            return
        now = self.clock()
        began, used = self._windows.get(method, (now, 0))
        if now - began >= 60:
            began, used = now, 0
        if used >= self.per_minute.get(method, most):
            raise limited(method, began + 60 - now)
        self._windows[method] = began, used + 1

    def count_post(self, channel: str) -> None:
        """Count one message to a channel; SlackError `ratelimited` when they come too fast."""
        if not self.on:
            return
        now = self.clock()
        at, left = self._buckets.get(channel, (now, self.burst))
        left = min(self.burst, left + (now - at) * self.per_second)
        if left < 1:
            self._buckets[channel] = now, left
            raise limited(f"chat.postMessage to {channel}", (1 - left) / self.per_second)
        self._buckets[channel] = now, left - 1


def limited(what: str, seconds: float) -> SlackError:
    """Return the refusal of a call that comes too soon."""
    wait = max(1, math.ceil(seconds))
    return SlackError("ratelimited", f"{what}: too many calls; come back in {wait} s", retry_after=wait)
