"""Snooze, mute, wake: what people say to an alert."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import alerts
from bot.cards.alerts import VALUE
from bot.cards.ids import Action
from handlers.desk import desk_of, reader_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext


def register(bolt: AsyncApp) -> None:
    """Listen to the buttons of alerts."""
    bolt.action(Action.SNOOZE_ALERT)(snooze)
    bolt.action(Action.MUTE_ALERT)(mute)
    bolt.action(Action.WAKE_ALERT)(wake)


async def snooze(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Let alerts of this kind rest for a week."""
    now = datetime.now(UTC)
    await desk_of(context).change(alerts.rest, _alert(body), reader_of(context).id, now, now + alerts.SNOOZE)
    await ack()


async def mute(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Let alerts of this kind rest for good."""
    await desk_of(context).change(alerts.rest, _alert(body), reader_of(context).id, datetime.now(UTC))
    await ack()


async def wake(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Have alerts of this kind told again."""
    await desk_of(context).change(alerts.wake, _alert(body), datetime.now(UTC))
    await ack()


def _alert(body: dict[str, Any]) -> int:
    return int(body["actions"][0]["value"].removeprefix(VALUE))
