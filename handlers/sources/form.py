"""Questions and answers, whatever the tool: which is the score, which the comment, and who gave them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from bot.model import Respondent, Response
from handlers.sources import Ignored, Unmappable, values, wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo


class Kind(Enum):
    """What a tool says of a question; what it does not say, the question's wording or the settings must."""

    NPS = auto()
    """The tool itself calls it the NPS question."""
    SCALE = auto()
    """A number that may be the score."""
    STARS = auto()
    """A scale that does not run from 0 to 10."""
    COMMENT = auto()
    """The tool itself calls it the comment."""
    TEXT = auto()
    """A long text."""
    LINE = auto()
    """A short text."""
    EMAIL = auto()
    PHONE = auto()
    ANY = auto()
    """The tool does not say."""
    HIDDEN = auto()
    """Given along with the answer: hidden fields, properties."""
    PERSON = auto()
    """Known of the person before: never a score or comment, as those could be of another time."""
    OTHER = auto()
    """Nothing unless the settings name it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question and what was answered, None while nothing was; `names` are its id, ref or key in the tool."""

    kind: Kind
    value: Any
    title: str = ""
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """Return the answer as a text: parts of a name, or several choices, side by side."""
        return values.text(_plain(self.value), "answer", most=None)

    @property
    def number(self) -> Any:
        """Return the answer as a scale has it: what stands alone in a list, and 9.0000 as 9."""
        value = values.only(self.value)
        return re.sub(r"^\s*(\d+)[.,]0+\s*$", r"\1", value) if isinstance(value, str) else value

    @property
    def answered(self) -> bool:
        """Tell whether anything was answered; 0 is an answer."""
        return self.value is not None and self.value not in ("", [], {})

    def called(self, name: str) -> bool:
        """Tell whether a name in the settings is this question's."""
        wanted = name.strip().casefold()
        return any(own.strip().casefold() == wanted for own in (self.title, *self.names))

    @property
    def words(self) -> list[str]:
        """Return what the question is called, folded."""
        return [wording.fold(own[:500]) for own in (self.title, *self.names) if own]

    def means(self, name: str) -> bool:
        """Tell whether the question asks for a thing about the person, such as company."""
        return any(wording.means(words, name) for words in self.words)

    def asks_why(self) -> bool:
        """Tell whether it asks for the reason of the score."""
        return any(map(wording.asks_why, self.words))

    def may_be_score(self) -> bool:
        """Tell whether it is the score, or a number that people may mean by it."""
        return self.kind is Kind.NPS or (self.kind in {Kind.SCALE, Kind.ANY} and values.is_score(self.number))

    def asks_to_recommend(self) -> bool:
        """Tell whether it may be the NPS question by its wording; "Why would you recommend us?" is none."""
        follow_up = self.kind is Kind.ANY and self.answered and not values.is_number(self.number) and self.asks_why()
        return any(map(wording.asks_to_recommend, self.words)) and not follow_up


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        said = [str(part) for part in parts if isinstance(part, str | int | float) and part != ""]
        return (" " if isinstance(value, dict) else ", ").join(said)
    return None if isinstance(value, bool) else value


def hidden(given: Mapping[str, Any], kind: Kind = Kind.HIDDEN) -> list[Answer]:
    """Return hidden fields or properties as answers."""
    return [Answer(kind, value, names=(name,)) for name, value in given.items()]


def person(**known: Any) -> list[Answer]:
    """Return what a tool knows of the person: name, first_name, last_name, email, phone, company, language."""
    return hidden(known, Kind.PERSON)


