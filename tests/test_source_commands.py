"""npsbot source: a table that loads, what to paste, and a delivery to try it with."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from click.testing import CliRunner
from conftest import SECRET

from bot.cli import main
from bot.config import SettingError, SourceSettings, load
from bot.guides import GUIDES, Bears
from handlers.sources.kinds import KINDS

CONFIG = """channel = "#cards"  # a remark\r\n\r\n[callbacks]\r\ndetractor = 12"""


@pytest.fixture(name="npsbot")
def _npsbot():
    """Run a command in this process; return exit code, stdout, stderr."""

    def run(*words):
        found = CliRunner().invoke(main, ["source", *words])
        return found.exit_code, found.stdout, found.stderr

    return run


@pytest.mark.parametrize("kind", KINDS)
def test_add(npsbot, tmp_path, kind):
    """Each kind's table loads with its secret, or is refused with where the tool shows it; the address is told."""
    code, out, err = npsbot("add", kind, "--name", "shop")
    assert code == 0, err
    assert "https://your-host/webhooks/shop" in out
    path = tmp_path / "npsbot.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    if GUIDES[kind].bears is Bears.OWN:
        with pytest.raises(SettingError, match=re.escape(GUIDES[kind].secret)):
            load({}, kinds=frozenset(KINDS))
        path.write_text(re.sub(r"put here [^\"]*", "theirs", path.read_text()), encoding="utf-8")
    source = load({}, kinds=frozenset(KINDS)).sources["shop"]
    assert (source.kind, source.wait) == (kind, GUIDES[kind].wait)
    assert source.secrets[0] == "theirs" or source.secrets[0] in out
    assert len(source.secrets[0]) in {6, 43}


def test_add_keeps_what_stands_there(npsbot, tmp_path, monkeypatch):
    """The rest of the file stays as it is, byte for byte, with its rights; the public address is told."""
    path = tmp_path / "npsbot.toml"
    path.write_bytes(CONFIG.encode())
    path.chmod(0o640)
    monkeypatch.setenv("NPSBOT_PUBLIC_URL", "https://bot.example.com/")
    assert npsbot("add", "typeform")[0] == 0
    code, out, _ = npsbot("add", "jotform", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["address"] == "https://bot.example.com/webhooks/jotform"
    assert path.read_bytes().startswith(CONFIG.encode() + b"\n\n[sources.typeform]\n")
    assert path.stat().st_mode & 0o777 == 0o640
    settings = load({}, kinds=frozenset(KINDS))
    assert (settings.channel, list(settings.sources)) == ("#cards", ["typeform", "jotform"])
    assert settings.sources["jotform"].secrets == (told["secret"],)
    assert [found.name for found in tmp_path.iterdir()] == ["npsbot.toml"]


@pytest.mark.parametrize(
    ("config", "words", "code", "says"),
    [
        ("", ["typefrom"], 2, "is no kind of a source"),
        ("", ["typeform", "--name", "a b"], 2, "letters, digits"),
        ('[sources.typeform]\nsecret = "s"\n', ["typeform"], 1, "There is a source called typeform already"),
        ('sources = { shop = { kind = "json", secret = "s" } }\n', ["typeform"], 1, "write it there yourself"),
        ("channel = 7\n", ["typeform"], 1, "channel"),
    ],
)
def test_add_refuses(npsbot, tmp_path, config, words, code, says):
    """A kind that there is not, a name that is taken, a file that cannot take a table: it stays as it is."""
    path = tmp_path / "npsbot.toml"
    path.write_text(config, encoding="utf-8")
    found, _, err = npsbot("add", *words)
    assert found == code
    assert says in err
    assert path.read_text(encoding="utf-8") == config


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_try(start, npsbot, tmp_path, monkeypatch, kind):
    """What is played is accepted as authentic, once, and counts in no score."""
    sources = {"shop": SourceSettings("shop", kind, (SECRET,))}
    (tmp_path / "npsbot.toml").write_text(f'[sources.shop]\nkind = "{kind}"\nsecret = "{SECRET}"\n', encoding="utf-8")
    async with start(sources=sources) as running:
        monkeypatch.setenv("NPSBOT_PORT", str(running.bot.port))
        code, out, err = await asyncio.to_thread(npsbot, "test", "shop", "--json")
        rows = await running.bot.store.read(lambda db: db.rows("select test, score from responses"))
        if kind == "surveymonkey":
            assert code == 1
            assert "no answers to play" in err
            return
        assert (code, json.loads(out)["status"]) == (0, 202), (out, err)
        assert [row["test"] for row in rows] == [1]
        again = (await asyncio.to_thread(npsbot, "test", "shop"))[1]
        assert again == "200 duplicate: it was played before, and its card is in #nps already.\n"


async def test_try_a_wrong_secret(start, npsbot, tmp_path, monkeypatch):
    """A bot that runs with another secret refuses; one that does not run is told; so is a source that is not there."""
    (tmp_path / "npsbot.toml").write_text('[sources.shop]\nkind = "tally"\nsecret = "new"\n', encoding="utf-8")
    async with start(sources={"shop": SourceSettings("shop", "tally", (SECRET,))}) as running:
        monkeypatch.setenv("NPSBOT_PORT", str(running.bot.port))
        code, out, _ = await asyncio.to_thread(npsbot, "test", "shop")
        assert (code, out[:3]) == (1, "401")
    code, _, err = await asyncio.to_thread(npsbot, "test", "shop")
    assert code == 1
    assert "start it with npsbot run" in err
    assert "No source is called other; there are shop." in (await asyncio.to_thread(npsbot, "test", "other"))[2]


def test_try_another_survey(npsbot, tmp_path):
    """Where fields name questions of one's own survey, nothing is played that would only land in quarantine."""
    table = '[sources.shop]\nkind = "tally"\nsecret = "s"\nfields = { score = "question_mine" }\n'
    (tmp_path / "npsbot.toml").write_text(table, encoding="utf-8")
    code, _, err = npsbot("test", "shop")
    assert code == 1
    assert "answer your own survey once" in err


def test_every_kind_has_a_guide():
    """No kind can be added without a word about where its address goes."""
    assert set(GUIDES) == set(KINDS)
