"""Settings: from the environment, else npsbot.toml, else defaults; one sentence for each wrong one."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.model import THEMES, Category
from bot.texts import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "bot_token",
    "SLACK_SIGNING_SECRET": "signing_secret",
    "SLACK_APP_TOKEN": "app_token",
    "SLACK_API_URL": "slack_api_url",
    "NPSBOT_CHANNEL": "channel",
    "NPSBOT_DIGEST_CHANNEL": "digest_channel",
    "NPSBOT_DATABASE": "database",
    "NPSBOT_HOST": "host",
    "NPSBOT_PORT": "port",
    "NPSBOT_TIMEZONE": "timezone",
    "NPSBOT_LANGUAGE": "language",
    "NPSBOT_WEBHOOK_SECRET": "webhook_secret",
    "NPSBOT_PUBLIC_URL": "public_url",
}
"""Each variable and the setting it holds; in npsbot.toml the same name in lower case, without NPSBOT_."""

SECRET = frozenset({"bot_token", "signing_secret", "app_token", "webhook_secret"})
THEME_MOST = 75
LONGEST_WAIT = 600
HOURS = {Category.DETRACTOR: 24.0, Category.PASSIVE: 72.0, Category.PROMOTER: 168.0}


class SettingError(Exception):
    """A setting is wrong; the message is one line that names it, its value and what is accepted."""


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """One table [sources.NAME]: which tool sends, with which live secrets, and which question is what.

    `wait` is how many seconds a card waits for its comment; `zone` is where times without an offset are local.
    """

    name: str
    kind: str
    secrets: tuple[str, ...] = field(repr=False)
    survey: str | None = None
    channel: str | None = None
    wait: float = 0.0
    zone: ZoneInfo | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set, checked; secrets do not show when it is printed."""

    database: Path = Path("npsbot.db")
    channel: str = "#nps"
    digest_channel: str | None = None
    bot_token: str | None = field(default=None, repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    slack_api_url: str = "https://slack.com/api/"
    host: str = "127.0.0.1"
    port: int = 8080
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    language: str = "en"
    public_url: str | None = None
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    hours: Mapping[Category, float | None] = field(default_factory=lambda: dict(HOURS))
    themes: tuple[str, ...] = ()
    admins: frozenset[str] = frozenset()
    test_domains: frozenset[str] = frozenset()
    test_property: str | None = None

    @property
    def digests_go_to(self) -> str:
        """Return the channel of the digests."""
        return self.digest_channel or self.channel

    def channel_of(self, source: str) -> str:
        """Return the channel that cards of a source go to."""
        found = self.sources.get(source)
        return found.channel if found and found.channel else self.channel


def load(environ: Mapping[str, str] | None = None, *, kinds: frozenset[str] = frozenset({"json"})) -> Settings:
    """Read the settings; `kinds` are the survey tools that can be named in a source. Raises SettingError."""
    environ = os.environ if environ is None else environ
    named = environ.get("NPSBOT_CONFIG")
    path = Path(named or "npsbot.toml")
    table = _read(path, required=bool(named))
    values: dict[str, tuple[str, Any]] = {}
    for variable, name in ENVIRONMENT.items():
        if environ.get(variable):
            values[name] = (variable, environ[variable])
        elif (key := _key(variable)) in table:
            values[name] = (f"{key} in {path}", table[key])
    known = {*map(_key, ENVIRONMENT), "sources", "callbacks", "themes", "admins", "test_answers"}
    for name in table:
        if name not in known:
            raise SettingError(f"{name} in {path} is no setting; known are {', '.join(sorted(known))}.")
    checked = {name: _check(name, label, value) for name, (label, value) in values.items()}
    secret = checked.pop("webhook_secret", None)
    sources = _sources(table.get("sources", {}), path, environ, kinds)
    if secret is not None:
        sources.setdefault("json", SourceSettings("json", "json", (secret,)))
    return Settings(
        **checked,
        sources=sources,
        hours=_hours(table.get("callbacks", {}), path),
        themes=_themes(table.get("themes", []), path),
        **_test_answers(table.get("test_answers", {}), path),
        admins=frozenset(_list_of_words("admins", table.get("admins", []), path)),
    )


def _key(variable: str) -> str:
    return variable.removeprefix("NPSBOT_").lower()


def _read(path: Path, *, required: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise SettingError(f"NPSBOT_CONFIG is {str(path)!r}, but there is no such file.") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {error}.") from None


def _check(name: str, label: str, value: Any) -> Any:
    """Return the value as the type it is used as, or say what is accepted."""
    if name == "port":
        return _port(label, value)
    if not isinstance(value, str) or not value.strip():
        shown = "" if name in SECRET else f" is {value!r}, but"
        raise SettingError(f"{label}{shown} must be a text that is not empty.")
    value = value.strip()
    check = _CHECKS.get(name)
    return value if check is None else check(label, value)


def _port(label: str, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"\d{1,5}", text) or not 0 <= int(text) <= 65_535:
        raise SettingError(f"{label} is {value!r}, but must be a port number from 0 to 65535.")
    return int(text)


def _timezone(label: str, value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError, TypeError):
        raise SettingError(
            f"{label} is {value!r}, but must be a time zone such as Europe/Stockholm, Europe/Helsinki or UTC."
        ) from None


def _language(label: str, value: str) -> str:
    value = "nb" if value == "no" else value
    if value not in LANGUAGES:
        raise SettingError(f"{label} is {value!r}, but must be one of {', '.join(LANGUAGES)}.")
    return value


def _database(label: str, value: str) -> Path:
    if value.startswith(("postgresql:", "postgres:")):
        raise SettingError(f"{label} names PostgreSQL, which is not built yet; give a file or sqlite:///file.")
    path = value.removeprefix("sqlite:///")
    if "://" in path or not path or Path(path).is_dir():
        shown = re.sub("://.*@", "://…@", value)  # a password stands before the @
        raise SettingError(f"{label} is {shown!r}, but must be a file or sqlite:///file.")
    return Path(path)


def _url(label: str, value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise SettingError(f"{label} is {value!r}, but must be an address such as https://bot.example.com/.")
    return value


def _api_url(label: str, value: str) -> str:
    if not _url(label, value).endswith("/api/"):
        raise SettingError(f"{label} is {value!r}, but must end in /api/.")
    return value


def _channel(label: str, value: str) -> str:
    if not re.fullmatch(r"#?[^\s#,<>]{1,80}", value):
        raise SettingError(f"{label} is {value!r}, but must be a channel's name such as #nps, or its id.")
    return value


def _token(prefix: str, where: str) -> Any:
    def check(label: str, value: str) -> str:
        if not value.startswith(prefix) or not value.isascii():
            raise SettingError(f"{label} must start with {prefix}; it stands at api.slack.com/apps under {where}.")
        return value

    return check


_CHECKS = {
    "timezone": _timezone,
    "language": _language,
    "database": _database,
    "public_url": _url,
    "slack_api_url": _api_url,
    "channel": _channel,
    "digest_channel": _channel,
    "bot_token": _token("xox", "OAuth & Permissions"),
    "app_token": _token("xapp-", "Basic Information, App-Level Tokens"),
}


def _sources(tables: Any, path: Path, environ: Mapping[str, str], kinds: frozenset[str]) -> dict[str, SourceSettings]:
    if not isinstance(tables, dict):
        raise SettingError(f"sources in {path} must be tables such as [sources.typeform].")
    return {name: _source(name, table, path, environ, kinds) for name, table in tables.items()}


def _source(name: str, table: Any, path: Path, environ: Mapping[str, str], kinds: frozenset[str]) -> SourceSettings:
    where = f"[sources.{name}] in {path}"
    if not isinstance(table, dict):
        raise SettingError(f"{where} must be a table.")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise SettingError(f"{where}: a source's name is letters, digits, - and _.")
    unknown = set(table) - {"kind", "secret", "secret_env", "survey", "channel", "wait", "timezone", "fields"}
    if unknown:
        raise SettingError(f"{where} has {', '.join(sorted(unknown))}, which is no setting of a source.")
    kind = table.get("kind", name)
    if not isinstance(kind, str) or kind not in kinds:
        raise SettingError(f"kind of {where} is {kind!r}, but must be one of {', '.join(sorted(kinds))}.")
    fields = table.get("fields", {})
    if not isinstance(fields, dict) or not all(k in FIELDS and isinstance(v, str) for k, v in fields.items()):
        raise SettingError(f"fields of {where} is {fields!r}, but must be texts under {', '.join(FIELDS)}.")
    for optional in ("survey", "channel"):
        if optional in table and (not isinstance(table[optional], str) or not table[optional].strip()):
            raise SettingError(f"{optional} of {where} is {table[optional]!r}, but must be a text that is not empty.")
    channel = table.get("channel")
    return SourceSettings(
        name=name,
        kind=kind,
        secrets=_secrets(table, where, environ),
        survey=table.get("survey"),
        channel=None if channel is None else _channel(f"channel of {where}", channel),
        wait=_seconds(f"wait of {where}", table.get("wait", 0)),
        zone=_timezone(f"timezone of {where}", table["timezone"]) if "timezone" in table else None,
        fields=fields,
    )


def _seconds(label: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_WAIT:
        raise SettingError(f"{label} is {value!r}, but must be seconds from 0 to {LONGEST_WAIT}.")
    return float(value)


def _secrets(table: dict[str, Any], where: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in ("secret", "secret_env"):
        given = table.get(name, [])
        for value in given if isinstance(given, list) else [given]:
            if not isinstance(value, str) or not value.strip():
                raise SettingError(f"{name} of {where} must be a text that is not empty, or a list of such.")
            if name == "secret_env" and not environ.get(value):
                shown = value if re.fullmatch(r"[A-Z_][A-Z0-9_]*", value) else "a variable"  # not a secret by mistake
                raise SettingError(f"secret_env of {where} names {shown}, which is not set in the environment.")
            found.append(environ[value] if name == "secret_env" else value)
    if not found:
        raise SettingError(f"{where} needs a secret, or a secret_env that names the variable which holds it.")
    return tuple(found)


def _hours(table: Any, path: Path) -> dict[Category, float | None]:
    hours: dict[Category, float | None] = dict(HOURS)
    if not isinstance(table, dict):
        raise SettingError(f"callbacks in {path} is {table!r}, but must be a table [callbacks] with detractor = 24.")
    for name, value in table.items():
        off = value is False
        number = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 8760
        if name not in list(Category) or not (off or number):
            raise SettingError(
                f"callbacks.{name} in {path} is {value!r}, but under callbacks stand detractor, passive and promoter, "
                "each with hours from the response to the call, or false for none."
            )
        hours[Category(name)] = None if off else float(value)
    return hours


def _list_of_words(name: str, given: Any, path: Path) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(word, str) and word for word in given):
        raise SettingError(f"{name} in {path} is {given!r}, but must be a list of texts, none of them empty.")
    return given


def _test_answers(given: Any, path: Path) -> dict[str, Any]:
    """Return how answers that only try things out are told: by the domain of their e-mail, or by a property."""
    if not isinstance(given, dict) or set(given) - {"email_domains", "property"}:
        raise SettingError(f"test_answers in {path} must be a table with email_domains and property.")
    domains = _list_of_words("test_answers.email_domains", given.get("email_domains", []), path)
    name = given.get("property")
    if name is not None and (not isinstance(name, str) or not name):
        raise SettingError(f"test_answers.property in {path} is {name!r}, but must be the name of a property.")
    return {"test_domains": frozenset(d.lower().lstrip("@") for d in domains), "test_property": name}


def _themes(given: Any, path: Path) -> tuple[str, ...]:
    """Return the team's own themes, each once, as they fit into a choice of Slack's."""
    words = [word.strip() for word in _list_of_words("themes", given, path)]
    for word in words:
        if not 1 <= len(word) <= THEME_MOST:
            raise SettingError(f"themes in {path} has {word!r}, but each must be 1 to {THEME_MOST} characters long.")
    return tuple(word for word in dict.fromkeys(words) if word not in THEMES)
