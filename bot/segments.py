"""Which responses a score is about: those of a survey, or with one value of a group."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("survey", "touchpoint", "company", "language", "source")
"""By what scores can be told apart, besides any property, named as in property.plan."""

PROPERTY = "property."


@dataclass(frozen=True, slots=True)
class Segment:
    """The responses of one survey, and of those the ones whose `group` has this `value`; None for no matter which.

    A group is one of GROUPS or a property (`property.plan`); the value of a response without one is the empty text.
    """

    survey: str | None = None
    group: str | None = None
    value: str = ""

    def __post_init__(self) -> None:
        if self.group is not None and not is_group(self.group):
            raise ValueError(f"a group is one of {', '.join(GROUPS)} or {PROPERTY}NAME, not {self.group!r}")

    @property
    def wanted(self) -> tuple[tuple[str, str], ...]:
        """Return what each of its responses says: pairs of a group and its value."""
        survey = () if self.survey is None else (("survey", self.survey),)
        return survey if self.group is None else (*survey, (self.group, self.value))


EVERYONE = Segment()


def is_group(word: str) -> bool:
    """Tell whether scores can be told apart by this."""
    return word in GROUPS or (word.startswith(PROPERTY) and '"' not in word and word != PROPERTY)
