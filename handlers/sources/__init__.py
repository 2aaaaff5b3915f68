"""The survey tools that can send: one module a tool, each with `verify` and `parse`, none with any I/O.

A module offers
- `CONTENT_TYPES`: what its tool sends, besides JSON;
- `verify(delivery, secrets)`: return when the delivery is the tool's, raise Unauthorized otherwise;
- `sign(delivery, secret)`: return the delivery with the tool's proof, for `npsbot source test`;
- `parse(delivery, fields)`: return what it holds, each a Response, or Ignored for what is no NPS answer; raise
  Unmappable;
- where its tool tells in an event only that somebody answered, so that `parse` returns a Thin:
  `complete(thin, answers, fields, zone)`: return what the tool's API told.

What the modules share stands in four rooms: `proofs` (secrets and signatures), `bodies` (JSON and forms as
dictionaries), `values` (a score, a text, a time) and `form` (which answer is the score, which the comment, and who
gave them). How to write a module: docs/sources.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, tzinfo

    from bot.model import Response, Thin


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as it came: header names in lower case, the raw body, the public address, when.

    `zone` is the one of times that name none.
    """

    headers: Mapping[str, str]
    body: bytes
    now: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    url: str = ""
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Ignored:
    """An authentic delivery that is no NPS answer, and why."""

    reason: str


Parsed: TypeAlias = "list[Response | Ignored | Thin]"
"""What one delivery holds: nearly always one response; HubSpot puts up to a hundred events into one."""


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

    def verify(self, delivery: Delivery, secrets: Sequence[str], /) -> None:
        """Return when the delivery is authentic, raise Unauthorized otherwise."""

    def sign(self, delivery: Delivery, secret: str, /) -> Delivery:
        """Return the delivery as the tool sends it where it knows the secret."""

    def parse(self, delivery: Delivery, fields: Mapping[str, str], /) -> Parsed:
        """Return what the delivery holds, in its order; raise Unmappable."""


class Asked(Source, Protocol):
    """What the module of a tool offers besides, whose events hold no answers."""

    def complete(
        self, thin: Thin, answers: Sequence[Any], fields: Mapping[str, str], zone: tzinfo, /
    ) -> Response | Ignored:
        """Return what the tool's API told, an answer for each of the thin response's requests; raise Unmappable."""
