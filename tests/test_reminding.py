"""Who is reminded of what and when: holders in their own hours, leads, the channel; many at once in one message."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import a_response, an_empty_store, eventually
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, messages
from bot.calendars import is_open
from bot.config import Settings
from bot.intake import receive
from bot.model import Call, Category, NextStep, Outcome, State
from bot.reminders import FEW, sweep, to_remind
from bot.settings import reminding
from bot.settings.checks import SettingError
from bot.settings.reminding import Reminders, Stale
from demo.faults import Kind
from handlers import schedule
from storage import Store, outbox, responses, sending
from storage.callbacks import history
from storage.outbox import Message

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
TOML = Path("npsbot.toml")


def person(number):
    """Return what makes a response another person's."""
    who = {
        "respondent_email": f"p{number}@nordlys.example",
        "respondent_id": None,
        "respondent_name": f"Person {number}",
    }
    return {"id": f"r-{number}", **who}


def several(db, settings, count, now=MONDAY, **changes):
    """Let as many people answer, each with a card; return the ids of their responses."""
    given_ = [a_response(**person(number), **changes) for number in range(count)]
    return [receive(db, settings, "json", response, now).response_id for response in given_]


def set_to(settings, **changes):
    """Return settings with other reminders."""
    return replace(settings, reminders=replace(settings.reminders, **changes))


def said(db):
    """Return kind and place of all that was asked to be said, but for cards."""
    rows = db.rows("select kind, channel, parent is not null as replied from messages where kind <> 'card' order by id")
    return [(row["kind"], row["channel"], bool(row["replied"])) for row in rows]


def rendered(db, settings, texts, kind, now=MONDAY):
    """Return what the newest message of a kind says, None when it has nothing to say."""
    row = db.row("select subject from messages where kind = :kind order by id desc", kind=kind)
    return messages.render(db, outbox.message_of(db, kind, row["subject"]), settings, texts, now)


def a_call(**changes):
    """Return a call that nobody answered; every field can be given."""
    return replace(Call("U1", MONDAY, Outcome.NO_ANSWER, "", (), NextStep.CALL_AGAIN, MONDAY + DAY), **changes)


def test_a_holder_hears_in_one_message_what_falls_due(db, settings, texts):
    """What a person holds and falls due within their next working hours is told them once, in one message."""
    cards = several(db, settings, 3)
    for card in cards[:2]:
        callbacks.claim(db, card, "U1", MONDAY)
    callbacks.claim(db, cards[2], "U2", MONDAY)
    late = MONDAY + 7 * HOUR  # four hours of work before Tuesday noon, and due on Tuesday at nine
    assert to_remind(db, settings, late) == ["U1", "U2"]
    assert sweep(db, settings, MONDAY + 3 * HOUR) == 0
    assert sweep(db, settings, late) == 2
    assert sorted(said(db)) == [("round_up", "U1", False), ("round_up", "U2", False)]
    text = messages.render(db, outbox.message_of(db, "round_up", 1), settings, texts, late).text
    assert "Person 0" in text
    assert "Person 1" in text
    assert "Person 2" not in text
    assert sweep(db, settings, late + HOUR) == 0
    assert to_remind(db, settings, late) == []


@pytest.mark.parametrize(
    ("zone", "told"), [("Europe/Stockholm", True), ("America/New_York", False), ("Asia/Tokyo", False)]
)
def test_only_in_their_own_working_hours(db, settings, zone, told):
    """Nobody is written to in their evening, whatever the hour is for the team."""
    [card] = several(db, settings, 1)
    callbacks.claim(db, card, "U1", MONDAY)
    assert sweep(db, settings, MONDAY + DAY, {"U1": ZoneInfo(zone)}) == int(told)


def test_a_fresh_claim_is_not_commented_upon(db, settings):
    """Whoever has only just claimed what is overdue knows that it is."""
    [card] = several(db, settings, 1, now=MONDAY - 3 * DAY)
    callbacks.claim(db, card, "U1", MONDAY)
    assert sweep(db, settings, MONDAY + timedelta(minutes=59)) == 0
    assert sweep(db, settings, MONDAY + HOUR) == 1


