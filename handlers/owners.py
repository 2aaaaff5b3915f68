"""Whom a rule names for a callback: it is theirs once Slack has said that they may act on its card, as if assigned."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot import routing
from bot.people import Unconfirmed
from bot.slack import Never
from handlers.menu import CannotTakeIt, may_take
from storage import Unavailable

if TYPE_CHECKING:
    from collections.abc import Collection

    from handlers.desk import Desk
    from storage.owners import Wish

log = structlog.get_logger("owners")

AT_ONCE = 20
"""People asked about in one tick."""
ASKED_FOR = timedelta(days=1)
"""For which Slack is asked again about somebody it does not tell of; their callback is everybody's meanwhile."""
NOBODY = frozenset({"user_not_found", "user_not_visible"})
"""Slack's words for an id that is nobody's, or nobody's whom the bot can see."""


async def settle(desk: Desk, about: Collection[str] | None = None) -> None:
    """Ask Slack about those who were named, of all responses or of these; what it does not tell, a tick asks again."""
    try:
        wishes = await desk.store.read(routing.wishes, AT_ONCE, about)
        await asyncio.gather(*(_settle(desk, wish) for wish in wishes))
    except Unavailable as fault:
        log.warning("owners_put_off", reason=str(fault))


async def _settle(desk: Desk, wish: Wish) -> None:
    decide = routing.grant
    try:
        await may_take(desk, wish.user, wish.public_id)
    except CannotTakeIt:
        decide = routing.refuse
    except Unconfirmed as fault:
        if not _is_nobody(fault) and datetime.now(UTC) < wish.since + ASKED_FOR:
            await desk.store.run(routing.put_off, wish, datetime.now(UTC))
            return
        decide = routing.refuse
    await desk.change(decide, wish, datetime.now(UTC))
    log.info("owner_settled", response=wish.public_id, user=wish.user, how=decide.__name__)


def _is_nobody(fault: Unconfirmed) -> bool:
    return isinstance(fault.__cause__, Never) and fault.__cause__.reason.partition(":")[0] in NOBODY
