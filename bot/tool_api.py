"""A survey tool's API: one question at a time, at the configured address and nowhere else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from handlers.sources import NotJson
from handlers.sources.bodies import read_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model import Thin
    from bot.settings.sources import ApiSettings

ANSWERED_WITHIN = 20.0
LARGEST_ANSWER = 4 * 1024 * 1024
LONGEST_PAUSE = 86_400.0
SURVEY_GOOD_FOR = 600.0
SURVEYS_KEPT = 100


class ApiFault(Exception):  # noqa: N818  # the word is fault
    """The API did not tell; `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Limited(ApiFault):
    """It asks to be left alone, for so many seconds where it says how long."""

    def __init__(self, reason: str, seconds: float | None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Absent(ApiFault):
    """It does not know the response, or not yet."""


class Down(ApiFault):
    """It cannot be reached, or has a fault of its own; asking again may help."""


class Refused(ApiFault):
    """It will not tell, however often it is asked."""


class ToolApi:
    """The API of one source; `ask` returns what stands at a path below its address."""

    def __init__(self, settings: ApiSettings, http: aiohttp.ClientSession) -> None:
        self._base, self._headers, self._http = URL(settings.base), settings.headers, http

    async def ask(self, path: str) -> Any:
        """Return the JSON at a path; raises ApiFault."""
        address = URL(f"{self._base.origin()}{path}", encoded=True)
        if address.origin() != self._base.origin():
            raise Refused("a request would have left the configured address")
        try:
            async with (
                asyncio.timeout(ANSWERED_WITHIN),
                self._http.get(address, headers=self._headers, allow_redirects=False) as answer,
            ):
                if answer.status != 200:
                    raise _fault(answer)
                return await _body(answer)
        except TimeoutError:
            raise Down(f"{self._base.host} did not answer in time") from None
        except aiohttp.ClientError as error:
            raise Down(f"{self._base.host} cannot be reached: {type(error).__name__}") from None


class Surveys:
    """What was told of surveys, which is the same for each of their responses: good for ten minutes."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[float, Any]] = {}

    def known(self, thin: Thin, now: float) -> dict[str, Any]:
        """Return what is known of the survey of a response; `now` are seconds of a clock that only goes on."""
        told = {path: self._told[path] for path in thin.requests if path in self._told}
        return {path: answer for path, (at, answer) in told.items() if now - at < SURVEY_GOOD_FOR}

    def remember(self, thin: Thin, told: Mapping[str, Any], now: float) -> None:
        """Keep what was told of the survey of a response, and of those that were told before it."""
        self._told |= {path: (now, told[path]) for path in thin.requests if thin.of_survey(path)}
        self._told = dict(list(self._told.items())[-SURVEYS_KEPT:])


async def _body(answer: aiohttp.ClientResponse) -> Any:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise Refused(f"{answer.url.host} answered with more than {LARGEST_ANSWER >> 20} MiB")
    try:
        return read_json(bytes(content))
    except NotJson:
        raise Down(f"{answer.url.host} answered with something that is not JSON") from None


def _fault(answer: aiohttp.ClientResponse) -> ApiFault:
    status, host = answer.status, answer.url.host
    if status == 429:
        return Limited(f"{host} limits how often it is asked (429)", _seconds(answer.headers.get("Retry-After", "")))
    if status in {401, 403}:
        return Refused(
            f"{host} refuses the token ({status}): set one that may read responses under api, start the bot again"
        )
    if status in {404, 410}:
        return Absent(f"{host} does not know this response ({status})")
    if status >= 500 or status in {408, 425}:
        return Down(f"{host} has a fault of its own ({status})")
    return Refused(f"{host} answered {status}: is base the right address for this account?")


def _seconds(retry_after: str) -> float | None:
    """Return the seconds that a Retry-After header asks for, a day at most; None for one that says nothing."""
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_PAUSE) if seconds == seconds else None  # noqa: PLR0124  # NaN is not itself
