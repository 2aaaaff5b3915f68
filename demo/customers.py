"""The customers of Nordlys, a shop that does not exist, and how each of their languages speaks."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

LANGUAGES = {"sv": 36, "nb": 21, "da": 18, "fi": 17, "en": 8}
"""How many customers of a hundred answer in each language."""

COUNTRIES = {"sv": "SE", "nb": "NO", "da": "DK", "fi": "FI"}


@dataclass(frozen=True)
class Person:
    """A customer; without a phone they can only be written to."""

    id: str
    name: str
    email: str
    phone: str | None
    company: str | None
    language: str
    country: str

    def respondent(self) -> dict[str, str]:
        """Return what a survey tool knows of them, without what is missing."""
        known = {
            "id": self.id,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "company": self.company,
            "language": self.language,
        }
        return {key: value for key, value in known.items() if value is not None}


@cache
def words(name: str) -> dict[str, Any]:
    """Return what stands in a file of demo/voices: a language's sentences and names, or the live answers."""
    return tomllib.loads((files("demo") / "voices" / f"{name}.toml").read_text(encoding="utf-8"))


class Voice:
    """One language; it repeats no sentence of a kind before all of that kind were said."""

    def __init__(self, language: str, lots: Random) -> None:
        self._words = words(language)
        self._lots = lots
        self._decks: dict[tuple[str, str], list[str]] = {}

    def say(self, part: str, topic: str, number: int, **names: str) -> str:
        """Return a sentence on `topic` from a part (angry … happy, notes), or a general one of that part.

        `number` picks the things and counts it speaks of: the same sofa in every language.
        """
        sentence = self._draw(part, topic if topic in self._words[part] else "general")
        filled: dict[str, str] = dict(names)
        for slot, choices in self._words["slots"].items():
            filled[slot] = choices[number % len(choices)]
            filled[slot.capitalize()] = filled[slot][0].upper() + filled[slot][1:]
        return sentence.format(**filled)

    def comment(self, mood: str, topic: str, number: int) -> str:
        """Return what a customer in that mood writes; now and then a closing word follows."""
        text = self.say(mood, topic, number)
        plain = topic not in {"general", "won_back"} and text[-1] in ".!?" and len(text) < 110
        return f"{text} {self._draw(mood, 'tails')}" if plain and self._lots.random() < 0.22 else text

    def name(self) -> str:
        """Return a first name and a last name of this language's country."""
        first, last = (self._lots.choice(self._words[which].split()) for which in ("first", "last"))
        return f"{first} {last}"

    def phone(self) -> str:
        """Return a number that nobody has: kept for fiction, or one that cannot be given out."""
        pattern, lowest, highest = self._words["phone"]
        return str(pattern).format(self._lots.randint(lowest, highest))

    def employer(self) -> tuple[str, str]:
        """Return a company and its domain."""
        companies: dict[str, str] = self._words["companies"]
        return self._lots.choice(list(companies.items()))

    def mail(self) -> str:
        """Return the domain of a private mailbox."""
        return str(self._lots.choice(self._words["mail"]))

    def _draw(self, part: str, topic: str) -> str:
        deck = self._decks.setdefault((part, topic), [])
        if not deck:
            deck.extend(self._words[part][topic])
            self._lots.shuffle(deck)
        return deck.pop()


class Customers:
    """Everybody who ever answers; the same seed makes the same people, whatever the day."""

    def __init__(self, lots: Random) -> None:
        self._lots = lots
        self._voices = {language: Voice(language, lots) for language in LANGUAGES}
        self._addresses: set[str] = set()

    def new(self, language: str | None = None, *, business: bool = False) -> Person:
        """Return somebody not seen before; with a language when it matters, at a company for business."""
        language = language or self._lots.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
        voice = self._voices[language]
        name = voice.name()
        at_work = self._lots.random() < 0.22 or business
        company, domain = voice.employer() if at_work else (None, voice.mail())
        email = self._address(name, domain)
        return Person(
            id=f"c-{len(self._addresses):04}",
            name=name,
            email=email,
            phone=voice.phone() if self._lots.random() < 0.93 else None,
            company=company,
            language=language,
            country=COUNTRIES.get(language) or self._lots.choice(list(COUNTRIES.values())),
        )

    def _address(self, name: str, domain: str) -> str:
        local = _ascii(name)
        address, again = f"{local}@{domain}", 2
        while address in self._addresses:
            address, again = f"{local}{again}@{domain}", again + 1
        self._addresses.add(address)
        return address


def _ascii(name: str) -> str:
    """Return a name as the part of an e-mail address before the @: Åsa Nyström is asa.nystrom."""
    spelled = name.lower().translate({ord("ø"): "o", ord("æ"): "ae"})
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return ".".join(re.sub(r"[^a-z]", "", word) for word in plain.split())
