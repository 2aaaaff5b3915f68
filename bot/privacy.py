"""What hides who answered, as the settings and the store have it; and what an anonymous answer leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import veil as rule
from bot.model import Respondent
from bot.refusals import HoldersOnly, NoSuchCallback
from bot.settings.privacy import folded_channel
from bot.settings.routes import folded
from bot.veil import OPEN, Veil
from storage import channels, places, responses, scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.config import Settings
    from bot.model import Call, Received, Response
    from storage.db import Db
    from storage.lists import Sight


def kept(settings: Settings, response: Response) -> Response:
    """Return what is kept of a response: all of it, but of an anonymous one nothing that tells who answered."""
    survey = settings.nameless(response.survey)
    if survey is None or not survey.anonymous:
        return response
    person = Respondent(company=response.respondent.company, language=response.respondent.language)
    properties = {name: value for name, value in response.properties.items() if name in survey.properties}
    return replace(response, respondent=person, link=None, properties=properties)


def veil(db: Db, settings: Settings, reader: str | None = None, *, told_in: str = "") -> Veil:
    """Return what a reader does not learn, None for what stays in Slack, such as a message in the channel `told_in`."""
    if not (settings.privacy.channels or settings.surveys):
        return OPEN
    private = private_channels(db, settings)
    by_source = {name: settings.channel_of(name) for name in settings.sources}
    surveys = frozenset(settings.surveys)
    return Veil(reader, private, surveys, by_source, settings.channel, folded_channel(told_in) in private)


def private_channels(db: Db, settings: Settings) -> frozenset[str]:
    """Return the channels that name nobody, folded, by every name and id that they are known by."""
    wanted = settings.privacy.channels
    if not wanted:
        return wanted
    known = [(folded_channel(name), folded_channel(channel_id)) for name, channel_id in channels.known(db)]
    ids = {channel_id for name, channel_id in known if name in wanted or channel_id in wanted}
    return wanted | ids | {name for name, channel_id in known if channel_id in ids}


def shown(db: Db, over: Veil, found: Iterable[Received]) -> list[Received]:
    """Return responses as a reader may see them."""
    listed = list(found)
    if over == OPEN:
        return listed
    ids = [each.id for each in listed] + [each.id for one in listed for each in one.earlier]
    named = places.of_cards(db, ids)
    return [over.over(each, named.get(each.id), named) for each in listed]


def one(db: Db, over: Veil, found: Received) -> Received:
    """Return one response as a reader may see it."""
    return shown(db, over, [found])[0]


def call(logged: Call, found: Received, as_shown: Received) -> Call:
    """Return a call as it may be told to whoever sees its response as that is shown."""
    return rule.call(logged, found.response.respondent) if _hides(found, as_shown) else logged


def words(said: str, found: Received, as_shown: Received) -> str:
    """Return a colleague's words about a response as they may be told to whoever sees it as it is shown."""
    return rule.unnamed(said, found.response.respondent) or "" if _hides(found, as_shown) else said


def _hides(found: Received, as_shown: Received) -> bool:
    return as_shown.private or as_shown.response.respondent != found.response.respondent


def with_calls(db: Db, over: Veil, told: Sequence[tuple[Received, Call]]) -> list[tuple[Received, Call]]:
    """Return responses with a call about each as a reader may see both."""
    as_shown = shown(db, over, [found for found, _ in told])
    return [(each, call(logged, found, each)) for each, (found, logged) in zip(as_shown, told, strict=True)]


def contact(db: Db, public_id: str, user: str) -> Received:
    """Return a response whole to whoever holds its callback just now; raise HoldersOnly for everybody else."""
    found = responses.by_public_id(db, public_id)
    if found is None or found.forgotten or found.callback is None:
        raise NoSuchCallback
    if found.callback.holder != user:
        raise HoldersOnly
    return found


def doubts(db: Db, settings: Settings) -> list[str]:
    """Return what of the settings hides nothing: a channel that nothing goes to, a survey that nobody answered."""
    sales = (settings.referrals.channel,) if settings.referrals.channel else ()
    told = (*settings.card_channels, settings.digests_go_to, *settings.told_besides, *sales)
    known = [(folded_channel(name), folded_channel(channel_id)) for name, channel_id in channels.known(db)]
    used = set(map(folded_channel, told))
    used |= {each for pair in known if not used.isdisjoint(pair) for each in pair}
    unused = sorted(settings.privacy.channels - used)
    answered = {folded(name) for name in scores.surveys(db)} if settings.surveys else set()
    return [
        *(f"nothing goes to the channel {name}, so that it hides nobody; compare its name" for name in unused),
        *(
            f"no answer to the survey {name} has come; compare its name"
            for name in sorted(settings.surveys.keys() - answered)
        ),
    ]


def narrowed(db: Db, settings: Settings, sight: Sight, there_are: Sequence[str], reader: str) -> Sight:
    """Return a person's sight with what is hidden in it from them: `there_are` are the channels of all cards."""
    over = veil(db, settings, reader)
    if over == OPEN:
        return sight
    hidden = frozenset(channel for channel in there_are if over.hides(channel))
    surveys = frozenset(name for name in scores.surveys(db) if over.is_nameless(name)) if over.surveys else frozenset()
    return replace(sight, veil=over, hidden=hidden, nameless=surveys, by_source=over.by_source, default=over.default)
