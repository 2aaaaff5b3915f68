"""Everything a workspace remembers, and the few questions that each method of the Web API asks of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from demo.background import Background
from demo.deliveries import Deliveries
from demo.errors import SlackError
from demo.faults import Faults
from demo.feed import Feed
from demo.files import Files
from demo.messages import Messages
from demo.people import BOT_ID, People, settle
from demo.rates import Rates
from demo.responses import Ephemerals, Responses
from demo.sockets import Sockets
from demo.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


SHORTCUTS = {
    "global": {"find_customer": "Find a customer"},
    "message": {"log_call_with_customer": "Log call with customer"},
}
"""The app's shortcuts, as its manifest names them: those offered everywhere, and those offered on a message."""


class Entry(NamedTuple):
    """One thing that was refused or came too late: when, in seconds, at which method or by what, and why."""

    time: float
    kind: str
    sentence: str


class State:
    """What is in a workspace; `scopes` are those of the app, `clock` tells seconds since 1970."""

    def __init__(  # noqa: PLR0913  # the settings of a workspace, each by its name
        self,
        scopes: Iterable[str],
        *,
        signing_secret: str = "demo-signing-secret",  # noqa: S107  # a demo's secret is none
        bot_token: str = "xoxb-demo",  # noqa: S107
        app_token: str = "xapp-demo",  # noqa: S107
        clock: Callable[[], float] = time.time,
        bot_name: str = "npsbot",
    ) -> None:
        self.scopes = set(scopes)
        self.bot_token, self.app_token = bot_token, app_token
        self.clock = clock
        self.base_url = ""
        self.token_revoked = False
        self.log: list[Entry] = []
        self.feed = Feed()
        self.faults = Faults()
        self.rates = Rates(clock)
        self.background = Background()
        self.people = People(bot_name)
        settle(self.people)
        self.users, self.channels, self.bot = self.people.users, self.people.channels, self.people.bot
        self.store = Messages(clock, self.feed.publish)
        self.view_store = Views(clock, self.feed.publish)
        self.shown = Ephemerals(self.store, self.feed.publish)
        self.files = Files()
        self.responses = Responses(self)
        self.sockets = Sockets(clock, self.faults, self.app_changed)
        self.deliveries = Deliveries(signing_secret, self.sockets, clock)

    def need_scope(self, scope: str) -> None:
        """Refuse what the app has no scope for."""
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            sentence = f"the app has not the scope {scope}"
            raise SlackError("missing_scope", sentence, needed=scope, provided=provided)

    def check_token(self, token: str, *, app: bool) -> None:
        """Refuse a token that is missing, wrong, of the other kind or revoked."""
        wanted, other = (self.app_token, self.bot_token) if app else (self.bot_token, self.app_token)
        if not token:
            raise SlackError("not_authed", "no token was sent")
        if token == other:
            raise SlackError("not_allowed_token_type", "the method takes the other kind of token")
        if token != wanted:
            raise SlackError("invalid_auth", "nobody has this token")
        if self.token_revoked:
            raise SlackError("token_revoked", "the app's token was revoked")

    def refused(self, kind: str, sentence: str) -> None:
        """Log what was refused or came too late."""
        entry = Entry(self.clock(), kind, sentence)
        self.log.append(entry)
        self.feed.publish({"type": "log", "entry": entry._asdict()})

    def app(self) -> dict[str, Any]:
        """Describe the app: its name, its bot, and whether anybody takes deliveries."""
        described = {"name": self.bot.name, "user_id": self.bot.id, "bot_id": BOT_ID}
        return described | {"connected": self.deliveries.connected, "shortcuts": SHORTCUTS}

    def app_changed(self) -> None:
        """Tell those who watch that the app came or went."""
        self.feed.publish({"type": "app_changed", "app": self.app()})