def test_a_promised_call_counts_as_due(db, settings):
    """Before the time at which the customer was promised the next call, its caller is reminded of it anew."""
    [card] = several(db, settings, 1)
    callbacks.claim(db, card, "U1", MONDAY)
    assert sweep(db, settings, MONDAY + 7 * HOUR) == 1
    callbacks.log_call(db, settings, card, a_call(at=MONDAY + 7 * HOUR, call_again_at=MONDAY + 3 * DAY))
    assert sweep(db, settings, MONDAY + DAY + 7 * HOUR) == 0
    assert sweep(db, settings, MONDAY + 2 * DAY + 7 * HOUR) == 1


def test_what_was_closed_or_passed_on_meanwhile_is_not_listed(db, settings, texts):
    """A message that waits lists what its reader still holds, and says nothing when that is nothing."""
    cards = several(db, settings, 2)
    for card in cards:
        callbacks.claim(db, card, "U1", MONDAY)
    sweep(db, settings, MONDAY + 7 * HOUR)
    callbacks.release(db, cards[0], "U1", MONDAY + 7 * HOUR)
    callbacks.claim(db, cards[0], "U2", MONDAY + 7 * HOUR)
    assert "Person 0" not in rendered(db, settings, texts, "round_up").text
    callbacks.dismiss(db, cards[1], "U1", "A test", MONDAY + 7 * HOUR)
    assert rendered(db, settings, texts, "round_up") is None


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 200), st.timedeltas(timedelta(), timedelta(days=3))), max_size=25),
    st.sampled_from(["Europe/Stockholm", "America/New_York", "Asia/Kolkata"]),
)
def test_never_more_than_so_many_a_day_and_never_outside_their_hours(most, claims, zone):
    """However claims come in, a holder gets at most so many messages on a day of theirs, each while they work."""
    settings = set_to(Settings(), most_a_day=most)
    theirs = replace(settings.working_hours, zone=ZoneInfo(zone))
    days: dict[object, int] = {}
    with an_empty_store() as db:
        for number, (hours, _) in enumerate(claims):
            card = receive(db, settings, "json", a_response(**person(number)), MONDAY - DAY + hours * HOUR).response_id
            callbacks.claim(db, card, "U1", MONDAY - DAY + hours * HOUR)
        for half_hours in range(14 * 48):
            now = MONDAY + half_hours * HOUR / 2
            if sweep(db, set_to(settings, at_due=False, escalate_after=None), now, {"U1": theirs.zone}):
                assert is_open(theirs, now)
                day = now.astimezone(theirs.zone).date()
                days[day] = days.get(day, 0) + 1
    assert all(told <= most for told in days.values())


def test_a_lead_is_called_instead_of_the_channel(db, settings, texts):
    """With somebody to escalate to, they are mentioned in the thread, and the channel is left in peace."""
    several(db, settings, 1)
    for whom, mention in (("U0LEAD", "<@U0LEAD> "), ("S0LEADS", "<!subteam^S0LEADS> ")):
        named = set_to(settings, escalate_to=whom)
        sweep(db, named, MONDAY + DAY)
        sweep(db, named, MONDAY + 2 * DAY)
        found = rendered(db, named, texts, "escalation")
        assert found.text.startswith(mention)
        assert not found.broadcast


def test_who_is_called_out_can_be_set(db, settings):
    """Passives are called out as well where that is set; what is switched off is not said."""
    several(db, settings, 1, score=8)
    assert sweep(db, set_to(settings, categories=frozenset(Category)), MONDAY + 3 * DAY) == 1
    several(db, settings, 2)
    off = set_to(settings, at_due=False, escalate_after=None, before_due=None)
    assert sweep(db, off, MONDAY + 30 * DAY) == 0
    assert sweep(db, replace(off, reminders=replace(off.reminders, escalate_after=DAY)), MONDAY + 3 * DAY) == 2
    assert said(db)[-1][0] == "escalation"


