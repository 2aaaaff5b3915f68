"""Settings of survey tools: each table [sources.NAME] of npsbot.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.settings import checks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

FIELDS = (
    "score",
    "comment",
    "email",
    "name",
    "company",
    "phone",
    "language",
    "touchpoint",
    "id",
    "submitted_at",
)
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LONGEST_WAIT = 600
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PLACEHOLDER = "put here "
"""How the secret begins that `npsbot source add` writes where the tool makes its own; the rest says where it stands."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool whose events hold no answers: where its API is, unless each account has another, and how a token goes."""

    base: str | None
    header: str = "Authorization"
    prefix: str = "Bearer "


ASKED = {
    "surveymonkey": Tool("https://api.surveymonkey.com"),
    "hubspot": Tool("https://api.hubapi.com"),
    "qualtrics": Tool(None, "X-API-TOKEN", ""),
}


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where a tool's API is, without a slash at the end, and the header that opens it."""

    base: str
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One table [sources.NAME]: which tool sends, with which live secrets, and which question is what.

    `wait` is how many seconds a card waits for its comment; `zone` is where times without an offset are local;
    `api` is set where the tool may be asked for what its events leave out.
    """

    name: str
    kind: str
    secrets: tuple[str, ...] = field(repr=False)
    survey: str | None = None
    channel: str | None = None
    wait: float = 0.0
    zone: ZoneInfo | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    api: ApiSettings | None = None

    @property
    def asks_nothing(self) -> str | None:
        """Return why events without answers cannot be completed, None where the tool may be asked."""
        if self.api is not None:
            return None
        return (
            "the event holds no answers: the tool's API must be asked, and is not configured; "
            f"give its token as api = {{ token_env = … }} under [sources.{self.name}]"
        )


def read(tables: Any, path: Path, environ: Mapping[str, str], kinds: frozenset[str]) -> dict[str, SourceSettings]:
    """Return the sources of npsbot.toml by name; `kinds` are the survey tools that there are. Raises SettingError."""
    if not isinstance(tables, dict):
        raise checks.SettingError(f"sources in {path} must be tables such as [sources.typeform].")
    return {name: _source(name, table, path, environ, kinds) for name, table in tables.items()}


def _source(name: str, table: Any, path: Path, environ: Mapping[str, str], kinds: frozenset[str]) -> SourceSettings:
    where = f"[sources.{name}] in {path}"
    if not isinstance(table, dict):
        raise checks.SettingError(f"{where} must be a table.")
    if not NAME.fullmatch(name):
        raise checks.SettingError(f"{where}: a source's name is letters, digits, - and _.")
    unknown = set(table) - {"kind", "secret", "secret_env", "survey", "channel", "wait", "timezone", "fields", "api"}
    if unknown:
        raise checks.SettingError(f"{where} has {', '.join(sorted(unknown))}, which is no setting of a source.")
    kind = table.get("kind", name)
    if not isinstance(kind, str) or kind not in kinds:
        raise checks.SettingError(f"kind of {where} is {kind!r}, but must be one of {', '.join(sorted(kinds))}.")
    fields = table.get("fields", {})
    if not isinstance(fields, dict) or not all(k in FIELDS and isinstance(v, str) for k, v in fields.items()):
        raise checks.SettingError(f"fields of {where} is {fields!r}, but must be texts under {', '.join(FIELDS)}.")
    for optional in ("survey", "channel"):
        if optional in table and (not isinstance(table[optional], str) or not table[optional].strip()):
            raise checks.SettingError(
                f"{optional} of {where} is {table[optional]!r}, but must be a text that is not empty."
            )
    channel = table.get("channel")
    return SourceSettings(
        name=name,
        kind=kind,
        secrets=_secrets(table, where, environ),
        survey=table.get("survey"),
        channel=None if channel is None else checks.channel(f"channel of {where}", channel),
        wait=_seconds(f"wait of {where}", table.get("wait", 0)),
        zone=checks.timezone(f"timezone of {where}", table["timezone"]) if "timezone" in table else None,
        fields=fields,
        api=_api(f"api of {where}", kind, table["api"], environ) if "api" in table else None,
    )


def _api(label: str, kind: str, table: Any, environ: Mapping[str, str]) -> ApiSettings:
    """Return how the tool's API is reached: only ever at this base, whatever a delivery says."""
    tool = ASKED.get(kind)
    if tool is None:
        raise checks.SettingError(f"{label} is set, but only {', '.join(sorted(ASKED))} are asked for anything.")
    if not isinstance(table, dict) or set(table) - {"token", "token_env", "base"}:
        raise checks.SettingError(
            f'{label} must be a table such as {{ token_env = "TOOL_TOKEN" }}, perhaps with a base.'
        )
    tokens = _given(table, "token", label, environ)
    if len(tokens) != 1 or not re.fullmatch(r"[!-~]+", tokens[0]):
        raise checks.SettingError(f"{label} needs one token, or a token_env that names the variable which holds it.")
    base = table.get("base", tool.base)
    if base is None:
        raise checks.SettingError(
            f"{label} needs a base, the address of your data centre such as https://fra1.{kind}.com."
        )
    return ApiSettings(_base(f"base of {label}", base), {tool.header: f"{tool.prefix}{tokens[0]}"})


def _base(label: str, value: Any) -> str:
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not host or not safe or "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        shown = value if isinstance(value, str) and "@" not in value else "another value"
        raise checks.SettingError(
            f"{label} is {shown!r}, but must be an address such as https://api.example.com and nothing after it."
        )
    return f"{parts.scheme}://{parts.netloc}"


def _seconds(label: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT:
        raise checks.SettingError(f"{label} is {value!r}, but must be seconds from 0 to {LONGEST_WAIT}.")
    return float(value)


def _secrets(table: dict[str, Any], where: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    found = _given(table, "secret", where, environ)
    if not found:
        raise checks.SettingError(f"{where} needs a secret, or a secret_env that names the variable which holds it.")
    for secret in found:
        if secret.startswith(PLACEHOLDER):
            raise checks.SettingError(f"secret of {where} is still to be filled in: {secret}.")
        checks.whole_secret(secret, f"secret of {where}")
    return tuple(found)


def _given(table: dict[str, Any], key: str, where: str, environ: Mapping[str, str]) -> list[str]:
    """Return the values under a key, and of the variables that stand under the key with _env."""
    found: list[str] = []
    for name in (key, f"{key}_env"):
        given = table.get(name, [])
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(value, str) or not value.strip():
                raise checks.SettingError(f"{name} of {where} must be a text that is not empty, or a list of such.")
            if name != key and not environ.get(value):
                shown = value if re.fullmatch(r"[A-Z_][A-Z0-9_]*", value) else "a variable"  # not a secret by mistake
                raise checks.SettingError(f"{name} of {where} names {shown}, which is not set in the environment.")
            found.append(value if name == key else environ[value])
    return found
