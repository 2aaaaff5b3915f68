"""The methods that read channels and people: conversations.*, users.*, auth.test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.errors import SlackError
from demo.messages import Page, reply_to, without_metadata
from demo.methods import SPECIAL, TIER_2, TIER_3, TIER_4, Answer, Args, Method, page_of, readable
from demo.people import APP_ID, BOT_ID, TEAM_ID, TEAM_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.people import Channel, User
    from demo.state import State

HISTORY_DEFAULT, HISTORY_MOST = 100, 999
TYPE_SCOPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def auth_test(state: State, _: Args) -> Answer:
    """Tell who the token is."""
    return {
        "url": f"{state.base_url}/",
        "team": TEAM_NAME,
        "user": state.bot.name,
        "team_id": TEAM_ID,
        "user_id": state.bot.id,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "is_enterprise_install": False,
    }


def api_test(_: State, args: Args) -> Answer:
    """Give back what was sent, or the error that is asked for."""
    if args.text("error"):
        raise SlackError(args.text("error"))
    return {"args": dict(args)}


def connections_open(state: State, _: Args) -> Answer:
    """Give an address for one connection of Socket Mode."""
    address = state.base_url.replace("http", "ws", 1)
    return {"url": f"{address}/link?ticket={state.sockets.ticket()}&app_id={APP_ID}"}


def list_channels(state: State, args: Args) -> Answer:
    """List the channels of the types asked for that the bot can see."""
    return _listed(state, args, lambda channel: state.people.sees(state.bot, channel))


def list_joined(state: State, args: Args) -> Answer:
    """List the channels that a user, by default the bot, is a member of."""
    user = args.text("user") or state.bot.id
    return _listed(state, args, lambda channel: user in channel.members)


def channel_info(state: State, args: Args) -> Answer:
    """Describe one channel."""
    return {"channel": readable(state, args.need("channel"), "read").as_json(state.bot.id)}


def channel_members(state: State, args: Args) -> Answer:
    """List a channel's members by id."""
    channel = readable(state, args.need("channel"), "read")
    members, metadata = page_of(sorted(channel.members), args)
    return {"members": members, **metadata}


def open_direct(state: State, args: Args) -> Answer:
    """Open the direct messages with one person."""
    users = [user for user in args.text("users").split(",") if user]
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "too_many_users")
    channel = state.people.direct(users[0])
    return {"channel": {"id": channel.id}}


def history(state: State, args: Args) -> Answer:
    """Return a page of a channel's messages, newest first, without what was said in threads."""
    channel = readable(state, args.need("channel"), "history")
    span, limit = args.span(), args.number("limit", HISTORY_DEFAULT, HISTORY_MOST)
    cursor = _cursor(args)
    if cursor:
        span = span._replace(latest=cursor, with_latest=False)
    return _read(state.store.history(channel.id, span, limit), args) | {"pin_count": 0}


def replies(state: State, args: Args) -> Answer:
    """Return a page of a thread: its parent first, then the replies, oldest first."""
    channel = readable(state, args.need("channel"), "history")
    ts, span = args.need("ts"), args.span()
    named = state.store.get(channel.id, ts)
    if named is None:
        raise SlackError("thread_not_found", f"#{channel.name} has no message {ts}")
    if reply_to(named) is not None:
        return _read(Page([named], None), args)
    limit, cursor = args.number("limit", HISTORY_DEFAULT, HISTORY_MOST), _cursor(args)
    if cursor:
        span = span._replace(oldest=cursor, with_oldest=False)
        return _read(state.store.thread(channel.id, ts, span, limit), args)
    page = state.store.thread(channel.id, ts, span, limit)
    return _read(Page([named, *page.messages], page.next), args)


def user_info(state: State, args: Args) -> Answer:
    """Describe one user."""
    user = state.users.get(args.need("user"))
    if user is None:
        raise SlackError("user_not_found", f"there is no user {args['user']}")
    return {"user": _described(state, user, args)}


def list_users(state: State, args: Args) -> Answer:
    """List everybody."""
    users, metadata = page_of(list(state.users.values()), args)
    return {"members": [_described(state, user, args) for user in users], **metadata}


def group_members(state: State, args: Args) -> Answer:
    """List the members of a user group."""
    members = state.people.groups.get(args.need("usergroup"))
    if members is None:
        raise SlackError("no_such_subteam", f"there is no user group {args['usergroup']}")
    return {"users": sorted(members)}


def _described(state: State, user: User, args: Args) -> dict[str, Any]:
    """Return a user as the app gets it: with the locale if it asks, the address only if it has the scope for it."""
    described = user.as_json(state.clock())
    if not args.flag("include_locale"):
        del described["locale"]
    if "users:read.email" in state.scopes and not user.is_bot:
        described["profile"]["email"] = f"{user.name}@{user.team_id.lower()}.example"
    return described


def _listed(state: State, args: Args, fits: Callable[[Channel], bool]) -> Answer:
    types = [TYPE_SCOPES.get(name.strip()) for name in (args.text("types") or "public_channel").split(",")]
    if None in types:
        raise SlackError("invalid_types", f"Slack knows no such types: {args['types']}")
    for scope in types:
        state.need_scope(f"{scope}:read")

    def wanted(channel: Channel) -> bool:
        dropped = channel.is_archived and args.flag("exclude_archived")
        return channel.scope in types and not dropped and fits(channel)

    channels, metadata = page_of([each for each in state.channels.values() if wanted(each)], args)
    return {"channels": [channel.as_json(state.bot.id) for channel in channels], **metadata}


def _cursor(args: Args) -> str:
    cursor = args.text("cursor")
    if cursor and not cursor.startswith("ts:"):
        raise SlackError("invalid_cursor")
    return cursor.removeprefix("ts:")


def _read(page: Page, args: Args) -> Answer:
    more = page.next is not None
    metadata = {"response_metadata": {"next_cursor": f"ts:{page.next}"}} if more else {}
    whole = args.flag("include_all_metadata")
    shown = page.messages if whole else [without_metadata(message) for message in page.messages]
    return {"messages": shown, "has_more": more, **metadata}


METHODS = {
    "auth.test": Method(auth_test, SPECIAL),
    "api.test": Method(api_test, TIER_4),
    "apps.connections.open": Method(connections_open, TIER_3, app_token=True),
    "conversations.list": Method(list_channels, TIER_2),
    "conversations.info": Method(channel_info, TIER_3),
    "conversations.members": Method(channel_members, TIER_4),
    "conversations.open": Method(open_direct, TIER_3, "im:write"),
    "conversations.history": Method(history, TIER_3),
    "conversations.replies": Method(replies, TIER_3),
    "usergroups.users.list": Method(group_members, TIER_2, "usergroups:read"),
    "users.conversations": Method(list_joined, TIER_3),
    "users.info": Method(user_info, TIER_4, "users:read"),
    "users.list": Method(list_users, TIER_2, "users:read"),
}
