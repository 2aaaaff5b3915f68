"""What a call to Slack that did not succeed means for what it was to do."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

if TYPE_CHECKING:
    from datetime import datetime

TOKEN_ERRORS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "not_allowed_token_type",
        "no_permission",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
        "accesslimited",
        "access_denied",
        "team_added_to_org",
    }
)
CHANNEL_ERRORS = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "is_inactive",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "method_not_supported_for_channel_type",
    }
)
DOUBTFUL_ERRORS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
TRIGGER_ERRORS = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired", "trigger_exchanged"})
"""A click that opened nothing within Slack's three seconds: the next one will."""
BUSY_ERRORS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "team_message_limit"})


class SlackFault(Exception):  # noqa: N818  # the word is fault
    """A call did not succeed; `reason` says why in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Later(SlackFault):
    """It was certainly not done: try again, after `seconds` when Slack named them."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Blocked(SlackFault):
    """A channel or the token stands in the way, not this message; `everywhere` when it is the token."""

    def __init__(self, reason: str, *, everywhere: bool) -> None:
        super().__init__(reason)
        self.everywhere = everywhere


class Never(SlackFault):
    """Slack will not take it as it is."""


class TooLate(Never):
    """Whoever clicked has waited for too long: only another click can do it."""


class Unknown(SlackFault):
    """It may or may not have been done; `answered` when Slack's answer has come, so that nothing is under way."""

    def __init__(self, reason: str, *, answered: bool) -> None:
        super().__init__(reason)
        self.answered = answered


def classify(error: BaseException) -> SlackFault:
    """Return what a failed call means for the message it was to send.

    slack_sdk fails in several shapes: an API error with its code, a status with a text that is no JSON, an
    AttributeError for a page of HTML, and every kind of connection error.
    """
    if isinstance(error, SlackApiError):
        return _api_fault(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Later(f"no connection: {type(error).__name__}")
    if isinstance(error, AttributeError | ValueError):
        return Unknown("the answer could not be read", answered=True)
    return Unknown(f"no answer: {type(error).__name__}", answered=False)


def _api_fault(error: SlackApiError) -> SlackFault:
    response = error.response
    status = getattr(response, "status_code", 200)
    found = getattr(response, "data", None)
    data = found if isinstance(found, dict) else {}
    code = str(data.get("error") or "")
    if status == 429 or code in BUSY_ERRORS:
        return Later(code or "ratelimited", _retry_after(getattr(response, "headers", None) or {}))
    if status >= 500 or not code or code in DOUBTFUL_ERRORS:
        return Unknown(code or f"HTTP {status} with no answer of Slack's", answered=True)
    detail = code
    if code == "missing_scope":
        detail = f"missing_scope: {data.get('needed', 'unknown')}"
    if code in TOKEN_ERRORS:
        return Blocked(detail, everywhere=True)
    if code in CHANNEL_ERRORS:
        return Blocked(detail, everywhere=False)
    if code in TRIGGER_ERRORS:
        return TooLate(code)
    messages = (data.get("response_metadata") or {}).get("messages") or []
    return Never(": ".join([code, *map(str, messages[:3])]))


def _retry_after(headers: Any) -> float:
    """Return the seconds a Retry-After asks for: a number, a fraction or a date; 5 when it makes no sense."""
    text = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return 5.0
        seconds = at.timestamp() - _now(at)
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else 5.0  # noqa: PLR0124  # NaN is not itself


def _now(like: datetime) -> float:
    return type(like).now(like.tzinfo).timestamp()
