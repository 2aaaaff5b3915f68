"""What privacy mode makes the bot show: in the golden files in every language."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conftest import NOW, a_response
from sales_shown import TOLD

from bot import veil
from bot.cards import card, contact, notes
from bot.cards.referral import referral
from bot.model import Callback, Earlier, Outcome, Received, State
from bot.referred import Referral, Referred
from bot.settings.privacy import Privacy

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cards.blocks import Rendered
    from bot.texts import Texts

Json = dict[str, Any]

HOUR = timedelta(hours=1)
PRIVATE = Privacy(channels=frozenset({"nps"}))
PERSON = {"name": "Anna Berg", "email": "anna@nordlys.example", "phone": "+46 70 174 06 05", "company": "Nordlys AB"}
WHO = ("Anna", "Berg", "anna@nordlys", "174 06 05", "1740605", "crm.example")
"""What tells who it is, in whatever way it is written."""
VEIL = veil.Veil(channels=frozenset({"nps"}), surveys=frozenset({"pulse"}), default="#nps")
OPEN = Callback(1, State.OPEN, NOW, NOW + 24 * HOUR)
WISH = "After 15, ask Anna"
CLAIMED = replace(OPEN, state=State.CLAIMED, holder="U0INGRID", claimed_at=NOW + HOUR, preferred_time=WISH)
CLOSED = replace(OPEN, state=State.CLOSED, closed_at=NOW + 2 * HOUR, closed_by="U0INGRID", outcome=Outcome.REACHED)
SAID = "It came two weeks late. Regards, Anna Berg, anna@nordlys.example, 070-174 06 05"


def named(shown: Any) -> list[str]:
    """Return what tells of somebody in a message, a view or a list of them."""
    words = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
    return [word for word in WHO if word in words]


def answer(callback: Callback | None, **changes: Any) -> Received:
    """Return a response with all there can be in it of a person; every field of it can be given."""
    before = (Earlier(9, NOW - timedelta(days=90)),)
    response = a_response(comment=SAID, **changes)
    return Received(1, "r_0123456789abcdef01234567", "json", response, NOW, NOW, callback=callback, earlier=before)


def shown(callback: Callback | None, **changes: Any) -> Received:
    """Return a response as a channel that names nobody shows it."""
    return VEIL.over(answer(callback, **changes), "#nps", {})


def _message(rendered: Rendered) -> Json:
    return {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}


def _card(found: Received) -> Callable[[Texts], Json]:
    return lambda texts: _message(card.response_card(found, texts))


def _referral(state: Referred, holder: str | None = None) -> Callable[[Texts], Json]:
    told = Referral(7, 1, state, holder, NOW + HOUR if holder else None)
    return lambda texts: _message(referral(told, TOLD, shown(CLOSED, score=10), texts, private=True))


PRIVACY: dict[str, Callable[[Texts], Json]] = {
    "private_open": _card(shown(OPEN)),
    "private_claimed": _card(shown(CLAIMED)),
    "private_closed": _card(shown(CLOSED)),
    "private_no_company": _card(shown(None, respondent_company=None)),
    "nameless": _card(shown(None, survey="Pulse")),
    "private_call": lambda texts: _message(notes.call_summary(veil.call(TOLD, a_response().respondent), texts)),
    "private_line": lambda texts: _message(notes.line("note.called_out", shown(OPEN), texts, due="soon")),
    "private_referral_open": _referral(Referred.OPEN),
    "private_referral_claimed": _referral(Referred.CLAIMED, "U0MIKKO"),
    "contact": lambda texts: contact.of_customer(answer(CLAIMED), texts),
    "contact_unknown": lambda texts: contact.of_customer(
        answer(CLAIMED, respondent_phone=None, respondent_email=None, respondent_name=None, link=None), texts
    ),
    "contact_referral": lambda texts: contact.of_referral(TOLD, texts),
}
"""In every language."""
