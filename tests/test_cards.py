"""Cards, modals, notes, lists, App Home, digests: as agreed, as Slack takes them, whatever customers write."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from cards_shown import CLOSED, GOLDEN, HOSTILE, INGRID, OPEN, SHOWN, STATES, a_call, a_card, a_digest, message
from conftest import NOW, ROOT
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import blocks as b
from bot.cards import call_form, card, digest, modals, notes, scores
from bot.cards.digest import Waiting
from bot.model import Category, Counts, Earlier, Respondent, Response, category
from bot.texts import LANGUAGES, Texts
from demo.rules import check_message, check_view
from demo.shapes import texts_in

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENGLISH = Texts("en", STOCKHOLM)
FOLDER = ROOT / "tests" / "golden"
OURS = re.compile(r"<!date\^\d+\^\{date_\w+\} \{time\}\|[^<>]*>|<@U\w+>|<!subteam\^S\w+>")
"""The only markup there is: times and people, as we write them."""


@pytest.fixture(name="golden")
def _golden(request):
    """Hold what is shown against its golden file, which --update-golden writes anew."""

    def check(name, shown):
        path, found = FOLDER / f"{name}.json", json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
        if request.config.getoption("--update-golden"):
            path.write_text(found, encoding="utf-8")
        assert json.loads(found) == json.loads(path.read_text(encoding="utf-8"))

    return check


@pytest.mark.parametrize("name", GOLDEN)
def test_as_agreed(golden, name):
    """What is shown is what its golden file says; a change shows in the file's diff."""
    shown, language = GOLDEN[name]
    golden(name, shown(Texts(language, STOCKHOLM)))


def test_no_golden_file_is_left_over():
    """Each golden file belongs to something that is shown."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(GOLDEN)


def faults(shown):
    """Return what Slack would refuse; messages are looked at as updates too, which may be less long."""
    if shown.get("type") in {"modal", "home"}:
        return check_view(shown)
    return check_message(shown) + (check_message({**shown, "ts": "1.1"}) if "metadata" in shown else [])


def markup(shown):
    """Return each < and > in a message's fallback text and in mrkdwn that is not of our own making."""
    texts = [shown["text"]] if isinstance(shown.get("text"), str) else []
    texts += [element["text"] for element in elements(shown, "mrkdwn")]
    return [sign for text in texts for sign in re.findall("[<>]", OURS.sub("", text))]


def elements(shown, kind):
    """Return all objects of a type, however deep."""
    if isinstance(shown, dict):
        here = [shown] if shown.get("type") == kind else []
        return here + [found for value in shown.values() for found in elements(value, kind)]
    return [found for value in shown for found in elements(value, kind)] if isinstance(shown, list) else []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_slack_takes_it(name, language):
    """Everything that is shown keeps Slack's rules in every language, and marks up nothing that a customer wrote."""
    shown = SHOWN[name](Texts(language, STOCKHOLM))
    assert faults(shown) == []
    assert markup(shown) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("score", [0, 3, 7, 10])
def test_the_fallback_says_what_the_card_says(language, state, score):
    """The notification names category, score, who and whose turn, in the team's language, as one sentence."""
    texts = Texts(language, STOCKHOLM)
    rendered = card.response_card(a_card(STATES[state], score=score), texts)
    for part in (texts(f"category.{category(score)}"), str(score), "Anna Berg (Nordlys AB)", texts(f"state.{state}")):
        assert part in rendered.text
    assert rendered.text.endswith(".")
    assert rendered.metadata == {
        "event_type": "nps_response",
        "event_payload": {"response_id": a_card().public_id},
    }


