"""Settings: where they come from, what is accepted, and the one sentence that each wrong one is refused with."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, a_response
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import call_form
from bot.config import ENVIRONMENT, SECRET, SettingError, Settings, load
from bot.due import Callbacks
from bot.model import THEMES, Category, Received
from bot.texts import LANGUAGES, Texts
from demo.rules import check_view

KINDS = frozenset({"json", "typeform"})
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "signed",
    "SLACK_APP_TOKEN": "xapp-1",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "NPSBOT_CHANNEL": "#voices",
    "NPSBOT_DIGEST_CHANNEL": "C0LEADERS",
    "NPSBOT_DATABASE": "sqlite:////var/lib/npsbot.db",
    "NPSBOT_HOST": "0.0.0.0",  # noqa: S104  # read, not bound
    "NPSBOT_PORT": "9090",
    "NPSBOT_TIMEZONE": "Europe/Stockholm",
    "NPSBOT_LANGUAGE": "sv",
    "NPSBOT_WEBHOOK_SECRET": "hooked",
    "NPSBOT_PUBLIC_URL": "https://bot.example.com",
}

OTHER = {
    "SLACK_BOT_TOKEN": "xoxb-2",
    "SLACK_SIGNING_SECRET": "signed otherwise",
    "SLACK_APP_TOKEN": "xapp-2",
    "SLACK_API_URL": "https://slack.example/api/",
    "NPSBOT_CHANNEL": "#others",
    "NPSBOT_DIGEST_CHANNEL": "#leaders",
    "NPSBOT_DATABASE": "other.db",
    "NPSBOT_HOST": "localhost",
    "NPSBOT_PORT": "0",
    "NPSBOT_TIMEZONE": "Europe/Helsinki",
    "NPSBOT_LANGUAGE": "en",
    "NPSBOT_WEBHOOK_SECRET": "hooked otherwise",
    "NPSBOT_PUBLIC_URL": "http://127.0.0.1:8080",
}


def written(toml: str) -> None:
    """Write npsbot.toml into the working directory."""
    Path("npsbot.toml").write_text(toml, encoding="utf-8")


def read(toml: str, **environ: str) -> Settings:
    """Return the settings of a file and an environment."""
    written(toml)
    return load(environ, kinds=KINDS)


def read_or_why_not(toml: str, **environ: str) -> Settings | SettingError:
    """Return the settings of a file and an environment, or what refuses them."""
    try:
        return read(toml, **environ)
    except SettingError as error:
        return error


def refused(toml: str = "", **environ: str) -> str:
    """Return the sentence with which settings are refused, which is a single line."""
    with pytest.raises(SettingError) as caught:
        read(toml, **environ)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def test_defaults():
    """With nothing set there are defaults for all but Slack's secrets, and no source."""
    assert load({}) == Settings()
    assert Settings() == Settings(
        database=Path("npsbot.db"),
        channel="#nps",
        slack_api_url="https://slack.com/api/",
        host="127.0.0.1",
        port=8080,
        timezone=ZoneInfo("UTC"),
        language="en",
        callbacks=Callbacks(hours={Category.DETRACTOR: 24, Category.PASSIVE: 72, Category.PROMOTER: 168}),
    )


def test_every_variable_is_read():
    """Each variable of the environment sets what it names."""
    assert GOOD.keys() == ENVIRONMENT.keys()
    settings = load(GOOD)
    assert (settings.bot_token, settings.signing_secret, settings.app_token) == ("xoxb-1", "signed", "xapp-1")
    assert settings.slack_api_url == "http://127.0.0.1:9/api/"
    assert (settings.channel, settings.digest_channel) == ("#voices", "C0LEADERS")
    assert settings.database == Path("/var/lib/npsbot.db")
    assert (settings.host, settings.port) == (GOOD["NPSBOT_HOST"], 9090)
    assert (settings.timezone, settings.language) == (ZoneInfo("Europe/Stockholm"), "sv")
    assert settings.sources["json"].secrets == ("hooked",)
    assert settings.public_url == "https://bot.example.com"


@pytest.mark.parametrize("variable", ENVIRONMENT)
def test_environment_over_file_over_default(variable):
    """What the file says counts where the environment says nothing, an empty variable being nothing."""
    key = variable.removeprefix("NPSBOT_").lower()
    toml = f"{key} = {json.dumps(GOOD[variable])}"
    from_file = read(toml)
    assert from_file == load({variable: GOOD[variable]})
    assert from_file != Settings()
    assert read(toml, **{variable: ""}) == from_file
    assert read(toml, **{variable: OTHER[variable]}) == load({variable: OTHER[variable]}) != from_file