def test_the_channel_hears_once_of_what_nobody_takes(db, settings, texts):
    """After a while the channel hears of a detractor whom nobody has claimed, once; reopened, it waits anew."""
    [card] = several(db, settings, 1)
    wanted = set_to(settings, unclaimed_after=4 * HOUR)
    assert [sweep(db, wanted, MONDAY + hours * HOUR) for hours in (3, 4, 5)] == [0, 1, 0]
    assert rendered(db, wanted, texts, "called_out").broadcast
    callbacks.dismiss(db, card, "U1", "A test", MONDAY + 6 * HOUR)
    callbacks.reopen(db, wanted, card, "U1", MONDAY + 20 * HOUR)
    assert [sweep(db, wanted, MONDAY + hours * HOUR) for hours in (21, 24)] == [0, 1]


@pytest.mark.parametrize("end", ["release", "hand over"])
def test_what_is_let_go_is_called_out_anew(db, settings, end):
    """Before the channel hears of it, what somebody has let go is free for as long as what has just come."""
    [card] = several(db, settings, 1)
    wanted = set_to(settings, unclaimed_after=4 * HOUR)
    callbacks.claim(db, card, "U1", MONDAY)
    if end == "release":
        callbacks.release(db, card, "U1", MONDAY + 10 * HOUR)
    else:
        callbacks.log_call(db, wanted, card, a_call(at=MONDAY + 10 * HOUR, next_step=NextStep.HAND_OVER))
    assert [sweep(db, wanted, MONDAY + hours * HOUR) for hours in (10, 13, 14, 15)] == [0, 0, 1, 0]


def test_what_has_lapsed_is_called_out_later(db, settings):
    """A claim that ends by itself is told as that; the channel hears only when nobody has taken it since."""
    [card] = several(db, settings, 1)
    wanted = set_to(settings, unclaimed_after=4 * HOUR, stale_claims=Stale.RELEASE, before_due=None)
    callbacks.claim(db, card, "U1", MONDAY)
    due = MONDAY + DAY
    assert [sweep(db, wanted, due + hours * HOUR) for hours in (0, 4, 7, 8)] == [1, 1, 0, 1]
    assert [kind for kind, _, _ in said(db)] == ["stale", "lapsed", "called_out"]


def test_a_stale_claim_is_warned_of_then_ends(db, settings, texts):
    """A claim with no call by its due time is offered to others; some hours later it ends; each is said once."""
    [card] = several(db, settings, 1)
    wanted = set_to(settings, stale_claims=Stale.RELEASE, before_due=None)
    callbacks.claim(db, card, "U1", MONDAY)
    due = MONDAY + DAY
    assert [sweep(db, wanted, due + hours * HOUR) for hours in (-1, 0, 3)] == [0, 1, 0]
    assert "<@U1>" in rendered(db, wanted, texts, "stale").text
    assert sweep(db, wanted, due + 4 * HOUR) == 1
    assert said(db) == [("stale", "#nps", True), ("lapsed", "#nps", True)]
    found = responses.by_public_id(db, card)
    assert (found.callback.state, found.callback.holder) == (State.OPEN, None)
    assert rendered(db, wanted, texts, "stale") is None
    assert sweep(db, wanted, due + 5 * HOUR) == 0
    assert [event["action"] for event in history(db, found.id)] == ["opened", "claimed", "stale", "lapsed"]


def test_a_call_keeps_a_claim(db, settings):
    """Whoever has called, or has only just claimed, is not warned; where only warnings are set, no claim ends."""
    cards = several(db, settings, 3)
    wanted = set_to(settings, stale_claims=Stale.WARN, before_due=None)
    for card in cards[:2]:
        callbacks.claim(db, card, "U1", MONDAY)
    callbacks.log_call(db, wanted, cards[0], a_call(call_again_at=MONDAY + 9 * DAY))
    callbacks.claim(db, cards[2], "U2", MONDAY + DAY - HOUR)
    assert sweep(db, wanted, MONDAY + DAY) == 1
    assert sweep(db, wanted, MONDAY + 8 * DAY) == 1  # the claim of the last hour
    assert sweep(db, wanted, MONDAY + 9 * DAY) == 1  # the call that was promised for now
    assert [responses.by_public_id(db, card).callback.state for card in cards] == [State.CLAIMED] * 3


