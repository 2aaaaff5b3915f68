"""The states of a callback and every move between them, once: the store's conditions and the README's drawing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.model import State

if TYPE_CHECKING:
    from bot.model import Callback

OPEN, CLAIMED, CLOSED = State


class By(StrEnum):
    """Whom the callback has to belong to before a move."""

    ANYONE = "anyone"
    HOLDER = "its holder"
    NOBODY_ELSE = "anyone when nobody holds it, else its holder"


@dataclass(frozen=True, slots=True)
class Move:
    """One move: from which states, by whom, and into which state; `to` is None where the state stays what it was."""

    name: str
    start: tuple[State, ...]
    to: State | None
    by: By = By.ANYONE

    def fits(self, callback: Callback, user: str) -> bool:
        """Tell whether the user can make this move on the callback as it is."""
        holder = callback.holder
        belongs = {By.ANYONE: True, By.HOLDER: holder == user, By.NOBODY_ELSE: holder in {None, user}}
        return callback.state in self.start and belongs[self.by]


CLAIM = Move("claim", (OPEN,), CLAIMED)
RELEASE = Move("release", (CLAIMED,), OPEN, By.HOLDER)
ASSIGN = Move("assign", (OPEN, CLAIMED), CLAIMED)
SNOOZE = Move("snooze", (OPEN, CLAIMED), None, By.NOBODY_ELSE)
WAKE = Move("wake", (OPEN, CLAIMED), None, By.NOBODY_ELSE)
DISMISS = Move("dismiss", (OPEN, CLAIMED), CLOSED, By.NOBODY_ELSE)
GIVE_UP = Move("close as unreachable", (OPEN, CLAIMED), CLOSED, By.NOBODY_ELSE)
LOG_AND_CLOSE = Move("log a call (close)", tuple(State), CLOSED, By.NOBODY_ELSE)
LOG_AND_CALL_AGAIN = Move("log a call (call again)", tuple(State), CLAIMED, By.NOBODY_ELSE)
LOG_AND_HAND_OVER = Move("log a call (hand over)", tuple(State), OPEN, By.NOBODY_ELSE)
REOPEN = Move("reopen", (CLOSED,), OPEN)
LAPSE = Move("no call in time", (CLAIMED,), OPEN)
WORSE = Move("a worse score", (CLOSED,), OPEN)

MOVES = (
    CLAIM,
    RELEASE,
    ASSIGN,
    SNOOZE,
    WAKE,
    DISMISS,
    GIVE_UP,
    LOG_AND_CLOSE,
    LOG_AND_CALL_AGAIN,
    LOG_AND_HAND_OVER,
    REOPEN,
    LAPSE,
    WORSE,
)


def as_seen(callback: Callback) -> str:
    """Return what a form remembers of the callback that it was opened on: its state and its holder."""
    return f"{callback.state}:{callback.holder or ''}"


def diagram() -> str:
    """Return the states and moves as a drawing that GitHub shows."""
    ways: dict[tuple[State, State], list[str]] = {}
    for start in State:
        for move in MOVES:
            if start in move.start:
                ways.setdefault((start, move.to or start), []).append(move.name)
    lines = [f"  {start} --> {end}: {', '.join(names)}" for (start, end), names in ways.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", "  [*] --> open: a response asks for a call", *lines, "```"])