def test_the_file_can_stand_elsewhere(tmp_path):
    """NPSBOT_CONFIG names the file; one that is named has to be there, the usual one need not."""
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text('channel = "#elsewhere"', encoding="utf-8")
    written('channel = "#here"')
    assert load({"NPSBOT_CONFIG": str(elsewhere)}).channel == "#elsewhere"
    assert load({"NPSBOT_CONFIG": ""}).channel == "#here"
    assert "'nowhere.toml', but there is no such file" in refused(NPSBOT_CONFIG="nowhere.toml")


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"a = 1\na = 2", b"[sources", b'x = "\x01"'])
def test_a_file_that_cannot_be_read(content):
    """A file that is no TOML is refused by its name."""
    Path("npsbot.toml").write_bytes(content)
    with pytest.raises(SettingError, match=r"^npsbot\.toml cannot be read: .*\.$"):
        load({})


@pytest.mark.parametrize(
    ("variable", "value", "accepted"),
    [
        ("NPSBOT_PORT", "70000", "a port number from 0 to 65535"),
        ("NPSBOT_PORT", "-1", "a port number from 0 to 65535"),
        ("NPSBOT_PORT", "http", "a port number from 0 to 65535"),
        ("NPSBOT_PORT", "80.5", "a port number from 0 to 65535"),
        ("NPSBOT_PORT", "1\n2", "a port number from 0 to 65535"),
        ("NPSBOT_TIMEZONE", "Stockholm", "a time zone such as Europe/Stockholm"),
        ("NPSBOT_TIMEZONE", "../../etc/passwd", "a time zone such as Europe/Stockholm"),
        ("NPSBOT_TIMEZONE", "Europe", "a time zone such as Europe/Stockholm"),
        ("NPSBOT_LANGUAGE", "klingon", f"one of {', '.join(LANGUAGES)}"),
        ("NPSBOT_CHANNEL", "two words", "a channel's name such as #nps, or its id"),
        ("NPSBOT_CHANNEL", "#", "a channel's name such as #nps, or its id"),
        ("NPSBOT_DIGEST_CHANNEL", "<#C1>", "a channel's name such as #nps, or its id"),
        ("NPSBOT_CHANNEL", "   ", "a text that is not empty"),
        ("NPSBOT_PUBLIC_URL", "bot.example.com", "an address such as https://"),
        ("NPSBOT_PUBLIC_URL", "ftp://bot.example.com", "an address such as https://"),
        ("NPSBOT_PUBLIC_URL", "https://[::1", "an address such as https://"),
        ("SLACK_API_URL", "https://slack.com", "must end in /api/"),
        ("SLACK_API_URL", "slack", "an address such as https://"),
        ("NPSBOT_DATABASE", "sqlite:///", "a file or sqlite:///file"),
        ("NPSBOT_DATABASE", "/", "a file or sqlite:///file"),
    ],
)
def test_a_wrong_value_is_named(variable, value, accepted):
    """A wrong setting is refused with its name, its value and what is accepted."""
    sentence = refused(**{variable: value})
    assert sentence.startswith(f"{variable} is ")
    assert accepted in sentence
    assert repr(value) in sentence


@pytest.mark.parametrize("address", ["postgresql://u:hush@db/nps", "postgres://u:hush@db", "mysql://u:hush@db/nps"])
def test_only_sqlite(address):
    """Another database is refused with a sentence that does not repeat the password in its address."""
    sentence = refused(NPSBOT_DATABASE=address)
    assert "a file or sqlite:///file" in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize(("variable", "prefix"), [("SLACK_BOT_TOKEN", "xox"), ("SLACK_APP_TOKEN", "xapp-")])