def test_a_burst_is_one_message(db, settings, texts):
    """Of many that are due at once one message tells, with how many they are and the worst of them linked."""
    db.execute("insert into settings (name, value) values ('workspace_url', 'https://nordlys.slack.com/')")
    several(db, settings, 30, score=4)
    worst = receive(db, settings, "json", a_response(**person(99), score=0), MONDAY).response_id
    card = outbox.message_of(db, "card", responses.by_public_id(db, worst).id)
    db.execute("update messages set ts = '1.1', posted_to = 'C0NPS' where id = :id", id=card.id)
    assert sweep(db, settings, MONDAY + DAY) == 1
    assert said(db) == [("round_up", "#nps", False)]
    found = rendered(db, settings, texts, "round_up")
    assert "31 callbacks" in found.text
    assert "and 26 more" in json.dumps(found.blocks)
    assert found.text.splitlines()[1] == "- 0: Person 99 (Nordlys AB)"
    assert '"url": "https://nordlys.slack.com/archives/C0NPS/p11"' in json.dumps(found.blocks)
    assert found.metadata["event_type"] == "nps_note"
    assert sweep(db, settings, MONDAY + 2 * DAY) == 1
    assert [sweep(db, settings, MONDAY + days * DAY) for days in range(3, 9)] == [0] * 6


def test_a_burst_that_was_dealt_with_is_not_told(db, settings, texts):
    """What was taken before its message went out is left out of it, and nothing is said of nothing."""
    cards = several(db, settings, FEW + 1)
    sweep(db, settings, MONDAY + DAY)
    for card in cards[1:]:
        callbacks.claim(db, card, "U1", MONDAY + DAY)
    assert "1 callback is" in rendered(db, settings, texts, "round_up").text
    callbacks.claim(db, cards[0], "U1", MONDAY + DAY)
    assert rendered(db, settings, texts, "round_up") is None
    (task, *_) = [task for task in sending.take(db, MONDAY + DAY, frozenset()) if task.message.kind == "round_up"]
    sending.sent(db, task, "1.2", "C0NPS", MONDAY + DAY)
    assert f"{FEW + 1} callbacks" in rendered(db, settings, texts, "round_up").text


@pytest.mark.parametrize("kind", ["round_up", "call_told", "stale", "answered_again"])
def test_nothing_is_said_of_what_is_gone(db, settings, texts, kind):
    """A message about something that is not in the store any more says nothing."""
    message = Message(1, "m_1", kind, 999, "#nps", None, None, None)
    assert messages.render(db, message, settings, texts, MONDAY) is None


def test_nobody_is_asked_about_who_is_not_reminded(db, settings):
    """Where holders are not to be reminded, Slack is not asked for their zones."""
    [card] = several(db, settings, 1)
    callbacks.claim(db, card, "U1", MONDAY)
    assert to_remind(db, set_to(settings, before_due=None), MONDAY + DAY) == []


def test_a_few_are_told_in_their_threads(db, settings):
    """Up to a handful each thread has its own line."""
    several(db, settings, FEW)
    assert sweep(db, settings, MONDAY + DAY) == FEW
    assert said(db) == [("reminder", "#nps", True)] * FEW


def test_many_that_come_back_are_one_message_to_their_holder(db, settings, texts):
    """Whoever put many aside until one moment hears of them in one message, and every card says so."""
    cards = several(db, settings, FEW + 1)
    for card in cards:
        callbacks.claim(db, card, "U1", MONDAY)
        callbacks.snooze(db, card, "U1", MONDAY + HOUR, MONDAY)
    db.execute("delete from outbox")
    assert sweep(db, settings, MONDAY + HOUR) == 1
    assert said(db) == [("round_up", "U1", False)]
    put = db.value("select count(*) from outbox o join messages m on m.id = o.message_id where m.kind = 'card'")
    assert put == FEW + 1
    assert f"{FEW + 1} callbacks" in rendered(db, settings, texts, "round_up").text


