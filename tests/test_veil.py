"""The rule of who learns whose answer it is, and the settings that it goes by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from privacy_shown import CLAIMED, PERSON, PRIVATE, answer, named

from bot import privacy, veil
from bot.config import SettingError, load
from bot.model import Respondent
from bot.settings.privacy import Privacy
from storage import channels


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Anna Berg called", "••• called"),
        ("anna  berg? ANNA BERG!", "anna  berg? •••!"),
        ("Pratade med Anna, inte med Annas chef Bergström", "Pratade med •••, inte med Annas chef Bergström"),
        ("Mail ANNA@nordlys.example now", "Mail ••• now"),
        ("Ring 070-174 06 05 i dag", "Ring ••• i dag"),
        ("Ring 0046701740605!", "Ring •••!"),
        ("order 1740", "order 1740"),
        (None, None),
        ("", ""),
    ],
)
def test_what_is_left_of_a_text(text, left):
    """Name, address and number go, as a whole, in part and otherwise written; other words stay."""
    assert veil.unnamed(text, Respondent(**PERSON)) == left


@given(name=st.text(), email=st.text(min_size=1), phone=st.text(), around=st.text())
def test_whatever_they_are_called(name, email, phone, around):
    """Whatever a name, an address or a number holds, nothing breaks, and the address is not left in a text."""
    left = veil.unnamed(f"{around} {email}", Respondent(name=name, email=email, phone=phone))
    assert left is not None
    assert email not in left.replace(veil.HIDDEN, "") or not email.strip() or email in around


@given(
    private=st.booleans(),
    holder=st.sampled_from([None, "U1", "U2"]),
    reader=st.sampled_from([None, "U1", "U2"]),
    survey=st.sampled_from(["Pulse", "  PULSE ", "relationship", None]),
)
def test_who_learns_who_it_is(private, holder, reader, survey):
    """In a private channel whoever holds it, of a nameless survey nobody, else everybody."""
    over = veil.Veil(reader, frozenset({"nps"}), frozenset({"pulse"}), default="#nps")
    found = answer(replace(CLAIMED, holder=holder), survey=survey)
    seen = over.over(found, "#nps" if private else "#shop", {})
    nameless = survey is not None and "pulse" in survey.lower()
    learns = not nameless and (not private or (holder is not None and holder == reader))
    assert (seen.response.respondent.name == "Anna Berg") is learns
    assert bool(named(repr(seen.response))) is learns
    assert bool(seen.earlier) is learns
    assert (seen.response.respondent.company == "Nordlys AB") is not nameless


def test_a_channel_goes_by_its_name_and_its_id(db, settings):
    """Whichever of both [privacy] names and a rule uses, it is the same channel once Slack has said so."""
    by_name, by_id = (replace(settings, privacy=Privacy(frozenset({each}))) for each in ("nps", "c0nps"))
    names = ("#nps", "NPS", "C0NPS")
    assert [privacy.veil(db, by_name).hides(name) for name in names] == [True, True, False]
    assert [privacy.veil(db, by_id).hides(name) for name in names] == [False, False, True]
    channels.remember(db, "#nps", "C0NPS")
    for chosen in (by_name, by_id):
        assert all(privacy.veil(db, chosen).hides(name) for name in names)
        assert not privacy.veil(db, chosen).hides("#nps-shop")


def test_what_has_no_card_counts_as_its_sources(db, settings):
    """Past answers, which have no cards, are in the channel where their cards would stand."""
    over = privacy.veil(db, replace(settings, privacy=PRIVATE))
    assert named(repr(over.over(answer(CLAIMED), None, {}).response)) == []


@pytest.mark.parametrize(
    "table",
    [
        'privacy = "#nps"',
        "[privacy]\nchannel = []",
        '[privacy]\nchannels = "#nps"',
        "[privacy]\nchannels = [1]",
        '[privacy]\nchannels = ["two words"]',
        '[privacy]\nallow_shared = "yes"',
        "surveys = 1",
        "[surveys]\nPulse = true",
        "[surveys.Pulse]\nminimum = 5",
        "[surveys.Pulse]\nanonymous = 1",
        "[surveys.Pulse]\nemployee = true\nminimum = 1",
        "[surveys.Pulse]\nemployee = true\nsize = 5",
        "[surveys.Pulse]\nanonymous = true\nproperties = [1]",
    ],
)
def test_wrong_settings(tmp_path, table):
    """A wrong setting stops the start with one line that names it."""
    path = tmp_path / "npsbot.toml"
    path.write_text(table)
    with pytest.raises(SettingError, match=r"(privacy|surveys|Pulse)") as error:
        load({"NPSBOT_CONFIG": str(path)})
    assert "\n" not in str(error.value)


def test_settings(tmp_path):
    """Channels with or without #, whatever their case; surveys whatever theirs."""
    path = tmp_path / "npsbot.toml"
    path.write_text(
        '[privacy]\nchannels = ["#NPS-private", "C0PRIV"]\nallow_shared = ["#partners"]\n'
        '[surveys."Pulse 2026"]\nanonymous = true\nminimum = 7\nproperties = ["team"]\n'
        "[surveys.eNPS]\nemployee = true\n"
    )
    settings = load({"NPSBOT_CONFIG": str(path)})
    assert settings.privacy.channels == {"nps-private", "c0priv"}
    assert settings.privacy.lets_others_read(["partners"])
    assert not settings.privacy.lets_others_read(["nps-private"])
    pulse, enps = settings.nameless("pulse  2026"), settings.nameless("ENPS")
    assert (pulse.anonymous, pulse.minimum, pulse.properties) == (True, 7, {"team"})
    assert (enps.anonymous, enps.minimum) == (False, 5)
    assert settings.nameless(None) is settings.nameless("relationship") is None
