"""Messages that one person sees, and the response_urls at which an app answers what a person did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from demo.chat import content, from_bot, parent_ts
from demo.errors import SlackError
from demo.faults import cut
from demo.messages import Message, Messages, reply_to
from demo.methods import Args
from demo.stamps import forget_oldest, new_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.state import State

USES_MOST = 5
LIFE_SECONDS = 1800.0


class Ephemerals:
    """What each person, and nobody else, was shown: {"channel", "thread_ts", "message"} by ts."""

    def __init__(self, store: Messages, publish: Callable[[dict[str, Any]], None]) -> None:
        self._store, self._publish = store, publish
        self._shown: dict[str, dict[str, dict[str, Any]]] = {}

    def of(self, user: str) -> list[dict[str, Any]]:
        """Return what a person was shown, oldest first."""
        return list(self._shown.get(user, {}).values())

    def get(self, user: str, ts: str) -> Message | None:
        """Return one message that a person was shown, or None."""
        found = self._shown.get(user, {}).get(ts)
        return found["message"] if found else None

    def show(self, user: str, channel: str, message: Message, ts: str | None = None) -> Message:
        """Show a person a message, in the place of the one with this ts when there is one."""
        message = {"type": "message", **message, "ts": ts or self._store.next_ts(), "is_ephemeral": True}
        shown = {"channel": channel, "thread_ts": message.get("thread_ts"), "message": message}
        self._shown.setdefault(user, {})[message["ts"]] = shown
        self._publish({"type": "ephemeral_changed" if ts else "ephemeral_posted", "user": user, **shown})
        return message

    def delete(self, user: str, ts: str) -> None:
        """Take a message away."""
        shown = self._shown.get(user, {}).pop(ts, None)
        if shown is not None:
            gone = {"type": "ephemeral_deleted", "user": user, "channel": shown["channel"], "ts": ts}
            self._publish(gone)


@dataclass(slots=True)
class Reply:
    """Where an answer goes: to whom, in which channel and thread, and which message it may replace."""

    user: str
    channel: str
    expires: float
    ts: str | None = None
    thread_ts: str | None = None
    is_ephemeral: bool = False
    uses: int = 0


class Responses:
    """The response_urls given out; each takes 5 answers within 30 minutes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._replies: dict[str, Reply] = {}

    def url(self, user: str, channel: str, message: Message | None = None, *, is_ephemeral: bool = False) -> str:
        """Return a new address for answers to what a person did, in a message or with a command."""
        token = new_id("")
        reply = Reply(user, channel, self.state.clock() + LIFE_SECONDS, is_ephemeral=is_ephemeral)
        if message is not None:
            reply.ts, reply.thread_ts = message["ts"], reply_to(message)
        forget_oldest(self._replies)
        self._replies[token] = reply
        return f"{self.state.base_url}/response/{token}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one answer."""
        if self.state.faults.down:
            return cut(request)
        try:
            reply = self._taken(request.match_info["token"])
            self.respond(reply, Args(json.loads(await request.read())))
        except SlackError as refused:
            self.state.refused("response_url", str(refused))
            status = 404 if refused.error.endswith("_url") else 500
            return web.json_response({"ok": False, "error": refused.error}, status=status)
        return web.Response(text="ok")

    def _taken(self, token: str) -> Reply:
        """Return where the answers of an address go, and count this one."""
        reply = self._replies.get(token)
        if reply is None or self.state.clock() > reply.expires:
            raise SlackError("expired_url", "the response_url is unknown or older than 30 minutes")
        if reply.uses >= USES_MOST:
            raise SlackError("used_url", f"a response_url takes {USES_MOST} answers")
        reply.uses += 1
        return reply

    def respond(self, reply: Reply, args: Args) -> None:
        """Show, replace or delete a message as an answer asks for."""
        state = self.state
        if args.flag("delete_original") and reply.ts is not None:
            self._delete(reply, reply.ts)
            return
        message = from_bot(state) | content(args)
        thread_ts = args.text("thread_ts") or reply.thread_ts
        if thread_ts:
            message["thread_ts"] = parent_ts(state, state.channels[reply.channel], thread_ts)
        replaces = reply.ts if args.flag("replace_original") else None
        if replaces is not None and not reply.is_ephemeral:
            old = self._original(reply, replaces)
            kept = {name: value for name, value in old.items() if name not in ("blocks", "attachments")}
            state.store.replace(reply.channel, kept | message)
        elif args.text("response_type") == "in_channel" and replaces is None:
            state.store.post(reply.channel, message)
        else:
            state.shown.show(reply.user, reply.channel, message, replaces)

    def _delete(self, reply: Reply, ts: str) -> None:
        if reply.is_ephemeral:
            self.state.shown.delete(reply.user, ts)
        else:
            self.state.store.delete(reply.channel, self._original(reply, ts)["ts"])

    def _original(self, reply: Reply, ts: str) -> Message:
        """Return the message of the channel in which a person acted."""
        found = self.state.store.get(reply.channel, ts)
        if found is None:
            raise SlackError("message_not_found", "the message in which somebody acted is gone")
        return found
