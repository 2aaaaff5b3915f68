"""Everything that the bot shows in Slack, by name: what the golden files hold, and what the contracts look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from conftest import NOW, a_response

from bot.cards import card, digest, lists, modals, notes
from bot.cards.blocks import Rendered, mention, when
from bot.cards.digest import Digest, Loop, Waiting
from bot.model import Call, Callback, Category, Counts, Earlier, NextStep, Outcome, Received, State
from bot.texts import LANGUAGES, Texts, table

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PUBLIC_ID = "r_0123456789abcdef01234567"
INGRID, BO = "U0INGRID", "U0BO"
SCORES = {Category.DETRACTOR: 3, Category.PASSIVE: 8, Category.PROMOTER: 10}
HOSTILE = "<!channel> <@U0INGRID> *bold* _it_ `code` <https://evil.example|click> & &lt; :poop: \u202egnp.exe @here"
NOBODY = {f"respondent_{name}": None for name in ("id", "name", "email", "phone", "company")}
LONG = "The delivery came late, and nobody told us. " * 100

OPEN = Callback(1, State.OPEN, NOW, NOW + DAY)
CLAIMED = replace(OPEN, state=State.CLAIMED, holder=INGRID, claimed_at=NOW + HOUR)
CLOSED = replace(OPEN, state=State.CLOSED, closed_at=NOW + 2 * HOUR, closed_by=INGRID, outcome=Outcome.REACHED, calls=1)
STATES = {"open": OPEN, "claimed": CLAIMED, "closed": CLOSED}

Json = dict[str, Any]


def a_card(callback: Callback | None = OPEN, earlier: tuple[Earlier, ...] = (), **changes: Any) -> Received:
    """Return a response as the store holds it, with its callback; every field of the response can be given."""
    return Received(1, PUBLIC_ID, "json", a_response(**changes), NOW, NOW, callback=callback, earlier=earlier)


def several(found: Received, count: int) -> list[Received]:
    """Return as many responses alike, each with an id of its own."""
    return [replace(found, public_id=f"{found.public_id[:-2]}{number:02}") for number in range(count)]


def a_call(**changes: Any) -> Call:
    """Return a call that closes; every field can be given."""
    call = Call(INGRID, NOW + HOUR, Outcome.REACHED, "It came late.\nThey want it earlier.", (), NextStep.CLOSE)
    return replace(call, **changes)


def a_digest(**changes: Any) -> Digest:
    """Return a week's digest; every number can be given."""
    full = Digest(
        kind="week",
        first=date(2026, 11, 9),
        last=date(2026, 11, 15),
        counts=Counts(60, 20, 20),
        before=Counts(50, 25, 25),
        rolling=Counts(600, 250, 150),
        loop=Loop(20, 16, 14, 12, 3, timedelta(hours=3), timedelta(hours=26)),
        waiting=(
            Waiting(a_card(), "https://nordlys.slack.com/archives/C0NPS/p1763360000000100"),
            Waiting(a_card(respondent_name=None, respondent_company=None), None),
        ),
        waiting_in_all=7,
        comments=tuple(a_card(score=score, comment=f"What {which}s say") for which, score in SCORES.items()),
    )
    return replace(full, **changes)


def message(rendered: Rendered) -> Json:
    """Return the arguments that a message is posted with."""
    found: Json = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    return {**found, "reply_broadcast": True} if rendered.broadcast else found


def a_history() -> list[Json]:
    """Return a history in which everything has happened once."""
    more = {
        "assigned": {"to": BO},
        "snoozed": {"until": (NOW + DAY).isoformat()},
        "called": {"outcome": "reached", "call": 1},
        "rescored": {"score": 3},
        "reopened": {"score": 3},
    }
    actions = [key.removeprefix("history.") for key in table("en") if key.startswith("history.")]
    return [
        {"at": NOW + number * HOUR, "actor": INGRID, "action": action, "details": more.get(action, {})}
        for number, action in enumerate(action for action in actions if action != "npsbot")
    ]


