"""A referral as sales sees it: who, how to reach them, who passed them on, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.card import who
from bot.cards.ids import Action, Event
from bot.referred import Referred

if TYPE_CHECKING:
    from bot.model import Call, Received
    from bot.referred import Referral
    from bot.texts import Texts

_BUTTONS = {
    Referred.OPEN: (Action.CLAIM_REFERRAL,),
    Referred.CLAIMED: (Action.WON_REFERRAL, Action.LOST_REFERRAL, Action.RELEASE_REFERRAL),
}
_PRIMARY = {Action.CLAIM_REFERRAL, Action.WON_REFERRAL}


def referral(told: Referral, call: Call, found: Received, texts: Texts, *, private: bool = False) -> Rendered:
    """Render a referral and its state; once customer or referral are forgotten, no more than that.

    Where it is `private`, whom it is about is shown to its holder alone, who asks for it.
    """
    title = b.header(f"🤝 {texts('referral.title')}")
    if found.forgotten or not (call.referral_name or call.referral_contact):
        text = texts("card.forgotten")
        return Rendered(text, [title, b.context(text)], Event.NOTE)
    name = b.one_line(call.referral_name or "", 200) or texts("referral.unnamed")
    name = texts("referral.hidden") if private else name
    inline = [b.words(name, bold=True)]
    if not private and (contact := b.one_line(call.referral_contact or "", 200)):
        inline.append(b.words(f"\n{contact}"))
    from_whom = b.literal(who(found, texts), 220)
    source = texts(
        "referral.source",
        who=b.inert(from_whom),
        score=found.response.score,
        user=b.mention(call.caller),
        when=b.when(call.at, texts),
    )
    blocks: list[Json] = [title, b.rich(b.line(*inline)), b.section(source), b.section(_status(told, texts))]
    actions = list(_BUTTONS.get(told.state, ()))
    if private and told.state is Referred.CLAIMED:
        actions.append(Action.CONTACT_REFERRAL)
    if buttons := [_button(action, f"{found.public_id} {told.call_id}", name, texts) for action in actions]:
        blocks.append({"type": "actions", "block_id": f"referral:{told.call_id}", "elements": buttons})
    return Rendered(texts("referral.fallback", name=b.literal(name, 200), who=from_whom), blocks, Event.NOTE)


def _status(told: Referral, texts: Texts) -> str:
    times = {"since": told.claimed_at, "when": told.closed_at}
    shown = {name: b.when(at, texts) for name, at in times.items() if at}
    return texts(f"referral.{told.state}", user=b.mention(told.holder or ""), **shown)


def _button(action: Action, value: str, name: str, texts: Texts) -> Json:
    text = texts(f"button.{action}")
    style = "primary" if action in _PRIMARY else None
    return b.button(text, action, value, label=f"{text}: {b.one_line(name, 45)}", style=style)