@dataclass(frozen=True, slots=True)
class Form:
    """A filled-in form as a tool tells it: answers, and beside them raw values, each of which may be missing.

    `within` is what the id is unique in, where that is less than the source: the number of a survey.
    `updated_at` or `count` says which of two deliveries of it is the newer. `final` is False when more may come;
    `tells_who` is True when of such a part the person alone is worth keeping.
    """

    fields: Mapping[str, str]
    answers: Sequence[Answer]
    id: Any
    within: Any = None
    survey: Any = None
    submitted_at: Any = None
    updated_at: Any = None
    count: Any = None
    person_id: Any = None
    link: Any = None
    final: bool = True
    tells_who: bool = False
    zone: tzinfo = UTC

    def response(self) -> Response | Ignored:
        """Return the response, or why there is none; raise Unmappable."""
        scored = self.scored()
        score = None if scored is None else _score(scored)
        comment = self._comment(scored)
        if score is None and self.final:
            return Ignored("the NPS question was not answered" if scored else "it asks no NPS question")
        if score is None and comment is None and not self.tells_who:
            return Ignored("neither score nor comment yet")
        own_id = values.text(self._asked("id", self.id), "id", most=None)
        if own_id is None:
            raise Unmappable(
                "id", "the id that names the response is missing; give the field that holds it as fields.id"
            )
        within = None if "id" in self.fields else values.text(self.within, "survey")
        submitted = values.time(self._asked("submitted_at", self.submitted_at), "submitted_at", self.zone)
        updated = values.time(self.updated_at, "updated_at", self.zone) or submitted
        version = updated.timestamp() if updated else None
        return Response(
            id=own_id if within is None else in_survey(within, own_id),
            sender_id=None if within is None else own_id,
            score=score,
            comment=comment,
            survey=values.text(self.survey, "survey"),
            touchpoint=self.named("touchpoint"),
            submitted_at=submitted,
            version=version if self.count is None else _count(self.count),
            respondent=self._respondent(),
            link=self.link if isinstance(self.link, str) else None,
            properties=self._properties(),
        )

    def _asked(self, name: str, own: Any) -> Any:
        """Return what the settings name so, the tool's own value when they name nothing."""
        if configured := self.fields.get(name):
            return next(
                (answer.value for answer in self.answers if answer.answered and answer.called(configured)), None
            )
        return own

    def named(self, name: str) -> str | None:
        """Return a thing about the person: what the settings name so, else what is called so; 500 characters."""
        if configured := self.fields.get(name):
            found = [answer for answer in self.answers if answer.called(configured)]
        else:
            found = self._about(name)
        texts = (values.text(answer.text, name) for answer in found)
        return next((text for text in texts if text and (name != "email" or "@" in text)), None)

    def _about(self, name: str) -> list[Answer]:
        """Return the answers that tell a thing about the person, the surest first."""
        own = {"email": Kind.EMAIL, "phone": Kind.PHONE}.get(name)
        called = [answer for answer in self.answers if answer.kind in _NAMED and answer.means(name)]
        asked = [answer for answer in self.answers if answer.kind is own]
        return sorted(called + asked, key=lambda answer: _NAMED.index(answer.kind))

    def _respondent(self) -> Respondent:
        parts = (self.named("first name"), self.named("last name"))
        return Respondent(
            id=values.text(self.person_id, "respondent.id"),
            name=self.named("name") or " ".join(filter(None, parts)) or None,
            email=self.named("email"),
            phone=self.named("phone"),
            company=self.named("company"),
            language=self.named("language"),
        )

    def _properties(self) -> dict[str, Any]:
        return {
            answer.names[0]: answer.value
            for answer in self.answers
            if answer.kind is Kind.HIDDEN and not any(map(answer.means, wording.CALLED))
        }

    def scored(self) -> Answer | None:
        """Return the question that is the score, answered or not: never just the first number."""
        candidates = [answer for answer in self.answers if answer.kind is not Kind.PERSON]
        if name := self.fields.get("score"):
            found = [answer for answer in candidates if answer.called(name)]
            unknown = "is called what fields.score says; give the question's id, ref, key or title as it stands there"
        else:
            found = [answer for answer in candidates if answer.kind is Kind.NPS] or _worded(candidates)
            unknown = "is known as the NPS question; give its id, ref, key or title as fields.score"
        if len(found) > 1 and not name:
            raise Unmappable(
                "score", "several questions could be the score; give the id or title of one as fields.score"
            )
        if not found and any(answer.may_be_score() for answer in candidates if self.final or answer.kind is Kind.NPS):
            raise Unmappable("score", f"no question in it {unknown}")
        return next((answer for answer in found if answer.answered), found[0] if found else None)

    def _comment(self, scored: Answer | None) -> str | None:
        """Return what the settings name, else the tool's own comment, the answer to why, or the first long text."""
        others = [answer for answer in self.answers if answer is not scored and answer.answered]
        if name := self.fields.get("comment"):
            found = [answer for answer in others if answer.called(name)]
        else:
            found = [answer for answer in others if answer.kind is Kind.COMMENT]
            found += [answer for answer in others if answer.kind in _WRITTEN and answer.asks_why()]
            found += [answer for answer in others if answer.kind is Kind.TEXT]
        return next(filter(None, (answer.text for answer in found)), None)


def in_survey(survey: str, sender_id: str) -> str:
    """Return the id by which a source knows a response that its sender numbers within each survey."""
    return f"{survey}:{sender_id}"


_NAMED = (Kind.HIDDEN, Kind.PERSON, Kind.EMAIL, Kind.PHONE, Kind.LINE, Kind.ANY)
_WRITTEN = (Kind.TEXT, Kind.LINE, Kind.ANY)


def _worded(candidates: Sequence[Answer]) -> list[Answer]:
    """Return the questions worded like the NPS question; where several are, the likeliest of them."""
    found = [a for a in candidates if a.kind in {Kind.SCALE, Kind.STARS, Kind.ANY} and a.asks_to_recommend()]
    for likelier in (
        [a for a in found if a.kind is not Kind.STARS],
        [a for a in found if a.kind is not Kind.ANY or not a.answered or values.is_number(a.number)],
        [a for a in found if not a.asks_why()],
    ):
        found = [a for a in found if a in likelier] or found
    return found


def _score(answer: Answer) -> int | None:
    if not answer.answered:
        return None
    if answer.kind is Kind.STARS:
        raise Unmappable("score", "the scale of the NPS question does not run from 0 to 10; ask it on one that does")
    return values.score(answer.number)


def _count(value: Any) -> float:
    if not values.is_number(value):
        raise Unmappable("count", "the count of the delivery must be a number")
    return float(str(value).replace(",", "."))
