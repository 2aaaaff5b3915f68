"""Pictures: what is drawn lies within, says in words what it shows, is a sound file, and never costs a digest."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from cards_shown import a_digest
from conftest import ROOT, a_response, eventually
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot import digest, periods
from bot.cards.charts import distribution_chart, trend_chart
from bot.cards.digest import Point
from bot.cards.scores import trend_line
from bot.charts.drawings import drawings
from bot.charts.png import SCALE, png
from bot.charts.shapes import DARK, LIGHT, Area, Box, Dot, Label, Line
from bot.charts.svg import svg
from bot.intake import receive
from bot.model import Counts, nps, tally
from bot.settings.yardstick import Yardstick
from bot.texts import LANGUAGES, Texts
from demo.rules import check_message

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ENGLISH = Texts("en", STOCKHOLM)
MONDAY = date(2026, 11, 9)
N = st.integers(0, 40)
WEEKS = st.lists(st.builds(Counts, N, N, N) | st.just(Counts()), min_size=0, max_size=26)
BY_SCORE = st.lists(st.integers(0, 500), min_size=11, max_size=11).map(tuple)
TARGET = st.none() | st.integers(-100, 100)


def digest_of(weeks, by_score, target=None):
    """Return a digest with a trend and a distribution."""
    first = MONDAY - timedelta(weeks=len(weeks) - 1)
    trend = tuple(Point(first + timedelta(weeks=number), counts) for number, counts in enumerate(weeks))
    counts = tally(dict(enumerate(by_score)))
    return a_digest(trend=trend, by_score=by_score, counts=counts, yardstick=Yardstick(target=target))


SHOWN = digest_of([Counts(30, 10, n % 9) for n in range(26)], (4, 2, 1, 2, 3, 4, 4, 9, 11, 25, 35), 45)


def corners(shape):
    """Return the points between which a shape lies; of words, where they begin."""
    if isinstance(shape, Line | Area):
        return shape.points
    if isinstance(shape, Box):
        return ((shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height))
    if isinstance(shape, Dot):
        return ((shape.x - shape.radius, shape.y - shape.radius), (shape.x + shape.radius, shape.y + shape.radius))
    return ((shape.x, shape.y - shape.size), (shape.x, shape.y))


@given(WEEKS, BY_SCORE, TARGET)
def test_everything_lies_within_its_picture(weeks, by_score, target):
    """Whatever the figures, each shape lies within the picture, and the svg is sound XML with its words in it."""
    for drawing in drawings(digest_of(weeks, by_score, target), ENGLISH):
        for shape in drawing.shapes:
            for x, y in corners(shape):
                assert -1 <= x <= drawing.width + 1
                assert -1 <= y <= drawing.height + 1
            assert shape.colour in LIGHT
        root = ET.fromstring(svg(drawing))  # noqa: S314  # our own
        assert root.get("aria-label") == drawing.alt
        words = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        assert words == {shape.words for shape in drawing.shapes if isinstance(shape, Label)}


@given(WEEKS, BY_SCORE, TARGET)
def test_slack_takes_the_charts(weeks, by_score, target):
    """Whatever the figures, Slack's own charts keep its rules and hold the scores of the last weeks with answers."""
    shown = digest_of(weeks, by_score, target)
    charts = [trend_chart(shown.trend, ENGLISH, shown.yardstick), distribution_chart(shown.by_score, ENGLISH)]
    blocks = [chart for chart in charts if chart]
    if blocks:
        assert check_message({"text": "NPS", "blocks": blocks}) == []
    scored = [nps(point.counts) for point in shown.trend if point.counts.responses]
    assert (charts[0] is None) == (len(scored) < 2)
    if charts[0] is not None:
        values = [point["value"] for point in charts[0]["chart"]["series"][0]["data"]]
        assert values == scored[-20:]


@given(WEEKS)
def test_a_trend_in_words(weeks):
    """The first, last, lowest and highest score of the weeks with answers, by a slow look at each."""
    trend = digest_of(weeks, (1,) * 11).trend
    scored = [score for point in trend if (score := nps(point.counts)) is not None]
    told = trend_line(trend, ENGLISH)
    if len(scored) < 2:
        assert told == ""
        return
    for score in (scored[0], scored[-1], min(scored), max(scored)):
        assert ENGLISH.signed(score) in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dark", [False, True])
