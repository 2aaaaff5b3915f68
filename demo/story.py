"""Who answers what, and why: the same people come back, and whoever was called comes back kinder."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from demo.colleagues import Case, Colleagues, FollowUp
from demo.customers import LANGUAGES, Customers, Person, Voice
from demo.seasons import Seasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")

SCORES: dict[str, dict[int, float]] = {
    "angry": {0: 3, 1: 2, 2: 4, 3: 5},
    "unhappy": {4: 4, 5: 6, 6: 9},
    "lukewarm": {7: 2, 8: 3},
    "happy": {9: 9, 10: 11},
}
CATEGORIES = {"angry": "detractor", "unhappy": "detractor", "lukewarm": "passive", "happy": "promoter"}
TALKATIVE = {"angry": 0.86, "unhappy": 0.78, "lukewarm": 0.5, "happy": 0.52}
CALLED = {"detractor": 0.93, "passive": 0.4, "promoter": 0.22}

TOPICS = {
    "purchase": "usability usability price price product_quality product_quality billing features general",
    "delivery": "delivery delivery delivery product_quality communication reliability general",
    "support": "support support support billing communication reliability general",
    "onboarding": "onboarding onboarding onboarding billing communication usability",
    "": "delivery price support product_quality product_quality usability reliability features general",
}
"""What people write about by touchpoint; without one they were asked as customers, not after something."""

RETURNS: dict[str, dict[str, float]] = {
    "happy": {"promoter": 6, "passive": 4, "called": 5, "let_down": 0.3},
    "lukewarm": {"promoter": 2, "passive": 5, "called": 4, "let_down": 1},
    "angry": {"promoter": 1.5, "passive": 2, "called": 0.3, "let_down": 8},
    "unhappy": {"promoter": 2, "passive": 3, "called": 0.6, "let_down": 6},
}
"""How likely somebody answers again in a mood, by how they stood; a detractor was called, or let down."""

GOLDEN = 0.6180339887498949  # its multiples spread evenly: a month's score shows its season and not luck


@dataclass(frozen=True)
class Answer:
    """What somebody answers; `person` is None for the anonymous, `touchpoint` empty for the quarterly survey.

    `number` picks the things that comment and call speak of.
    """

    at: datetime
    score: int
    language: str
    person: Person | None = None
    touchpoint: str = ""
    topic: str = "general"
    number: int = 0
    comment: str | None = None
    mood: str = ""

    @property
    def category(self) -> str:
        """Return the category of the mood it was given in; empty where none was drawn."""
        return CATEGORIES.get(self.mood, "")

    def body(self, answer_id: str) -> dict[str, Any]:
        """Return it as a survey tool would send it, without what is missing."""
        body = {
            "id": answer_id,
            "survey": "transactional" if self.touchpoint else "relationship",
            "touchpoint": self.touchpoint or None,
            "score": self.score,
            "comment": self.comment,
            "submitted_at": stamp(self.at),
            "respondent": self.person.respondent() if self.person else {"language": self.language},
        }
        if self.person:
            body["link"] = f"https://crm.nordlys.example/customers/{self.person.id}"
            body["properties"] = {
                "country": self.person.country,
                "segment": "business" if self.person.company else "consumer",
            }
        return {key: value for key, value in body.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Standing:
    """How somebody stood after their latest answer: promoter, passive, called or let_down."""

    person: Person
    at: datetime
    kind: str


class Story:
    """The year before a day, then the days after it; one seed and day tell it the same way each time."""

    def __init__(self, now: datetime, seed: int) -> None:
        self._seasons = Seasons(now.astimezone(UTC).date())
        self.end = self._seasons.end
        self.lots = Random(f"{seed} {self._seasons.today}")
        self._customers = Customers(Random(f"{seed} customers"))
        self._voices = {language: Voice(language, self.lots) for language in LANGUAGES}
        self._colleagues = Colleagues(self.end, self._voices, self.lots)
        self._fresh: deque[Standing] = deque()  # answered lately, in order of time
        self._ripe: list[Standing] = []  # may be asked again
        self._turn = self.lots.random()

    def past(self) -> Iterator[tuple[Answer, FollowUp]]:
        """Yield each answer of the past year, in order, with what became of it."""
        for at in self._seasons.moments(self.lots):
            answer = self.answer(at, self._seasons.mix(at.date()))
            yield answer, self._follow_up(answer)

    def answer(self, at: datetime, mix: tuple[float, float]) -> Answer:
        """Return somebody's answer; `mix` holds the shares of promoters and detractors that are due."""
        mood = self._mood(at, *mix)
        standing = self._returning(mood, at) if self.lots.random() < 0.42 else None
        person = standing.person if standing else self._newcomer()
        touchpoint = self._touchpoint(mood, at, person, new=standing is None)
        topic = self._topic(mood, touchpoint, at)
        if standing and standing.kind == "called" and mood in {"lukewarm", "happy"} and self.lots.random() < 0.65:
            topic = "won_back"
        number = self.lots.randrange(1000)
        language = person.language if person else self._pick(LANGUAGES)
        speaks = topic == "won_back" or self.lots.random() < TALKATIVE[mood]
        comment = self._voices[language].comment(mood, topic, number) if speaks else None
        score = self._pick(SCORES[mood])
        return Answer(at, score, language, person, touchpoint, topic, number, comment, mood)

    def somebody(self, who: str, language: str, at: datetime, *, business: bool) -> Person | None:
        """Return a content regular, somebody new, or None for the anonymous; at a company for business."""
        if who == "anonymous":
            return None
        self._ripen(at)
        content = [s for s in self._ripe if s.person.language == language and s.kind == "promoter"]
        regulars = [s for s in content if s.person.company] if business else content
        if who == "new" or not regulars:
            return self._customers.new(language, business=business)
        regular = self.lots.choice(regulars)
        self._ripe.remove(regular)
        return regular.person

    def _mood(self, at: datetime, promoters: float, detractors: float) -> str:
        self._turn = (self._turn + GOLDEN) % 1
        if self._turn < detractors:
            furious = 0.6 if self._seasons.in_crisis(at.date()) else 0.42
            return "angry" if self.lots.random() < furious else "unhappy"
        return "happy" if self._turn >= 1 - promoters else "lukewarm"

    def _newcomer(self) -> Person | None:
        return None if self.lots.random() < 0.1 else self._customers.new()

    def _ripen(self, at: datetime) -> None:
        while self._fresh and self._fresh[0].at < at - timedelta(days=45):
            self._ripe.append(self._fresh.popleft())

    def _returning(self, mood: str, at: datetime) -> Standing | None:
        self._ripen(at)
        if len(self._ripe) < 30:
            return None
        candidates = self.lots.sample(self._ripe, 30)
        chosen = self.lots.choices(candidates, [RETURNS[mood][standing.kind] for standing in candidates])[0]
        self._ripe.remove(chosen)
        return chosen

    def _touchpoint(self, mood: str, at: datetime, person: Person | None, *, new: bool) -> str:
        if self.lots.random() < self._seasons.asked_as_customer(at.date()):
            return ""
        if person and person.company and new and self.lots.random() < 0.6:
            return "onboarding"
        bad = CATEGORIES[mood] == "detractor"
        if not self._seasons.in_crisis(at.date()):
            return self._pick({"purchase": 40, "delivery": 38, "support": 22})
        if bad:
            return self._pick({"purchase": 12, "delivery": 58, "support": 30})
        return self._pick({"purchase": 60, "delivery": 12, "support": 28})

    def _topic(self, mood: str, touchpoint: str, at: datetime) -> str:
        topic = self.lots.choice(TOPICS[touchpoint].split())
        bad = CATEGORIES[mood] == "detractor"
        if bad and touchpoint != "onboarding" and self._seasons.in_crisis(at.date()) and self.lots.random() < 0.75:
            topic = "delivery"
        if topic != "delivery":
            return topic
        if bad:
            return self._pick({"late": 9, "damaged": 4, "lost": 5, "delivery": 2})
        return "new_carrier" if self._seasons.recovering(at.date()) and self.lots.random() < 0.6 else topic

    def _follow_up(self, answer: Answer) -> FollowUp:
        person, category = answer.person, answer.category
        if person is None or self.lots.random() > CALLED[category]:
            outcome = self._colleagues.dismiss(answer.at, urgent=category == "detractor")
        else:
            pace = self._seasons.pace(answer.at.date(), urgent=category == "detractor")
            case = Case(person, category, answer.topic, answer.number, answer.at, pace)
            outcome = self._colleagues.follow_up(case)
        if person:
            spoken = any(call.outcome == "reached" for call in outcome.calls)
            kind = ("called" if spoken else "let_down") if category == "detractor" else category
            self._fresh.append(Standing(person, answer.at, kind))
        return outcome

    def _pick(self, weights: Mapping[T, float]) -> T:
        return self.lots.choices(list(weights), list(weights.values()))[0]


def stamp(at: datetime) -> str:
    """Return an instant in UTC as surveys write it: 2026-11-20T08:15:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