def _card(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(card.response_card(a_card(**given), texts))


def _line(kind: str, *, broadcast: bool = False) -> Callable[[Texts], Json]:
    def said(texts: Texts) -> Json:
        values = {"by": mention(INGRID), "to": mention(BO), "due": when(NOW + DAY, texts)}
        return message(notes.line(f"note.{kind}", a_card(), texts, broadcast=broadcast, **values))

    return said


def _call(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(notes.call_summary(a_call(**given), texts))


def _digest(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(digest.render(a_digest(**given), texts))


def _list(count: int) -> Callable[[Texts], Json]:
    held = list(STATES.values())

    def listed(texts: Texts) -> Json:
        found = [replace(each, callback=held[number % 3]) for number, each in enumerate(several(a_card(), count))]
        title = texts("list.queue", n=count)
        return {"text": title, "blocks": lists.callbacks(title, found, count, texts)}

    return listed


def _customer(texts: Texts) -> Json:
    calls = {1: [a_call(), a_call(outcome=Outcome.VOICEMAIL, notes="")]}
    blocks = lists.customer("anna@nordlys.example", [a_card(), replace(a_card(CLOSED, score=9), id=2)], calls, texts)
    return {"text": "anna@nordlys.example", "blocks": blocks}


def _home(count: int) -> Callable[[Texts], Json]:
    def view(texts: Texts) -> Json:
        score = texts("score.nobody") if not count else digest.score_line(Counts(60, 20, 20), texts)
        return lists.home(score, several(a_card(CLAIMED), count), several(a_card(), 2 * count)[count:], texts)

    return view


CARDS: dict[str, Callable[[Texts], Json]] = {
    f"card_{which}_{state}": _card(callback=callback, score=score)
    for which, score in SCORES.items()
    for state, callback in STATES.items()
}
"""The cards of which there is a golden file in every language."""

SHOWN: dict[str, Callable[[Texts], Json]] = {
    **CARDS,
    "card_anonymous": _card(**NOBODY),
    "card_known_by_email": _card(respondent_name=None, respondent_phone=None, respondent_company=None),
    "card_bare": _card(comment=None, survey=None, touchpoint=None, link=None),
    "card_long_comment": _card(comment=LONG),
    "card_hostile": _card(
        comment=HOSTILE, respondent_name=HOSTILE, respondent_company=HOSTILE, survey=HOSTILE, link="javascript:alert(1)"
    ),
    "card_answered_before": _card(earlier=tuple(Earlier(score, NOW - score * DAY) for score in (2, 5, 9, 10))),
    "card_snoozed": _card(callback=replace(OPEN, snoozed_until=NOW + DAY)),
    "card_call_again": _card(callback=replace(CLAIMED, call_again_at=NOW + DAY, calls=2)),
    "card_dismissed": _card(callback=replace(CLOSED, outcome=None, dismissed="Our own <test> & *nothing*", calls=0)),
    "card_forgotten": lambda texts: message(card.response_card(replace(a_card(**NOBODY), forgotten=True), texts)),
    "card_of_a_test": lambda texts: message(card.response_card(replace(a_card(callback=None), test=True), texts)),
    "card_without_callback": _card(callback=None, score=10),
    **{
        f"modal_log_call_{which}": lambda texts, score=score: modals.log_call(a_card(score=score), texts, themes=())
        for which, score in SCORES.items()
    },
    "modal_log_call_own_themes": lambda texts: modals.log_call(a_card(), texts, themes=("returns", "the new app")),
    "modal_assign": lambda texts: modals.assign(a_card(), texts),
    "modal_snooze": lambda texts: modals.snooze(a_card(), texts, now=NOW),
    "modal_dismiss": lambda texts: modals.dismiss(a_card(), texts),
    "modal_comment": lambda texts: modals.full_comment(a_card(comment=LONG), texts),
    "modal_notice": lambda texts: modals.notice(texts("refusal.already_closed"), texts),
    "modal_history": lambda texts: notes.history(a_card(), a_history(), {1: a_call()}, texts),
    "call_reached": _call(themes=("delivery", "support", "the new app")),
    "call_again": _call(outcome=Outcome.VOICEMAIL, notes="", next_step=NextStep.CALL_AGAIN, call_again_at=NOW + DAY),
    "call_handed_over": _call(outcome=Outcome.NO_ANSWER, notes="", next_step=NextStep.HAND_OVER),
    "call_with_referral": _call(referral_name="Bo Ek", referral_contact="bo@nordlys.example"),
    "note_reminder": _line("reminder"),
    "note_escalation": _line("escalation", broadcast=True),
    "note_assigned": _line("assigned"),
    "note_taken_over": _line("taken_over"),
    "note_awake": _line("awake"),
    "list_three": _list(3),
    "list_of_many": _list(12),
    "list_customer": _customer,
    "home": _home(1),
    "home_empty": _home(0),
    "digest_week": _digest(),
    "digest_month_late": _digest(kind="month", first=date(2026, 10, 1), last=date(2026, 10, 31), late_since=NOW),
    "digest_few_answers": _digest(
        counts=Counts(3, 1, 1), before=Counts(), loop=Loop(), waiting=(), waiting_in_all=0, comments=()
    ),
    "digest_quarter_nobody": _digest(
        kind="quarter",
        first=date(2026, 7, 1),
        last=date(2026, 9, 30),
        counts=Counts(),
        rolling=Counts(),
        loop=Loop(),
        waiting=(),
        waiting_in_all=0,
        comments=(),
    ),
}
"""Everything, in whatever language the texts are."""

GOLDEN = {f"{name}.{language}": (SHOWN[name], language) for name in CARDS for language in LANGUAGES} | {
    f"{name}.en": (shown, "en") for name, shown in SHOWN.items()
}
"""What the golden files hold: the name of each, what it shows and in which language."""
