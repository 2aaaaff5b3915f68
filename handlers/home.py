"""App Home: the score, what is mine, what is nobody's, the team's week; and events that only need an answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot import periods, scores, worklists
from bot.cards import home as cards
from bot.cards.ids import Listing
from bot.cards.scores import glance
from bot.model import Refusal
from bot.settings.roles import Role
from bot.slack import Later, SlackFault, Unknown
from handlers.desk import desk_of
from handlers.errors import sentence, team_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext

    from bot.cards.blocks import Json
    from bot.cards.lists import Place
    from handlers.desk import Desk, Reader
    from handlers.open_homes import OpenHome

log = structlog.get_logger("home")

LOOK_EVERY = 2.0
"""Seconds between two looks whether something has happened, and so at least between two views of one person."""
PACE = 0.7
"""Seconds between two views that nobody asked for: Slack takes a hundred a minute of the whole workspace."""


def register(bolt: AsyncApp) -> None:
    """Listen to people opening the app's home, and to the workspace taking the app away."""
    bolt.event("app_home_opened")(opened)
    bolt.event("app_uninstalled")(taken_away)
    bolt.event("tokens_revoked")(taken_away)


async def opened(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext) -> None:
    """Show a person their home."""
    if event.get("tab", "home") == "home":
        desk = desk_of(context)
        desk.errand(publish(desk, desk.homes.look(event["user"], team_of(body))))


async def taken_away(event: dict[str, Any]) -> None:
    """Say in the log that the workspace has taken the app or its token away."""
    log.error("app_taken_away", event_type=event.get("type"))


def refresh(desk: Desk, body: dict[str, Any]) -> None:
    """Bring a person's home up to date when they acted there, or in a form that may have been opened from it."""
    view, user = body.get("view") or {}, body["user"]["id"]
    if view.get("type") == "home" or (view and desk.homes.of(user)):
        desk.errand(publish(desk, desk.homes.look(user, team_of(body))))


def turn(desk: Desk, body: dict[str, Any], place: Place) -> None:
    """Show another page of one of a home's lists."""
    home = desk.homes.look(body["user"]["id"], team_of(body))
    home.pages[place.name] = place.number
    desk.errand(publish(desk, home))


async def publish(desk: Desk, home: OpenHome, *, anew: bool = True) -> float:
    """Show a person their home, or why there is none for them; unless `anew`, only when it has changed.

    One after the other, so that what was read earlier never covers what was read later. Returns the seconds to leave
    Slack in peace.
    """
    async with home.turn:
        home.move = await desk.store.read(worklists.last_move)
        texts = desk.texts
        try:
            reader = desk.reader(await desk.people.admit(home.user, home.team))
            texts = reader.texts
            await desk.people.must_be(reader.id, Role.ACT)
            view = await _view(desk, reader, home)
        except Refusal as refusal:
            view = cards.closed(sentence(refusal, texts))
        if not anew and view == home.shown:
            return 0.0
        home.shown = None
        try:
            await desk.slack.publish_home(home.user, view)
        except SlackFault as fault:
            log.info("home_not_published", user=home.user, reason=fault.reason)
            if isinstance(fault, Later | Unknown):
                home.move = None
                return getattr(fault, "seconds", None) or PACE
        else:
            home.shown = view
        return PACE


async def _view(desk: Desk, reader: Reader, home: OpenHome) -> Json:
    now, settings, texts = datetime.now(UTC), desk.settings, reader.texts
    today = periods.local_day(now, settings.timezone)
    counts = await desk.store.read(scores.now, settings.timezone, today)
    invited = await desk.store.read(scores.invited, settings.timezone, scores.recent(today))
    line = glance(counts, invited, texts, settings.score)
    week, _ = periods.holding("week", today).bounds(settings.timezone)
    pages = home.pages.get(Listing.MINE, 1), home.pages.get(Listing.QUEUE, 1)
    found = await desk.store.read(worklists.home, reader.id, await desk.sight(reader.id), now, week, pages)
    return cards.view(found, texts("score.title", period=texts("span.days", n=90), line=line), texts, now)


async def watch(desk: Desk) -> None:
    """Keep open homes up to date for as long as the bot runs."""
    while True:
        await desk.homes.anybody.wait()
        await asyncio.sleep(LOOK_EVERY)
        await asyncio.wait([desk.errand(freshen(desk))])


async def freshen(desk: Desk) -> None:
    """Bring every open home up to date that does not show the last move yet, one after the other."""
    for home in desk.homes.stale(await desk.store.read(worklists.last_move)):
        await asyncio.sleep(await publish(desk, home, anew=False))
