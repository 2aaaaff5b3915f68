"""The words of the field: response, category, score, callback, call."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Refusal(Exception):  # noqa: N818  # a refusal is an answer to a person, not a fault
    """What was asked cannot be done; `key` names the sentence in the texts, `values` fill it."""

    key = "refusal.unknown"

    def __init__(self, **values: object) -> None:
        super().__init__(self.__doc__)
        self.values = values


class Category(StrEnum):
    """What a score says of the customer; worst first."""

    DETRACTOR = "detractor"
    PASSIVE = "passive"
    PROMOTER = "promoter"

    def worse_than(self, other: Category) -> bool:
        """Tell whether this category is nearer to detractor than `other`."""
        order = list(Category)
        return order.index(self) < order.index(other)


def category(score: int) -> Category:
    """Return promoter for 9 and 10, passive for 7 and 8, detractor for 0 to 6."""
    if not 0 <= score <= 10:
        raise ValueError(f"a score is 0 to 10, not {score}")
    if score >= 9:
        return Category.PROMOTER
    return Category.PASSIVE if score >= 7 else Category.DETRACTOR


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each category answered."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    @property
    def responses(self) -> int:
        """Return how many answered in all."""
        return self.promoters + self.passives + self.detractors

    def of(self, which: Category) -> int:
        """Return how many of one category answered."""
        return {
            Category.PROMOTER: self.promoters,
            Category.PASSIVE: self.passives,
            Category.DETRACTOR: self.detractors,
        }[which]


def tally(by_score: Mapping[int, int]) -> Counts:
    """Add up how many gave each score, 0 to 10, by category."""
    by_category = dict.fromkeys(Category, 0)
    for score, n in by_score.items():
        by_category[category(score)] += n
    return Counts(*(by_category[which] for which in (Category.PROMOTER, Category.PASSIVE, Category.DETRACTOR)))


def nps(counts: Counts) -> int | None:
    """Return % promoters minus % detractors, −100 to 100, rounded half away from zero once; None for nobody."""
    n = counts.responses
    if n == 0:
        return None
    hundredths = 100 * (counts.promoters - counts.detractors)
    rounded = (2 * abs(hundredths) + n) // (2 * n)
    return rounded if hundredths >= 0 else -rounded


def margin_of_error(counts: Counts) -> float | None:
    """Return the 95 % margin in NPS points by the adjusted Wald method; None for nobody.

    Three imagined answers (¾ promoters, 1½ passives, ¾ detractors) keep the margin honest for few answers:
    1.96 · √((p + d − (p − d)²) / (n + 3)) · 100. Source: Agresti and Coull (1998) carried over to the
    difference of two shares of one multinomial, as used for NPS by Rocks (2016).
    """
    if counts.responses == 0:
        return None
    n = counts.responses + 3
    p = (counts.promoters + 0.75) / n
    d = (counts.detractors + 0.75) / n
    return 1.96 * math.sqrt((p + d - (p - d) ** 2) / n) * 100


def more_than_noise(one: Counts, other: Counts) -> bool | None:
    """Tell whether two scores differ by more than √(m₁² + m₂²) of their margins; None when one has no answers."""
    scores, margins = (nps(one), nps(other)), (margin_of_error(one), margin_of_error(other))
    if None in scores or None in margins:
        return None
    first, second = (c.promoters - c.detractors for c in (one, other))
    difference = abs(100 * first / one.responses - 100 * second / other.responses)
    return difference > math.hypot(*(m for m in margins if m is not None))


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who answered; any of it may be missing."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a request about personal data concerns: by e-mail, or by the id that a source knows them by."""

    email: str | None = None
    source: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """One answer as a source tells it; `score` is None while only its comment is known.

    `version` is the sender's own count or time: of two deliveries of one response the higher is the newer.
    `sender_id` is set where the sender's own id is one of its survey only, so that `id` names the survey too.
    """

    id: str
    score: int | None
    comment: str | None = None
    survey: str | None = None
    touchpoint: str | None = None
    submitted_at: datetime | None = None
    version: float | None = None
    respondent: Respondent = field(default_factory=Respondent)
    link: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    sender_id: str | None = None

    def told(self) -> dict[str, Any]:
        """Return each thing that it says by its name, such as score or respondent.email; nothing of what is missing."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        person = {f"respondent.{name}": value for name, value in asdict(self.respondent).items()}
        known = {name: value for name, value in (plain | person).items() if value is not None}
        return known | {f"properties.{name}": value for name, value in self.properties.items()}

    def retold(self, told: Mapping[str, Any], version: float | None) -> Response:
        """Return the response that says other things, named as `told` names them."""
        parts: dict[str, dict[str, Any]] = {"respondent": {}, "properties": {}}
        plain: dict[str, Any] = dict.fromkeys(_PLAIN)
        for name, value in told.items():
            part, dot, rest = name.partition(".")
            if dot:
                parts[part][rest] = value
            else:
                plain[name] = value
        person = Respondent(**parts["respondent"])
        properties, sender_id = parts["properties"], self.sender_id
        return Response(
            self.id, version=version, respondent=person, properties=properties, sender_id=sender_id, **plain
        )


@dataclass(frozen=True, slots=True)
class Thin:
    """A response of which an event told nothing but the id: what to ask of the tool's API, and the event itself.

    `requests` are paths below the API's address; `event` names this response and no other.
    """

    id: str
    requests: tuple[str, ...]
    event: bytes = field(repr=False)
    content_type: str = "application/json"

    def of_survey(self, path: str) -> bool:
        """Tell whether a path asks for what is the same for each response of a survey: it does not name this one."""
        return self.id not in path


_PLAIN = ("score", "comment", "survey", "touchpoint", "submitted_at", "link")


class State(StrEnum):
    """Whose turn it is on a callback."""

    OPEN = "open"
    CLAIMED = "claimed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How one call, or all of them, went."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    EMAILED = "emailed"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"


CALL_OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.UNREACHABLE)
"""How a call can go; unreachable is whom no call reached, and closes a callback without one."""
UNANSWERED = (Outcome.NO_ANSWER, Outcome.VOICEMAIL)
"""After which it is tried again, at another time of day."""


class NextStep(StrEnum):
    """What follows a call."""

    CLOSE = "close"
    CALL_AGAIN = "call_again"
    HAND_OVER = "hand_over"


THEMES = (
    "delivery",
    "price",
    "support",
    "product_quality",
    "usability",
    "billing",
    "reliability",
    "onboarding",
    "communication",
    "features",
)


@dataclass(frozen=True, slots=True)
class Call:
    """One logged attempt or conversation on a callback; times aware."""

    caller: str
    at: datetime
    outcome: Outcome
    notes: str
    themes: tuple[str, ...]
    next_step: NextStep
    call_again_at: datetime | None = None
    referral_name: str | None = None
    referral_contact: str | None = None
    lesson: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """What a call told besides: when the customer wants to be called, on which number, and about what it was.

    `themes` is None where nobody said otherwise than the comment is tagged.
    """

    preferred_time: str | None = None
    phone: str | None = None
    themes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """The follow-up that a response asks for; `id` is that response's, whoever shares it; times aware, UTC.

    `attempts` are the calls without an answer since the last that had one; `claimed_at` is the present holder's claim.
    `stale_at` is set where that was called out for want of a call, so that others may take it over.
    """

    id: int
    state: State
    opened_at: datetime
    due_at: datetime
    holder: str | None = None
    claimed_at: datetime | None = None
    call_again_at: datetime | None = None
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: Outcome | None = None
    dismissed: str | None = None
    calls: int = 0
    attempts: int = 0
    preferred_time: str | None = None
    first_claimed_at: datetime | None = None
    stale_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the same person answered another time."""

    score: int
    submitted_at: datetime
    id: int = field(default=0, compare=False)
    survey: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Received:
    """A response as the store holds it: known to the world as `public_id`, with what it led to.

    `told_by` is the version that told a thing, for each that is older than the response's own version; `themes` are
    what it is about, None while nobody has looked. `private` is set where whoever sees it may not see who answered
    (see `bot.veil`).
    """

    id: int
    public_id: str
    source: str
    response: Response
    received_at: datetime
    submitted_at: datetime
    imported: bool = False
    forgotten: bool = False
    test: bool = False
    callback: Callback | None = None
    earlier: tuple[Earlier, ...] = ()
    told_by: Mapping[str, float] = field(default_factory=dict)
    themes: tuple[str, ...] | None = None
    private: bool = False

    @property
    def category(self) -> Category:
        """Return the category of its score; a response without a score has none and shows nowhere."""
        if self.response.score is None:
            raise ValueError("a response without a score has no category")
        return category(self.response.score)