def test_a_png_is_sound_and_light(language, dark):
    """The file is a picture of the size that was drawn, small enough for a phone, on its own ground."""
    for drawing in drawings(SHOWN, Texts(language, STOCKHOLM)):
        content = png(drawing, dark=dark)
        image = Image.open(io.BytesIO(content))
        assert image.size == (drawing.width * SCALE, drawing.height * SCALE)
        ground = "#{:02x}{:02x}{:02x}".format(*image.convert("RGB").getpixel((2, 2)))
        assert ground == (DARK if dark else LIGHT)["paper"]
        assert len(content) < 120_000
        assert 40 < len(drawing.alt) < 1000


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_apart(colours):
    """Words stand out from their ground, and neighbours of the bar differ in lightness, which no eye confuses."""
    for name in ("ink", "quiet", "score", "target"):
        assert contrast(colours[name], colours["paper"]) >= 4.5
    for which in ("promoter", "passive", "detractor"):
        assert contrast(colours[f"on_{which}"], colours[which]) >= 3
    assert contrast(colours["promoter"], colours["passive"]) >= 1.5
    assert contrast(colours["passive"], colours["detractor"]) >= 1.3
    assert contrast(colours["score"], colours["band"]) >= 3


def test_nothing_is_loaded_before_it_is_drawn():
    """The bot starts without the drawing library."""
    code = "import bot.app, bot.cli, sys; print([name for name in sys.modules if name.split('.')[0] == 'PIL'])"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def _a_week(db, settings, now):
    """Let some answer in two weeks, and queue the digest of the last."""
    week = periods.before("week", periods.holding("week", periods.local_day(now, settings.timezone)))
    for number in range(24):
        at = periods.start_of(week.first, settings.timezone) + timedelta(hours=12 - 7 * 24 * (number % 2))
        receive(db, settings, "json", a_response(id=f"r-{number}", score=number % 11, submitted_at=at), at)
    return digest.queue(db, settings, "week", week, now, now)


def _now():
    return datetime.now(UTC)


def _digests(workspace):
    return [
        each for each in workspace.messages("nps") if (each.get("metadata") or {}).get("event_type") == "nps_digest"
    ]


def _kinds(message):
    return {block["type"] for block in message["blocks"]}


async def test_charts_where_the_workspace_takes_them(workspace, start, quick):
    """A workspace that takes charts gets the digest with them, and no file."""
    async with start() as running:
        await running.bot.desk.change(_a_week, running.bot.settings, _now())
        [shown] = await eventually(lambda: _digests(workspace))
    assert "data_visualization" in _kinds(shown)
    assert workspace.messages("nps", shown["ts"]) == []


async def test_a_picture_where_it_refuses_them(workspace, start, quick):
    """Where charts are refused, the digest comes in core blocks, and its pictures in its thread, with their words."""
    workspace.faults.add("error", "chat.postMessage", error="invalid_blocks", count=1)
    async with start() as running:
        await running.bot.desk.change(_a_week, running.bot.settings, _now())
        [shown] = await eventually(lambda: _digests(workspace))
        [files] = await eventually(lambda: workspace.messages("nps", shown["ts"]))
        assert "data_visualization" not in _kinds(shown)
        assert "rich_text" in _kinds(shown)
        assert [file["mimetype"] for file in files["files"]] == ["image/png"] * 2
        assert files["files"][0]["alt_txt"].startswith("NPS by week")
        async with aiohttp.ClientSession() as http, http.get(files["files"][0]["url_private"]) as answer:
            assert Image.open(io.BytesIO(await answer.read())).format == "PNG"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_no_digest_fails_for_want_of_a_picture(workspace, start, quick, method):
    """Where uploads fail, too, the digest stands without pictures, and nothing is left in the outbox."""
    workspace.faults.add("error", "chat.postMessage", error="invalid_blocks", count=1)
    workspace.faults.add("error", method, error="not_allowed")
    async with start() as running:
        await running.bot.desk.change(_a_week, running.bot.settings, _now())
        [shown] = await eventually(lambda: _digests(workspace))
        left = "select count(*) from outbox o join messages m on m.id = o.message_id where m.kind <> 'card'"
        await eventually(lambda: _is(running, left, 0))
        assert workspace.messages("nps", shown["ts"]) == []
        assert await _is(running, "select count(*) from messages where kind = 'picture'", 1)


async def _is(running, query, wanted):
    return await running.bot.store.read(lambda db: db.value(query)) == wanted
