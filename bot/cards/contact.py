"""Contact details: who answered and how to reach them, for the one person who is to call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import SIGNS, safe_link
from bot.cards.ids import Action, View
from bot.cards.modals import modal

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.model import Call, Received
    from bot.texts import Texts

MOST = 300


def of_customer(found: Received, texts: Texts) -> Json:
    """Return the modal with who answered, how to reach them, and the way to them in the CRM."""
    person, wish = found.response.respondent, found.callback.preferred_time if found.callback else None
    ways = (("reach.phone", person.phone), ("reach.email", person.email))
    inline = [b.words(f"{SIGNS[found.category]} {found.response.score}")]
    for known in (person.name, person.company):
        if said := b.one_line(known or "", MOST):
            inline += [b.words(" · "), b.words(said, bold=True)]
    told = [f"{texts(key)}: {way}" for key, said in ways if (way := b.one_line(said or "", MOST))]
    blocks = [b.rich(b.line(*inline)), _lines(told or [texts("reach.nothing")])]
    if wished := b.one_line(wish or "", MOST):
        blocks.append(b.context(b.plain(texts("card.preferred_time", time=wished), emoji=False)))
    if link := safe_link(found.response.link):
        button = b.button(texts(f"button.{Action.OPEN_LINK}"), Action.OPEN_LINK, found.public_id)
        blocks.append({"type": "actions", "elements": [{**button, "url": link}]})
    return _modal(blocks, texts)


def of_referral(call: Call, texts: Texts) -> Json:
    """Return the modal with whom a customer passed on, and how to reach them."""
    known = (b.one_line(said or "", MOST) for said in (call.referral_name, call.referral_contact))
    return _modal([_lines([said for said in known if said] or [texts("reach.nothing")])], texts)


def _lines(told: list[str]) -> Json:
    return b.rich(b.line(b.words("\n".join(told))))


def _modal(blocks: list[Json], texts: Texts) -> Json:
    return modal(View.CONTACT, texts("modal.contact"), [*blocks, b.context(texts("reach.for_you"))], texts)
