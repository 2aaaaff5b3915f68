"""The survey tools that can send: one module a tool, each with `verify` and `parse`, none with any I/O.

A module offers
- `CONTENT_TYPES`: what its tool sends, besides application/json;
- `verify(delivery, secrets)`: return when the delivery is the tool's, raise Unauthorized otherwise;
- `parse(delivery, fields)`: return a Response, or Ignored for what is no NPS answer; raise Unmappable.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from bot.model import Response


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came: header names in lower case, the raw body, the public address, when."""

    headers: Mapping[str, str]
    body: bytes
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """An authentic delivery that is no NPS answer, and why."""

    reason: str


class Unauthorized(Exception):  # noqa: N818  # an answer, not a fault
    """The signature or secret is missing, wrong or too old."""


class NotJson(Exception):  # noqa: N818  # an answer, not a fault
    """The body is not JSON."""


class Unmappable(Exception):  # noqa: N818  # an answer, not a fault
    """A delivery holds no response that can be read; `field` names what is wrong, the message says how."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


class Source(Protocol):
    """What each module of a survey tool offers."""

    CONTENT_TYPES: tuple[str, ...]

    def verify(self, delivery: Delivery, secrets: Sequence[str]) -> None:
        """Return when the delivery is authentic, raise Unauthorized otherwise."""

    def parse(self, delivery: Delivery, fields: Mapping[str, str]) -> Response | Ignored:
        """Return the response, or why there is none to take; raise Unmappable."""


def equal(one: str | bytes, other: str | bytes) -> bool:
    """Compare secrets in constant time; texts of any characters."""
    left, right = (value.encode() if isinstance(value, str) else value for value in (one, other))
    return hmac.compare_digest(left, right)


def one_of(given: str, rights: Iterable[str]) -> bool:
    """Tell whether a text is one of several, each compared in full: the time tells nothing."""
    return sum(equal(given, right) for right in rights) > 0


def bearer(delivery: Delivery, secrets: Sequence[str]) -> bool:
    """Tell whether the Authorization header bears one of the secrets."""
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and one_of(token.strip(), secrets)


def bears_secret(delivery: Delivery, secrets: Sequence[str]) -> bool:
    """Tell whether one of the secrets came as a bearer token or as ?secret= in the address."""
    return bearer(delivery, secrets) or one_of(delivery.query.get("secret", ""), secrets)
