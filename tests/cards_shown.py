"""Everything that the bot shows in Slack, by name: what the golden files hold, and what the contracts look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from conftest import NOW, a_response
from privacy_shown import PRIVACY
from sales_shown import BESIDES, SALES
from time_shown import TIME

from bot.cards import alerts, call_form, card, digest, find, home, huddle, lists, modals, notes, scores, themes
from bot.cards.alerts import Alert
from bot.cards.blocks import Rendered, inert, literal, mention, when
from bot.cards.digest import Digest, Loop, Waiting
from bot.cards.ids import Listing
from bot.model import Call, Callback, Category, Counts, Earlier, NextStep, Outcome, Received, State
from bot.texts import LANGUAGES, Texts, table
from bot.themes.figures import ThemeFigure
from bot.themes.new_words import NewWord

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINK = "https://nordlys.slack.com/archives/C0NPS/p1763360000000100"
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
        rolling_before=Counts(560, 250, 190),
        loop=Loop(20, 16, 14, 12, 3, timedelta(hours=3), timedelta(hours=26)),
        waiting=(
            Waiting(a_card(), "https://nordlys.slack.com/archives/C0NPS/p1763360000000100", overdue=True),
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
        "not_given": {"to": BO},
        "escalated_to": {"to": BO},
        "snoozed": {"until": (NOW + DAY).isoformat()},
        "called": {"outcome": "reached", "call": 1},
        "rescored": {"score": 3},
        "answered_again": {"score": 3},
        "reopened": {"score": 3},
    }
    actions = [key.removeprefix("history.") for key in table("en") if key.startswith("history.")]
    said = {"assigned": "I am away next week", "dismissed": "We have talked already"}
    return [
        {
            "at": NOW + number * HOUR,
            "actor": INGRID,
            "action": action,
            "details": more.get(action, {}),
            "remark": said.get(action),
        }
        for number, action in enumerate(action for action in actions if action != "npsbot")
    ]


def _card(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(card.response_card(a_card(**given), texts))


def _line(kind: str, *, broadcast: bool = False, said: str = "") -> Callable[[Texts], Json]:
    def line(texts: Texts) -> Json:
        values = {"by": mention(INGRID), "to": mention(BO), "due": when(NOW + DAY, texts)}
        return message(notes.line(f"note.{kind}", a_card(), texts, broadcast=broadcast, said=said, **values))

    return line


def _call(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(notes.call_summary(a_call(**given), texts))


def _digest(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(digest.render(a_digest(**given), texts))


def a_page(count: int = 3, *, found: Received | None = None, **given: Any) -> lists.Page:
    """Return a page of as many callbacks in all states, with links to their cards; all else can be given."""
    held = list(STATES.values())
    each = enumerate(several(found or a_card(), count))
    entries = (lists.Entry(replace(one, callback=held[number % 3]), LINK) for number, one in each)
    return lists.Page(tuple(entries), **{"total": count, **given})


def _list(name: Listing, page: lists.Page, *, now: datetime = NOW, text: str = "") -> Callable[[Texts], Json]:
    def listed(texts: Texts) -> Json:
        key = f"list.{name}" if page.total is not None else f"list.many_{name}"
        title = texts(key, n=page.total or 300, text=inert(literal(text)))
        blocks = lists.callbacks(title, page, lists.Place(name, page.number, text), texts, now)
        return {"text": lists.in_words(title, page, texts), "blocks": blocks}

    return listed


def _customer(count: int = 3, **given: Any) -> Callable[[Texts], Json]:
    first = lists.Entry(replace(a_card(CLOSED, score=9), id=2), LINK)
    told = [
        lists.Told(first, 6),
        lists.Told(first, 6, a_call()),
        lists.Told(first, 6, a_call(outcome=Outcome.VOICEMAIL, notes="")),
        lists.Told(lists.Entry(a_card()), None),
    ]

    def shown(texts: Texts) -> Json:
        page = lists.Page(tuple(told[-count:]), **{"total": count, "size": lists.TOLD, **given})
        place = lists.Place(Listing.CUSTOMER, page.number, "anna@nordlys.example")
        return {
            "text": "anna@nordlys.example",
            "blocks": lists.customer(place.asked, page, place, texts, NOW + 2 * DAY),
        }

    return shown


def _home(mine: home.Waiting, queue: home.Waiting, done: home.Done = home.Done()) -> Callable[[Texts], Json]:  # noqa: B008  # frozen
    def view(texts: Texts) -> Json:
        score = texts("score.nobody") if not mine.page.items else scores.score_line(Counts(60, 20, 20), texts)
        return home.view(home.Home(mine, queue, done), score, texts, NOW + 2 * DAY)

    return view


def _waiting(callback: Callback, count: int, first: int = 0, **given: Any) -> home.Waiting:
    entries = tuple(lists.Entry(each, LINK) for each in several(a_card(callback), first + count)[first:])
    return home.Waiting(lists.Page(entries, **{"total": count, **given}), overdue=count, asleep=2)


LISTS: dict[str, Callable[[Texts], Json]] = {
    "list_queue": _list(Listing.QUEUE, a_page(6, total=17, number=2, more=True), now=NOW + 2 * DAY),
    "list_find": _list(Listing.FIND, a_page(2), text="verans"),
    "list_find_many": _list(Listing.FIND, a_page(6, total=None, number=3, more=True), text="sent"),
    "list_customer": _customer(4),
    "list_customer_second_page": _customer(3, total=11, number=2, more=False),
    "modal_find": lambda texts: find.search(texts, NOW),
    "modal_find_found": lambda texts: find.search(texts, NOW, asked="anna", page=a_page(3, total=None, more=True)),
    "modal_find_nobody": lambda texts: find.search(
        texts, NOW, asked="bo@nordlys.example", page=a_page(0), nothing=texts("list.no_address")
    ),
    "home": _home(_waiting(CLAIMED, 2), _waiting(OPEN, 3, 2, total=20, more=True), home.Done(12, 3, 8)),
    "home_empty": _home(home.Waiting(lists.Page()), home.Waiting(lists.Page())),
}
"""The lists and homes of which there is a golden file in every language, too."""

FORMS: dict[str, Callable[[Texts], Json]] = {
    "modal_assign": lambda texts: modals.assign(a_card(), texts, user=BO),
    "modal_assign_held": lambda texts: modals.assign(a_card(CLAIMED), texts, user=BO),
    "modal_assign_own": lambda texts: modals.assign(a_card(CLAIMED), texts, user=INGRID),
    "modal_snooze": lambda texts: modals.snooze(a_card(), texts, until=(NOW + DAY).replace(minute=0)),
    "modal_dismiss": lambda texts: modals.dismiss(a_card(), texts, reasons=modals.dismissals(texts, ())),
}
"""The forms of the card's menu, of which there is a golden file in every language, too."""

