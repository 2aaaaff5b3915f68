"""A small Slack on this machine: a workspace in memory that an app can talk to and people can act in.

Everything a page or a test needs is on `Workspace`. Users and channels may be named by id or by name
(`"ingrid"`, `"nps"`, `"#nps"`); JSON shapes are Slack's own wherever Slack has one.

`snapshot(user)`, all that one person sees:

    team        {"id", "name"}
    me          User
    app         {"name", "user_id", "bot_id", "connected": bool,   connected: somebody takes deliveries
                                "shortcuts": {"global" | "message": {callback_id: name}}}
    users       [User]          Slack's: {"id", "team_id", "name", "real_name", "tz", "tz_label", "tz_offset",
                                "is_bot", "is_admin", "is_restricted", "is_ultra_restricted", "is_stranger",
                                "deleted", "profile": {"real_name", "display_name", "title"}}
    channels    [Channel]       {"id", "name", "is_im", "is_private", "is_archived", "is_member",
                                "topic": str, "purpose": str, "members": [user id], "user": peer of an im,
                                "messages": [Message]}, oldest first, each parent with "replies": [Message]
    ephemerals  [Ephemeral]     {"channel", "thread_ts": ts | null, "message": Message}
    views       [View]          the stack of open modals, the topmost last
    home        View | null     what the app has published to this person's App Home
    log         [Entry]         {"time": seconds, "kind": "chat.postMessage", "sentence": "…"}, the last 200

    Message     {"type": "message", "ts", "user", "text", and where they apply "bot_id", "blocks",
                "thread_ts", "reply_count", "latest_reply", "edited": {"user", "ts"}, "files": [File],
                "metadata", "subtype": "tombstone" for a deleted parent, "thread_broadcast"}
    File        {"id", "name", "title", "mimetype", "size", "url_private": where it can be read}
    View        {"id", "type": "modal" | "home", "title", "submit", "close", "blocks", "callback_id",
                "private_metadata", "hash", "state": {"values": {block_id: {action_id: value}}}, …}

`subscribe()` gives these, one dictionary an event, in the order in which they happened. Whoever shows them to
one person leaves out those with another's id in "user", and those of channels that this person does not see.

    message_posted     channel, thread_ts (of a reply, else null), message
    message_changed    channel, thread_ts, message        also a parent whose reply_count has changed
    message_deleted    channel, thread_ts, ts
    ephemeral_posted   user, channel, thread_ts, message
    ephemeral_changed  user, channel, thread_ts, message
    ephemeral_deleted  user, channel, ts
    view_opened        user, view                         on top of the stack
    view_updated       user, view                         the one with the same id
    view_closed        user, view_id
    home_published     user, view
    channel_changed    channel: Channel without messages and is_member      new, archived, joined, left
    app_changed        app                                as in the snapshot
    log                entry                              something was refused or came too late
    user_error         user, sentence                     what Slack would show this person for a moment

What people do (`click`, `submit`, …) returns an `Ack`: {ok, elapsed seconds, error, body, errors}; `errors`
are sentences by block_id, from the app or from Slack's own checks of required fields and lengths.

What goes wrong is switched on at `faults` (`faults.add(Kind.CUT_AFTER, "chat.postMessage", probability=0.1)`,
`faults.down`), `sockets` (`lose()`, `disconnect()`), or happens here: `archive`, `leave`, `delete`, `revoke_token`.
`rates` says how often the app may call; `rates.on = False` lifts that. `log` holds everything refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from demo.actions import Actions
from demo.control import control_routes
from demo.deliveries import Ack
from demo.feed import Subscription
from demo.snapshot import described, snapshot
from demo.web_api import WebApi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.messages import Message
    from demo.people import Channel, User
    from demo.views import View

__all__ = ["Ack", "Subscription", "Workspace"]


class Workspace(Actions):
    """A Slack in memory: an app calls its Web API, people act through its methods, a page watches."""

    _runner: web.AppRunner | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the Web API and what belongs to it; whoever mounts them sets `base_url`."""
        return [
            web.route("*", "/api/{method}", WebApi(self).handle),
            web.get("/link", self.sockets.accept),
            web.post("/response/{token}", self.responses.handle),
            web.post("/upload/{file_id}", self.files.receive),
            web.get("/files/{file_id}/{name}", self.files.send),
        ]

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Serve the workspace and /control by itself; return the address, such as http://127.0.0.1:40123."""
        app = web.Application(client_max_size=1 << 25)
        app.add_routes([*self.routes(), *control_routes(self)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.base_url

    async def stop(self) -> None:
        """End deliveries, sockets, calls that hang, work that waits, and the server if `start` made one."""
        self.faults.release()
        await self.background.close()
        await self.deliveries.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def api_url(self) -> str:
        """Return the base URL of the Web API, ending in /api/."""
        return f"{self.base_url}/api/"

    @property
    def request_url(self) -> str | None:
        """Where an app without Socket Mode takes deliveries, such as http://127.0.0.1:8080/slack/events."""
        return self.deliveries.request_url

    @request_url.setter
    def request_url(self, address: str | None) -> None:
        self.deliveries.request_url = address
        self.app_changed()

    def add_user(self, name: str, real_name: str, **more: Any) -> User:
        """Add a user; `more` are fields of `User`."""
        return self.people.add_user(name, real_name, **more)

    def add_channel(self, name: str, members: Iterable[str] = (), *, is_private: bool = False) -> Channel:
        """Add a channel with its members, by name or id; the bot is one only when it is named."""
        channel = self.people.add_channel(name, members, is_private=is_private)
        self._channel_changed(channel)
        return channel

    def join(self, user: str, channel: str) -> None:
        """Let a user, or the bot, into a channel."""
        joined = self.people.channel(channel)
        joined.members.add(self.people.user(user).id)
        self._channel_changed(joined)

    def leave(self, user: str, channel: str) -> None:
        """Take a user, or the bot, out of a channel."""
        left = self.people.channel(channel)
        left.members.discard(self.people.user(user).id)
        self._channel_changed(left)

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or take it back into use."""
        changed = self.people.channel(channel)
        changed.is_archived = archived
        self._channel_changed(changed)

    def delete(self, channel: str, ts: str) -> None:
        """Delete any message, as an administrator may."""
        self.store.delete(self.people.channel(channel).id, ts)

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """Return a channel's messages, or the replies of a thread without its parent; oldest first."""
        channel_id = self.people.channel(channel).id
        return self.store.top(channel_id) if thread_ts is None else self.store.replies(channel_id, thread_ts)

    def ephemerals(self, user: str) -> list[Message]:
        """Return the messages that only this person was shown, oldest first."""
        return [shown["message"] for shown in self.shown.of(self.people.user(user).id)]

    def views(self, user: str) -> list[View]:
        """Return a person's open modals, the topmost last."""
        return list(self.view_store.stacks.get(self.people.user(user).id, ()))

    def home(self, user: str) -> View | None:
        """Return a person's App Home, or None when the app has not published one."""
        return self.view_store.homes.get(self.people.user(user).id)

    def snapshot(self, user: str) -> dict[str, Any]:
        """Return all that a person sees, as told above."""
        return snapshot(self, self.people.user(user))

    def subscribe(self) -> Subscription:
        """Watch what happens from now on."""
        return Subscription(self.feed)

    def _channel_changed(self, channel: Channel) -> None:
        self.feed.publish({"type": "channel_changed", "channel": described(channel)})
