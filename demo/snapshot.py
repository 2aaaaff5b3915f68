"""All that one person sees of a workspace, as `demo.workspace` describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.people import BOT_USER_ID, TEAM_ID, TEAM_NAME

if TYPE_CHECKING:
    from demo.people import Channel, User
    from demo.state import State

LOG_MOST = 200


def snapshot(state: State, user: User) -> dict[str, Any]:
    """Return what a page shows when a person opens it."""
    now = state.clock()
    seen = [channel for channel in state.channels.values() if state.people.sees(user, channel)]
    return {
        "team": {"id": TEAM_ID, "name": TEAM_NAME},
        "me": user.as_json(now),
        "app": state.app(),
        "users": [each.as_json(now) for each in state.users.values()],
        "channels": [
            described(channel) | {"is_member": user.id in channel.members, "messages": _with_replies(state, channel.id)}
            for channel in seen
        ],
        "ephemerals": state.shown.of(user.id),
        "views": list(state.view_store.stacks.get(user.id, ())),
        "home": state.view_store.homes.get(user.id),
        "log": [entry._asdict() for entry in state.log[-LOG_MOST:]],
    }


def described(channel: Channel) -> dict[str, Any]:
    """Return a channel as it is for everybody who sees it: direct messages, for the person, are those with the bot."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_im": channel.user is not None,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "topic": channel.topic,
        "purpose": channel.purpose,
        "members": sorted(channel.members),
        "user": BOT_USER_ID if channel.user else None,
    }


def _with_replies(state: State, channel: str) -> list[dict[str, Any]]:
    return [message | {"replies": state.store.replies(channel, message["ts"])} for message in state.store.top(channel)]
