"""What referrals, lessons and forgetting make the bot show: in the golden files in every language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from conftest import NOW, a_response

from bot.cards import lessons, notes, privacy
from bot.cards.lessons import Lessons
from bot.cards.privacy import Concerned
from bot.cards.referral import referral
from bot.model import Call, NextStep, Outcome, Received
from bot.referred import Referral, Referred

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cards.blocks import Rendered
    from bot.texts import Texts

Json = dict[str, Any]

HOUR = timedelta(hours=1)
EMAIL = "anna@nordlys.example"
ABOUT = Received(1, "r_0123456789abcdef01234567", "json", a_response(score=10), NOW, NOW)
TOLD = Call(
    caller="U0INGRID",
    at=NOW + HOUR,
    outcome=Outcome.REACHED,
    notes="Tell them the day before.\nThey plan their stock by it.",
    themes=("delivery", "the new app"),
    next_step=NextStep.CLOSE,
    referral_name="Bo Ek",
    referral_contact="bo@nordlys.example, mornings",
    lesson=True,
)
OPEN = Referral(7, 1, Referred.OPEN)
CLAIMED = replace(OPEN, state=Referred.CLAIMED, holder="U0MIKKO", claimed_at=NOW + 2 * HOUR)
HOSTILE = "<!channel> *bold* <https://evil.example|click>"
REPLY = "https://nordlys.slack.com/archives/C0NPS/p1763360000000200?thread_ts=1763360000.000100&cid=C0NPS"


def _message(rendered: Rendered) -> Json:
    return {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}


def _referral(told: Referral, about: Received = ABOUT, **changes: Any) -> Callable[[Texts], Json]:
    return lambda texts: _message(referral(told, replace(TOLD, **changes), about, texts))


def _lessons(page: Lessons) -> Callable[[Texts], Json]:
    def shown(texts: Texts) -> Json:
        text, blocks = lessons.listed(page, texts)
        return {"text": text, "blocks": blocks}

    return shown


def _asked(texts: Texts) -> Json:
    concerned = Concerned(2, 1, 5, 1)
    return {"text": privacy.question(EMAIL, concerned, texts), "blocks": privacy.ask(EMAIL, concerned, texts)}


def _history(call: Call) -> Callable[[Texts], Json]:
    event = {"at": NOW, "actor": "U0INGRID", "action": "called", "details": {"outcome": "reached", "call": 7}}
    return lambda texts: notes.history(ABOUT, [event], {7: call}, texts)


SALES: dict[str, Callable[[Texts], Json]] = {
    "referral_open": _referral(OPEN),
    "referral_claimed": _referral(CLAIMED),
    "referral_won": _referral(replace(CLAIMED, state=Referred.WON, closed_at=NOW + 3 * HOUR)),
    "referral_lost": _referral(replace(CLAIMED, state=Referred.LOST, closed_at=NOW + 3 * HOUR)),
    "lessons": _lessons(Lessons(((ABOUT, TOLD),) * 8, 9, (("delivery", 9), ("the new app", 9)))),
    "lessons_none": _lessons(Lessons((), 0)),
    "history_lesson": _history(TOLD),
    "history_no_lesson": _history(replace(TOLD, lesson=False)),
    "call_lesson": lambda texts: _message(notes.call_summary(TOLD, texts)),
    "forget_asked": _asked,
    "modal_forget": lambda texts: privacy.form(EMAIL, Concerned(1, 0, 1, 0), texts),
    "note_erased": lambda texts: _message(privacy.left_in_threads([REPLY] * 2, texts)),
}
"""In every language."""

BESIDES: dict[str, Callable[[Texts], Json]] = {
    "referral_hostile": _referral(
        OPEN,
        replace(ABOUT, response=a_response(score=10, respondent_name=HOSTILE, respondent_company=HOSTILE)),
        referral_name=HOSTILE,
        referral_contact=HOSTILE,
    ),
    "referral_unnamed": _referral(OPEN, referral_name=None),
    "referral_forgotten": _referral(CLAIMED, replace(ABOUT, forgotten=True)),
    "lessons_long": _lessons(Lessons(((ABOUT, replace(TOLD, notes="Tell them. " * 300)),) * 8, 8)),
    "note_erased_many": lambda texts: _message(privacy.left_in_threads([REPLY] * 60, texts)),
}
