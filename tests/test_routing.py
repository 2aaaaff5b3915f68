"""Where a response goes, whether it asks for a call and whose it is: rules, owners, and what they never change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from acting import direct, everything, told
from conftest import NOW, SECRET, a_response, eventually
from hypothesis import given
from hypothesis import strategies as st

from bot import callbacks, forget, messages, routing
from bot.config import SettingError, Settings, SourceSettings, load
from bot.doctor import examine
from bot.intake import receive
from bot.model import Category, State, Subject
from bot.settings.routes import Route, Routing, before, chosen, folded
from bot.texts import Texts
from handlers import schedule
from storage import lanes, outbox, owners, responses, sending
from storage.callbacks import history

DAY = timedelta(days=1)
TOML = """
[routing]
owner_property = "account_owner"

[[routes]]
survey = "relationship"
category = ["detractor", "Passive"]
company = "Nordlys  ab"
channel = "#key-accounts"
assign = "owner"
mention = true

[[routes]]
property.plan = ["trial", 7, true]
callback = false

[[routes]]
source = "shop"
language = "fi"
touchpoint = "Support"
channel = "C0FINLAND"
assign = "U0AINO"
"""


def read(toml: str) -> Settings:
    """Return the settings of a file."""
    Path("npsbot.toml").write_text(toml, encoding="utf-8")
    return load({})


def routed(settings, db, **changes):
    """Take in a response; return it as it is stored, and its card's channel."""
    source = changes.pop("source", "json")
    stored = responses.by_public_id(db, receive(db, settings, source, a_response(**changes), NOW).response_id)
    return stored, outbox.message_of(db, "card", stored.id).channel


def said(db):
    """Return kind and place of all that is asked for, but for cards."""
    rows = db.rows("select kind, channel, parent is not null as replied from messages where kind <> 'card' order by id")
    return [(row["kind"], row["channel"], bool(row["replied"])) for row in rows]


def confirmed(db):
    """Let all who are named be found to act on the cards."""
    for wish in owners.wishes(db, 100):
        routing.grant(db, wish, NOW)


def test_rules_are_read():
    """Conditions and results come out of npsbot.toml as they are compared and as they are told."""
    settings = read(TOML)
    assert settings.routing == Routing("account_owner")
    first, second, third = settings.routes
    assert str(first) == (
        "survey is relationship, category is detractor or passive, company is nordlys ab: "
        "to #key-accounts, assigned to its owner, mentions the owner"
    )
    assert second.when == {"property.plan": {"trial", "7", "true"}}
    assert str(second).endswith(": without a callback")
    assert (third.number, third.channel, third.assign, third.callback) == (3, "C0FINLAND", "U0AINO", None)
    assert settings.card_channels == ("#nps", "#key-accounts", "C0FINLAND")


@pytest.mark.parametrize(
    ("toml", "word"),
    [
        ("routes = 7", "tables"),
        ("routes = [7]", "tables"),
        ('[[routes]]\nsurvey = "a"', "decides nothing"),
        ('[[routes]]\nchanel = "#a"', "chanel is no condition"),
        ('[[routes]]\nchannel = "not a channel"', "channel"),
        ("[[routes]]\nchannel = 7", "channel"),
        ('[[routes]]\nassign = "ingrid"', "assign is 'ingrid'"),
        ('[[routes]]\ncallback = "no"', "callback is 'no'"),
        ('[[routes]]\nassign = "U0AINO"\ncallback = false', "nobody gets one"),
        ('[[routes]]\nmention = 1\nchannel = "#a"', "mention is 1"),
        ('[[routes]]\ncategory = "angry"\nchannel = "#a"', "detractor, passive, promoter"),
        ('[[routes]]\nsurvey = []\nchannel = "#a"', "survey is []"),
        ('[[routes]]\nsurvey = ["", "b"]\nchannel = "#a"', "survey"),
        ('[[routes]]\nproperty.plan = { a = 1 }\nchannel = "#a"', "property.plan"),
        ('routing = "account_owner"', "owner_property"),
        ("[routing]\nowner_property = 7", "owner_property"),
        ('[routing]\nowner = "x"', "owner_property"),
    ],
)
def test_a_wrong_rule(toml, word):
    """A rule that cannot be meant stops the start with one sentence, which names the rule."""
    with pytest.raises(SettingError) as caught:
        read(toml)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("rout")
    assert word in str(caught.value)


WORDS = st.sampled_from(["a", "A", " a ", "b", "a b", "A  B", "ß", "SS", "", None])


