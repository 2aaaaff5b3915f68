"""What every listener finds on its desk: the settings, the store, Slack, and who asks."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import structlog

from bot import intake, privacy, routing, worklists
from bot.people import KNOWN_FOR
from bot.texts import language_of, texts_in, zone_of
from handlers.open_homes import OpenHomes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from slack_bolt.async_app import AsyncBoltContext

    from bot.cards.lists import Entry, Page
    from bot.config import Settings
    from bot.fetching import Fetching
    from bot.intake import Arrival, Receipt
    from bot.metrics import Metrics
    from bot.model import Received
    from bot.outbox import Outbox
    from bot.people import People, Person
    from bot.slack import Slack
    from bot.texts import Texts
    from bot.traffic import Traffic
    from storage import Store
    from storage.db import Db
    from storage.lists import Sight

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("desk")


def desk_of(context: AsyncBoltContext) -> Desk:
    """Return the desk that the gate has put into every request's context."""
    desk: Desk = context["desk"]
    return desk


def reader_of(context: AsyncBoltContext) -> Reader:
    """Return whom the gate has let in."""
    reader: Reader = context["reader"]
    return reader


@dataclass(frozen=True, slots=True)
class Reader:
    """Who acts or asks, and the texts in their own language and zone, for what only they see."""

    id: str
    texts: Texts


@dataclass(slots=True)
class Desk:
    """All that a listener may need, put together in `bot.app`."""

    settings: Settings
    store: Store
    slack: Slack
    people: People
    outbox: Outbox
    texts: Texts
    metrics: Metrics
    traffic: Traffic
    fetching: Fetching
    homes: OpenHomes = field(default_factory=OpenHomes)
    _channels: list[str] = field(default_factory=list)
    _channels_until: float = float("-inf")
    _errands: set[asyncio.Task[Any]] = field(default_factory=set)

    async def change(self, fn: Callable[Concatenate[Db, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make a decision in one transaction, on disk when this returns, and let what it queued be delivered."""
        result = await self.store.run(fn, *args, **kwargs)
        self.outbox.wake()
        return result

    async def take_in(self, arrival: Arrival) -> list[Receipt]:
        """Take what a delivery holds, on disk when this returns, in one transaction with others that come with it."""
        receipts = await self.store.run_together(intake.receive_together, self.settings, arrival)
        self.outbox.wake()
        return receipts

    def reader(self, person: Person) -> Reader:
        """Return a person as a reader of what only they see; what Slack does not tell is as for the team."""
        language = language_of(person.locale) or self.texts.language
        return Reader(person.id, texts_in(language, zone_of(person.zone) or self.texts.zone))

    def texts_for(self, place: str) -> Texts:
        """Return the texts of what is read in a channel, or by one person as far as Slack has told of them."""
        known = self.people.known(place)
        return self.reader(known).texts if known else self.texts

    async def place_of(self, public_id: str) -> str:
        """Return the channel of a response's card; which one is looked up only where cards stand in several.

        In how many they stand is known for a minute, as who is in them.
        """
        if self._channels_until <= time.monotonic():
            self._channels = await self.store.read(worklists.channels, self.settings)
            self._channels_until = time.monotonic() + KNOWN_FOR
        if len(self._channels) == 1:
            return self.settings.channel
        return await self.store.read(routing.place_of, public_id) or self.settings.channel

    async def shown_to(self, user: str, found: list[Received]) -> list[Received]:
        """Return those of the responses whose cards the person can see, as they may see them.

        Raises NotAMember where they see none at all.
        """
        places = await self.store.read(routing.places_of, found)
        seen = await self.people.seen(user, dict.fromkeys((*self.settings.card_channels, *places.values())))
        in_sight = [each for each in found if places.get(each.id, self.settings.channel) in seen]
        return await self.store.read(lambda db: privacy.shown(db, privacy.veil(db, self.settings, user), in_sight))

    async def sight(self, user: str) -> Sight:
        """Return which responses a person sees: those whose cards do; raise NotAMember where they see none at all."""
        there_are = await self.store.read(worklists.channels, self.settings)
        seen = worklists.sight(self.settings, there_are, await self.people.seen(user, there_are))
        return await self.store.read(privacy.narrowed, self.settings, seen, there_are, user)

    async def containing(self, asked: str, sight: Sight, number: int = 1) -> Page[Entry]:
        """Return a page of the responses that hold words, once what came last can be found."""
        if await self.store.read(worklists.is_behind):
            await self.store.run(worklists.index)
        return await self.store.read(worklists.containing, asked, sight, number)

    def errand(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something for one person without keeping Slack waiting for it; losing it loses nothing."""
        task = asyncio.ensure_future(work)
        self._errands.add(task)
        task.add_done_callback(self._ran)
        return task

    async def finish(self, within: float) -> None:
        """Wait for the errands that are being run, and let those go that take longer."""
        if self._errands:
            _, left = await asyncio.wait(self._errands, timeout=within)
            for task in left:
                task.cancel()

    def _ran(self, task: asyncio.Task[Any]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.warning("errand_failed", exc_info=fault)
