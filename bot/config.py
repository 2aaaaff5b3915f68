"""Settings: from the environment, else npsbot.toml, else defaults; one sentence for each wrong one."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot import calendars, due, referred
from bot.calendars import Calendar
from bot.due import Callbacks
from bot.referred import Referrals
from bot.settings import alerts as alert_settings
from bot.settings import checks, privacy, reminding, retaining, roles, routes, schedules, seasons, yardstick
from bot.settings import sources as source_settings
from bot.settings import surveys as survey_settings
from bot.settings.alerts import Alerts
from bot.settings.checks import SettingError
from bot.settings.privacy import Privacy
from bot.settings.reminding import Reminders
from bot.settings.retaining import Retention
from bot.settings.roles import Roles
from bot.settings.routes import Route, Routing, folded
from bot.settings.schedules import WEEKLY, Schedule
from bot.settings.sources import SourceSettings
from bot.settings.yardstick import Yardstick
from bot.themes import own

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.periods import Period
    from bot.settings.surveys import Survey
    from bot.themes.taxonomy import Own

__all__ = ("ENVIRONMENT", "SettingError", "Settings", "SourceSettings", "load")

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

TABLES: Mapping[str, Callable[[Any, Path], Any]] = {
    "calendar": calendars.read,
    "callbacks": due.read,
    "alerts": alert_settings.read,
    "digests": schedules.read,
    "periods": seasons.read,
    "privacy": privacy.read,
    "referrals": referred.read,
    "reminders": reminding.read,
    "retention": retaining.read,
    "roles": roles.read,
    "routes": routes.read,
    "routing": routes.read_routing,
    "score": yardstick.read,
    "surveys": survey_settings.read,
}
"""Each table of npsbot.toml that is one setting of the same name, and what reads and checks it."""

SECRET = frozenset({"bot_token", "signing_secret", "app_token", "webhook_secret"})


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
    callbacks: Callbacks = field(default_factory=Callbacks)
    calendar: Calendar = field(default_factory=Calendar)
    reminders: Reminders = field(default_factory=Reminders)
    referrals: Referrals = field(default_factory=Referrals)
    retention: Retention = field(default_factory=Retention)
    themes: tuple[str, ...] = ()
    theme_words: Own = ()
    admins: frozenset[str] = frozenset()
    roles: Roles = field(default_factory=Roles)
    routes: tuple[Route, ...] = ()
    routing: Routing = field(default_factory=Routing)
    test_domains: frozenset[str] = frozenset()
    test_property: str | None = None
    digests: tuple[Schedule, ...] = (WEEKLY,)
    periods: Mapping[str, Period] = field(default_factory=dict)
    score: Yardstick = field(default_factory=Yardstick)
    alerts: Alerts = field(default_factory=Alerts)
    privacy: Privacy = field(default_factory=Privacy)
    surveys: Mapping[str, Survey] = field(default_factory=dict)

    @property
    def told_besides(self) -> tuple[str, ...]:
        """Return the channels that single digests, and the alerts, are set to go to."""
        named = (*(schedule.channel for schedule in self.digests), self.alerts.channel)
        return tuple(channel for channel in named if channel is not None)

    @property
    def digests_go_to(self) -> str:
        """Return the channel of the digests."""
        return self.digest_channel or self.channel

    @property
    def working_hours(self) -> Calendar:
        """Return the calendar in its own zone, else in the team's."""
        return replace(self.calendar, zone=self.calendar.zone or self.timezone)

    def channel_of(self, source: str) -> str:
        """Return the channel that cards of a source go to."""
        found = self.sources.get(source)
        return found.channel if found and found.channel else self.channel

    @property
    def card_channels(self) -> tuple[str, ...]:
        """Return every channel that cards go to, each once, the default first."""
        named = (*(source.channel for source in self.sources.values()), *(route.channel for route in self.routes))
        return tuple(dict.fromkeys((self.channel, *filter(None, named))))

    @property
    def rights(self) -> Roles:
        """Return the roles, with the admins who are named outside them."""
        return replace(self.roles, admin=self.roles.admin | self.admins)

    def nameless(self, survey: str | None) -> Survey | None:
        """Return a survey whose answers name nobody, as it is set; None for any other."""
        return self.surveys.get(folded(survey)) if self.surveys and survey else None

    def zone_of(self, source: str) -> ZoneInfo:
        """Return the zone in which a source's times without an offset are local."""
        found = self.sources.get(source)
        return found.zone if found and found.zone else self.timezone


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
    known = {*map(_key, ENVIRONMENT), *TABLES, "sources", "themes", "admins", "test_answers"}
    for name in table:
        if name not in known:
            raise SettingError(f"{name} in {path} is no setting; known are {', '.join(sorted(known))}.")
    checked = {name: _check(name, label, value) for name, (label, value) in values.items()}
    secret = checked.pop("webhook_secret", None)
    sources = source_settings.read(table.get("sources", {}), path, environ, kinds)
    if secret is not None:
        sources.setdefault("json", SourceSettings("json", "json", (secret,)))
    themes = own.read(table.get("themes", []), path)
    return Settings(
        **checked,
        **{name: read(table[name], path) for name, read in TABLES.items() if name in table},
        sources=sources,
        themes=own.names(themes),
        theme_words=themes,
        **_test_answers(table.get("test_answers", {}), path),
        admins=frozenset(checks.list_of_words("admins", table.get("admins", []), path)),
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
        return checks.port(label, value)
    if not isinstance(value, str) or not value.strip():
        shown = "" if name in SECRET else f" is {value!r}, but"
        raise SettingError(f"{label}{shown} must be a text that is not empty.")
    value = value.strip()
    check = _CHECKS.get(name)
    return value if check is None else check(label, value)


_CHECKS = {
    "timezone": checks.timezone,
    "language": checks.language,
    "database": checks.database,
    "public_url": checks.url,
    "slack_api_url": checks.api_url,
    "channel": checks.channel,
    "digest_channel": checks.channel,
    "bot_token": checks.token("xox", "OAuth & Permissions"),
    "app_token": checks.token("xapp-", "Basic Information, App-Level Tokens"),
}


def _test_answers(given: Any, path: Path) -> dict[str, Any]:
    """Return how answers that only try things out are told: by the domain of their e-mail, or by a property."""
    if not isinstance(given, dict) or set(given) - {"email_domains", "property"}:
        raise SettingError(f"test_answers in {path} must be a table with email_domains and property.")
    domains = checks.list_of_words("test_answers.email_domains", given.get("email_domains", []), path)
    name = given.get("property")
    if name is not None and (not isinstance(name, str) or not name):
        raise SettingError(f"test_answers.property in {path} is {name!r}, but must be the name of a property.")
    return {"test_domains": frozenset(d.lower().lstrip("@") for d in domains), "test_property": name}
