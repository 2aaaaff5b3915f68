"""What arrives while the demo runs: new answers of every kind, some of them in two steps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from bot.model import Category, category
from demo.sample import arrivals, year

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)


class Clock:
    """A clock that goes on by a minute each time it is asked."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        """Return the next minute."""
        self.now += timedelta(minutes=1)
        return self.now


def test_the_first_to_arrive_are_a_detractor_a_promoter_and_a_passive():
    """Whoever opens the demo sees one of each within the first three cards, all with a comment."""
    first = [body for _, body in islice(arrivals(Clock(NOW)), 3)]
    assert [category(body["score"]).value for body in first] == ["detractor", "promoter", "passive"]
    assert all(body["comment"] for body in first)


def test_a_regular_who_arrives_has_answered_during_the_year():
    """The first card has a history to look at."""
    _, body = next(arrivals(Clock(NOW)))
    known = {response.body["respondent"].get("email") for response in year(NOW)}
    assert body["respondent"]["email"] in known


def test_what_arrives_is_new_and_submitted_at_the_clocks_time():
    """A body either has a fresh id and no delay, or follows its own first half some seconds later."""
    clock, seen = Clock(NOW), {response.body["id"] for response in year(NOW)}
    last = {}
    for delay, body in islice(arrivals(clock), 400):
        assert datetime.fromisoformat(body["submitted_at"]) == clock.now
        if delay:
            assert body["id"] == last["id"]
            assert body["respondent"] == last["respondent"]
            assert (body["score"], body.get("comment")) != (last["score"], last.get("comment"))
        else:
            assert body["id"] not in seen
        seen.add(body["id"])
        last = body
        assert json.loads(json.dumps(body)) == body


def test_what_arrives_is_of_every_kind():
    """Two steps, a changed score, anonymous, silent, long, and one that tries to break out of its card."""
    told = list(islice(arrivals(Clock(NOW)), 200))
    bodies = [body for delay, body in told if not delay]
    comments = [body.get("comment", "") for body in bodies]
    pairs = [(before, after) for (_, before), (delay, after) in pairwise(told) if delay]
    assert any("comment" not in before and after["comment"] for before, after in pairs)
    assert any(before["score"] != after["score"] for before, after in pairs)
    assert any("name" not in body["respondent"] for body in bodies)
    assert "" in comments
    assert max(map(len, comments)) > 3000
    hostile = next(comment for comment in comments if comment.startswith("=SUM(1)"))
    assert "<!channel>" in hostile
    assert "😡" in hostile
    assert {category(body["score"]) for body in bodies} == set(Category)


def test_the_live_feed_repeats_itself_from_a_seed():
    """The same clock and seed give the same bodies."""
    assert list(islice(arrivals(Clock(NOW)), 60)) == list(islice(arrivals(Clock(NOW)), 60))
    assert list(islice(arrivals(Clock(NOW), seed=1), 60)) != list(islice(arrivals(Clock(NOW)), 60))


def test_a_later_run_goes_on_where_the_one_before_it_ended():
    """What has arrived before is left out, and what follows it comes next, whoever told of it."""
    whole = [body for delay, body in islice(arrivals(Clock(NOW)), 40) if not delay]
    [(_, goes_on)] = islice(arrivals(Clock(NOW), after=14), 1)
    told = ("score", "respondent", "comment")
    assert [goes_on.get(name) for name in told] == [whole[14].get(name) for name in told]
