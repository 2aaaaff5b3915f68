"""Times as files write them; which of day and month comes first is the whole column's to say, or is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from past_files import counts, imported, stored, written

from bot.past.dates import Clock, Evidence, Order
from bot.past.tables import Trouble

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY_FIRST = Clock(STOCKHOLM, Order.DAY_FIRST)


def instant(text: str, clock: Clock = DAY_FIRST) -> str:
    """Return the instant that a text means, in UTC; both ways to it must agree."""
    written_as = clock.read(text)
    found = clock.instant(written_as).isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert clock.stamped(text, written_as) == found
    return found.replace(".000000Z", "Z")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-03-05T14:05:06Z", "2026-03-05T14:05:06Z"),
        ("2026-03-05 14:05:06Z", "2026-03-05T14:05:06Z"),
        ("2026-03-05T14:05:06.123Z", "2026-03-05T14:05:06.123000Z"),
        ("2026-03-05T14:05:06+02:00", "2026-03-05T12:05:06Z"),
        ("2026-03-05 14:05:06 +0200", "2026-03-05T12:05:06Z"),
        ("2026-03-05 14:05:06 UTC", "2026-03-05T14:05:06Z"),
        ("2026-03-05 14:05", "2026-03-05T13:05:00Z"),
        ("2026-03-05", "2026-03-04T23:00:00Z"),
        ("2026/03/05 14:05", "2026-03-05T13:05:00Z"),
        ("2026-3-5 9:05", "2026-03-05T08:05:00Z"),
        ("5.3.2026 klo 14.05", "2026-03-05T13:05:00Z"),
        ("05.03.2026, 14:05:06", "2026-03-05T13:05:06Z"),
        ("05/03/2026 02:05 PM", "2026-03-05T13:05:00Z"),
        ("5/3/2026 12:05 am", "2026-03-04T23:05:00Z"),
        ("05/03/26 14:05", "2026-03-05T13:05:00Z"),
        ("05-03-2026 14.05", "2026-03-05T13:05:00Z"),
        ("5 Mar 2026 14:05", "2026-03-05T13:05:00Z"),
        ("Mar 5, 2026 2:05 PM", "2026-03-05T13:05:00Z"),
        ("March 5th, 2026", "2026-03-04T23:00:00Z"),
        ("Thu, 05 Mar 2026 14:05:06 +0000", "2026-03-05T14:05:06Z"),
        ("Thu Mar 05 2026 14:05:06 GMT+0200 (Eastern European Standard Time)", "2026-03-05T12:05:06Z"),
        ("5 mars 2026 kl. 14:05", "2026-03-05T13:05:00Z"),
        ("5. marts 2026 14.05", "2026-03-05T13:05:00Z"),
        ("5. maaliskuuta 2026 klo 14.05", "2026-03-05T13:05:00Z"),
        ("5-Mar-2026", "2026-03-04T23:00:00Z"),
        ("46086.5", "2026-03-05T11:00:00Z"),
        ("46086,5", "2026-03-05T11:00:00Z"),
        ("1772719506", "2026-03-05T14:05:06Z"),
        ("1772719506000", "2026-03-05T14:05:06Z"),
        ("20260305", "2026-03-04T23:00:00Z"),
        ("20260305140506", "2026-03-05T13:05:06Z"),
    ],
)
def test_times_as_files_write_them(text, means):
    """ISO, day first, with dots, with the names of months in five languages, Excel's serials, Unix times."""
    assert instant(text) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [("03/05/2026", "2026-03-04T23:00:00Z"), ("12/31/2026 11:59 PM", "2026-12-31T22:59:00Z")],
)
def test_month_first(text, means):
    """Where the column says month first, it is."""
    assert instant(text, Clock(STOCKHOLM, Order.MONTH_FIRST)) == means


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yesterday", "is not a time"),
        ("", "is not a time"),
        ("2026-02-30", "is no time"),
        ("31/02/2026", "is no time"),
        ("2026-03-05 25:00", "is no time"),
        ("05/03/2026 14:05 PM", "has no such hour"),
        ("03/25/2026", "does not fit the other dates of its column, which are day-first"),
        ("25-03-04", "is not a time"),
        ("1066-10-14", "is not between the years"),
        ("9999-12-31", "is not between the years"),
        ("5 foo 2026", "is not a time"),
        ("2026-W10-4", "is not a time"),
        ("1e9", "is not a time"),
        ("12345", "is not a time"),
    ],
)
def test_what_is_no_time(text, why):
    """What cannot be read, or is no day at all, is refused with the reason."""
    with pytest.raises(ValueError, match=why):
        DAY_FIRST.read(text)


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["03/04/2026", "25/04/2026"], Order.DAY_FIRST),
        (["03/04/2026", "04/25/2026"], Order.MONTH_FIRST),
        (["03.04.2026", "05.04.2026"], Order.DAY_FIRST),
        (["04.13.2026"], Order.MONTH_FIRST),
        (["2026-04-03", "2026-04-25"], Order.DAY_FIRST),
        (["05/05/2026"], Order.DAY_FIRST),
    ],
)
def test_one_date_decides_for_its_column(dates, order):
    """A day past the twelfth tells the order of all; dates with dots are written day first."""
    evidence = Evidence()
    evidence.weigh([(i, [text], None) for i, text in enumerate(dates, 2)], 0)
    assert evidence.order("Date", "line") is order


