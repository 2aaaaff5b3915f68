"""What is to be told to Slack, as the store keeps it: lanes, order, places, doubts, failures."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conftest import NOW

from storage import channels, failures, lanes, outbox, sending
from storage.outbox import UPDATES

SECOND = timedelta(seconds=1)
NOTHING = frozenset()


@pytest.fixture(name="ask")
def _ask(db):
    """Ask for a card, or another message, to be put."""

    def ask(subject, channel="#nps", kind="card", **more):
        return outbox.put(db, kind, subject, channel, NOW, **more)

    return ask


@pytest.fixture(name="take")
def _take(db):
    """Take what can go now; return the tasks."""

    def take(now=NOW, closed=NOTHING):
        return sending.take(db, now, closed)

    return take


@pytest.fixture(name="post")
def _post(db, take):
    """Post everything that can go now; return the subjects in the order they went."""

    def post(now=NOW):
        posted = []
        while found := take(now):
            for task in found:
                sending.sent(db, task, f"{task.message.id}.1", f"C{task.message.channel}", now)
                posted.append(task.message.subject)
        return posted

    return post


def states(db):
    """Return subject and state of each row, oldest first."""
    return [(row["subject"], row["state"]) for row in sorted(failures.listing(db), key=lambda row: row["id"])]


def test_a_message_is_asked_for_once(db, ask):
    """However often a message is asked for while it waits, it is one message and one row, at its first place."""
    first = ask(1, public_id="r_1")
    ask(2)
    assert ask(1) == ask(1, urgent=True) == first
    assert states(db) == [(1, "queued"), (2, "queued")]
    message = outbox.message_of(db, "card", 1)
    assert (message.id, message.public_id, message.ts) == (first, "r_1", None)


def test_kinds_do_not_share_subjects(db, ask):
    """A card and a reminder about the same subject are two messages, each with an id of its own for the world."""
    assert ask(1) != ask(1, kind="reminder")
    one, other = outbox.message_of(db, "card", 1), outbox.message_of(db, "reminder", 1)
    assert one.public_id.startswith("m_")
    assert one.public_id != other.public_id


def test_a_lane_goes_one_after_the_other(db, ask, take):
    """A lane sends one message at a time, in the order asked, urgent ones first; other lanes do not wait for it."""
    for subject in (1, 2):
        ask(subject)
    ask(3, urgent=True)
    ask(4, "#shop")
    first, shop = take()
    assert (first.message.subject, shop.message.subject) == (3, 4)
    assert (first.state, first.attempts, first.attempted_at, first.lane) == ("sending", 1, NOW, "#nps")
    assert take() == []
    sending.sent(db, first, "1.1", "C1", NOW)
    (following,) = take()
    assert following.message.subject == 1
    assert sending.lanes(db) == ["#nps", "#shop"]


def test_changes_have_a_lane_of_their_own(db, ask, take, post):
    """What is posted already is changed in another lane, at the place where it stands, so that no post waits for it."""
    ask(1)
    post()
    outbox.refresh(db, "card", 1, NOW)
    ask(2)
    post_, change = take()
    assert (post_.lane, post_.message.subject) == ("#nps", 2)
    assert (change.lane, change.message.ts, change.message.posted_to) == (UPDATES, "1.1", "C#nps")


def test_only_what_exists_is_refreshed(db):
    """A message that nobody asked for is not brought up to date."""
    outbox.refresh(db, "card", 1, NOW)
    assert states(db) == []


def test_a_posted_message_stays_where_it_is(db, ask, post):
    """A message that waits moves with a changed channel; one that stands does not."""
    ask(1, "#old")
    ask(1, "#new")
    assert outbox.message_of(db, "card", 1).channel == "#new"
    post()
    ask(1, "#newest")
    message = outbox.message_of(db, "card", 1)
    assert (message.channel, message.posted_to) == ("#new", "C#new")


def test_asked_again_while_it_is_sent(db, ask, take):
    """What changed while a message was being sent is sent once more, as a change, and after it."""
    ask(1)
    (going,) = take()
    ask(1)
    assert states(db) == [(1, "sending"), (1, "queued")]
    assert take() == []
    sending.sent(db, going, "1.1", "C1", NOW)
    (change,) = take()
    assert (change.lane, change.message.ts) == (UPDATES, "1.1")


def test_in_nobodys_hands_twice(ask, take):
    """While a message is being sent in one channel's lane, it is not sent in another's."""
    ask(1, "#old")
    assert len(take()) == 1
    ask(1, "#new")
    assert take() == []


def test_a_thread_waits_for_its_card(db, ask, take):
    """What belongs into a thread waits for the card to stand, and others go before it."""
    card = ask(1)
    ask(2, kind="call", parent=card, urgent=True)
    (posting,) = take()
    assert posting.message.kind == "card"
    sending.again(db, posting, NOW + SECOND, "later")
    ask(3)
    (other,) = take()
    assert other.message.subject == 3
    sending.sent(db, other, "3.1", "C1", NOW)
    (posting,) = take(NOW + SECOND)
    sending.sent(db, posting, "1.1", "C1", NOW)
    (reply,) = take()
    assert (reply.message.kind, reply.thread) == ("call", "1.1")


def test_not_before_its_time(db, ask, take):
    """A row waits for its time, and the next moment at which anything may go is known."""
    ask(1, not_before=NOW + SECOND)
    assert take() == []
    assert sending.next_moment(db, NOW) == NOW + SECOND
    assert [task.message.subject for task in take(NOW + SECOND)] == [1]
    assert sending.next_moment(db, NOW) is None


def test_a_closed_lane_is_left_alone(ask, take):
    """A lane whose pace is spent is left out."""
    ask(1)
    ask(2, "#shop")
    assert [task.message.subject for task in take(closed=frozenset({"#nps"}))] == [2]


@pytest.mark.parametrize("lane", ["#nps", "*"])
def test_a_paused_lane_waits(db, ask, take, lane):
    """A paused lane, or all of them, waits until its time, says why and since when, and goes on once a message went."""
    ask(1)
    ask(2, "#shop")
    lanes.pause(db, lane, NOW + SECOND, "not_in_channel", NOW)
    lanes.pause(db, lane, NOW + 2 * SECOND, "is_archived", NOW + SECOND)
    taken = take()
    assert [task.message.subject for task in taken] == ([2] if lane == "#nps" else [])
    (paused,) = lanes.paused(db)
    assert (paused["lane"], paused["reason"]) == (lane, "is_archived")
    assert (paused["since"], paused["paused_until"]) == ("2026-11-20T08:15:00.000000Z", "2026-11-20T08:15:02.000000Z")
    assert sending.next_moment(db, NOW) == NOW + 2 * SECOND
    task = take(NOW + 2 * SECOND)[0]
    lanes.resume(db, task, NOW + 2 * SECOND)
    assert lanes.paused(db) == []


def test_a_pause_counts_while_something_waits(db, ask, take):
    """A channel for which nothing waits any more stands in nobody's way."""
    ask(1)
    lanes.pause(db, "#nps", NOW + SECOND, "is_archived", NOW)
    assert len(lanes.paused(db)) == 1
    (task,) = take(NOW + SECOND)
    sending.fail(db, task, "no")
    assert lanes.paused(db) == []


