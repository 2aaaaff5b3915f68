"""Who works here and where they talk: users, channels, and how both are found by id or by name."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Iterable

TEAM_ID, TEAM_NAME, TEAM_DOMAIN = "T0HAVBLIKK", "Havblikk", "havblikk"
OTHER_TEAM_ID = "T0FIRTHBAY"
APP_ID, BOT_ID, BOT_USER_ID = "A0NPSBOT00", "B0NPSBOT00", "U0NPSBOT00"


@dataclass(frozen=True, slots=True)
class User:
    """A person or the app's bot; `is_ultra_restricted` is a guest, `is_stranger` of another organisation."""

    id: str
    name: str
    real_name: str
    title: str = ""
    tz: str = "Europe/Oslo"
    locale: str = "en-GB"
    team_id: str = TEAM_ID
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False

    def as_json(self, now: float) -> dict[str, Any]:
        """Return Slack's user object at a moment, seconds since 1970, which decides about summer time."""
        local = datetime.fromtimestamp(now, ZoneInfo(self.tz))
        offset = local.utcoffset()
        return asdict(self) | {
            "tz_label": local.tzname(),
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_app_user": False,
            "profile": {"real_name": self.real_name, "display_name": self.name, "title": self.title},
        }


@dataclass(slots=True)
class Channel:
    """A channel, or with `user` the direct messages between that person and the bot; members come and go.

    `is_ext_shared` is one with another organisation.
    """

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    user: str | None = None
    is_ext_shared: bool = False

    @property
    def scope(self) -> str:
        """Return the first half of the scopes that open it: channels, groups or im."""
        return "im" if self.user else "groups" if self.is_private else "channels"

    def as_json(self, member: str) -> dict[str, Any]:
        """Return Slack's conversation object as one member or onlooker gets it."""
        shared: dict[str, Any] = {"id": self.id, "is_im": bool(self.user), "is_archived": self.is_archived}
        if self.user:
            return shared | {"user": self.user, "is_open": True}
        return shared | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_private": self.is_private,
            "is_mpim": False,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_pending_ext_shared": False,
            "is_org_shared": False,
            "is_general": self.name == "general",
            "is_member": member in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        }


class People:
    """All users, channels and user groups of a workspace, by id."""

    def __init__(self, bot_name: str) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, set[str]] = {}
        self._ids: dict[str, str] = {}
        self.bot = self.add_user(bot_name, bot_name, id=BOT_USER_ID, is_bot=True, tz="UTC")

    def add_user(self, name: str, real_name: str, **more: Any) -> User:
        """Add a user; `more` are fields of `User`."""
        user = User(**{"id": self._id("U0", name), "name": name, "real_name": real_name} | more)
        self.users[user.id] = user
        self._ids[name] = user.id
        return user

    def add_channel(self, name: str, members: Iterable[str] = (), *, is_private: bool = False) -> Channel:
        """Add a channel with its members, by name or id."""
        name = name.lstrip("#")
        channel = Channel(self._id("C0", "#" + name), name, {self.user(who).id for who in members}, is_private)
        self.channels[channel.id] = channel
        self._ids["#" + name] = channel.id
        return channel

    def add_group(self, name: str, members: Iterable[str] = ()) -> str:
        """Add a user group with its members, by name or id; return its id."""
        group_id = self._id("S0", "@" + name)
        self.groups[group_id] = {self.user(who).id for who in members}
        self._ids["@" + name] = group_id
        return group_id

    def user(self, who: str) -> User:
        """Return a user by id or name; KeyError when there is none."""
        user_id = self._ids.get(who, who)
        if user_id not in self.users:
            raise KeyError(f"no user {who}")
        return self.users[user_id]

    def channel(self, where: str) -> Channel:
        """Return a channel by id, name or #name; KeyError when there is none."""
        channel_id = self._ids.get("#" + where.lstrip("#"), where)
        if channel_id not in self.channels:
            raise KeyError(f"no channel {where}")
        return self.channels[channel_id]

    def direct(self, user_id: str) -> Channel:
        """Return the direct messages between a person and the bot, opening them when they are not."""
        channel_id = "D" + user_id[1:]
        if channel_id not in self.channels:
            user = self.users.get(user_id)
            if user is None or user.deleted:
                raise SlackError("user_not_found" if user is None else "user_disabled")
            if user.is_bot:
                raise SlackError("cannot_dm_bot")
            members = {user_id, self.bot.id}
            self.channels[channel_id] = Channel(channel_id, "directmessage", members, is_private=True, user=user_id)
        return self.channels[channel_id]

    def _id(self, prefix: str, name: str) -> str:
        """Return an id that reads like the name: U0INGRID, C0NPSLEADERS."""
        made = prefix + re.sub(r"\W|_", "", name).upper()
        if name in self._ids or made in {*self.users, *self.channels, *self.groups}:
            raise ValueError(f"there is already one called {name}")
        return made

    def sees(self, user: User, channel: Channel) -> bool:
        """Tell whether a user can see a channel: members can, and colleagues if it is public."""
        outsider = user.is_restricted or user.is_ultra_restricted or user.is_stranger
        return user.id in channel.members or not (channel.is_private or outsider)


def settle(people: People) -> None:
    """Let four colleagues, a guest and a person of another organisation move in, with three channels."""
    people.add_user("ingrid", "Ingrid Solberg", title="Head of Customer Experience", is_admin=True)
    agent = "Customer Experience Agent"
    people.add_user("mikko", "Mikko Lehtonen", title=agent, tz="Europe/Helsinki")
    people.add_user("freja", "Freja Lindqvist", title=agent, tz="Europe/Stockholm")
    people.add_user("jonas", "Jonas Thorvaldsen", title="Head of Sales", tz="Europe/Copenhagen")
    guest = {"is_restricted": True, "is_ultra_restricted": True}
    people.add_user("petra", "Petra Nováková", title="Guest from the agency", tz="Europe/Prague", **guest)
    people.add_user(
        "liam",
        "Liam Byrne",
        title="Partner at Firth Bay",
        tz="Europe/Dublin",
        team_id=OTHER_TEAM_ID,
        is_stranger=True,
    )
    colleagues = ["ingrid", "mikko", "freja", "jonas"]
    general = people.add_channel("general", colleagues)
    general.topic = "News for everybody"
    nps = people.add_channel("nps", [*colleagues, "petra", "liam", people.bot.id])
    nps.topic = "What customers tell us, and who calls them back"
    leaders = people.add_channel("nps-leaders", ["ingrid", "jonas", people.bot.id], is_private=True)
    leaders.topic = "The score, week by week"


CALLERS = ("ingrid", "mikko", "freja", "signe")
"""Who calls customers back in the demo, in the order in which the sample year knows them."""
SALES = "#sales"


def cast(people: People) -> None:
    """Bring those who are settled into their parts in the demo: who calls, who sells, and who reads Swedish."""
    agent = people.user("mikko").title
    signe = people.add_user("signe", "Signe Holm", title=agent, tz="Europe/Copenhagen")
    freja, jonas = people.user("freja"), people.user("jonas")
    people.users[freja.id] = replace(freja, locale="sv-SE")
    for name in ("general", "nps"):
        people.channel(name).members.add(signe.id)
    for name in ("nps", "nps-leaders"):
        people.channel(name).members.discard(jonas.id)
    sales = people.add_channel(SALES, ["ingrid", "mikko", "jonas", people.bot.id])
    sales.topic = "Whom our customers recommend us to"