def test_a_token_of_another_kind(variable, prefix):
    """A token that is no such token is refused with where the right one stands, and not shown."""
    sentence = refused(**{variable: "hush-hush"})
    assert f"{variable} must start with {prefix}" in sentence
    assert "api.slack.com/apps" in sentence
    assert "hush" not in sentence


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ("port = true", ["port in npsbot.toml is True", "0 to 65535"]),
        ("channel = 5", ["channel in npsbot.toml is 5", "a text"]),
        ('chanel = "#nps"', ["chanel in npsbot.toml is no setting", "channel, "]),
        ("slack_bot_token = 5", ["slack_bot_token in npsbot.toml must be a text"]),
        ("sources = 5", ["sources in npsbot.toml", "[sources.typeform]"]),
        ("[sources]\njson = 5", ["[sources.json] in npsbot.toml must be a table"]),
        ('[sources."a b"]\nkind = "json"\nsecret = "s"', ["[sources.a b]", "letters, digits, - and _"]),
        ('[sources.json]\nsecret = "s"\nfild = 1', ["[sources.json]", "fild", "no setting of a source"]),
        ('[sources.other]\nsecret = "s"', ["kind of [sources.other]", "'other'", "json, typeform"]),
        ('[sources.other]\nkind = ["json"]\nsecret = "s"', ["kind of [sources.other]", "['json']", "json, typeform"]),
        ("[sources.json]", ["[sources.json]", "needs a secret, or a secret_env"]),
        ("[sources.json]\nsecret = 5", ["secret of [sources.json]", "a text that is not empty, or a list"]),
        ('[sources.json]\nsecret = ""', ["secret of [sources.json]", "a text that is not empty, or a list"]),
        ('[sources.json]\nsecret = ["s", " "]', ["secret of [sources.json]", "a text that is not empty, or a list"]),
        ("[sources.json]\nsecret = []", ["[sources.json]", "needs a secret"]),
        ('[sources.json]\nsecret_env = "HOOK"', ["secret_env of [sources.json]", "HOOK", "not set"]),
        ('[sources.json]\nsecret = "s"\nsurvey = 5', ["survey of [sources.json]", "is 5", "a text"]),
        ('[sources.json]\nsecret = "s"\nchannel = ""', ["channel of [sources.json]", "is ''", "a text"]),
        ('[sources.json]\nsecret = "s"\nchannel = "a b"', ["channel of [sources.json]", "'a b'", "#nps"]),
        ('[sources.json]\nsecret = "s"\nfields = { scor = "q1" }', ["fields of [sources.json]", "scor", "score, "]),
        ('[sources.json]\nsecret = "s"\nfields = { score = 1 }', ["fields of [sources.json]", "texts under score"]),
        ('[sources.json]\nsecret = "s"\nwait = -1', ["wait of [sources.json]", "-1", "seconds from 0 to 600"]),
        ('[sources.json]\nsecret = "s"\nwait = true', ["wait of [sources.json]", "True", "seconds from 0 to 600"]),
        ('[sources.json]\nsecret = "s"\ntimezone = "Mars"', ["timezone of [sources.json]", "'Mars'", "Europe/"]),
        ('[sources.json]\nsecret = "s"\ntimezone = 2', ["timezone of [sources.json]", "2", "Europe/"]),
        ("test_answers = 5", ["test_answers in npsbot.toml", "email_domains and property"]),
        ("[test_answers]\ndomain = 5", ["test_answers in npsbot.toml", "email_domains and property"]),
        ("[test_answers]\nemail_domains = 5", ["test_answers.email_domains in npsbot.toml is 5", "a list of texts"]),
        ("[test_answers]\nproperty = 5", ["test_answers.property in npsbot.toml is 5", "the name of a property"]),
        ("callbacks = 5", ["callbacks in npsbot.toml", "5", "detractor = 24"]),
        ("[callbacks]\ndetractor = -1", ["callbacks.detractor in npsbot.toml is -1", "hours"]),
        ("[callbacks]\ndetractor = true", ["callbacks.detractor in npsbot.toml is True", "false for none"]),
        ("[callbacks]\ndetractor = nan", ["callbacks.detractor in npsbot.toml is nan", "hours"]),
        ("[callbacks]\nneutral = 5", ["callbacks.neutral in npsbot.toml", "detractor, passive and promoter"]),
        ('themes = "price"', ["themes in npsbot.toml is 'price'", "a list of texts"]),
        ("themes = [1]", ["themes in npsbot.toml is [1]", "a list of texts"]),
        ('themes = [" "]', ["themes in npsbot.toml has ''", "1 to 75 characters"]),
        (f'themes = ["{"x" * 76}"]', ["themes in npsbot.toml has 'xxx", "1 to 75 characters"]),
        ("admins = [1]", ["admins in npsbot.toml is [1]", "a list of texts"]),
    ],
)
def test_a_wrong_line_in_the_file_is_named(toml, parts):
    """What is wrong in the file is refused with the table or key, the value and what is accepted."""
    sentence = refused(toml)
    for part in parts:
        assert part in sentence


