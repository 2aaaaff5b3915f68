"""What becomes of deliveries: new, repeated, changed, late, in any order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks as moves
from bot.config import Settings
from bot.intake import Status, is_test, merge, receive, same_content
from bot.model import Category, Received, Respondent, Response, State, category
from storage import outbox, responses, scores, sending
from storage.callbacks import history

HOUR = timedelta(hours=1)
OWN_CALLBACK = [(0, 24), (6, 24), (7, 72), (8, 72), (9, 168), (10, 168)]


@pytest.fixture(name="deliver")
def _deliver(db, settings):
    """Deliver a response; return what became of it and what the store holds."""

    def deliver(at=NOW, source="json", **changes):
        response = a_response(**changes)
        receipt = receive(db, settings, source, response, at)
        stored = responses.by_public_id(db, receipt.response_id)
        return receipt.status, stored

    return deliver


def cards(db):
    """Return the subjects of all cards that there are, posted or to be posted."""
    return [row["subject"] for row in db.rows("select subject from messages where kind = 'card' order by id")]


def waiting(db):
    """Return kind, lane and state of what stands in the outbox."""
    return [
        (row["kind"], row["lane"], row["state"])
        for row in db.rows("select m.kind, o.lane, o.state from outbox o join messages m on m.id = o.message_id")
    ]


def held(db):
    """Return all that a store holds of responses, and what is queued."""
    return [db.rows(f"select * from {table}") for table in ("responses", "callbacks", "history", "messages", "outbox")]


def post_the_card(db):
    """Let the card of the only response stand in Slack."""
    (task,) = sending.take(db, NOW, frozenset())
    sending.sent(db, task, "1.1", "C1", NOW)


def actions(db, stored):
    """Return what happened to a response's callback."""
    return [event["action"] for event in history(db, stored.id)]


def test_a_new_response(db, deliver):
    """A new response is stored as it came, its callback opened, its card queued under the same id."""
    status, stored = deliver()
    assert status is Status.ACCEPTED
    assert stored.response == a_response()
    assert (stored.received_at, stored.submitted_at, stored.imported) == (NOW, NOW, False)
    assert stored.callback.state is State.OPEN
    assert actions(db, stored) == ["opened"]
    assert waiting(db) == [("card", "#nps", "queued")]
    assert outbox.message_of(db, "card", stored.id).public_id == stored.public_id


@pytest.mark.parametrize(("score", "hours"), OWN_CALLBACK)
def test_each_category_is_due_in_its_time(deliver, score, hours):
    """A callback is due from when the response reached the bot, not from when it was given."""
    _, stored = deliver(score=score, submitted_at=NOW - timedelta(days=3))
    assert stored.callback.opened_at == NOW
    assert stored.callback.due_at == NOW + timedelta(hours=hours)


def test_a_category_without_callbacks(db, settings, deliver):
    """Where no callback is asked for there is a card all the same, without a callback."""
    settings.callbacks.hours[Category.PROMOTER] = None
    _, stored = deliver(score=10)
    assert stored.callback is None
    assert cards(db) == [stored.id]


def test_the_same_again_is_a_duplicate(db, deliver):
    """The same delivery again changes nothing, also when only the sender's count or time differs."""
    _, first = deliver()
    for at, changes in enumerate([{}, {"version": 2.0e9}, {"submitted_at": NOW + HOUR, "version": 3.0e9}], 1):
        status, again = deliver(NOW + at * HOUR, **changes)
        assert status is Status.DUPLICATE
        assert (again.id, again.callback) == (first.id, first.callback)
    assert len(waiting(db)) == 1
    assert actions(db, first) == ["opened"]


def test_sources_do_not_share_ids(deliver):
    """The same id from two sources is two responses."""
    assert deliver(source="json")[1].id != deliver(source="shop")[1].id


def test_cards_go_where_their_source_sends_them(db, settings, deliver):
    """A source with a channel of its own has its cards there."""
    settings.sources["json"] = replace(settings.sources["json"], channel="#shop")
    deliver()
    assert waiting(db) == [("card", "#shop", "queued")]


@pytest.mark.parametrize("waits_in_outbox", [True, False])
@pytest.mark.parametrize("change", [{"score": 5}, {"comment": "Later words"}, {"respondent_name": "Anna B."}])
def test_a_changed_response_updates_its_one_card(db, deliver, change, waits_in_outbox):
    """A changed score, comment or name is taken over, and the card put once more; there is never a second."""
    _, first = deliver()
    if not waits_in_outbox:
        post_the_card(db)
    status, stored = deliver(NOW + HOUR, version=2e9, **change)
    assert status is Status.UPDATED
    assert stored.id == first.id
    assert stored.response == replace(a_response(**change), version=2e9)
    assert cards(db) == [first.id]
    assert waiting(db) == [("card", "#nps" if waits_in_outbox else "updates", "queued")]