@given(
    wanted=st.fixed_dictionaries({}, optional={n: st.sampled_from(["a", "a b", "ss"]) for n in ("survey", "company")}),
    survey=WORDS,
    company=WORDS,
    score=st.integers(0, 10),
    which=st.none() | st.sampled_from(list(Category)),
)
def test_a_rule_fits_what_meets_all_of_it(wanted, survey, company, score, which):
    """A rule fits exactly the responses that meet each condition, whatever the case and the spaces."""
    when = {name: frozenset({value}) for name, value in wanted.items()} | ({"category": {which}} if which else {})
    response = a_response(survey=survey, respondent_company=company, score=score)
    expected = all(
        folded({"survey": survey, "company": company}[name] or "") == value for name, value in wanted.items()
    )
    if which is not None:
        expected = expected and which == ("promoter" if score >= 9 else "passive" if score >= 7 else "detractor")
    assert Route(1, when, "#a").fits("json", response) == expected


VALUES = st.frozensets(st.sampled_from(["a", "b", "c"]), min_size=1)
CONDITIONS = st.fixed_dictionaries({}, optional={"survey": VALUES, "touchpoint": VALUES})


@given(rules=st.lists(CONDITIONS, min_size=1, max_size=4))
def test_a_rule_whose_turn_never_comes(rules):
    """Where an earlier rule takes all that a rule would, no response ever takes the later one."""
    routes = [Route(number, when, "#a") for number, when in enumerate(rules, 1)]
    for survey, touchpoint in product(["a", "b", "c", None], repeat=2):
        taken = chosen(routes, "json", a_response(survey=survey, touchpoint=touchpoint))
        assert taken is None or before(routes, taken) is None
    assert before([*routes, replace(routes[0], number=len(routes) + 1)], replace(routes[0], number=len(routes) + 1))


def test_the_first_rule_wins_and_nothing_is_lost(db):
    """The first rule that fits decides; what fits none goes to its source's channel, else to the default."""
    settings = read(TOML + '[[routes]]\nchannel = "#too-late"\ncompany = "Nordlys AB"\n')
    settings = replace(settings, sources={"shop": SourceSettings("shop", "json", (SECRET,), channel="#shop")})
    assert routed(settings, db)[1] == "#key-accounts"
    assert routed(settings, db, id="r-2", score=9)[1] == "#too-late"
    assert routed(settings, db, id="r-3", respondent_company="Other")[1] == "#nps"
    assert routed(settings, db, id="r-4", source="shop", respondent_company=None)[1] == "#shop"
    finnish = {"respondent_language": "FI", "touchpoint": "support", "respondent_company": None}
    assert routed(settings, db, id="r-5", source="shop", **finnish)[1] == "C0FINLAND"


@pytest.mark.parametrize(
    ("plan", "asks"), [("trial", False), ("Trial", False), (7, False), (True, False), ("pro", True)]
)
def test_a_rule_decides_about_the_callback(db, plan, asks):
    """A rule can do without a callback; the card is posted all the same."""
    stored, channel = routed(read(TOML), db, respondent_company="Other", properties={"plan": plan})
    assert (stored.callback is not None, channel) == (asks, "#nps")


def test_a_rule_can_ask_for_a_callback_that_no_category_asks_for(db):
    """A rule brings a callback where the category's own setting has none; it is due in a day."""
    settings = read('[callbacks]\npromoter = false\n[[routes]]\nsurvey = "relationship"\ncallback = true\n')
    stored, _ = routed(settings, db, score=10)
    assert (stored.callback.state, stored.callback.due_at) == (State.OPEN, NOW + DAY)
    assert routed(settings, db, id="r-2", score=10, survey="other", respondent_email="bo@x.example")[0].callback is None


def test_the_owner_holds_it_once_confirmed(db):
    """Whoever looks after the company holds it once they are confirmed, and is told privately and in the thread."""
    owners.put(db, folded("nordlys ab"), "Nordlys AB", "U0INGRID")
    stored, channel = routed(read(TOML), db)
    assert (stored.callback.state, said(db)) == (State.OPEN, [])
    (wish,) = owners.wishes(db, 100)
    for _ in range(2):
        routing.grant(db, wish, NOW)
    stored = responses.by_id(db, stored.id)
    assert (stored.callback.state, stored.callback.holder) == (State.CLAIMED, "U0INGRID")
    assert said(db) == [("assigned", "U0INGRID", False), ("mention", channel, True)]
    assert [event["action"] for event in history(db, stored.id)] == ["opened", "assigned", "mentioned"]
    event = db.value("select subject from messages where kind = 'assigned'")
    text = messages.render(
        db, outbox.message_of(db, "assigned", event), Settings(), Texts("en", Settings().timezone), NOW
    )
    assert text.text.startswith("npsbot gave you the callback to Anna Berg")