def test_again_at_its_old_place(db, ask, take, post):
    """What was certainly not sent goes again before those behind it, in place of a newer row that asks the same."""
    for subject in (1, 2):
        ask(subject)
    (task,) = take()
    ask(1)
    sending.again(db, task, NOW + SECOND, "ratelimited")
    assert states(db) == [(1, "queued"), (2, "queued")]
    assert failures.listing(db)[0]["reason"] == "ratelimited"
    assert post(NOW + SECOND) == [1, 2]


@pytest.mark.parametrize("holds_lane", [True, False])
def test_in_doubt(db, ask, take, holds_lane):
    """A message in doubt is looked for at its time and not sent meanwhile; it may hold up its lane, or not."""
    for subject in (1, 2):
        ask(subject)
    (task,) = take()
    sending.doubt(db, task, NOW + SECOND, NOW + 9 * SECOND, "time-out", holds_lane=holds_lane)
    ask(1)
    assert sending.in_doubt(db, NOW) == []
    assert sending.next_moment(db, NOW) == NOW + SECOND
    (looked_for,) = sending.in_doubt(db, NOW + SECOND)
    assert (looked_for.id, looked_for.state, looked_for.settled_at) == (task.id, "unknown", NOW + 9 * SECOND)
    assert [other.message.subject for other in take()] == ([] if holds_lane else [2])
    sending.sent(db, looked_for, "1.1", "C1", NOW)
    assert (1, "queued") in states(db)
    assert UPDATES in sending.lanes(db)


