"""The page about survey tools does what it says: its tables are settings, its example is a source."""

from __future__ import annotations

import json
import re
import tomllib
from types import ModuleType

import pytest
from conftest import ROOT, SECRET
from recorded import delivery_of, shown

from bot.config import load
from handlers.sources import Ignored
from handlers.sources.kinds import KINDS

PAGE = (ROOT / "docs/sources.md").read_text(encoding="utf-8")


def blocks(language):
    """Return the page's blocks of code in a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


@pytest.mark.parametrize("table", blocks("toml"))
def test_its_tables_are_settings(table, tmp_path):
    """Each table can be pasted into npsbot.toml as it stands."""
    (tmp_path / "npsbot.toml").write_text(table, encoding="utf-8")
    secrets = dict.fromkeys(re.findall(r'_env = "(.+?)"', table), SECRET)
    assert load(secrets, kinds=frozenset(KINDS)).sources


def test_it_tells_of_every_kind():
    """Each kind has a table of its own, and each address on the page ends in a source that is named there."""
    named = {name: table["kind"] for text in blocks("toml") for name, table in tomllib.loads(text)["sources"].items()}
    assert set(named.values()) == set(KINDS)
    assert set(re.findall(r"https://bot\.example\.com/webhooks/(\w+)", PAGE)) <= set(named)


def test_its_example_is_a_source():
    """The module that it shows reads the delivery that it shows, and proves it."""
    (source,) = blocks("python")
    sample = next(json.loads(text) for text in blocks("json") if '"expect"' in text)
    module = ModuleType("newtool")
    exec(source, module.__dict__)  # noqa: S102  # the page's own code
    delivery = delivery_of(sample)
    module.verify(delivery, (SECRET,))
    (found,) = module.parse(delivery, {})
    assert {name: shown(found)[name] for name in sample["expect"]} == sample["expect"]
    (closed,) = module.parse(delivery_of({**sample, "body": {"id": 17, "rating": None}}), {})
    assert isinstance(closed, Ignored)


def test_its_templates_are_read():
    """The bodies to paste into a tool hold a score and a comment, once the tool has filled them in."""
    for text in blocks("json"):
        if "…" in text or "{{" in text or "${" in text:
            filled = re.sub(r'"(…|\$?\{.*?\}+)"', '"9"', text)
            sample = {"headers": {"Content-Type": "application/json"}, "body": json.loads(filled)}
            fields = {"submitted_at": "none"}
            (found,) = KINDS["retently" if "campaign" in text else "customerio"].parse(delivery_of(sample), fields)
            assert (found.score, found.comment, found.id) == (9, "9", "9")


def test_its_script_sends_what_is_read():
    """Each name that the script for Google Forms gives a value is one that the parser reads."""
    script = (ROOT / "docs/google_forms.gs").read_text(encoding="utf-8")
    module = (ROOT / "handlers/sources/google_forms.py").read_text(encoding="utf-8")
    sent = set(re.findall(r"^    (\w+): (?!\w+,)", script, re.MULTILINE)) | set(re.findall(r"answer\.(\w+) = ", script))
    assert {"responseId", "answers", "value", "lowest"} <= sent
    assert {name for name in sent if f'"{name}"' not in module} == {"type"}
