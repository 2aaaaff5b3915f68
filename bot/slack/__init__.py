"""The only door to Slack's Web API; each failure becomes Later, Blocked, Never or Unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.slack.api import Api
from bot.slack.faults import Blocked, Later, Never, SlackFault, TooLate, Unknown, classify
from bot.slack.put import Put, is_it, is_plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from bot.cards.blocks import Json, Rendered

__all__ = (
    "SCOPES",
    "Blocked",
    "Identity",
    "Later",
    "Never",
    "Put",
    "Slack",
    "SlackFault",
    "TooLate",
    "Unknown",
    "classify",
)

OPEN_WITHIN = 1.5
"""Seconds for opening a modal: the click that asks for it is to be acknowledged within three."""
SCOPES = (
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "usergroups:read",
    "users:read",
)
"""What the app may do, as manifest.yml asks for it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the token belongs to; `url` is the workspace's address, for links to messages."""

    user_id: str
    bot_id: str | None
    team_id: str | None
    enterprise_id: str | None
    url: str


class Slack(Api):
    """What is asked of one workspace, each at most once: what is tried again is the caller's to decide."""

    takes_charts = True

    async def identity(self) -> Identity:
        """Ask whose token this is."""
        data = await self.call("auth.test", self.client.auth_test)
        return Identity(
            str(data["user_id"]),
            data.get("bot_id"),
            data.get("team_id"),
            data.get("enterprise_id"),
            str(data.get("url") or ""),
        )

    async def post(self, channel: str, rendered: Rendered, thread: str | None) -> Put:
        """Post a message once; return where it stands."""
        data, plain = await self._put(
            rendered,
            lambda blocks: self.call(
                "chat.postMessage",
                self.client.chat_postMessage,
                channel=channel,
                text=rendered.text,
                blocks=blocks,
                metadata=rendered.metadata,
                unfurl_links=False,
                unfurl_media=False,
                thread_ts=thread,
                reply_broadcast=rendered.broadcast if thread else None,
            ),
        )
        return Put(str(data["ts"]), str(data.get("channel") or channel), plain)

    async def update(self, channel: str, ts: str, rendered: Rendered) -> None:
        """Put a message's present content where it stands."""
        await self._put(
            rendered,
            lambda blocks: self.call(
                "chat.update",
                self.client.chat_update,
                channel=channel,
                ts=ts,
                text=rendered.text,
                blocks=blocks,
                metadata=rendered.metadata,
            ),
        )

    async def _put(self, rendered: Rendered, send: Callable[[list[Json]], Awaitable[Json]]) -> tuple[Json, bool]:
        """Send a message with its richer blocks; once these are refused, with those that every workspace takes.

        Return the answer, and whether it now stands without the richer ones.
        """
        if rendered.richer is None or not self.takes_charts:
            return await send(rendered.blocks), rendered.richer is not None
        try:
            return await send(rendered.richer), False
        except Never as fault:
            if not fault.reason.startswith("invalid_blocks"):
                raise
        data = await send(rendered.blocks)
        self.takes_charts = False
        return data, True

    async def upload(self, channel: str, thread: str | None, rendered: Rendered) -> None:
        """Show a message's pictures, with its text above them."""
        files: list[dict[str, str | None]] = []
        for picture in rendered.pictures:
            asked = await self.call(
                "files.getUploadURLExternal",
                self.client.files_getUploadURLExternal,
                filename=picture.name,
                length=len(picture.content),
                alt_txt=picture.alt,
            )
            await self._send(str(asked["upload_url"]), picture.content)
            files.append({"id": str(asked["file_id"]), "title": picture.title})
        await self.call(
            "files.completeUploadExternal",
            self.client.files_completeUploadExternal,
            files=files,
            channel_id=channel,
            thread_ts=thread,
            initial_comment=rendered.text,
        )

    async def _send(self, address: str, content: bytes) -> None:
        """Send a file's bytes to the address that Slack gave out for them."""
        session = self.client.session
        if session is None:
            raise Later("no connection is open")
        try:
            async with session.post(address, data=content) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Later(f"a file was not taken: {type(error).__name__}") from error
        if status != 200:
            raise Never(f"a file was not taken: HTTP {status}")

    async def find(self, channel: str, thread: str | None, since: datetime, wanted: Rendered) -> Put | None:
        """Return where the message stands that was put there since a time; None when there is none."""
        cursor = ""
        while True:
            asked: dict[str, Any] = {
                "channel": channel,
                "oldest": f"{since.timestamp():.6f}",
                "inclusive": "true",
                "include_all_metadata": "true",
                "limit": 200,
            }
            if cursor:
                asked["cursor"] = cursor
            if thread:
                ask = self.client.conversations_replies
                data = await self.call("conversations.replies", ask, ts=thread, **asked)
            else:
                data = await self.call("conversations.history", self.client.conversations_history, **asked)
            for message in data.get("messages", ()):
                if is_it(message, wanted):
                    return Put(str(message["ts"]), channel, is_plain(message, wanted))
            cursor = (data.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    async def replies(self, channel: str, thread: str) -> list[Json]:
        """Return the messages of a thread without its first; none where there is no such thread any more."""
        found: list[Json] = []
        cursor = ""
        while True:
            data = await self.call(
                "conversations.replies",
                self.client.conversations_replies,
                channel=channel,
                ts=thread,
                limit=200,
                cursor=cursor or None,
            )
            found += [message for message in data.get("messages", ()) if message["ts"] != thread]
            cursor = (data.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    async def channels(self) -> AsyncIterator[Json]:
        """Yield what Slack knows of each channel that the bot sees, page by page: one call for up to 999 of them."""
        cursor = ""
        while True:
            data = await self.call(
                "conversations.list",
                self.client.conversations_list,
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=999,
                cursor=cursor or None,
            )
            for channel in data.get("channels", ()):
                yield channel
            cursor = (data.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def direct(self, user: str) -> str:
        """Return the id of the direct conversation with a person."""
        data = await self.call("conversations.open", self.client.conversations_open, users=user)
        return str(data["channel"]["id"])

    async def user(self, user: str) -> Json:
        """Return what Slack knows of a person."""
        data = await self.call("users.info", self.client.users_info, user=user, include_locale=True)
        found = data.get("user")
        if not isinstance(found, dict):
            raise Never("Slack told nothing of this person")
        return found

    async def members(self, channel: str) -> set[str]:
        """Return the ids of a channel's members."""
        members: set[str] = set()
        cursor = ""
        while True:
            ask = self.client.conversations_members
            data = await self.call("conversations.members", ask, channel=channel, limit=1000, cursor=cursor or None)
            members.update(data.get("members", ()))
            cursor = (data.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return members

    async def group(self, group: str) -> set[str]:
        """Return the ids of a user group's members."""
        data = await self.call("usergroups.users.list", self.client.usergroups_users_list, usergroup=group)
        return set(map(str, data.get("users", ())))

    async def channel_info(self, channel: str) -> Json:
        """Return what Slack knows of a channel."""
        data = await self.call("conversations.info", self.client.conversations_info, channel=channel)
        found: Json = data.get("channel") or {}
        return found

    async def open_view(self, trigger: str, view: Json) -> None:
        """Open a modal; a trigger lives for three seconds."""
        await self.call("views.open", self.client.views_open, within=OPEN_WITHIN, trigger_id=trigger, view=view)

    async def update_view(self, view_id: str, known: str, view: Json) -> str:
        """Change an open modal that nobody has changed since its hash was `known`; return its new one."""
        ask = self.client.views_update
        data = await self.call("views.update", ask, within=OPEN_WITHIN, view_id=view_id, hash=known, view=view)
        return str((data.get("view") or {}).get("hash") or "")

    async def publish_home(self, user: str, view: Json) -> None:
        """Show a person their App Home."""
        await self.call("views.publish", self.client.views_publish, user_id=user, view=view)

    async def delete(self, channel: str, ts: str) -> None:
        """Delete a message of ours."""
        await self.call("chat.delete", self.client.chat_delete, channel=channel, ts=ts)
