"""How the four colleagues of the demo follow up: when they claim, whom they reach, what they note down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from demo.customers import Person, Voice

MOTHER_TONGUES = ("nb", "fi", "sv", "da")
"""What Ingrid, Mikko, Freja and Signe write in; customers who answer in English are noted down in English."""

PLANS = {
    ("reached",): 58,
    ("no_answer", "reached"): 13,
    ("voicemail", "reached"): 9,
    ("no_answer", "voicemail", "reached"): 5,
    ("reached", "reached"): 6,
    ("voicemail", "emailed"): 4,
    ("no_answer", "no_answer", "emailed"): 2,
    ("wrong_number", "emailed"): 1,
    ("declined",): 2,
}
"""How many of a hundred follow-ups go which way; whoever is reached twice was handed over in between."""

THEMES = {
    "late": "delivery",
    "damaged": "delivery",
    "lost": "delivery",
    "new_carrier": "delivery",
    "won_back": "support",
}
"""The theme of a topic that is none itself."""


@dataclass(frozen=True)
class SampleCall:
    """One logged call; `at` aware UTC, `caller` the index of the colleague."""

    at: datetime
    caller: int
    outcome: str
    notes: str
    themes: tuple[str, ...]
    next_step: str
    referral_name: str | None = None
    referral_contact: str | None = None


@dataclass(frozen=True)
class FollowUp:
    """What became of a callback; with nothing set it is open, closed but never claimed it was dismissed.

    `claimed_by` is who took it first; after a hand-over the later calls tell who holds it.
    """

    claimed_by: int | None = None
    claimed_at: datetime | None = None
    calls: tuple[SampleCall, ...] = ()
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Case:
    """An answer to follow up; `pace` holds the hours, from and to, until somebody claims it."""

    person: Person
    category: str
    topic: str
    number: int
    at: datetime
    pace: tuple[float, float]


class Colleagues:
    """The four who call; nothing of what they do is later than `until`."""

    def __init__(self, until: datetime, voices: dict[str, Voice], lots: Random) -> None:
        self._until = until
        self._voices = voices
        self._lots = lots

    def dismiss(self, at: datetime, *, urgent: bool) -> FollowUp:
        """Close without a call what came `at`: within the working day when urgent, else within two."""
        hours = self._lots.uniform(1, 9) if urgent else self._lots.uniform(12, 44)
        closed = self._on_duty(at + timedelta(hours=hours))
        return FollowUp(closed_at=closed) if closed < self._until else FollowUp()

    def follow_up(self, case: Case) -> FollowUp:
        """Claim a case and call until somebody is reached, written to or does not want to talk."""
        claimed_at = self._on_duty(case.at + timedelta(hours=self._lots.uniform(*case.pace)))
        if claimed_at >= self._until:
            return FollowUp()
        holder = self._holder(case.person.language)
        calls = tuple(self._calls(case, claimed_at, holder))
        closed = bool(calls) and calls[-1].next_step == "close"
        return FollowUp(holder, claimed_at, calls, calls[-1].at if closed else None)

    def _calls(self, case: Case, claimed_at: datetime, holder: int) -> Iterator[SampleCall]:
        plan = self._plan(case)
        at = self._on_duty(claimed_at + timedelta(hours=self._lots.uniform(0.1, 12)))
        for attempt, outcome in enumerate(plan, start=1):
            if at >= self._until:
                return
            if attempt == len(plan):
                yield self._last_call(case, at, holder, outcome, taken_over=plan == ("reached", "reached"))
            elif outcome == "reached":
                notes = self._note(case, holder, "handed_over")
                yield SampleCall(at, holder, outcome, notes, _themes(case), "hand_over")
                holder = (holder + self._lots.randint(1, 3)) % len(MOTHER_TONGUES)
            else:
                yield SampleCall(at, holder, outcome, self._note(case, holder, outcome), (), "call_again")
            at = self._on_duty(at + timedelta(hours=self._lots.uniform(3, 26)))

    def _plan(self, case: Case) -> tuple[str, ...]:
        if case.person.phone is None:
            return ("emailed",)
        plan = self._lots.choices(list(PLANS), list(PLANS.values()))[0]
        settled = case.category == "detractor" and case.at < self._until - timedelta(days=14)
        # only complaints are handed over, and none is left between two colleagues at the end
        return ("reached",) if plan == ("reached", "reached") and not settled else plan

    def _last_call(self, case: Case, at: datetime, holder: int, outcome: str, *, taken_over: bool) -> SampleCall:
        if outcome != "reached":
            about = "thanked" if outcome == "emailed" and case.category != "detractor" else outcome
            return SampleCall(at, holder, outcome, self._note(case, holder, about), (), "close")
        if case.category == "promoter" and self._lots.random() < 0.4:
            return self._referral(case, at, holder)
        topic = case.topic if case.category == "detractor" else case.category
        notes = self._note(case, holder, "taken_over" if taken_over else topic)
        return SampleCall(at, holder, outcome, notes, _themes(case), "close")

    def _referral(self, case: Case, at: datetime, holder: int) -> SampleCall:
        voice = self._voices[case.person.language]
        friend = voice.name()
        notes = self._note(case, holder, "referral", referral=friend)
        contact = voice.phone()
        return SampleCall(at, holder, "reached", notes, _themes(case), "close", friend, contact)

    def _note(self, case: Case, caller: int, topic: str, **names: str) -> str:
        language = "en" if case.person.language == "en" else MOTHER_TONGUES[caller]
        first_name = case.person.name.split()[0]
        return self._voices[language].say("notes", topic, case.number, name=first_name, **names)

    def _holder(self, language: str) -> int:
        if language in MOTHER_TONGUES and self._lots.random() < 0.75:
            return MOTHER_TONGUES.index(language)
        return self._lots.randrange(len(MOTHER_TONGUES))

    def _on_duty(self, at: datetime) -> datetime:
        """Return `at`, or when somebody is in next: the shop is staffed from 7 to 18 UTC, every day."""
        if not 7 <= at.hour < 18:
            morning = at.replace(hour=7, minute=0) + timedelta(days=at.hour >= 18)
            at = morning + timedelta(minutes=self._lots.uniform(2, 110))
        return at.replace(microsecond=0)


def _themes(case: Case) -> tuple[str, ...]:
    """Return the themes of a conversation; what was late or lost came with too little said about it."""
    if case.topic in {"late", "lost"}:
        return ("delivery", "communication")
    if case.topic == "general":
        return ("communication",) if case.category == "detractor" else ()
    return (THEMES.get(case.topic, case.topic),)
