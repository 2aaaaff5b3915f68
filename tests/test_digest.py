"""The digest: queued once for each week at its hour; what it shows of nobody, of few, and of whom it quotes."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import strategies as st

from bot import digest
from bot.cards import digest as cards
from bot.cards.scores import score_line
from bot.config import Settings
from bot.intake import receive
from bot.model import Counts, nps
from bot.periods import Period
from bot.texts import Texts
from storage import Store, failures, outbox, responses, sending
from storage import settings as values

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Stockholm", "America/Santiago", "Asia/Kathmandu", "Pacific/Apia")]
MONDAY = date(2026, 11, 16)
WEEK = Period(date(2026, 11, 9), date(2026, 11, 15))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def settings_in(zone, **more):
    """Return settings for a team in a zone."""
    return Settings(timezone=zone, **more)


def nine(day, zone=STOCKHOLM):
    """Return the instant of a local day's 09:00."""
    return datetime.combine(day, time(9), zone).astimezone(UTC)


def queued(db):
    """Return the first days of the weeks whose digests were queued, in the order they were."""
    return [date.fromisoformat(row["first_day"]) for row in db.rows("select first_day from digests order by id")]


def started(db, at):
    """Let the bot have been started on this store for the first time at a moment."""
    values.put(db, "first_start", at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"))


def test_the_first_start_posts_nothing_old(db):
    """What was due before the store's first start is never posted; the next Monday's is."""
    settings = settings_in(STOCKHOLM)
    first = nine(MONDAY) + 2 * DAY
    for now in (first, first + HOUR, nine(MONDAY + 7 * DAY) - timedelta(microseconds=1)):
        assert digest.queue_due(db, settings, now) is None
    assert digest.queue_due(db, settings, nine(MONDAY + 7 * DAY)) is not None
    assert queued(db) == [MONDAY]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (nine(MONDAY) - timedelta(microseconds=1), [WEEK.first]),
        (nine(MONDAY), [WEEK.first]),
        (nine(MONDAY) + timedelta(microseconds=1), []),
    ],
)
def test_a_first_start_around_the_hour(db, first, expected):
    """A store started just before the hour gets that Monday's digest, one started just after it does not."""
    for minutes in range(3):
        digest.queue_due(db, settings_in(STOCKHOLM), first + minutes * MINUTE)
    assert queued(db) == expected


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("monday", [date(2026, 3, 30), date(2026, 4, 6), date(2026, 9, 7), date(2026, 10, 26), MONDAY])
def test_at_nine_local_time(db, zone, monday):
    """The week is due on Monday at nine by the team's own clocks, also after these were changed."""
    settings = settings_in(zone)
    started(db, nine(monday, zone) - 3 * DAY)
    assert digest.queue_due(db, settings, nine(monday, zone) - MINUTE) is None
    digest_id = digest.queue_due(db, settings, nine(monday, zone))
    found = digest.stored(db, settings, digest_id, nine(monday, zone))
    assert (found.kind, found.first, found.last) == ("week", monday - 7 * DAY, monday - DAY)
    assert found.late_since is None


def test_queued_once_however_often_it_is_asked(db):
    """Asked again, by this process or the next, a week is not queued a second time."""
    settings = settings_in(STOCKHOLM, digest_channel="#leaders")
    started(db, nine(MONDAY) - DAY)
    digest_id = digest.queue_due(db, settings, nine(MONDAY))
    assert [digest.queue_due(db, settings, nine(MONDAY) + step * HOUR) for step in range(0, 168, 24)] == [None] * 7
    message = outbox.message_of(db, "digest", digest_id)
    assert (message.channel, message.parent) == ("#leaders", None)
    assert len(failures.listing(db)) == 1


async def test_of_two_who_ask_at_once_one_queues(settings):
    """However many ask at the same moment, one digest is queued."""
    store = Store(settings.database)
    try:
        await store.run(started, nine(MONDAY, UTC) - DAY)
        asked = [store.run(digest.queue_due, settings, nine(MONDAY, UTC)) for _ in range(8)]
        found = await asyncio.gather(*asked)
    finally:
        store.close()
    assert sum(digest_id is not None for digest_id in found) == 1


def test_of_missed_weeks_only_the_last(db):
    """After weeks of silence the last whole week is posted, and says since when it was due."""
    settings = settings_in(STOCKHOLM)
    started(db, nine(MONDAY) - 30 * DAY)
    back = nine(MONDAY) + 2 * DAY
    digest_id = digest.queue_due(db, settings, back)
    assert queued(db) == [WEEK.first]
    assert digest.stored(db, settings, digest_id, back).late_since == nine(MONDAY)