@pytest.mark.parametrize(
    ("properties", "owner"),
    [
        ({"account_owner": "U0FREJA"}, "U0FREJA"),
        ({"account_owner": " U0FREJA "}, "U0FREJA"),
        ({"account_owner": "freja@havblikk.example"}, "U0INGRID"),
        ({"account_owner": None}, "U0INGRID"),
        ({}, "U0INGRID"),
    ],
)
def test_a_response_may_name_its_owner(db, properties, owner):
    """The owner that a response names goes before the one of its company; what is no person's id names nobody."""
    owners.put(db, folded("NORDLYS AB"), "Nordlys AB", "U0INGRID")
    stored, _ = routed(read(TOML), db, properties=properties)
    confirmed(db)
    assert responses.by_id(db, stored.id).callback.holder == owner


def test_without_an_owner_it_is_open_to_all(db):
    """A rule that names an owner nobody knows of loses nothing: the card is there and anyone can claim it."""
    stored, channel = routed(read(TOML), db)
    assert (stored.callback.state, channel, said(db)) == (State.OPEN, "#key-accounts", [])


def test_a_test_answer_is_nobodys(db):
    """An answer that only tries things out follows its rule's channel and bothers nobody."""
    owners.put(db, folded("nordlys ab"), "Nordlys AB", "U0INGRID")
    settings = replace(read(TOML), test_domains=frozenset({"nordlys.example"}))
    stored, channel = routed(settings, db)
    confirmed(db)
    assert (stored.callback, channel, said(db)) == (None, "#key-accounts", [])


def test_a_claim_goes_before_the_owner(db):
    """Whoever claims a callback before its owner is confirmed keeps it; the owner is mentioned all the same."""
    owners.put(db, folded("nordlys ab"), "Nordlys AB", "U0INGRID")
    stored, channel = routed(read(TOML), db)
    callbacks.claim(db, stored.public_id, "U0FREJA", NOW)
    confirmed(db)
    assert responses.by_id(db, stored.id).callback.holder == "U0FREJA"
    assert said(db) == [("mention", channel, True)]


def test_nobody_is_told_of_whoever_was_erased(db):
    """Of a customer who was erased before the owner was confirmed, the owner hears nothing."""
    owners.put(db, folded("nordlys ab"), "Nordlys AB", "U0INGRID")
    stored, _ = routed(read(TOML), db)
    forget.forget(db, Subject(email="anna@nordlys.example"), "U0INGRID", NOW)
    confirmed(db)
    assert (said(db), history(db, stored.id)[-1]["action"], owners.wishes(db, 100)) == ([], "forgotten", [])


def test_an_update_never_moves_a_card(db):
    """A changed answer, and changed rules, leave a card where it stands, and its callback with whoever holds it."""
    settings = read(TOML)
    stored, channel = routed(settings, db)
    (task,) = sending.take(db, NOW, frozenset())
    sending.sent(db, task, "1.1", "C0KEY", NOW)
    receive(db, settings, "json", a_response(score=9, version=NOW.timestamp() + 1), NOW + DAY)
    receive(db, read('[[routes]]\nchannel = "#new"\n'), "json", a_response(score=2, version=NOW.timestamp() + 2), NOW)
    message = outbox.message_of(db, "card", stored.id)
    assert (channel, message.channel, message.posted_to) == ("#key-accounts", "#key-accounts", "C0KEY")
    assert routing.place_of(db, stored.public_id) == "#key-accounts"


def test_a_score_that_comes_later_takes_the_rule_of_the_whole_answer(db):
    """A comment that came first waits for its score; the card then goes where the whole answer belongs."""
    settings = read(TOML)
    receive(db, settings, "json", a_response(score=None), NOW)
    stored, channel = routed(settings, db, score=3, version=NOW.timestamp() + 1)
    assert channel == "#key-accounts"
    assert stored.callback is not None


