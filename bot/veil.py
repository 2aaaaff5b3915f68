"""Who learns whose answer it is: one rule, for cards, threads, lists, forms, digests and direct messages alike.

An answer whose card stands in a channel of [privacy] names its person to whoever holds the callback, in what only they
see, and to nobody else: neither where it stands nor anywhere else where it is spoken of, also once it is claimed. An
answer to a survey that is anonymous, or that employees answer, names its person to nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.model import Respondent
from bot.settings.privacy import folded_channel
from bot.settings.routes import folded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model import Call, Callback, Received

HIDDEN = "•••"
"""What stands in a text for a name, an address or a number."""
SEPARATORS = r"[\s().\-/]*"
TELLING = 7
"""Digits at the end of a phone number by which it is known, however its beginning is written."""


@dataclass(frozen=True, slots=True)
class Veil:
    """What keeps from a reader (None: a channel, or a message that stays) who answered.

    `channels` are those that name nobody and `surveys` the nameless ones, both folded; what has no card counts as one
    in the channel of its source, else in the default channel. Where `all` is set, nobody is named at all.
    """

    reader: str | None = None
    channels: frozenset[str] = frozenset()
    surveys: frozenset[str] = frozenset()
    by_source: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    all: bool = False

    def over(self, found: Received, place: str | None, places: Mapping[int, str]) -> Received:
        """Return a response as the reader may see it; `places` are where the cards of its person's others stand."""
        if found.forgotten:
            return found
        if self.is_nameless(found.response.survey):
            return _nameless(found)
        private = self.all or self.hides(place or self.by_source.get(found.source, self.default))
        if private and not self._holds(found):
            return _masked(found)
        earlier = tuple(
            each
            for each in found.earlier
            if not self.is_nameless(each.survey) and (private or not self.hides(places.get(each.id, "")))
        )
        return replace(found, earlier=earlier)

    def hides(self, channel: str) -> bool:
        """Tell whether a channel names nobody."""
        return folded_channel(channel) in self.channels

    def is_nameless(self, survey: str | None) -> bool:
        """Tell whether the answers to a survey name nobody."""
        return bool(self.surveys and survey) and folded(survey) in self.surveys

    def _holds(self, found: Received) -> bool:
        return self.reader is not None and found.callback is not None and found.callback.holder == self.reader


OPEN = Veil()
"""Nothing is hidden."""


def _masked(found: Received) -> Received:
    """Return a response without who answered; what they wrote stays, without what it tells of them."""
    person = found.response.respondent
    response = replace(
        found.response,
        respondent=Respondent(company=person.company, language=person.language),
        comment=unnamed(found.response.comment, person),
        link=None,
        properties={},
    )
    return replace(found, response=response, callback=_unnamed(found.callback, person), earlier=(), private=True)


def _nameless(found: Received) -> Received:
    """Return a response without who answered and without any group that they belong to."""
    masked = _masked(found)
    response = replace(masked.response, respondent=Respondent(), touchpoint=None)
    return replace(masked, response=response, private=False)


def _unnamed(callback: Callback | None, person: Respondent) -> Callback | None:
    if callback is None:
        return None
    dismissed, wish = (unnamed(said, person) for said in (callback.dismissed, callback.preferred_time))
    return replace(callback, dismissed=dismissed, preferred_time=wish)


def call(logged: Call, person: Respondent) -> Call:
    """Return a call without what its notes tell of a person, and without whom that person passed on."""
    notes = unnamed(logged.notes, person) or ""
    passed_on = HIDDEN if logged.referral_name or logged.referral_contact else None
    return replace(logged, notes=notes, referral_name=passed_on, referral_contact=None)


def unnamed(text: str | None, person: Respondent) -> str | None:
    """Return a text without a person's name, whole or in part, their e-mail address and their phone number."""
    if not text:
        return text
    name = " ".join((person.name or "").split())
    known = [re.escape(each) for each in (name, person.email) if each]
    digits = re.sub(r"\D", "", person.phone or "")
    if len(digits) >= TELLING:
        known.append(rf"(?:[+\d][\d\s().\-/]*)?{SEPARATORS.join(digits[-TELLING:])}")
    elif person.phone:
        known.append(re.escape(person.phone))
    for pattern in known:
        text = re.sub(pattern, HIDDEN, text, flags=re.IGNORECASE)
    parts = {form for part in name.split() if len(part) > 1 for form in (part, part.title())}
    if parts:
        text = re.sub(rf"\b(?:{'|'.join(map(re.escape, sorted(parts)))})\b", HIDDEN, text)
    return text
