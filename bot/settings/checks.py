"""Checks of single settings: each returns the value as it is used, or says in one sentence what is accepted."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.texts import LANGUAGES


class SettingError(Exception):
    """A setting is wrong; the message is one line that names it, its value and what is accepted."""


def port(label: str, value: Any) -> int:
    """Return a port number."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,5}", text) or not 0 <= int(text) <= 65_535:
        raise SettingError(f"{label} is {value!r}, but must be a port number from 0 to 65535.")
    return int(text)


def timezone(label: str, value: Any) -> ZoneInfo:
    """Return a time zone."""
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError, TypeError):
        raise SettingError(
            f"{label} is {value!r}, but must be a time zone such as Europe/Stockholm, Europe/Helsinki or UTC."
        ) from None


def language(label: str, value: str) -> str:
    """Return the code of a language that has texts."""
    value = "nb" if value == "no" else value
    if value not in LANGUAGES:
        raise SettingError(f"{label} is {value!r}, but must be one of {', '.join(LANGUAGES)}.")
    return value


def database(label: str, value: str) -> Path:
    """Return the file of the store."""
    if value.startswith(("postgresql:", "postgres:")):
        raise SettingError(f"{label} names PostgreSQL, which is not built yet; give a file or sqlite:///file.")
    path = value.removeprefix("sqlite:///")
    if "://" in path or not path or Path(path).is_dir():
        shown = re.sub("://.*@", "://…@", value)  # a password stands before the @
        raise SettingError(f"{label} is {shown!r}, but must be a file or sqlite:///file.")
    return Path(path)


def url(label: str, value: str) -> str:
    """Return an address of the web."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SettingError(f"{label} is {value!r}, but must be an address such as https://bot.example.com/.")
    return value


def api_url(label: str, value: str) -> str:
    """Return the address of Slack's Web API."""
    if not url(label, value).endswith("/api/"):
        raise SettingError(f"{label} is {value!r}, but must end in /api/.")
    return value


def channel(label: str, value: str) -> str:
    """Return a channel's name or id."""
    if not re.fullmatch(r"#?[^\s#,<>]{1,80}", value):
        raise SettingError(f"{label} is {value!r}, but must be a channel's name such as #nps, or its id.")
    return value


def token(prefix: str, where: str) -> Any:
    """Return the check of a token that begins so and stands there."""

    def check(label: str, value: str) -> str:
        if not value.startswith(prefix) or not value.isascii():
            raise SettingError(f"{label} must start with {prefix}; it stands at api.slack.com/apps under {where}.")
        return value

    return check


def list_of_words(name: str, given: Any, path: Path) -> list[str]:
    """Return a list of texts, none of them empty."""
    if not isinstance(given, list) or not all(isinstance(word, str) and word for word in given):
        raise SettingError(f"{name} in {path} is {given!r}, but must be a list of texts, none of them empty.")
    return given


def whole_secret(secret: str, label: str) -> str:
    """Return a secret; one of Standard Webhooks must be base64 after its whsec_, or no signature could ever match."""
    if secret.startswith("whsec_"):
        try:
            whole = bool(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
        except ValueError:
            whole = False
        if not whole:
            raise SettingError(f"{label} starts with whsec_ but is not base64 after it; copy it again, as a whole.")
    return secret