@pytest.mark.parametrize(("after", "late"), [(29 * MINUTE, False), (30 * MINUTE, False), (31 * MINUTE, True)])
def test_late_is_more_than_half_an_hour(db, after, late):
    """A digest that was queued within half an hour of its time does not call itself late."""
    settings = settings_in(STOCKHOLM)
    started(db, nine(MONDAY) - DAY)
    digest_id = digest.queue_due(db, settings, nine(MONDAY) + after)
    assert (digest.stored(db, settings, digest_id, nine(MONDAY) + DAY).late_since is not None) == late


def test_a_digest_that_is_not_there(db):
    """A digest that nobody queued has no numbers."""
    assert digest.stored(db, settings_in(STOCKHOLM), 1, NOW) is None


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.lists(st.timedeltas(timedelta(), 16 * DAY), min_size=1, max_size=12),
)
def test_each_week_that_came_due_while_somebody_asked(zone, first, steps):
    """Whenever the bot asks, the last Monday's nine o'clock since the first start is served, each once."""
    settings, expected = settings_in(zone), []
    with an_empty_store() as db:
        for now in accumulate(steps, initial=first):
            digest.queue_due(db, settings, now)
            today = now.astimezone(zone).date()
            mondays = [day for back in range(15) if (day := today - back * DAY).isoweekday() == 1]
            due = next(day for day in mondays if nine(day, zone) <= now)
            if nine(due, zone) >= first and due - 7 * DAY not in expected:
                expected.append(due - 7 * DAY)
        assert queued(db) == expected


def test_nobody_answered(db):
    """A week in which nobody answered has no score, and says so."""
    settings = settings_in(STOCKHOLM)
    found = digest.numbers(db, settings, "week", WEEK, nine(MONDAY))
    rendered = cards.render(found, Texts("en", STOCKHOLM))
    assert found.figures == {"responses": 0}
    assert rendered.metadata["event_payload"] == {
        "period": "week",
        "start": "2026-11-09",
        "end": "2026-11-15",
        "responses": 0,
    }
    assert "Nobody answered" in rendered.text
    assert "No callbacks were opened" in rendered.text


@pytest.mark.parametrize(("answers", "marked"), [(1, True), (9, True), (10, False), (100, False)])
def test_few_answers_are_shown_and_marked(answers, marked):
    """The score of few answers is shown with its margin, and marked as too few to act on."""
    line = score_line(Counts(answers, 0, 0), Texts("en", STOCKHOLM))
    assert line.startswith("NPS +100 ±")
    assert ("too few to act on" in line) == marked


def test_comments_worth_reading(db):
    """Of each category one comment of a readable length is chosen, the longest else, never a blank one."""
    settings = settings_in(STOCKHOLM)
    at = nine(WEEK.first)
    said = {
        0: ["x" * 39, "x" * 40, "x" * 400, "x" * 401],
        7: ["short", "a bit longer"],
        10: [" ", "", None],
    }
    for score, comments in said.items():
        for number, comment in enumerate(comments):
            response = a_response(id=f"r-{score}-{number}", score=score, comment=comment, submitted_at=at)
            receive(db, settings, "json", response, at)
    found = digest.numbers(db, settings, "week", WEEK, nine(MONDAY))
    assert [each.response.comment for each in found.comments] == ["x" * 400, "a bit longer"]


def test_waiting_detractors_lead_to_their_cards(db):
    """Whoever waits is named with a link to the card once it stands, and without before."""
    settings, at = settings_in(STOCKHOLM), nine(WEEK.first)
    values.put(db, "workspace_url", "https://nordlys.slack.com/")
    receive(db, settings, "json", a_response(submitted_at=at), at)
    found = digest.numbers(db, settings, "week", WEEK, nine(MONDAY))
    assert [each.link for each in found.waiting] == [None]
    (task,) = sending.take(db, at, frozenset())
    sending.sent(db, task, "1763360000.000100", "C0NPS", at)
    found = digest.numbers(db, settings, "week", WEEK, nine(MONDAY))
    assert [each.link for each in found.waiting] == ["https://nordlys.slack.com/archives/C0NPS/p1763360000000100"]


def test_imported_responses_count(db):
    """What was imported counts in the digest like what came by webhook, without a callback."""
    settings, at = settings_in(STOCKHOLM), nine(WEEK.first)
    responses.add(db, "import", a_response(score=10, submitted_at=at), NOW, imported=True)
    found = digest.numbers(db, settings, "week", WEEK, nine(MONDAY))
    assert (nps(found.counts), found.counts.responses, found.loop.opened) == (100, 1, 0)
