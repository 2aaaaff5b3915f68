"""Channels that another organisation comes into, or leaves: what is known of them is asked anew at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from handlers.desk import desk_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext

log = structlog.get_logger("sharing")


def register(bolt: AsyncApp) -> None:
    """Listen to channels being shared, and shared no more."""
    bolt.event("channel_shared")(changed)
    bolt.event("channel_unshared")(changed)


async def changed(event: dict[str, Any], context: AsyncBoltContext) -> None:
    """Ask Slack about a channel before anything else is written there, and let go what waits for it."""
    desk = desk_of(context)
    log.info("channel_sharing_changed", channel=event["channel"], event_type=event["type"])
    desk.outbox.audience.ask_again(event["channel"])
    desk.outbox.wake()
