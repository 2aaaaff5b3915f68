"""What lies on the desk when the demo begins: the last days' answers, and how far colleagues are with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.customers import words
from demo.story import stamp

if TYPE_CHECKING:
    from datetime import datetime

MORNING, EVENING = 7, 18
LATELY = timedelta(minutes=70)
"""What is as young as this was done at whatever hour it is."""
PERSON = ("name", "email", "phone", "company", "language")


@dataclass(frozen=True)
class Deed:
    """Something that a colleague, known by name, did at a time; `told` says what else belongs to it."""

    by: str
    at: datetime
    told: dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """One answer, its body that of a `json` delivery, and each thing that became of it; times aware, UTC."""

    body: dict[str, Any]
    claimed: Deed | None
    assigned: Deed | None
    calls: tuple[Deed, ...]
    snoozed: Deed | None
    forgotten: Deed | None


def desk(now: datetime) -> list[Desk]:
    """Return what lies on the desk, oldest first: overdue, claimed, handed over, tried in vain, put aside, shared."""
    return [_desk(answer, now) for answer in words("today")["answers"]]


def owners() -> dict[str, str]:
    """Return who looks after which company, by name."""
    return dict(words("today")["owners"])


def _desk(answer: dict[str, Any], now: datetime) -> Desk:
    at = now - timedelta(hours=answer["hours"])
    body: dict[str, Any] = {
        "id": f"r-{at:%y%m%d%H%M%S}",
        "survey": "transactional" if "touchpoint" in answer else "relationship",
        "submitted_at": stamp(at),
        "respondent": {name: answer[name] for name in PERSON if name in answer},
        **{name: answer[name] for name in ("touchpoint", "score", "comment") if name in answer},
    }
    deeds = {name: _deed(answer.get(name), now) for name in ("claimed", "assigned", "snoozed", "forgotten")}
    calls = tuple(deed for call in answer.get("calls", ()) if (deed := _deed(call, now)))
    return Desk(body, calls=calls, **deeds)


def _deed(given: dict[str, Any] | None, now: datetime) -> Deed | None:
    """Return what was done so many hours ago; `again` and `seconds` become the moment they lead to."""
    if given is None:
        return None
    told = {name: value for name, value in given.items() if name not in {"by", "hours"}}
    if "again" in told:
        told["again"] = _by_day(now + timedelta(hours=told["again"]))
    if "seconds" in told:
        told["until"] = now + timedelta(seconds=told.pop("seconds"))
    at = now - timedelta(hours=given["hours"])
    by_day = _by_day(at)
    return Deed(given["by"], by_day if by_day < now - LATELY else max(at, now - LATELY), told)


def _by_day(at: datetime) -> datetime:
    """Return a time when somebody is in, from 6 to 18 UTC; what would be at night is the first thing in the morning."""
    if MORNING <= at.hour < EVENING:
        return at
    since = timedelta(hours=(at.hour - EVENING) % 24, minutes=at.minute)
    morning = at.replace(hour=MORNING - 1, minute=0) + timedelta(days=at.hour >= EVENING)
    return morning + since / 13  # a night's thirteen hours become one, in order
