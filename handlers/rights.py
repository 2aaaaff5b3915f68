"""What each request needs: one table, which the gate asks before any listener; what is not in it does nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from bot import trail
from bot.cards.blocks import RESPONSE
from bot.cards.ids import COMMAND, VALUE, Action, Menu, Shortcut, View
from bot.model import Refusal
from bot.settings.roles import Role

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from bot.people import Person
    from handlers.desk import Desk


@dataclass(frozen=True, slots=True)
class Need:
    """A role (None: any full member), being in the channel of the card, and whether the audit trail notes it.

    Moves and calls need no note: they are in the history.
    """

    role: Role | None = None
    card: bool = False
    noted: bool = False


ANYONE = Need()
SEES = Need(card=True, noted=True)
ACTS = Need(Role.ACT, card=True)
CALLS = Need(Role.ACT, card=True, noted=True)
LISTS = Need(Role.ACT, noted=True)
LEADS = Need(Role.LEAD)
ADMIN = Need(Role.ADMIN, noted=True)

ACTIONS: Mapping[str, Need] = {
    Action.CLAIM: ACTS,
    Action.RELEASE: ACTS,
    Action.REOPEN: ACTS,
    Action.LOG_CALL: ACTS,
    Action.UNREACHABLE: ACTS,
    Action.SHOW_COMMENT: SEES,
    Action.OPEN_LINK: ANYONE,
    Action.CONTACT: CALLS,  # of these, whoever holds the callback, which its listener asks
    Action.PREVIOUS: LISTS,
    Action.NEXT: LISTS,
    Action.OPEN_CARD: ANYONE,
    Action.FORGET: ADMIN,
    Action.MARK_LESSON: ACTS,
    Action.UNMARK_LESSON: ACTS,
    Action.THEMES: ACTS,
    Action.CLAIM_REFERRAL: ANYONE,  # whoever is in the channel of sales, which its listener asks
    Action.RELEASE_REFERRAL: ANYONE,
    Action.WON_REFERRAL: ANYONE,
    Action.LOST_REFERRAL: ANYONE,
    Action.CONTACT_REFERRAL: Need(noted=True),  # of these, whoever has the referral
    Action.SNOOZE_ALERT: LEADS,
    Action.MUTE_ALERT: LEADS,
    Action.WAKE_ALERT: LEADS,
    Action.HUDDLE: ACTS,
}
"""Buttons and menus by action_id."""

MENU: Mapping[str, Need] = {
    Menu.ASSIGN: ACTS,
    Menu.SNOOZE: ACTS,
    Menu.WAKE: ACTS,
    Menu.DISMISS: ACTS,
    Menu.HISTORY: SEES,
}
"""What the card's menu offers, by its values."""

VIEWS: Mapping[str, Need] = {
    View.LOG_CALL: ACTS,
    View.ASSIGN: ACTS,
    View.SNOOZE: ACTS,
    View.DISMISS: ACTS,
    View.FORGET: ADMIN,
    View.FIND: LISTS,
    View.THEMES: ACTS,
}
"""Forms by callback_id."""

SHORTCUTS: Mapping[str, Need] = {Shortcut.FIND: LISTS, Shortcut.LOG_CALL: LISTS}
"""Global and message shortcuts by callback_id."""

COMMANDS: Mapping[str, Need] = {
    "help": ANYONE,
    "score": ANYONE,
    "trend": ANYONE,
    "digest": ANYONE,
    "themes": ANYONE,  # whoever is in the cards' channel, which its answer asks
    "queue": LISTS,
    "huddle": LISTS,
    "mine": LISTS,
    "find": LISTS,
    "customer": LISTS,
    "lessons": LISTS,
    "team": LEADS,
    "export": ADMIN,
    "forget": ADMIN,
}
"""Subcommands of /nps; whatever is not here is answered with the help."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the table knows it; `need` is None where it does not, `about` the public id of a response."""

    name: str
    need: Need | None
    about: str = ""
    command: str = ""


def asked(body: Mapping[str, Any]) -> Asked:
    """Return what is asked for, and what that needs."""
    kind = body.get("type")
    if body.get("command"):
        word, rest = words(body)
        known = f"{COMMAND} {word}" if word in COMMANDS else COMMAND
        return Asked(known, COMMANDS.get(word, ANYONE), command=f"{word} {rest}".strip())
    if kind in {"block_actions", "block_suggestion"}:
        action = (body.get("actions") or [body])[0]
        name = str(action.get("action_id"))
        if name == VALUE:  # a choice in a form needs what handing the form in does
            form = body.get("view") or {}
            return Asked(name, VIEWS.get(str(form.get("callback_id"))), _of_form(form))
        if name == Action.MENU:
            name = str((action.get("selected_option") or {}).get("value"))
            return Asked(name, MENU.get(name), about(body))
        return Asked(name, ACTIONS.get(name), about(body))
    name = str((body.get("view") or body).get("callback_id"))
    if kind == "view_closed":
        return Asked(name, ANYONE)
    return Asked(name, (VIEWS if kind == "view_submission" else SHORTCUTS).get(name), about(body))


def words(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subcommand that was typed, and the rest."""
    word, _, rest = (body.get("text") or "").strip().partition(" ")
    return word.lower(), rest.strip()


def about(body: Mapping[str, Any]) -> str:
    """Return the public id of the response that a request is about, as its button, its row or its form carries it."""
    if body.get("type") == "view_submission":
        return _of_form(body.get("view") or {})
    action = (body.get("actions") or [{}])[0]
    return str(action.get("value") or action.get("block_id") or "").removeprefix(RESPONSE).partition(" ")[0]


def _of_form(view: Mapping[str, Any]) -> str:
    return str(view.get("private_metadata") or "").partition(" ")[0]


async def let_in(desk: Desk, user: str, team: str | None, request: Asked) -> Person:
    """Return who asks, when they may have what they ask for; raise the refusal that says why not.

    All that Slack is asked, it is asked at once; for what admins do, nothing that it said before counts.
    """
    need = request.need
    if need is None:
        raise Refusal
    place = await desk.place_of(request.about) if need.card else None
    admitting = desk.people.admit(user, team, live=need.role is Role.ADMIN)
    more: list[Awaitable[None]] = []
    if need.role is not None and not desk.people.is_named(user, need.role):
        more.append(desk.people.must_be(user, need.role, request.command or "--help"))
    if place is not None and not desk.people.knows(user, place):
        more.append(desk.people.may_see(user, place))
    if not more:
        return await admitting
    person, *told = await asyncio.gather(admitting, *more, return_exceptions=True)
    for fault in (person, *told):
        if isinstance(fault, BaseException):
            raise fault
    return cast("Person", person)


async def note(desk: Desk, user: str, request: Asked, *, refused: bool = False) -> None:
    """Write into the audit trail what shows customers or is an admin's, also when that was refused."""
    need = request.need
    if need is not None and need.noted and not (refused and need.role is not Role.ADMIN):
        await desk.store.run(trail.looked, user, request.name, request.about, datetime.now(UTC), refused=refused)