async def test_all_of_it_once_across_restarts(settings):
    """Whatever is set, each thing is said by one process and by no later one."""
    wanted = set_to(settings, stale_claims=Stale.RELEASE, unclaimed_after=2 * HOUR)
    told = []
    moments = [MONDAY, MONDAY + 3 * HOUR, MONDAY + 7 * HOUR, MONDAY + DAY, MONDAY + DAY + 5 * HOUR, MONDAY + 9 * DAY]
    for now in [moment for moment in moments for _ in range(2)]:
        store = Store(settings.database)
        try:
            if now == MONDAY and not told:
                for number in range(2):
                    await store.run(receive, wanted, "json", a_response(**person(number)), MONDAY)
                card = await store.read(lambda db: db.value("select public_id from responses"))
                await store.run(callbacks.claim, card, "U1", MONDAY)
            told.append(await store.run(sweep, wanted, now))
        finally:
            store.close()
    # the unclaimed one is called out; its holder is reminded; one is due, one stale; that claim ends; both escalate,
    # and the one that was claimed is called out
    assert told == [0, 0, 1, 0, 1, 0, 2, 0, 1, 0, 3, 0]


async def test_slack_tells_in_which_zone_a_holder_is(running, workspace):
    """Zones are asked of Slack, once an hour; whom it does not know has the team's, whom it does not tell waits."""
    people = ["U0MIKKO", "U0NOBODY", "U0FREJA"]
    workspace.faults.add(Kind.LIMIT, "users.info", count=1)
    assert await schedule.zones_of(running.bot.desk, people) == {}
    for _ in range(3):
        found = await eventually(lambda: schedule.zones_of(running.bot.desk, people))
        assert {user: zone.key for user, zone in found.items()} == {
            "U0MIKKO": "Europe/Helsinki",
            "U0NOBODY": "UTC",
            "U0FREJA": "Europe/Stockholm",
        }
    unknown = [entry for entry in workspace.log if "U0NOBODY" in entry.sentence]
    assert len(unknown) == 1


def test_reminders_are_read():
    """Everything in [reminders] can be set, or switched off."""
    table = {
        "before_due": 2,
        "most_a_day": 1,
        "at_due": False,
        "categories": ["passive"],
        "unclaimed_after": 0.5,
        "escalate_after": False,
        "escalate_to": "S0LEADS",
        "stale_claims": "release",
        "release_after": 8,
    }
    assert reminding.read(table, TOML) == Reminders(
        2 * HOUR, 1, False, frozenset({Category.PASSIVE}), HOUR / 2, None, "S0LEADS", Stale.RELEASE, 8 * HOUR
    )
    assert reminding.read({}, TOML) == Reminders()
    assert reminding.read({"stale_claims": False, "before_due": False}, TOML) == Reminders(before_due=None)


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ([], "reminders"),
        ({"before": 1}, "reminders"),
        ({"before_due": "4"}, "reminders.before_due"),
        ({"before_due": True}, "reminders.before_due"),
        ({"escalate_after": 0}, "reminders.escalate_after"),
        ({"release_after": False}, "reminders.release_after"),
        ({"most_a_day": 0}, "reminders.most_a_day"),
        ({"most_a_day": 1.5}, "reminders.most_a_day"),
        ({"at_due": 1}, "reminders.at_due"),
        ({"categories": []}, "reminders.categories"),
        ({"categories": ["angry"]}, "reminders.categories"),
        ({"escalate_to": "@ingrid"}, "reminders.escalate_to"),
        ({"stale_claims": True}, "reminders.stale_claims"),
    ],
)
def test_wrong_reminders_are_refused(table, named):
    """What cannot be meant is refused with one sentence that names the setting."""
    with pytest.raises(SettingError, match=f"^{named} in npsbot.toml .*[.]$"):
        reminding.read(table, TOML)