@pytest.mark.parametrize(
    ("state", "buttons", "menu"),
    [
        ("open", ["claim_callback", "log_call"], ["assign", "snooze", "dismiss", "history"]),
        ("claimed", ["log_call", "release_callback"], ["assign", "snooze", "dismiss", "history"]),
        ("closed", ["reopen_callback", "log_call"], ["history"]),
    ],
)
def test_each_state_offers_its_moves(state, buttons, menu):
    """A card offers what can be done in its state, under the names that others rely on."""
    shown = card.response_card(a_card(STATES[state], link=None), ENGLISH).blocks
    assert [button["action_id"] for button in elements(shown, "button")] == buttons
    (overflow,) = elements(shown, "overflow")
    assert overflow["action_id"] == "callback_menu"
    assert [option["value"] for option in overflow["options"]] == menu


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://crm.example/c-17", True),
        ("http://127.0.0.1:8000/c?a=b#c", True),
        ("HTTPS://crm.example/c", True),
        ("javascript:alert(1)", False),
        ("ftp://crm.example", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://crm.example/a b", False),
        (f"https://crm.example/{'x' * 2000}", False),
        ("", False),
    ],
)
def test_only_a_link_is_a_link(link, shown):
    """A button leads to a web address only; whatever else stands in the link is not shown."""
    found = card.response_card(a_card(link=link), ENGLISH)
    assert [button["url"] for button in elements(found.blocks, "button") if "url" in button] == [link.lower()] * shown
    assert faults(message(found)) == []


@pytest.mark.parametrize(
    ("length", "cut"), [(card.COMMENT_SHOWN - 1, False), (card.COMMENT_SHOWN, False), (card.COMMENT_SHOWN + 1, True)]
)
def test_a_long_comment_can_be_read_in_full(length, cut):
    """A comment that does not fit is cut with …, and a button shows the whole of it."""
    shown = card.response_card(a_card(comment="x" * length), ENGLISH).blocks
    (quoted,) = elements(shown, "rich_text_quote")
    names = [button["action_id"] for button in elements(shown, "button")]
    assert ("show_comment" in names, quoted["elements"][0]["text"].endswith("…")) == (cut, cut)


ODD = [HOSTILE, " ", "\n", "\u202e", "\x00", "<" * 120, "&" * 120, "a\u0301" * 60, "👩‍👧" * 40]
TEXT = st.text(max_size=120) | st.sampled_from(ODD)
LONG_TEXT = TEXT | st.text(min_size=600, max_size=900) | st.sampled_from([(odd * 2500)[:2500] for odd in ODD])
PERSON = st.builds(Respondent, **dict.fromkeys(("name", "email", "phone", "company"), st.none() | TEXT))
RESPONSE = st.builds(
    Response,
    id=st.just("r-1"),
    score=st.integers(0, 10),
    comment=st.none() | LONG_TEXT,
    survey=st.none() | TEXT,
    touchpoint=st.none() | TEXT,
    respondent=PERSON,
    link=st.none() | TEXT | TEXT.map(lambda text: f"https://{text}"),
)
CALLBACK = st.none() | st.builds(
    lambda callback, reason, snoozed: replace(
        callback,
        dismissed=reason if callback is CLOSED else None,
        snoozed_until=NOW if snoozed and callback is not CLOSED else None,
        calls=12,
        attempts=9,
        preferred_time=reason,
    ),
    st.sampled_from(list(STATES.values())),
    st.none() | TEXT,
    st.booleans(),
)
FOUND = st.builds(
    lambda response, callback, earlier: replace(a_card(callback, (Earlier(9, NOW),) * earlier), response=response),
    RESPONSE,
    CALLBACK,
    st.integers(0, 5),
)
LANGUAGE = st.sampled_from(LANGUAGES).map(lambda language: Texts(language, STOCKHOLM))


@given(FOUND, LANGUAGE)
def test_whatever_a_customer_wrote_is_shown_literally(found, texts):
    """Any words in any field make a card that Slack takes, with the words as they are, in at most 3,000 characters."""
    also = (card.Also(10, NOW, "https://nordlys.slack.com/archives/C0NPS/p1763360000000100"),) * 5
    shown = message(card.response_card(found, texts, also=also, give_up_after=3))
    assert faults(shown) == []
    assert markup(shown) == []
    assert sum(map(len, texts_in(shown["blocks"]))) <= 3000
    comment = b.clean(found.response.comment or "")
    quoted = [quote["elements"][0]["text"] for quote in elements(shown, "rich_text_quote")]
    assert quoted == ([b.cut(comment, card.COMMENT_SHOWN)] if comment else [])
    name = b.one_line(found.response.respondent.name or "", 120)
    if name:
        assert name in [text["text"] for text in elements(shown, "text")]


