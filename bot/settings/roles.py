"""Roles: who acts, who leads, who is admin; people and user groups of Slack, named in npsbot.toml."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from bot.model import Refusal
from bot.settings.checks import SettingError

if TYPE_CHECKING:
    from pathlib import Path

_ID = re.compile(r"[UWS][A-Z0-9]{2,}")


class Role(IntEnum):
    """What somebody may do; whoever has a role has those before it, too."""

    ACT = 1
    LEAD = 2
    ADMIN = 3


class ActorsOnly(Refusal):
    """Only those who are named for it in npsbot.toml act on callbacks."""

    key = "refusal.actors_only"


class LeadsOnly(Refusal):
    """Only a lead gives away what is not theirs, and sees what each colleague did."""

    key = "refusal.leads_only"


class AdminsOnly(Refusal):
    """Only the admins named in npsbot.toml can do this in Slack."""

    key = "refusal.admins_only"


@dataclass(frozen=True, slots=True)
class Roles:
    """The table [roles]: ids of people (U…, W…) and of user groups (S…) for each role."""

    act: frozenset[str] = frozenset()
    lead: frozenset[str] = frozenset()
    admin: frozenset[str] = frozenset()

    def named(self, role: Role) -> frozenset[str] | None:
        """Return whoever is named for a role or for one above it; None where it is not restricted.

        Without names for `act` everyone who is let in acts, and without leads everyone who acts leads. Nobody is
        admin who is not named.
        """
        if role is Role.ADMIN:
            return self.admin
        if role is Role.LEAD and self.lead:
            return self.lead | self.admin
        return self.act | self.lead | self.admin if self.act else None

    @property
    def groups(self) -> list[str]:
        """Return the user groups that are named, each once."""
        return sorted({each for field in fields(self) for each in getattr(self, field.name) if is_group(each)})

    @property
    def people(self) -> dict[str, list[str]]:
        """Return the people who are named themselves, each with the roles that they are named for."""
        named = {name: getattr(self, name) for name in (field.name for field in fields(self))}
        users = sorted({each for ids in named.values() for each in ids if not is_group(each)})
        return {user: [name for name, ids in named.items() if user in ids] for user in users}


def is_group(named: str) -> bool:
    """Tell whether an id is a user group's."""
    return named.startswith("S")


def read(table: Any, path: Path) -> Roles:
    """Return what stands in [roles]. Raises SettingError."""
    if not isinstance(table, dict):
        raise SettingError(f'roles in {path} is {table!r}, but must be a table [roles] with act = ["U024BE7LH"].')
    known = [field.name for field in fields(Roles)]
    for name, given in table.items():
        listed = isinstance(given, list) and all(isinstance(each, str) and _ID.fullmatch(each) for each in given)
        if name not in known or not listed:
            raise SettingError(
                f"roles.{name} in {path} is {given!r}, but under roles stand act, lead and admin, each a list of ids "
                "of people (U…) and user groups (S…)."
            )
    return Roles(**{name: frozenset(given) for name, given in table.items()})
