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
    from handlers import Desk

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
    try:
        await desk.people.admit(user, team)
        view = await _view(desk, user)
    except Refusal as refusal:
        text = sentence(refusal, desk.texts)
        view = {"type": "home", "callback_id": View.HOME, "blocks": [blocks.section(text)]}
    try:
        await desk.slack.publish_home(user, view)
    except SlackFault as fault:
        log.info("home_not_published", user=user, reason=fault.reason)


async def _view(desk: Desk, user: str) -> Json:
    now = datetime.now(UTC)
    zone = desk.settings.timezone
    quarter = periods.last_days(90, periods.local_day(now, zone))
    counts, _ = await desk.store.read(lookup.score, quarter, zone, None)
    score = desk.texts("score.title", period=desk.texts("span.days", n=90), line=digest.score_line(counts, desk.texts))
    mine = await desk.shown_to(user, await desk.store.read(lookup.mine, user))
    queue = await desk.shown_to(user, await desk.store.read(lookup.queue, now))
    return lists.home(score, mine, queue, desk.texts)
