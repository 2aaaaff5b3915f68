"""What a score is held against, as it is set: minimum, bands, target."""

from __future__ import annotations

import pytest

from bot.config import SettingError, load
from bot.model import Counts
from bot.settings.yardstick import STANDARD, Yardstick


def read(toml, tmp_path):
    """Return the yardstick that a file sets."""
    (tmp_path / "npsbot.toml").write_text(f"[score]\n{toml}\n", encoding="utf-8")
    return load({}).score


def test_what_is_set(tmp_path):
    """Without a word there are ten answers, four bands and no target; each can be set, bands in any order."""
    assert load({}).score == STANDARD == Yardstick()
    found = read("minimum = 25\ntarget = 45\nbands = { fine = 40, so_so = 10 }", tmp_path)
    assert found == Yardstick(25, 45, (("so_so", 10), ("fine", 40)))


@pytest.mark.parametrize(
    "wrong",
    [
        "minimum = 0",
        "minimum = true",
        "target = 101",
        'target = "high"',
        "bands = {}",
        "bands = { a = 10, b = 10 }",
        "bands = { a = 200 }",
        "bands = [30]",
        "colour = 1",
    ],
)
def test_what_is_wrong_is_named(wrong, tmp_path):
    """One sentence names the setting and what is accepted."""
    with pytest.raises(SettingError, match="score") as refused:
        read(wrong, tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("promoters", "detractors", "band"),
    [
        (0, 10, "needs_work"),
        (5, 5, "needs_work"),
        (101, 100, "needs_work"),
        (51, 50, "positive"),
        (129, 71, "positive"),
        (13, 7, "good"),
        (149, 51, "good"),
        (15, 5, "excellent"),
        (169, 31, "excellent"),
        (17, 3, "world_class"),
        (9, 0, None),
    ],
)
def test_bands_at_their_edges(promoters, detractors, band):
    """A score is in the highest band that it reaches; of fewer answers than the minimum there is none."""
    assert STANDARD.band(Counts(promoters, 0, detractors)) == band
