"""The messages of all channels: posted, changed, deleted, and read page by page as Slack gives them out.

A message is a dictionary in Slack's shape and is never changed in place: who holds one holds it as it was.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Message = dict[str, Any]


class Page(NamedTuple):
    """Some messages, and the ts from which the next page goes on, if there is one."""

    messages: list[Message]
    next: str | None


class Span(NamedTuple):
    """The stretch of time that is asked for, as ts strings, and whether its ends belong to it."""

    oldest: str = "0"
    latest: str = "9999999999.999999"
    with_oldest: bool = False
    with_latest: bool = False


@dataclass(slots=True)
class Room:
    """What was said in one channel."""

    messages: dict[str, Message] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    threads: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, float] = field(default_factory=dict)


class Messages:
    """Every channel's messages; `publish` hears of each change, as one of the events of `demo.workspace`."""

    def __init__(self, clock: Callable[[], float], publish: Callable[[dict[str, Any]], None]) -> None:
        self.clock, self.publish = clock, publish
        self._rooms: dict[str, Room] = {}
        self._last = 0

    def next_ts(self) -> str:
        """Return a ts that is later than all before it, near the clock's time."""
        self._last = max(int(self.clock() * 1_000_000), self._last + 100)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def room(self, channel: str) -> Room:
        """Return what was said in a channel."""
        return self._rooms.setdefault(channel, Room())

    def get(self, channel: str, ts: str) -> Message | None:
        """Return one message, or None."""
        return self.room(channel).messages.get(ts)

    def post(self, channel: str, message: Message, *, visible_in: float = 0) -> Message:
        """Store a message, in a thread when it has a `thread_ts`; history shows it some seconds later."""
        room, ts = self.room(channel), self.next_ts()
        parent_ts = message.get("thread_ts")
        message = {"type": "message", **message, "ts": ts}
        room.messages[ts] = message
        if visible_in:
            room.hidden[ts] = self.clock() + visible_in
        if parent_ts is None:
            room.order.append(ts)
        else:
            room.threads.setdefault(parent_ts, []).append(ts)
            if message.get("subtype") == "thread_broadcast":
                room.order.append(ts)
        self.publish({"type": "message_posted", "channel": channel, "thread_ts": parent_ts, "message": message})
        if parent_ts is not None:
            self._count_replies(channel, parent_ts)
        return message

    def replace(self, channel: str, message: Message) -> Message:
        """Put a changed message in the place of the one with its ts."""
        self.room(channel).messages[message["ts"]] = message
        self.publish(
            {
                "type": "message_changed",
                "channel": channel,
                "thread_ts": reply_to(message),
                "message": message,
            }
        )
        return message

    def delete(self, channel: str, ts: str) -> None:
        """Remove a message; a parent with replies stays as a tombstone."""
        room = self.room(channel)
        message = room.messages[ts]
        if room.threads.get(ts):
            kept = {name: message[name] for name in ("type", "ts", "thread_ts", "reply_count", "latest_reply")}
            said = {
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
                "hidden": True,
            }
            self.replace(channel, kept | said)
            return
        del room.messages[ts]
        parent_ts = reply_to(message)
        if parent_ts is None or message.get("subtype") == "thread_broadcast":
            del room.order[bisect_left(room.order, ts)]
        if parent_ts is not None:
            thread = room.threads[parent_ts]
            del thread[bisect_left(thread, ts)]
        self.publish({"type": "message_deleted", "channel": channel, "thread_ts": parent_ts, "ts": ts})
        if parent_ts is not None:
            self._count_replies(channel, parent_ts)

    def top(self, channel: str) -> list[Message]:
        """Return a channel's messages, oldest first, without what was said in threads."""
        room = self.room(channel)
        return [room.messages[ts] for ts in room.order]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Return what was said in a thread, oldest first, without its parent."""
        room = self.room(channel)
        return [room.messages[ts] for ts in room.threads.get(thread_ts, ())]

    def history(self, channel: str, span: Span, limit: int) -> Page:
        """Return at most `limit` messages of a channel, newest first, none of threads, none still hidden."""
        room = self.room(channel)
        found = (room.order[at] for at in reversed(_within(room.order, span)))
        return self._page(room, found, limit)

    def thread(self, channel: str, thread_ts: str, span: Span, limit: int) -> Page:
        """Return at most `limit` replies of a thread, oldest first, none still hidden."""
        room = self.room(channel)
        thread = room.threads.get(thread_ts, [])
        return self._page(room, (thread[at] for at in _within(thread, span)), limit)

    def _page(self, room: Room, found: Iterator[str], limit: int) -> Page:
        shown = list(islice((ts for ts in found if self._visible(room, ts)), limit + 1))
        page = [room.messages[ts] for ts in shown[:limit]]
        return Page(page, shown[limit - 1] if len(shown) > limit else None)

    def _visible(self, room: Room, ts: str) -> bool:
        if not room.hidden or ts not in room.hidden:
            return True
        if room.hidden[ts] > self.clock():
            return False
        del room.hidden[ts]
        return True

    def _count_replies(self, channel: str, parent_ts: str) -> None:
        room = self.room(channel)
        parent, thread = room.messages[parent_ts], room.threads[parent_ts]
        told = ("reply_count", "latest_reply", "thread_ts")
        counted = {name: value for name, value in parent.items() if name not in told}
        if thread:
            counted |= {"thread_ts": parent_ts, "reply_count": len(thread), "latest_reply": thread[-1]}
        self.replace(channel, counted)


def reply_to(message: Message) -> str | None:
    """Return the ts of the thread that a message answers in; None for one of the channel itself."""
    thread_ts = message.get("thread_ts")
    return None if thread_ts == message["ts"] else thread_ts


def without_metadata(message: Message) -> Message:
    """Return a message as it is for those who did not ask for its metadata."""
    return {name: value for name, value in message.items() if name != "metadata"}


def _within(order: list[str], span: Span) -> range:
    """Return which places of a rising list of ts strings a span covers."""
    low, high = _padded(span.oldest), _padded(span.latest)
    first = bisect_left(order, low) if span.with_oldest else bisect_right(order, low)
    return range(first, bisect_right(order, high) if span.with_latest else bisect_left(order, high))


def _padded(ts: str) -> str:
    """Return a ts with as many digits as our own have, so that strings sort as times do."""
    whole, _, parts = ts.partition(".")
    return f"{whole:0>10}.{parts:0<6}"
