"""The chat.* methods: post, update, delete, ephemeral messages, permalinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.errors import SlackError
from demo.methods import SPECIAL, TIER_3, TIER_4, Answer, Args, Method, refuse
from demo.people import APP_ID, BOT_ID, TEAM_ID
from demo.rules import message_refusals
from demo.stamps import stamped

if TYPE_CHECKING:
    from demo.messages import Message
    from demo.people import Channel
    from demo.state import State

JSON_FIELDS = ("blocks", "attachments", "metadata")


def content(args: Args) -> dict[str, Any]:
    """Return what a message is to hold, after Slack's checks; SlackError with a sentence for each fault."""
    given = {name: args.json(name) for name in JSON_FIELDS} | {"text": args.text("text") or None}
    given |= {name: args[name] for name in ("ts", "markdown_text") if args.get(name)}
    payload = {name: value for name, value in given.items() if value is not None}
    refuse(message_refusals(payload))
    shown = {"text": payload.get("text") or payload["markdown_text"]}
    if payload.get("blocks"):
        shown["blocks"] = stamped(payload["blocks"])
    if payload.get("attachments"):
        shown["attachments"] = payload["attachments"]
    if "metadata" in payload:
        shown["metadata"] = payload["metadata"]
    return shown


def from_bot(state: State) -> Message:
    """Return what tells that a message is the app's."""
    profile = {"id": BOT_ID, "app_id": APP_ID, "user_id": state.bot.id, "name": state.bot.name}
    return {
        "user": state.bot.id,
        "bot_id": BOT_ID,
        "app_id": APP_ID,
        "team": TEAM_ID,
        "bot_profile": profile | {"deleted": False, "team_id": TEAM_ID},
    }


def post_message(state: State, args: Args) -> Answer:
    """Post a message to a channel by id or name, or to a person by id."""
    channel = open_to_bot(state, args.need("channel"))
    state.rates.count_post(channel.id)
    message = from_bot(state) | content(args)
    thread_ts = args.text("thread_ts")
    if thread_ts:
        message["thread_ts"] = parent_ts(state, channel, thread_ts)
        if args.flag("reply_broadcast"):
            message["subtype"] = "thread_broadcast"
    lag = state.faults.lag("chat.postMessage")
    posted = state.store.post(channel.id, message, visible_in=lag)
    return {"channel": channel.id, "ts": posted["ts"], "message": posted}


def post_ephemeral(state: State, args: Args) -> Answer:
    """Show a message to one person in a channel."""
    channel = open_to_bot(state, args.need("channel"))
    user = args.need("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel", f"{user} is not in #{channel.name}")
    message = from_bot(state) | content(args)
    if args.text("thread_ts"):
        message["thread_ts"] = parent_ts(state, channel, args.text("thread_ts"))
    return {"message_ts": state.shown.show(user, channel.id, message)["ts"]}


def update(state: State, args: Args) -> Answer:
    """Change a message of the app's own: without blocks they go, without metadata it stays, {} removes it."""
    channel, message = _own(state, args, "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_inactive", f"#{channel.name} is archived")
    shown = content(args)
    kept = {name: value for name, value in message.items() if name not in ("text", "blocks", "attachments")}
    changed = kept | shown | {"edited": {"user": state.bot.id, "ts": state.store.next_ts()}}
    if changed.get("metadata") == {}:
        del changed["metadata"]
    state.store.replace(channel.id, changed)
    return {"channel": channel.id, "ts": changed["ts"], "text": changed["text"], "message": changed}


def delete(state: State, args: Args) -> Answer:
    """Delete a message of the app's own."""
    channel, message = _own(state, args, "cant_delete_message")
    state.store.delete(channel.id, message["ts"])
    return {"channel": channel.id, "ts": message["ts"]}


def get_permalink(state: State, args: Args) -> Answer:
    """Return the address of a message."""
    channel, ts = args.need("channel"), args.need("message_ts")
    if channel not in state.channels:
        raise SlackError("channel_not_found", f"there is no channel {channel}")
    if state.store.get(channel, ts) is None:
        raise SlackError("message_not_found", f"there is no message {ts}")
    return {"channel": channel, "permalink": f"{state.base_url}/archives/{channel}/p{ts.replace('.', '')}"}


def open_to_bot(state: State, name: str) -> Channel:
    """Return a channel that the bot may write to."""
    if name in state.users:
        return state.people.direct(name)
    try:
        channel = state.people.channel(name)
    except KeyError:
        raise SlackError("channel_not_found", f"there is no channel {name}") from None
    inside = state.bot.id in channel.members
    if channel.is_private and not inside:
        raise SlackError("channel_not_found", f"the bot is not in the private channel {name}")
    if channel.is_archived:
        raise SlackError("is_archived", f"#{channel.name} is archived")
    if not inside and "chat:write.public" not in state.scopes:
        raise SlackError("not_in_channel", f"the bot is not in #{channel.name}; somebody must invite it")
    return channel


def parent_ts(state: State, channel: Channel, thread_ts: str) -> str:
    """Return the ts of the thread that a message belongs to, whichever of its messages was named."""
    named = state.store.get(channel.id, thread_ts)
    if named is None:
        raise SlackError("thread_not_found", f"#{channel.name} has no message {thread_ts} to answer")
    return str(named.get("thread_ts", thread_ts))


def _own(state: State, args: Args, otherwise: str) -> tuple[Channel, Message]:
    """Return a message that the app itself posted, and its channel."""
    name, ts = args.need("channel"), args.need("ts")
    channel = state.channels.get(name)
    if channel is None or (channel.is_private and state.bot.id not in channel.members):
        raise SlackError("channel_not_found", f"the bot knows no channel {name}; names are not taken here")
    message = state.store.get(channel.id, ts)
    if message is None or message.get("subtype") == "tombstone":
        raise SlackError("message_not_found", f"#{channel.name} has no message {ts}")
    if message.get("bot_id") != BOT_ID:
        raise SlackError(otherwise, f"the message {ts} is not the app's own")
    return channel, message


METHODS = {
    "chat.postMessage": Method(post_message, SPECIAL, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, TIER_4, "chat:write"),
    "chat.update": Method(update, TIER_3, "chat:write"),
    "chat.delete": Method(delete, TIER_3, "chat:write"),
    "chat.getPermalink": Method(get_permalink, SPECIAL),
}
