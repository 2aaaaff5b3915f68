"""The views.* methods: open, push, update, publish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.blocks import HOME, MODAL
from demo.errors import SlackError
from demo.methods import TIER_4, Answer, Args, Method, refuse
from demo.rules import view_refusals

if TYPE_CHECKING:
    from demo.state import State


def open_view(state: State, args: Args) -> Answer:
    """Open a modal for whoever did what the trigger stands for."""
    return {"view": state.view_store.open(_trigger(args), checked_modal(args.json("view")))}


def push_view(state: State, args: Args) -> Answer:
    """Put a modal on top of the one in which the trigger arose."""
    return {"view": state.view_store.push(_trigger(args), checked_modal(args.json("view")))}


def update_view(state: State, args: Args) -> Answer:
    """Change an open modal, named by its id or its external id."""
    views = state.view_store
    view_id = args.text("view_id") or views.find(args.need("external_id"))
    return {"view": views.update(view_id, checked_modal(args.json("view")), args.text("hash") or None)}


def publish_view(state: State, args: Args) -> Answer:
    """Show a person an App Home."""
    user = args.need("user_id")
    if user not in state.users:
        raise SlackError("user_not_found", f"there is no user {user}")
    view = _checked(args.json("view"), HOME)
    return {"view": state.view_store.publish_home(user, view, args.text("hash") or None)}


def _trigger(args: Args) -> str:
    return args.text("trigger_id") or args.need("interactivity_pointer")


def checked_modal(view: Any) -> dict[str, Any]:
    """Return a modal after Slack's checks; SlackError with a sentence for each fault."""
    return _checked(view, MODAL)


def _checked(view: Any, surface: str) -> dict[str, Any]:
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    if view.get("type") != surface:
        raise SlackError("invalid_arguments", f"the view must be a {surface}, not {view.get('type')}")
    refuse(view_refusals(view))
    return view


METHODS = {
    "views.open": Method(open_view, TIER_4),
    "views.push": Method(push_view, TIER_4),
    "views.update": Method(update_view, TIER_4),
    "views.publish": Method(publish_view, TIER_4),
}