@given(FOUND, LANGUAGE, LONG_TEXT, st.none() | TEXT, st.lists(TEXT.filter(bool), max_size=5))
def test_whatever_was_written_fits_everywhere(found, texts, notes_, referral, themes):
    """Any words in any field make modals and notes that Slack takes, too."""
    call = a_call(notes=notes_, referral_name=referral, referral_contact=referral, themes=tuple(themes))
    event = {"at": NOW, "actor": INGRID, "action": "called", "details": {"outcome": "reached", "call": 1}}
    views = [
        call_form.log_call(found, texts, themes=()),
        modals.assign(found, texts, user=INGRID),
        modals.snooze(found, texts, until=NOW),
        modals.dismiss(found, texts, reasons=["x" * 75] * 100),
        modals.full_comment(found, texts),
        notes.history(found, [event] * 50, {1: call}, texts),
    ]
    messages = [
        message(notes.call_summary(call, texts)),
        message(notes.line("note.reminder", found, texts)),
        message(notes.round_up("reminded", [notes.Listed(found, None)] * 10, 1000, texts, to=notes.whom("U0LEAD"))),
        message(digest.render(a_digest(waiting=(Waiting(found, None),) * 5, comments=(found,) * 3), texts)),
    ]
    for shown in (*views, *messages):
        assert (check_view if "type" in shown else check_message)(shown) == []
        assert markup(shown) == []


COUNTS = st.builds(Counts, *[st.integers(0, 50)] * 3)


@given(COUNTS)
def test_a_bar_is_exact_to_one_sign(counts):
    """The bar of shares has as many signs as it should, each category within one sign of its share."""
    shown = scores.bar(counts)
    assert len(shown) == (20 if counts.responses else 0)
    signs = {Category.PROMOTER: "█", Category.PASSIVE: "▒", Category.DETRACTOR: "░"}
    for which, sign in signs.items():
        if counts.responses:
            assert abs(shown.count(sign) - 20 * counts.of(which) / counts.responses) <= 1


@given(st.text(max_size=60), st.integers(2, 40))
def test_what_is_cut_says_so(text, most):
    """A cut text is at most as long as asked, a beginning of the whole, and ends with … when something is missing."""
    found = b.cut(text, most)
    assert len(found) <= most
    assert found == text if len(text) <= most else (found.endswith("…") and text.startswith(found[:-1]))


@given(st.text(st.sampled_from("ab \n"), max_size=80), st.integers(2, 20))
def test_a_long_text_is_parted_between_words(text, most):
    """The parts are the whole text, none is too long, and no word that would fit is torn."""
    parts = b.parted(text, most)
    assert "".join(parts) == text
    assert all(0 < len(part) <= most for part in parts)
    words = {word for word in text.split() if len(word) <= most // 2}
    assert words <= {word for part in parts for word in part.split()}


def test_a_long_comment_is_read_word_by_word():
    """In its modal no word of a comment is torn between two paragraphs, nor at its end."""
    for times in (200, 2000):
        comment = " ".join(f"unhappiness{number}" for number in range(times))
        shown = modals.full_comment(a_card(OPEN, comment=comment), ENGLISH)
        read = [quote["elements"][0]["text"].removesuffix("…") for quote in elements(shown, "rich_text_quote")]
        assert len(read) > 0
        assert {word for part in read for word in part.split()} <= set(comment.split())


def test_an_endless_comment_says_that_it_goes_on():
    """Beyond all measure a comment is cut in its modal, which says so."""
    shown = modals.full_comment(a_card(OPEN, comment="x" * (modals.COMMENT_MOST + 1)), ENGLISH)
    assert faults(shown) == []
    assert sum(len(quote["elements"][0]["text"]) for quote in elements(shown, "rich_text_quote")) == modals.COMMENT_MOST
    assert elements(shown, "mrkdwn")[-1]["text"] == ENGLISH("modal.comment_cut")