async def test_a_rules_channel_is_for_its_members(start, workspace, quick):
    """A card in a rule's own channel is acted on, listed and shown by the members of that channel alone."""
    workspace.add_channel("key-accounts", ["freja", workspace.people.bot.id], is_private=True)
    route = Route(1, {"company": frozenset({"nordlys ab"})}, "#key-accounts")
    async with start(routes=(route,)) as running:
        body = {"id": "r-1", "score": 3, "respondent": {"name": "Anna Berg", "company": "Nordlys AB"}}
        await running.deliver(body)
        (card,) = await eventually(lambda: workspace.messages("#key-accounts"))
        before = everything(running)
        for text in ("queue", "find Anna"):
            assert "Anna" in told((await workspace.command("freja", "#nps", "/nps", text)).body)
            answer = await workspace.command("mikko", "#nps", "/nps", text)
            assert "Anna Berg" not in told(answer.body)
        await workspace.click("freja", "#key-accounts", card["ts"], "callback_menu", value="assign")
        (view,) = await eventually(lambda: workspace.views("freja"))
        ack = await workspace.submit("freja", view["id"], {"assignee": "U0MIKKO"})
        assert "channel" in ack.errors["assignee"]
        assert everything(running) == before
        assert (await workspace.submit("freja", view["id"], {"assignee": "U0FREJA"})).errors == {}


async def test_which_channel_is_looked_up_where_there_are_several(start, quick, monkeypatch):
    """Of cards that all stand in one channel nobody asks where; those of a channel that was set before are found."""
    looked = []
    place_of = routing.place_of
    monkeypatch.setattr(routing, "place_of", lambda db, card: looked.append(card) or place_of(db, card))

    async def placed(**changes):
        async with start(**changes) as running:
            told = await running.deliver({"id": f"r-{len(ids)}", "score": 9})
            ids.append(told[1]["response_id"])
            return [await running.bot.desk.place_of(card) for card in (*ids, "r_unknown")]

    ids: list[str] = []
    assert (await placed(), looked) == (["#nps", "#nps"], [])
    assert await placed(channel="#cx") == ["#nps", "#cx", "#cx"]
    assert looked == [*ids, "r_unknown"]


async def test_a_rule_that_lost_its_channel(start, workspace, quick):
    """The other channels go on, and their members see what is theirs; the lost one's cards wait."""
    route = Route(1, {"company": frozenset({"nordlys ab"})}, "#key-accounts", assign="U0FREJA")
    async with start(routes=(route,)) as running:
        await running.deliver({"id": "r-1", "score": 3, "respondent": {"company": "Nordlys AB", "name": "Anna"}})
        await running.deliver({"id": "r-2", "score": 3, "respondent": {"company": "Other", "name": "Bo Ek"}})
        await eventually(lambda: workspace.messages("#nps"))
        answer = told((await workspace.command("mikko", "#nps", "/nps", "queue")).body)
        assert ("Bo Ek" in answer, "Anna" in answer) == (True, False)
        paused = await running.bot.store.read(lanes.paused)
        assert [lane["lane"] for lane in paused] == ["#key-accounts"]
        workspace.add_channel("key-accounts", ["freja", workspace.people.bot.id])
        assert await eventually(lambda: workspace.messages("#key-accounts"))
        assert direct(workspace, "U0FREJA") == []
        await schedule.tick(running.bot.desk)
        assert "gave you the callback" in (await eventually(lambda: direct(workspace, "U0FREJA")))[0]["text"]


async def test_doctor_tells_the_rules_and_their_channels(settings, workspace):
    """Each rule is told, each channel and each user group that is named is looked at."""
    workspace.people.add_group("cx", ["freja"])
    more = '[[routes]]\nsurvey = "relationship"\ncategory = "passive"\ncompany = "nordlys AB"\nchannel = "#nps"\n'
    more += "".join(f'[[routes]]\nassign = "{user}"\n' for user in ("U0FREJA", "U0PETRA"))
    toml = TOML + more + '[roles]\nact = ["S0CX"]\nlead = ["S0GONE"]\n'
    chosen_ = replace(read(toml), slack_api_url=workspace.api_url, bot_token="xoxb-demo", database=settings.database)
    found = {finding.subject: finding for finding in await examine(lambda: chosen_)}
    assert (found["route 1"].ok, found["route 4"].ok) == (True, False)
    assert "rule 1 takes all of it first" in found["route 4"].says
    assert "#key-accounts" in found["route 1"].says
    assert (found["channel #key-accounts"].ok, found["channel #nps"].ok) == (False, True)
    assert (found["user group S0CX"].ok, found["user group S0GONE"].ok) == (True, False)
    people = ("U0AINO", "U0FREJA", "U0PETRA")
    assert [found[f"assigned by routes to {user}"].ok for user in people] == [False, True, False]


def test_no_rule_is_asked_twice():
    """Without rules nothing is chosen, and everything goes where it went before."""
    assert chosen((), "json", a_response()) is None
    assert routing.channel(Settings(), "json", a_response()) == "#nps"