def test_an_order_that_stays_open_is_asked_for(tmp_path, settings):
    """Dates that can be read in two ways stop the import with what to say; once said, it goes on."""
    path = written(tmp_path / "past.csv", "score,date\n9,03/04/2026\n8,05/06/2026\n")
    with pytest.raises(Trouble, match=r"03/04/2026 on line 2, and no other date tells which\. Say it with --dates day"):
        imported(settings, path)
    assert not settings.database.exists()
    assert counts(imported(settings, path, order=Order.MONTH_FIRST)) == (2, 0, 0)
    assert [row["submitted_at"][:10] for row in stored(settings)] == ["2026-03-04", "2026-05-06"]


def test_dates_of_both_orders_are_never_sorted_out_row_by_row(tmp_path, settings):
    """A column with both orders is refused with both lines; with one said, the others are refused by name."""
    path = written(tmp_path / "past.csv", "score,date\n9,25/03/2026\n8,03/25/2026\n7,03/04/2026\n")
    with pytest.raises(Trouble, match=r"line 2 has the day first \(25/03/2026\) and line 3 the month"):
        imported(settings, path)
    outcome = imported(settings, path, order=Order.DAY_FIRST)
    assert counts(outcome) == (2, 0, 1)
    assert outcome.reasons == [
        'line 3, date: "03/25/2026" does not fit the other dates of its column, which are day-first'
    ]


def test_the_last_row_may_decide(tmp_path, settings):
    """The whole column is read before the first row is: here only the last of many tells the order."""
    lines = "".join(f"{i},9,0{1 + i % 9}/0{1 + i % 8}/2026\n" for i in range(3_000))
    path = written(tmp_path / "past.csv", f"id,score,date\n{lines}last,9,02/28/2026\n")
    assert imported(settings, path).new == 3_001
    assert stored(settings)[1]["submitted_at"][:10] == "2026-02-02"
    assert stored(settings)[9]["submitted_at"][:10] == "2026-01-02"


@pytest.mark.parametrize(
    ("local", "means"),
    [
        ("2026-10-25 01:59", "2026-10-24T23:59:00Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),  # comes twice: the first
        ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),  # is not there: as much later
        ("2026-03-29 03:30", "2026-03-29T01:30:00Z"),
    ],
)
def test_when_clocks_change(tmp_path, settings, local, means):
    """A local time that comes twice is the first of the two, one that is not there as much later."""
    path = written(tmp_path / "past.csv", f"score,date\n9,{local}\n")
    imported(replace(settings, timezone=STOCKHOLM), path)
    assert stored(settings)[0]["submitted_at"].replace(".000000Z", "Z") == means


@given(at=st.datetimes(datetime(1991, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds
def test_what_python_writes_is_read(at):
    """ISO 8601 with any precision, with Z and with an offset, is the instant that it was."""
    for text in (at.isoformat(), at.isoformat().replace("+00:00", "Z"), at.isoformat(" ")):
        assert DAY_FIRST.instant(DAY_FIRST.read(text)) == at
    seconds = at.replace(microsecond=0)
    assert instant(seconds.isoformat().replace("+00:00", "Z")) == seconds.isoformat().replace("+00:00", "Z")


@given(day=st.dates(date(1990, 1, 2), date(2118, 1, 1)))
def test_excels_days(day):
    """A serial is the day that Excel shows for it."""
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert DAY_FIRST.read(str(serial)).date() == day
