"""The README's examples, run as they stand there."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT, SECRET, eventually

from bot.cli import main
from bot.config import load
from handlers.sources.kinds import KINDS

README, TEAM, LEADERS = (
    (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/team.md", "docs/leaders.md")
)


def blocks(kind: str, page: str = README) -> list[str]:
    """Return the fenced blocks of a kind, without their indentation."""
    found = re.findall(rf"^( *)```{kind}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix(indent) for line in block.splitlines()) for indent, block in found]


def commands() -> list[str]:
    """Return the npsbot commands of the README, from its tables and its consoles."""
    written = re.findall(r"`(npsbot [^`]+)`", README + TEAM + LEADERS)
    typed = re.findall(r"\$ (?:\.venv/bin/)?(npsbot .+)", "\n".join(blocks("console")))
    return sorted({*written, *typed})


@pytest.mark.parametrize("command", commands())
def test_every_command_exists_with_its_options(command):
    """What the README tells to type is a command, and its options are among the command's own."""
    words = shlex.split(command)[1:]
    options = [word for word in words if word.startswith("--")]
    names = [word for word in words if re.fullmatch(r"[a-z]+", word)][
        : 2 if words[0] in {"quarantine", "outbox"} else 1
    ]
    result = CliRunner().invoke(main, [*names, "--help"])
    assert result.exit_code == 0, result.output
    for option in options:
        assert option in result.output


@pytest.mark.parametrize("target", re.findall(r"make ([a-z]+)", README))
def test_every_make_target_exists(target):
    """`make -n` knows what the README tells to make."""
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)  # noqa: S607  # from PATH
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [block for page in (README, TEAM, LEADERS) for block in blocks("toml", page)])
def test_every_setting_in_it_is_accepted(block, tmp_path: Path):
    """The examples of npsbot.toml load as they are, those of the pages for team and leaders too."""
    (tmp_path / "npsbot.toml").write_text(block, encoding="utf-8")
    environ = {"SHOP_SECRET": "one", "SHOP_SECRET_OLD": "two", "NPSBOT_CONFIG": str(tmp_path / "npsbot.toml")}
    load(environ, kinds=frozenset(KINDS))


async def test_the_delivery_in_it_is_taken(start, workspace):
    """The curl example answers as it says, and its card stands in the channel."""
    (example,) = [block for block in blocks("console") if block.startswith("$ curl")]
    command = example.removeprefix("$ ").split("\n{")[0].replace("\\\n", " ")
    async with start() as running:
        words = shlex.split(
            command.replace("http://127.0.0.1:8080", running.url).replace("$NPSBOT_WEBHOOK_SECRET", SECRET)
        )
        process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out, _ = await process.communicate()
        assert json.loads(out)["status"] == "accepted"
        cards = await eventually(lambda: workspace.messages("nps"))
        assert "Anna Berg" in cards[0]["text"]


def test_its_pictures_are_there():
    """Every picture has a file and says in words what it shows."""
    for words, file in re.findall(r"!\[(.*?)\]\((.*?)\)", README):
        assert len(words) > 20
        assert (ROOT / file).exists(), file