TAGGED = replace(a_card(), themes=("delivery", "communication", "the *new* app"))
FIGURES = (
    ThemeFigure(
        theme="delivery",
        counts=Counts(10, 10, 40),
        told=Counts(60, 30, 60),
        impact=-14.2,
        before=Counts(5, 5, 10),
        told_before=Counts(70, 30, 50),
        impact_before=-3.0,
        comments=(a_card(comment=HOSTILE), a_card(comment=LONG)),
    ),
    ThemeFigure("<own> & *theme*", Counts(4, 1, 0), Counts(60, 30, 60), 1.4, Counts(), Counts(70, 30, 50), 0.0),
)
WORDS = (NewWord("mondays", Counts(0, 2, 6), 1, 5.2), NewWord("*star*", Counts(4, 0, 0), 0, 3.4))


def _answer(figures: tuple[ThemeFigure, ...], words: tuple[NewWord, ...]) -> Callable[[Texts], Json]:
    def answer(texts: Texts) -> Json:
        told = ("Last 90 days", figures, words, texts)
        return {"text": themes.in_words(*told), "blocks": themes.answer(*told)}

    return answer


THEMES: dict[str, Callable[[Texts], Json]] = {
    "card_themes": lambda texts: message(card.response_card(TAGGED, texts)),
    "card_no_themes": lambda texts: message(card.response_card(replace(a_card(), themes=()), texts)),
    "modal_themes": lambda texts: themes.correct(TAGGED, texts, themes=("returns",)),
    "themes": _answer(FIGURES, WORDS),
    "themes_none": _answer((), ()),
}
"""What is shown of themes, of which there is a golden file in every language, too."""

