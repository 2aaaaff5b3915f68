"""The daily counts hold what a recount gives, after whatever was written, by whomever, in every zone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from conftest import NOW, a_response, an_empty_store
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from bot import doctor, periods
from bot.config import Settings
from bot.intake import receive
from bot.model import Counts, tally
from bot.periods import Period
from bot.segments import Segment
from storage import forgotten, past, responses, rollups, scores
from storage.db import beside, stamp

ZONES = [
    ZoneInfo(name)
    for name in ("UTC", "Europe/Stockholm", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
]
ANY_ZONE = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})).map(ZoneInfo)
NIGHTS = [datetime(2026, month, day, 23, tzinfo=UTC) for month, day in ((3, 28), (10, 24), (4, 4), (11, 1), (12, 31))]
MOMENTS = st.one_of(
    st.datetimes(datetime(2012, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(lambda night, seconds: night + timedelta(seconds=seconds), st.sampled_from(NIGHTS), st.integers(0, 7200)),
)
NAMES = {
    "survey": st.sampled_from(["relationship", "purchase", "", None]),
    "touchpoint": st.sampled_from(["support", "onboarding", None]),
    "respondent_language": st.sampled_from(["sv", "fi", None]),
    "properties": st.sampled_from([{}, {"plan": "pro"}, {"plan": 3}, {"plan": True}, {"plan": None}]),
}
ANSWER = st.fixed_dictionaries(
    {"id": st.sampled_from("abcdefgh"), "score": st.integers(0, 10) | st.none(), "submitted_at": MOMENTS, **NAMES}
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), ANSWER),
        st.tuples(st.just("import"), st.lists(ANSWER, max_size=4)),
        st.tuples(st.just("forget"), st.integers(1, 8)),
        st.tuples(st.just("test"), st.integers(1, 8)),
        st.tuples(st.just("delete"), st.integers(1, 8)),
        st.tuples(st.just("zone"), st.sampled_from(ZONES)),
    ),
    max_size=14,
)


def take(db, what, value):
    """Do one thing that a store's responses go through."""
    if what == "receive":
        receive(db, Settings(), "json", a_response(**value, version=None), NOW)
    elif what == "import":
        past.add(db, [imported(**answer) for answer in value if answer["score"] is not None], NOW)
    elif what == "forget":
        forgotten.erase(db, value, NOW)
    elif what == "test":
        db.execute("update responses set test = 1 - test where id = :id", id=value)
    elif what == "delete":
        newest = db.value("select max(id) from responses")  # whose id the next one would have again
        db.execute("delete from responses where id = :id and id <> :newest", id=value, newest=newest)
    else:
        rollups.keep(db, value)


def imported(**answer):
    """Return an answer as an import writes it."""
    return past.Answer(
        source="json",
        source_id=answer["id"],
        survey=answer["survey"],
        touchpoint=answer["touchpoint"],
        score=answer["score"],
        comment=None,
        submitted_at=stamp(answer["submitted_at"]),
        name=None,
        email=None,
        phone=None,
        company=None,
        language=answer["respondent_language"],
        link=None,
        properties="{}",
    )


def counted(db, zone):
    """Count responses by local day and score, going through them one by one."""
    found = Counter()
    for row in db.rows("select * from responses where score is not null and test = 0"):
        day = datetime.fromisoformat(row["submitted_at"]).astimezone(zone).date().isoformat()
        labels = [row[name] or "" for name in ("survey", "touchpoint", "language", "source")]
        found[day, row["score"], *labels] += 1
    return found


def kept(db, table, names):
    """Return the same of a roll-up, without what it counts as nothing."""
    found = Counter()
    for row in db.rows(f"select * from {table}"):
        for score in range(11):
            found[row["day"], score, *(row[name] for name in names)] += row[f"s{score}"]
    return +found


@given(STEPS, st.sampled_from(ZONES))
@how(max_examples=60)
def test_after_whatever_was_written(steps, zone):
    """Received, changed, imported, erased, deleted or marked as a test: the counts are those of a recount."""
    with an_empty_store() as db:
        rollups.keep(db, zone)
        for what, value in steps:
            take(db, what, value)
            zone = value if what == "zone" else zone
            assert rollups.check(db) == 0
        expected = counted(db, zone)
        assert kept(db, "daily_groups", ("survey", "touchpoint", "language", "source")) == expected
        by_survey = Counter()
        for (day, score, survey, *_), n in expected.items():
            by_survey[day, score, survey] += n
        assert kept(db, "daily", ("survey",)) == by_survey


GROUP = st.sampled_from(["survey", "touchpoint", "language", "source", "company", "property.plan"])