def test_a_doubt_that_is_settled_goes_again(db, ask, take, post):
    """What was not found once the doubt is settled is sent, before those behind it."""
    for subject in (1, 2):
        ask(subject)
    (task,) = take()
    sending.doubt(db, task, NOW, NOW, "time-out", holds_lane=True)
    sending.again(db, task, None, "not found in Slack")
    assert post() == [1, 2]


def test_a_failed_message_holds_up_nobody(db, ask, take, post):
    """What Slack never takes is set aside with the reason; the lane goes on, and a later success clears it away."""
    for subject in (1, 2):
        ask(subject)
    (task,) = take()
    sending.fail(db, task, "invalid_blocks")
    assert post() == [2]
    (failed,) = failures.listing(db)
    assert (failed["subject"], failed["state"], failed["reason"]) == (1, "failed", "invalid_blocks")
    assert sending.lanes(db) == []
    ask(1)
    assert post() == [1]
    assert failures.listing(db) == []


def test_retry_by_hand(db, ask, take, post):
    """Failed rows, or those chosen, go again; what waits or is being sent anyway is left alone."""
    for subject in (1, 2, 3):
        ask(subject)
        (task,) = take()
        sending.fail(db, task, "invalid_blocks")
    ask(4)
    rows = {row["subject"]: row["id"] for row in failures.listing(db)}
    assert failures.retry(db, [rows[2], rows[4], 999]) == 1
    assert failures.retry(db, []) == 2
    assert failures.retry(db, []) == 0
    assert post() == [1, 2, 3, 4]


def test_a_doubt_may_be_retried_by_hand(db, ask, take, post):
    """On a person's word a message in doubt goes again."""
    ask(1)
    (task,) = take()
    sending.doubt(db, task, NOW + SECOND, NOW + SECOND, "time-out", holds_lane=True)
    assert failures.retry(db, []) == 0
    assert failures.retry(db, [task.id]) == 1
    assert post() == [1]


def test_drop_by_hand(db, ask, take):
    """A failed card is forgotten with what waits for it in its thread; what is being sent cannot be."""
    card = ask(1)
    ask(10, kind="call", parent=card)
    (task,) = take()
    assert failures.drop(db, [task.id]) == 1
    assert states(db) == [(1, "sending")]
    ask(10, kind="call", parent=card)
    sending.fail(db, task, "invalid_blocks")
    ask(2)
    assert failures.drop(db, []) == 2
    assert states(db) == [(2, "queued")]


def test_a_thread_outlives_a_failed_change_of_its_card(db, ask, take, post):
    """Where the card stands, its thread does not go with a change that was dropped."""
    card = ask(1)
    post()
    ask(1)
    (change,) = take()
    sending.fail(db, change, "msg_too_long")
    ask(10, kind="call", parent=card)
    assert failures.drop(db, []) == 1
    assert post() == [10]


def test_nothing_to_say_any_more(db, ask, take):
    """A row with nothing to say is forgotten."""
    ask(1)
    (task,) = take()
    sending.drop_task(db, task)
    assert states(db) == []
    assert sending.by_id(db, task.id) is None


def test_what_a_gone_process_left_is_found(db, ask, take):
    """Rows that were being sent when the process ended are known at the next start."""
    ask(1)
    ask(2, "#shop")
    take()
    assert [task.message.subject for task in sending.interrupted(db)] == [1, 2]


def test_figures(db, ask, take):
    """The figures say how many rows are in each state, and how old the oldest is that is not failed."""
    assert outbox.figures(db) == {"oldest": None}
    ask(1)
    (task,) = take()
    sending.fail(db, task, "no")
    outbox.put(db, "card", 2, "#nps", NOW + SECOND)
    assert outbox.figures(db) == {"failed": 1, "queued": 1, "oldest": NOW + SECOND}


def test_channels_by_name(db):
    """The id of a channel's name is remembered until it is to be asked anew."""
    channels.remember(db, "#nps", "C1")
    channels.remember(db, "#nps", "C2")
    assert channels.id_of(db, "#nps") == "C2"
    channels.forget(db, "#nps")
    assert channels.id_of(db, "#nps") is None
