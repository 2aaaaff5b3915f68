"""Every word that a person reads in Slack, a file a language; numbers, dates and plurals as each writes them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_timedelta
from babel.numbers import format_decimal, format_percent

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

LANGUAGES = ("en", "sv", "nb", "da", "fi")
MINUS = "−"


@cache
def table(language: str) -> dict[str, Any]:
    """Return all texts of a language by dotted key; a text with plurals is a table of its forms."""
    source = resources.files("bot.texts").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source), ""))


def _flat(node: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in node.items():
        if isinstance(value, dict) and "other" not in value:
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


class Texts:
    """The texts of one language in one time zone: `texts("digest.due", when=…)`."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self.zone = zone
        self._locale = Locale.parse("en_GB" if language == "en" else language)
        self._table = table(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the text with its values filled in; `n` chooses the plural form, numbers read as people write them."""
        text = self._table[key]
        if isinstance(text, dict):
            count = values["n"]
            form = self._locale.plural_form(abs(count)) if isinstance(count, int | float) else "other"
            text = text.get(form, text["other"])
        shown = {name: self.number(v) if isinstance(v, int | float) else v for name, v in values.items()}
        return str(text.format(**shown))

    def has(self, key: str) -> bool:
        """Tell whether the language has such a text."""
        return key in self._table

    def number(self, value: float) -> str:
        """Return a number with the language's separators and a real minus."""
        return str(format_decimal(value, locale=self._locale)).replace("-", MINUS)

    def signed(self, value: int) -> str:
        """Return a whole number with its sign: +32, −5, 0."""
        return f"+{self.number(value)}" if value > 0 else self.number(value)

    def share(self, part: int, whole: int) -> str:
        """Return a part of a whole in per cent, without decimals."""
        return str(format_percent(part / whole if whole else 0, locale=self._locale))

    def day(self, value: date) -> str:
        """Return a day, such as 20 Nov 2026."""
        return str(format_date(value, "medium", locale=self._locale))

    def days(self, first: date, last: date) -> str:
        """Return the days from first to last, what they share told once: 16–22 Nov 2026."""
        return str(format_interval(first, last, "yMMMd", locale=self._locale))

    def tongue(self, code: str) -> str:
        """Return what a language of such a code is called: sv-FI is Swedish (FI); an unknown code stays what it is."""
        names, (main, _, rest) = self._locale.languages, code.replace("_", "-").partition("-")
        name = str(names.get(main.lower(), ""))
        return f"{name} ({rest})" if name and rest else name or code

    def time(self, value: datetime) -> str:
        """Return a moment in the texts' zone."""
        return str(format_datetime(value, "short", tzinfo=self.zone, locale=self._locale))

    def span(self, value: timedelta) -> str:
        """Return a length of time in the largest unit of which it has two, so that 35 hours are not called a day."""
        return str(format_timedelta(value, threshold=2, locale=self._locale))


@cache
def texts_in(language: str, zone: ZoneInfo) -> Texts:
    """Return the texts of a language in a zone, made once."""
    return Texts(language, zone)


def language_of(locale: str | None) -> str | None:
    """Return the language of texts for a locale of Slack's, such as sv-SE; None where there are none."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    language = "nb" if language in {"no", "nn"} else language
    return language if language in LANGUAGES else None


@cache
def zone_of(name: str | None) -> ZoneInfo | None:
    """Return the zone of a name that Slack tells; None for one that nobody knows."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None