CARDS: dict[str, Callable[[Texts], Json]] = {
    f"card_{which}_{state}": _card(callback=callback, score=score)
    for which, score in SCORES.items()
    for state, callback in STATES.items()
}
"""The cards of which there is a golden file in every language."""


def _alert(**given: Any) -> Callable[[Texts], Json]:
    return lambda texts: message(alerts.render(Alert(1, **{**SCORE_FELL, **given}), texts))


SCORE_FELL = {
    "kind": "score",
    "about": "30",
    "since": NOW,
    "details": {"score": 12, "margin": 8.4, "n": 214, "days": 30, "edge": 30},
}


def _huddle(count: int) -> Callable[[Texts], Json]:
    def shown(texts: Texts) -> Json:
        found = several(a_card(CLAIMED if count == 1 else OPEN), count)
        taught = ((a_card(CLOSED), a_call()),) * min(count, 2)
        text, blocks = huddle.pack(huddle.Huddle(tuple(found), taught), texts)
        return {"text": text, "blocks": blocks}

    return shown


HUDDLES = {"huddle": _huddle(5), "huddle_of_one": _huddle(1), "huddle_of_none": _huddle(0)}
ALERTS = {
    "alert_score": _alert(),
    "alert_silence": _alert(kind="silence", about="typeform", details={"days": 4, "usual": 2}),
    "alert_backlog": _alert(kind="backlog", about="", details={"n": 14, "before": 6}),
    "alert_theme": _alert(kind="theme", about="delivery", details={"n": 9, "usual": 1.5}),
    "alert_account": _alert(kind="account", about=HOSTILE, details={"response": 1, "score": 2}),
    "alert_snoozed": _alert(rested_by=INGRID, rests_until=NOW + 7 * DAY),
    "alert_muted": _alert(rested_by=INGRID),
    "alert_over": _alert(over_at=NOW + DAY),
}


SHOWN: dict[str, Callable[[Texts], Json]] = {
    **CARDS,
    **ALERTS,
    **HUDDLES,
    **TIME,
    **SALES,
    **BESIDES,
    **PRIVACY,
    **THEMES,
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
        f"modal_log_call_{which}": lambda texts, score=score: call_form.log_call(a_card(score=score), texts, themes=())
        for which, score in SCORES.items()
    },
    "modal_log_call_own_themes": lambda texts: call_form.log_call(a_card(), texts, themes=("returns", "the new app")),
    **FORMS,
    "modal_comment": lambda texts: modals.full_comment(a_card(comment=LONG), texts),
    "modal_notice": lambda texts: modals.notice(texts("refusal.already_closed", holder=mention(INGRID)), texts),
    "modal_history": lambda texts: notes.history(a_card(), a_history(), {1: a_call()}, texts),
    "call_reached": _call(themes=("delivery", "support", "the new app")),
    "call_again": _call(outcome=Outcome.VOICEMAIL, notes="", next_step=NextStep.CALL_AGAIN, call_again_at=NOW + DAY),
    "call_handed_over": _call(outcome=Outcome.NO_ANSWER, notes="", next_step=NextStep.HAND_OVER),
    "call_with_referral": _call(referral_name="Bo Ek", referral_contact="bo@nordlys.example"),
    "note_reminder": _line("reminder"),
    "note_escalation": _line("escalation", broadcast=True),
    "note_assigned": _line("assigned"),
    "note_taken_by": _line("taken_by", said="She is ill"),
    "note_taken_over": _line("taken_over", said="She moved to *another* team <!here>"),
    "note_mention": _line("mention"),
    "note_awake": _line("awake"),
    **LISTS,
    "list_hostile": _list(
        Listing.FIND,
        a_page(6, found=a_card(comment=HOSTILE, respondent_name=HOSTILE, respondent_company=LONG), number=2, more=True),
        text=HOSTILE,
    ),
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

IN_ALL = (*CARDS, *TIME, *SALES, *PRIVACY, *THEMES, *LISTS, *FORMS)
GOLDEN = {f"{name}.{language}": (SHOWN[name], language) for name in IN_ALL for language in LANGUAGES} | {
    f"{name}.en": (shown, "en") for name, shown in SHOWN.items()
}
"""What the golden files hold: the name of each, what it shows and in which language."""