def test_sources():
    """Each table is a source, several of one kind side by side, with secrets of their own."""
    settings = read(
        """
        channel = "#nps"
        webhook_secret = "the built-in one"
        [sources.typeform]
        secret = "first"
        [sources.shop]
        kind = "typeform"
        secret = ["new", "old"]
        secret_env = "SHOP_SECRET"
        survey = "purchase"
        channel = "#shop"
        wait = 30
        timezone = "Europe/Helsinki"
        fields = { score = "q1", comment = "q2" }
        """,
        SHOP_SECRET="oldest",
    )
    assert settings.sources.keys() == {"typeform", "shop", "json"}
    typeform, shop, built_in = (settings.sources[name] for name in ("typeform", "shop", "json"))
    assert (typeform.kind, typeform.secrets, dict(typeform.fields)) == ("typeform", ("first",), {})
    assert (shop.kind, shop.secrets, shop.survey) == ("typeform", ("new", "old", "oldest"), "purchase")
    assert shop.fields == {"score": "q1", "comment": "q2"}
    assert (shop.wait, shop.zone, typeform.wait, typeform.zone) == (30, ZoneInfo("Europe/Helsinki"), 0, None)
    zones = [str(settings.zone_of(name)) for name in ("shop", "typeform", "gone")]
    assert zones == ["Europe/Helsinki", "UTC", "UTC"]
    assert (built_in.kind, built_in.secrets) == ("json", ("the built-in one",))
    assert [settings.channel_of(name) for name in ("typeform", "shop", "gone")] == ["#nps", "#shop", "#nps"]


def test_a_table_for_json_goes_before_the_built_in_source():
    """Who gives the source json a table of its own has that one."""
    settings = read('webhook_secret = "one"\n[sources.json]\nsecret = "other"')
    assert settings.sources["json"].secrets == ("other",)


def test_callbacks_themes_and_admins():
    """Hours, themes and admins are taken from the file; false asks for no callback, no theme stands twice."""
    settings = read(
        f'themes = ["returns", " returns ", "{THEMES[0]}"]\nadmins = ["U1"]\n'
        "[callbacks]\ndetractor = 0.5\npromoter = false"
    )
    assert settings.callbacks.hours == {Category.DETRACTOR: 0.5, Category.PASSIVE: 72.0, Category.PROMOTER: None}
    assert (settings.themes, settings.admins) == (("returns",), {"U1"})


def test_answers_that_try_things_out():
    """Test answers are told by the domain of their address, or by a property."""
    settings = read('[test_answers]\nemail_domains = ["@Test.example", "nordlys.example"]\nproperty = "trial"')
    assert settings.test_domains == {"test.example", "nordlys.example"}
    assert settings.test_property == "trial"


def test_digests_go_to_the_cards_channel_unless_told():
    """Digests go where cards go, or to a channel of their own."""
    assert Settings(channel="#voices").digests_go_to == "#voices"
    assert Settings(channel="#voices", digest_channel="#leaders").digests_go_to == "#leaders"


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=90)


@given(st.lists(WORDS, max_size=120))
def test_whatever_themes_are_accepted_fit_into_the_form(themes):
    """Themes are refused, or the form for a call shows them within Slack's rules."""
    settings = read_or_why_not(f"themes = {json.dumps(themes, ensure_ascii=False)}")
    if isinstance(settings, SettingError):
        assert "themes in npsbot.toml" in str(settings)
    else:
        found = Received(1, "r_1", "json", a_response(), NOW, NOW)
        view = call_form.log_call(found, Texts("en", settings.timezone), themes=settings.themes)
        assert check_view(view) == []


SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=12, max_size=40)
WRONG = st.sampled_from(["", "port = true", "chanel = 1", "themes = 3", '[sources.json]\nfields = "x"', "sources = 1"])


@given(SECRETS, st.sampled_from(sorted(ENVIRONMENT)), WRONG)
def test_a_secret_is_never_shown(secret, variable, wrong):
    """Whatever else is wrong, no secret stands in the sentence, nor in the settings when they are printed."""
    hidden = f"~{secret}~"
    environ = {name: f"{GOOD[name]}{hidden}" for name in ENVIRONMENT if ENVIRONMENT[name] in SECRET}
    if ENVIRONMENT[variable] in SECRET:
        environ[variable] = hidden
    toml = f"webhook_secret = {json.dumps(hidden)}\n{wrong}"
    if "sources" not in wrong:
        toml += f"\n[sources.typeform]\nsecret = [{json.dumps(hidden)}]"
    settings = read_or_why_not(toml, **environ)
    assert hidden not in f"{settings} {settings!r}"
    if isinstance(settings, Settings):
        assert hidden in settings.sources["typeform"].secrets
        assert hidden not in f"{settings.sources} {settings.sources['typeform']}"