def test_a_comment_that_comes_later(deliver):
    """A comment that comes after its score is added; what the later delivery leaves out stays."""
    deliver(comment=None)
    late = {"score": None, "survey": None, "link": None, "version": 2e9, "respondent_email": None}
    status, stored = deliver(comment="Later words", properties={"seats": 5}, **late)
    assert status is Status.UPDATED
    expected = a_response(comment="Later words", version=2e9, properties={"plan": "pro", "seats": 5})
    assert stored.response == expected


def test_a_comment_before_its_score_waits(db, deliver):
    """A comment without its score shows nowhere; with the score come the card and the callback, due from then."""
    status, stored = deliver(score=None)
    assert status is Status.ACCEPTED
    assert (cards(db), stored.callback) == ([], None)
    status, stored = deliver(score=None, comment="More words", version=2e9)
    assert (status, cards(db), stored.callback) == (Status.UPDATED, [], None)
    status, stored = deliver(NOW + HOUR, score=3, comment=None, version=3e9)
    assert status is Status.UPDATED
    assert stored.response.comment == "More words"
    assert stored.callback.due_at == NOW + 25 * HOUR
    assert cards(db) == [stored.id]
    assert actions(db, stored) == ["opened"]


def test_what_is_older_only_fills_gaps(deliver):
    """An older delivery that arrives later overwrites nothing, but tells what no newer one has told."""
    deliver(score=9, comment=None, version=20.0)
    status, stored = deliver(score=2, comment="The first words", version=10.0)
    assert status is Status.UPDATED
    assert (stored.response.score, stored.response.comment, stored.response.version) == (9, "The first words", 20.0)
    status, stored = deliver(score=2, comment="Second thoughts", version=15.0)
    assert status is Status.UPDATED
    assert (stored.response.score, stored.response.comment, stored.response.version) == (9, "Second thoughts", 20.0)
    status, stored = deliver(score=2, comment="The first words", version=10.0)
    assert status is Status.DUPLICATE


def test_without_a_count_the_last_to_arrive_is_the_newest(deliver):
    """Where the sender tells neither count nor time, deliveries count in the order they arrive."""
    deliver(score=9, version=None)
    _, stored = deliver(score=2, version=None)
    assert (stored.response.score, stored.response.version) == (2, None)
    _, stored = deliver(score=3, version=7.0)
    assert (stored.response.score, stored.response.version) == (3, 7.0)
    _, stored = deliver(score=4, version=None)
    assert (stored.response.score, stored.response.version) == (4, 7.0)


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("was", "now_is"), [(was, now_is) for was in (0, 6, 7, 8, 9, 10) for now_is in (0, 6, 7, 9)])
def test_a_changed_score_moves_the_callback(db, deliver, was, now_is, closed):
    """A worse category reopens what is closed and brings the rest nearer; a better one gives more time, never less."""
    _, first = deliver(score=was)
    if closed:
        moves.dismiss(db, first.public_id, "U1", "No", NOW)
    later = NOW + 60 * HOUR
    _, stored = deliver(later, score=now_is, version=2e9)
    own = {score: timedelta(hours=hours) for score, hours in OWN_CALLBACK}
    worse = category(now_is).worse_than(category(was))
    if category(was) is category(now_is):
        due = first.callback.due_at
    elif worse and not closed:
        due = min(first.callback.due_at, later + own[now_is])
    else:
        due = (later if worse else NOW) + own[now_is]
    assert stored.callback.state is (State.CLOSED if closed and not worse else State.OPEN)
    if stored.callback.state is State.OPEN:
        assert stored.callback.due_at == due
        assert stored.callback.closed_by is None


def test_a_worse_score_asks_for_a_callback_that_was_not_asked_for(db, settings, deliver):
    """Who had no callback gets one when the score falls into a category that asks for it."""
    settings.callbacks.hours[Category.PROMOTER] = None
    deliver(score=9)
    _, stored = deliver(NOW + HOUR, score=1, version=2e9)
    assert stored.callback.state is State.OPEN
    assert stored.callback.due_at == NOW + 25 * HOUR
    _, stored = deliver(NOW + 2 * HOUR, score=10, version=3e9)
    assert stored.callback.due_at == NOW + 25 * HOUR
    assert cards(db) == [stored.id]


def test_a_holder_keeps_a_callback_whose_score_changes(db, deliver):
    """A changed score takes the callback from nobody, and stands in the history."""
    _, first = deliver(score=8)
    moves.claim(db, first.public_id, "U1", NOW)
    _, stored = deliver(NOW + HOUR, score=2, version=2e9)
    assert (stored.callback.state, stored.callback.holder) == (State.CLAIMED, "U1")
    assert actions(db, stored) == ["opened", "claimed", "rescored"]


