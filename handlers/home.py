"""App Home: the score at a glance, what is mine, what is nobody's; and events that only need an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot import lookup, periods
from bot.cards import blocks, digest, lists
from bot.cards.ids import View
from bot.model import Refusal
from bot.slack import SlackFault
from handlers import desk_of
from handlers.errors import sentence, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from handlers import Desk, Reader

log = structlog.get_logger("home")


def register(bolt: AsyncApp) -> None:
    """Listen to people opening the app's home, and to the workspace taking the app away."""
    bolt.event("app_home_opened")(opened)
    bolt.event("app_uninstalled")(taken_away)
    bolt.event("tokens_revoked")(taken_away)


async def opened(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show a person their home."""
    if event.get("tab", "home") == "home":
        desk = desk_of(context)
        desk.errand(publish(desk, event["user"], team_of(body)))


async def taken_away(event: dict[str, Any]) -> None:
    """Say in the log that the workspace has taken the app or its token away."""
    log.error("app_taken_away", event_type=event.get("type"))


def refresh(desk: Desk, body: dict[str, Any]) -> None:
    """Bring a person's home up to date when they acted there, or in a form that may have been opened from it."""
    if body.get("view"):
        desk.errand(publish(desk, body["user"]["id"], team_of(body)))


async def publish(desk: Desk, user: str, team: str | None) -> None:
    """Show a person their home, or why there is none for them."""
    texts = desk.texts
    try:
        reader = desk.reader(await desk.people.admit(user, team))
        texts = reader.texts
        view = await _view(desk, reader)
    except Refusal as refusal:
        text = sentence(refusal, texts)
        view = {"type": "home", "callback_id": View.HOME, "blocks": [blocks.section(text)]}
    try:
        await desk.slack.publish_home(user, view)
    except SlackFault as fault:
        log.info("home_not_published", user=user, reason=fault.reason)


async def _view(desk: Desk, reader: Reader) -> Json:
    now, zone, texts = datetime.now(UTC), desk.settings.timezone, reader.texts
    quarter = periods.last_days(90, periods.local_day(now, zone))
    counts, _ = await desk.store.read(lookup.score, quarter, zone, None)
    score = reader.texts(
        "score.title", period=reader.texts("span.days", n=90), line=digest.score_line(counts, reader.texts)
    )
    mine = await desk.shown_to(reader.id, await desk.store.read(lookup.mine, reader.id))
    queue = await desk.shown_to(reader.id, await desk.store.read(lookup.queue, now))
    return lists.home(score, mine, queue, texts)
