"""What Slack tells an app that people did, in Slack's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.inputs import chosen, elements, filled, state_of
from demo.messages import Message, reply_to, without_metadata
from demo.people import APP_ID, BOT_USER_ID, TEAM_DOMAIN, TEAM_ID, Channel, User
from demo.stamps import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.views import View

Payload = dict[str, Any]

VERIFICATION_TOKEN = "demo-verification-token"  # noqa: S105  # deprecated by Slack, secret to nobody


def block_actions(user: User, trigger_id: str, action: Payload) -> Payload:
    """Return the part of block_actions that a click in a message and one in a view share."""
    return _shared(user) | {"type": "block_actions", "trigger_id": trigger_id, "actions": [action]}


def in_message(channel: Channel, message: Message, *, ephemeral: bool, response_url: str) -> Payload:
    """Return the part of block_actions that tells of the message.

    An ephemeral one is not sent along, nor is metadata: Slack's documents promise neither.
    """
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if reply_to(message) is not None:
        container["thread_ts"] = message["thread_ts"]
    told = {} if ephemeral else {"message": without_metadata(message)}
    state = {"values": state_of(message.get("blocks", []))}
    named = {"id": channel.id, "name": channel.name}
    return {"container": container, "channel": named, "state": state, "response_url": response_url, **told}


def in_view(view: View) -> Payload:
    """Return the part of block_actions that tells of the view."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def action_in(
    blocks: Sequence[Mapping[str, Any]], action_id: str, block_id: str | None, value: Any, ts: str
) -> Payload:
    """Return what was done with an element; KeyError when there is none such, or it offers no such option."""
    for own_block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in (None, own_block):
            return {"action_id": action_id, "block_id": own_block, "action_ts": ts} | _done(element, value)
    known = ", ".join(element["action_id"] for _, element in elements(blocks))
    raise KeyError(f"nothing here has the action_id {action_id}; there are {known or 'none'}")


def _done(element: Mapping[str, Any], value: Any) -> Payload:
    kind = element["type"]
    if kind == "button":
        told = {name: element[name] for name in ("text", "value", "style") if name in element}
        return {"type": "button", **told}
    if kind == "overflow":
        return {"type": "overflow", "selected_option": chosen(element, value)}
    told = {"placeholder": element["placeholder"]} if "placeholder" in element else {}
    return {**filled(element, value), **told}


def view_submission(user: User, trigger_id: str, view: View) -> Payload:
    """Return what tells of a form handed over."""
    more = {"type": "view_submission", "trigger_id": trigger_id, "view": view, "response_urls": []}
    return _shared(user) | more


def view_closed(user: User, view: View, *, is_cleared: bool) -> Payload:
    """Return what tells of a form closed without being handed over."""
    return _shared(user) | {"type": "view_closed", "view": view, "is_cleared": is_cleared}


def shortcut(user: User, callback_id: str, trigger_id: str, ts: str) -> Payload:
    """Return what tells of a shortcut, used anywhere."""
    more = {"type": "shortcut", "callback_id": callback_id, "trigger_id": trigger_id, "action_ts": ts}
    return _shared(user) | more


def on_message(channel: Channel, message: Message, response_url: str) -> Payload:
    """Return the part of a shortcut that tells of the message it was used on; nothing of its metadata."""
    return {
        "type": "message_action",
        "channel": {"id": channel.id, "name": "directmessage" if channel.user else channel.name},
        "message": without_metadata(message),
        "message_ts": message["ts"],
        "response_url": response_url,
    }


def slash_command(user: User, channel: Channel, typed: tuple[str, str], trigger_id: str, response_url: str) -> Payload:
    """Return what tells of a command and its text."""
    command, text = typed
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": user.team_id,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.user else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def event_callback(event: Payload, now: float) -> Payload:
    """Return an event as the Events API delivers it."""
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(now),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }


def _shared(user: User) -> Payload:
    return {
        "token": VERIFICATION_TOKEN,
        "api_app_id": APP_ID,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
    }