WORDS = st.none() | st.sampled_from(["one", "two", "three"])
DELIVERY = st.builds(
    Response,
    id=st.just("r-1"),
    score=st.none() | st.integers(0, 10),
    comment=WORDS,
    survey=WORDS,
    link=WORDS,
    submitted_at=st.none() | st.integers(1, 50).map(lambda hours: NOW - hours * HOUR),
    respondent=st.builds(Respondent, name=WORDS, email=WORDS),
    properties=st.dictionaries(st.sampled_from(["plan", "a.b", ""]), st.integers(0, 3) | st.none(), max_size=2),
)
VERSIONED = st.lists(DELIVERY, min_size=1, max_size=5).map(
    lambda found: [replace(delivery, version=float(number)) for number, delivery in enumerate(found)]
)


def received(deliveries):
    """Return what a store holds of one response after some deliveries, and how many cards and callbacks it has."""
    with an_empty_store() as db:
        for number, delivery in enumerate(deliveries):
            receive(db, Settings(), "json", delivery, NOW + number * HOUR)
        stored = responses.by_source(db, "json", "r-1")
        return stored.response, len(cards(db)), db.value("select count(*) from callbacks")


@given(st.data(), VERSIONED)
def test_deliveries_converge_in_any_order(data, deliveries):
    """The same deliveries leave the same response in any order, with one card and one callback when it has a score."""
    in_order, *_ = received(deliveries)
    shuffled, cards_there, callbacks_there = received(data.draw(st.permutations(deliveries)))
    assert same_content(shuffled, in_order)
    assert shuffled.version == in_order.version
    if any(delivery.submitted_at for delivery in deliveries):
        assert shuffled.submitted_at == in_order.submitted_at
    scored = any(delivery.score is not None for delivery in deliveries)
    assert (cards_there, callbacks_there) == ((1, 1) if scored else (0, 0))


@given(VERSIONED)
def test_the_newest_that_says_something_counts(deliveries):
    """Of each field the newest delivery that tells it counts, whatever order a sender keeps."""
    expected: dict[str, object] = {}
    for delivery in deliveries:
        expected |= delivery.told()
    stored, *_ = received(reversed(deliveries))
    found = stored.told()
    if "submitted_at" not in expected:
        del found["submitted_at"]
    assert found == expected


@given(VERSIONED)
def test_everything_again_is_a_duplicate(deliveries):
    """Once all deliveries are in, each of them again changes nothing and queues nothing."""
    with an_empty_store() as db:
        for delivery in deliveries:
            receive(db, Settings(), "json", delivery, NOW)
        before = held(db)
        for delivery in deliveries:
            assert receive(db, Settings(), "json", delivery, NOW + HOUR).status is Status.DUPLICATE
        assert held(db) == before


@given(DELIVERY)
def test_what_is_told_can_be_told_again(delivery):
    """A response says all that it told, and merged with itself it is itself."""
    assert delivery.retold(delivery.told(), delivery.version) == delivery
    stored = Received(1, "r_1", "json", delivery, NOW, NOW)
    assert merge(stored, delivery)[0] == delivery


def test_a_test_answer_counts_nowhere(db, settings):
    """An answer from a configured domain, or with a configured property, has a card, no callback and no score."""
    trying = replace(settings, test_domains=frozenset({"nordlys.example"}), test_property="trial")
    receive(db, trying, "json", a_response(), NOW)
    other = a_response(id="r-2", respondent_email="a@b.example", properties={"trial": "yes"})
    receive(db, trying, "json", other, NOW)
    receive(db, trying, "json", replace(other, score=9, version=None), NOW)
    assert scores.counts(db, None, None).responses == 0
    assert db.value("select count(*) from callbacks") == 0
    assert db.value("select count(*) from messages where kind = 'card'") == 2


def test_a_card_waits_a_little_for_its_comment(db, settings):
    """Where a source says so, a score alone waits; its comment lets the card go at once."""
    waiting = replace(settings, sources={"json": replace(settings.sources["json"], wait=30.0)})
    receive(db, waiting, "json", a_response(comment=None), NOW)
    assert sending.take(db, NOW + timedelta(seconds=29), frozenset()) == []
    receive(db, waiting, "json", a_response(comment="Sent"), NOW)
    assert len(sending.take(db, NOW, frozenset())) == 1


@pytest.mark.parametrize(
    ("changes", "test"),
    [
        ({"respondent_email": "qa@Test.Example"}, True),
        ({"respondent_email": "qa@sub.test.example"}, False),
        ({"respondent_email": None}, False),
        ({"properties": {"trial": True}}, True),
        ({"properties": {"trial": "yes"}}, True),
        ({"properties": {"trial": "false"}}, False),
        ({"properties": {"trial": 0}}, False),
        ({"properties": {"other": True}}, False),
    ],
)
def test_what_is_a_test_answer(settings, changes, test):
    """A test answer is told by the domain of its address, or by a property that says more than no."""
    trying = replace(settings, test_domains=frozenset({"test.example"}), test_property="trial")
    assert is_test(trying, a_response(**changes)) == test
    assert not is_test(settings, a_response(**changes))
