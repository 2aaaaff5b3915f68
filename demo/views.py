"""Modals and App Homes: each person's open modals and Home, and the triggers that may open them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from demo.errors import SlackError
from demo.inputs import state_of
from demo.people import APP_ID, BOT_ID, TEAM_ID
from demo.stamps import forget_oldest, new_id, stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

View = dict[str, Any]

STACK_MOST = 3
TRIGGER_SECONDS = 3.0


class Trigger(NamedTuple):
    """What a person did that allows one modal: who, until when, and in which modal, if in one."""

    user: str
    expires: float
    view_id: str | None


class Views:
    """Every person's modals and Home; `publish` hears of each change as `demo.workspace` lists them."""

    def __init__(self, clock: Callable[[], float], publish: Callable[[dict[str, Any]], None]) -> None:
        self.clock, self.publish = clock, publish
        self.trigger_seconds = TRIGGER_SECONDS
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._triggers: dict[str, Trigger | None] = {}

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """Return a trigger_id that opens one modal for a person within 3 seconds."""
        trigger_id = f"{new_id('')}.{new_id('')}.{new_id('').lower()}"
        forget_oldest(self._triggers)
        self._triggers[trigger_id] = Trigger(user, self.clock() + self.trigger_seconds, view_id)
        return trigger_id

    def open(self, trigger_id: str, view: Mapping[str, Any]) -> View:
        """Open a modal as the only one of its person."""
        trigger = self._take(trigger_id)
        self._check_external_id(view)
        opened = self._made(view, [])
        self.stacks[trigger.user] = [opened]
        self.publish({"type": "view_opened", "user": trigger.user, "view": opened})
        return opened

    def push(self, trigger_id: str, view: Mapping[str, Any]) -> View:
        """Put a modal on top of those of its person."""
        trigger = self._take(trigger_id)
        if trigger.view_id is None or not self.stacks.get(trigger.user):
            raise SlackError("not_found", "views.push needs a trigger from within an open modal")
        return self.put_on_top(trigger.user, view)

    def put_on_top(self, user: str, view: Mapping[str, Any]) -> View:
        """Put a modal on top of a person's, as views.push and response_action push do; three is the most."""
        stack = self.stacks.setdefault(user, [])
        if len(stack) >= STACK_MOST:
            raise SlackError("push_limit_reached", f"at most {STACK_MOST} modals may lie on each other")
        self._check_external_id(view)
        pushed = self._made(view, stack)
        stack.append(pushed)
        self.publish({"type": "view_opened", "user": user, "view": pushed})
        return pushed

    def update(self, view_id: str, view: Mapping[str, Any], known: str | None = None) -> View:
        """Change an open modal; what was filled in stays if its ids do; `known` is the hash last seen."""
        user, stack, at = self._place(view_id)
        old = stack[at]
        if known is not None and known != old["hash"]:
            raise SlackError("hash_conflict", "the view has changed since it was read")
        changed = self._made(view, stack[:at], old)
        stack[at] = changed
        self.publish({"type": "view_updated", "user": user, "view": changed})
        return changed

    def publish_home(self, user: str, view: Mapping[str, Any], known: str | None = None) -> View:
        """Show a person an App Home."""
        old = self.homes.get(user)
        if known is not None and old is not None and known != old["hash"]:
            raise SlackError("hash_conflict", "the Home has changed since it was read")
        home = self._made(view, [], old)
        self.homes[user] = home
        self.publish({"type": "home_published", "user": user, "view": home})
        return home

    def fill(self, user: str, view_id: str, values: dict[str, Any]) -> View:
        """Keep what a person has filled in."""
        stack = self.stacks.get(user, [])
        for at, view in enumerate(stack):
            if view["id"] == view_id:
                stack[at] = view | {"state": {"values": values}}
                return stack[at]
        home = self.homes[user] | {"state": {"values": values}}
        self.homes[user] = home
        return home

    def get(self, user: str, view_id: str) -> View:
        """Return a person's open modal, or the Home for its id or "home"; KeyError when it is not there."""
        home = self.homes.get(user)
        if home is not None and view_id in ("home", home["id"]):
            return home
        for view in self.stacks.get(user, ()):
            if view["id"] == view_id:
                return view
        raise KeyError(f"{user} has no open view {view_id}")

    def close(self, user: str, view_id: str) -> None:
        """Take a modal and all above it away."""
        stack = self.stacks.get(user, [])
        at = next((at for at, view in enumerate(stack) if view["id"] == view_id), len(stack))
        while len(stack) > at:
            self.publish({"type": "view_closed", "user": user, "view_id": stack.pop()["id"]})

    def clear(self, user: str) -> None:
        """Take all of a person's modals away."""
        if self.stacks.get(user):
            self.close(user, self.stacks[user][0]["id"])

    def find(self, external_id: str) -> str:
        """Return the id of the open modal with an external id."""
        for stack in self.stacks.values():
            for view in stack:
                if view["external_id"] == external_id:
                    return str(view["id"])
        raise SlackError("not_found", f"no open view has the external_id {external_id}")

    def _place(self, view_id: str) -> tuple[str, list[View], int]:
        for user, stack in self.stacks.items():
            for at, view in enumerate(stack):
                if view["id"] == view_id:
                    return user, stack, at
        raise SlackError("not_found", "the view is closed, or never was open")

    def _take(self, trigger_id: str) -> Trigger:
        if trigger_id not in self._triggers:
            raise SlackError("invalid_trigger_id", "nobody did anything with this trigger_id")
        trigger = self._triggers[trigger_id]
        if trigger is None:
            raise SlackError("exchanged_trigger_id", "a trigger opens one view, and this one has")
        if self.clock() > trigger.expires:
            raise SlackError("expired_trigger_id", "a trigger lives 3 seconds, and these are over")
        self._triggers[trigger_id] = None
        return trigger

    def _check_external_id(self, view: Mapping[str, Any]) -> None:
        wanted = view.get("external_id")
        if wanted and any(wanted == each["external_id"] for stack in self.stacks.values() for each in stack):
            raise SlackError("duplicate_external_id", f"another open view has the external_id {wanted}")

    def _made(self, view: Mapping[str, Any], below: list[View], old: View | None = None) -> View:
        """Return a view as Slack keeps it: with ids, a new hash and the state of its elements."""
        blocks = stamped(view["blocks"])
        view_id = old["id"] if old else new_id("V")
        modal = {
            "title": None,
            "submit": None,
            "close": None,
            "clear_on_close": False,
            "notify_on_close": False,
        }
        return {
            "id": view_id,
            "team_id": TEAM_ID,
            "app_id": APP_ID,
            "app_installed_team_id": TEAM_ID,
            "bot_id": BOT_ID,
            "private_metadata": "",
            "callback_id": "",
            "external_id": "",
            **modal,
            **view,
            "blocks": blocks,
            "state": {"values": state_of(blocks, old["state"]["values"] if old else None)},
            "hash": f"{self.clock():.6f}.{new_id('')}",
            "root_view_id": below[0]["id"] if below else view_id,
            "previous_view_id": below[-1]["id"] if below else None,
        }