@given(st.lists(ANSWER, max_size=20, unique_by=lambda a: a["id"]), st.sampled_from(ZONES), GROUP, st.data())
@how(max_examples=60)
def test_scores_are_the_same_by_either_way(answers, zone, group, data):
    """From the roll-ups, or from the responses when these count in another zone: both as counted by hand."""
    given_at = [a["submitted_at"].astimezone(zone).date() for a in answers]
    days = st.sampled_from(given_at) if given_at else st.just(NOW.date())
    first = data.draw(days) - timedelta(days=data.draw(st.integers(0, 2)))
    period = Period(first, max(first, data.draw(days)))
    survey = data.draw(st.sampled_from([None, "purchase"]))
    chosen = [
        (answer, day)
        for answer, day in zip(answers, given_at, strict=True)
        if answer["score"] is not None and period.first <= day <= period.last and survey in {None, answer["survey"]}
    ]
    with an_empty_store() as db:
        rollups.keep(db, zone)
        for answer in answers:
            responses.add(db, "json", a_response(**answer), NOW)
        for other in (zone, ZoneInfo("Pacific/Kiritimati"), None):
            if other:
                rollups.keep(db, other)
            else:
                rollups.distrust(db)
            segment = Segment(survey)
            by_score = scores.by_score(db, zone, period, segment)
            several = [Period(day, period.last) for day in given_at if day <= period.last]
            each = [scores.within(db, zone, span, segment) for span in several]
            assert scores.within_each(db, zone, several, segment) == each
            assert by_score == tuple(sum(a["score"] == score for a, _ in chosen) for score in range(11))
            reach = scores.reach(db, zone, period, segment)
            reached = [day for _, day in chosen]
            assert reach == (Period(min(reached), max(reached)) if reached else None)
            assert scores.surveys(db) == sorted(
                {a["survey"] for a in answers if a["survey"] and a["score"] is not None}
            )
            by_label = {}
            for answer, _ in chosen:
                by_label.setdefault(label(answer, group), []).append(answer["score"])
            found = scores.grouped(db, zone, group, period, segment)
            assert dict(found) == {name: tally(Counter(given)) for name, given in by_label.items()}
            assert [c.responses for _, c in found] == sorted((c.responses for _, c in found), reverse=True)
            for name, given in by_label.items():
                part = Segment(survey, group, name)
                assert scores.within(db, zone, period, part) == tally(Counter(given))


def label(answer, group):
    """Return what an answer says of a group, as text."""
    if group == "property.plan":
        plan = answer["properties"].get("plan")
        return {None: "", True: "true"}.get(plan, str(plan))
    told = {"language": answer["respondent_language"], "source": "json", "company": "Nordlys AB"}
    return {**answer, **told}[group] or ""


@given(ANY_ZONE, MOMENTS)
def test_the_local_day_of_every_moment(zone, at):
    """In every zone, also around its clocks' changes, a response is counted on the day that its clocks showed."""
    changes = rollups.clock_changes(zone)
    edges = [datetime.fromisoformat(since) for since, _ in changes if since[:4] == f"{at.year}"]
    with an_empty_store() as db:
        rollups.keep(db, zone)
        for number, moment in enumerate([at, *(e + timedelta(seconds=s) for e in edges for s in (-1, 0, 1))]):
            responses.add(db, "json", a_response(id=str(number), submitted_at=moment), NOW)
            day = periods.local_day(moment, zone)
            assert scores.within(db, zone, Period(day, day)).responses > 0
        assert {day for day, *_ in kept(db, "daily", ("survey",))} == {day for day, *_ in counted(db, zone)}


def test_counted_anew_only_when_it_has_to_be(db):
    """The first time, with another zone, and when the tz database has changed its mind, all is counted anew."""
    stockholm, helsinki = ZoneInfo("Europe/Stockholm"), ZoneInfo("Europe/Helsinki")
    assert rollups.zone(db) is None
    assert [rollups.keep(db, zone) for zone in (stockholm, stockholm, helsinki, stockholm)] == [True, False, True, True]
    db.execute("update clock_changes set seconds = seconds + 3600 where since > '2026'")
    assert rollups.keep(db, stockholm)


def test_a_store_from_before_the_rollups(db):
    """What was there before is counted when the bot starts."""
    db.execute("drop trigger counted_when_new")
    responses.add(db, "json", a_response(), NOW)
    zone = ZoneInfo("Europe/Stockholm")
    assert scores.within(db, zone, periods.EVER) == Counts(0, 0, 1)
    rollups.keep(db, zone)
    assert rollups.check(db) == 0
    assert scores.within(db, zone, periods.EVER) == Counts(0, 0, 1)


async def test_the_doctor_finds_wrong_counts_and_the_next_start_mends_them(settings):
    """Counts that are wrong are found and not read any more; scores stay right meanwhile."""
    zone, day = settings.timezone, Period(NOW.date(), NOW.date())
    with beside(settings.database) as db:
        rollups.keep(db, zone)
        responses.add(db, "json", a_response(), NOW)
    assert [finding.ok for finding in await daily_counts(settings)] == [True]
    with beside(settings.database) as db:
        db.execute("update daily set s3 = 7")
        assert scores.within(db, zone, day).responses == 7
    (finding,) = await daily_counts(settings)
    assert (finding.ok, "1 day" in finding.says) == (False, True)
    with beside(settings.database) as db:
        assert scores.within(db, zone, day).responses == 1
        assert rollups.keep(db, zone)
        assert (scores.within(db, zone, day).responses, rollups.check(db)) == (1, 0)


async def daily_counts(settings):
    """Return what the doctor finds of the daily counts."""
    return [f for f in await doctor.examine(lambda: replace(settings, bot_token=None)) if f.subject == "daily counts"]


async def test_the_bot_counts_in_its_own_zone(start, settings):
    """A bot counts in its zone as it starts, with all that another zone's bot had counted before."""
    for name in ("Europe/Stockholm", "Pacific/Apia"):
        async with start(timezone=ZoneInfo(name)) as running:
            assert (await running.deliver({"id": name, "score": 9}))[0] == 202
    with beside(settings.database) as db:
        assert (rollups.zone(db), rollups.check(db)) == ("Pacific/Apia", 0)
        assert scores.within(db, ZoneInfo("Pacific/Apia"), periods.EVER) == Counts(2, 0, 0)
