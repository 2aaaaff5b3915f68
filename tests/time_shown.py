"""What time, and several answers of one person, make the bot show: in the golden files in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conftest import NOW, a_response

from bot.cards import call_form, card, notes
from bot.cards.blocks import mention, when
from bot.cards.call_form import Shape
from bot.cards.card import Also
from bot.cards.notes import Listed
from bot.model import Callback, NextStep, Outcome, Received, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cards.blocks import Rendered
    from bot.texts import Texts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK = "https://nordlys.slack.com/archives/C0NPS/p1763360000000100"
INGRID = "U0INGRID"
CLAIMED = Callback(1, State.CLAIMED, NOW, NOW + DAY, holder=INGRID, claimed_at=NOW + HOUR)
TRIED = replace(CLAIMED, calls=3, attempts=3)
GIVEN_UP = replace(
    TRIED,
    state=State.CLOSED,
    holder=None,
    claimed_at=None,
    closed_at=NOW + DAY,
    closed_by=INGRID,
    outcome=Outcome.UNREACHABLE,
)
SAID = ("reminded", "escalated", "called_out", "stale", "lapsed", "awake", "due_soon")

Json = dict[str, Any]


def _message(rendered: Rendered) -> Json:
    found: Json = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    return {**found, "reply_broadcast": True} if rendered.broadcast else found


def _received(callback: Callback, **changes: Any) -> Received:
    return Received(1, "r_0123456789abcdef01234567", "json", a_response(**changes), NOW, NOW, callback=callback)


def _card(callback: Callback, **given: Any) -> Callable[[Texts], Json]:
    return lambda texts: _message(card.response_card(_received(callback), texts, give_up_after=3, **given))


def _form(shape: Shape, callback: Callback = CLAIMED) -> Callable[[Texts], Json]:
    return lambda texts: call_form.log_call(_received(callback), texts, themes=(), form="once", shape=shape)


def _line(kind: str, **given: Any) -> Callable[[Texts], Json]:
    def line(texts: Texts) -> Json:
        values = {"due": when(NOW + DAY, texts), "holder": mention(INGRID), "promised": when(NOW + HOUR, texts)}
        return _message(notes.line(f"note.{kind}", _received(CLAIMED), texts, **given, **values))

    return line


def _round_up(action: str) -> Callable[[Texts], Json]:
    def said(texts: Texts) -> Json:
        worst = [Listed(_received(CLAIMED, score=0), LINK), Listed(_received(CLAIMED), None)]
        to = notes.whom("S0LEADS") if action == "escalated" else ""
        return _message(notes.round_up(action, worst, 1000, texts, to=to))

    return said


TIME: dict[str, Callable[[Texts], Json]] = {
    "card_shared": _card(CLAIMED, also=(Also(8, NOW - DAY, LINK), Also(5, NOW, None))),
    "card_attempts": _card(replace(TRIED, attempts=2)),
    "card_unreachable_offered": _card(TRIED),
    "card_unreachable": _card(GIVEN_UP),
    "card_preferred_time": _card(replace(CLAIMED, preferred_time="after 15 & *not* <!channel> on Fridays")),
    "modal_log_call_wrong_number": _form(Shape(right_number=True)),
    "modal_log_call_next_try": _form(
        Shape(next_step=NextStep.CALL_AGAIN, next_try=NOW + DAY), replace(CLAIMED, preferred_time="after 15")
    ),
    "note_called_out": _line("called_out", broadcast=True),
    "note_called_out_late": _line("called_out_late", broadcast=True),
    "note_stale": _line("stale"),
    "note_stale_also": _line("stale_also"),
    "note_stale_again": _line("stale_again"),
    "note_lapsed": _line("lapsed"),
    "note_answered_again": _line("answered_again", score=2),
    "note_rescored": _line("rescored", score=2),
    "note_awake_linked": _line("awake", address=LINK),
    "note_escalation_to_lead": _line("escalation", to_whom=notes.whom("U0LEAD")),
    **{f"round_up_{action}": _round_up(action) for action in SAID},
    "history_with_clocks": lambda texts: notes.history(
        _received(CLAIMED), [], {}, texts, clocks=(timedelta(hours=26), timedelta(hours=9, minutes=30))
    ),
}
