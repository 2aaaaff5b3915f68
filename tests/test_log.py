"""The log: one JSON object a line whoever speaks, nothing private in it, and nothing that hangs on it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from conftest import ROOT, SECRET, eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.workspace import Workspace

WRITER = "import asyncio, logging, os, sys, warnings\nimport structlog\nfrom bot.serve import log_to_stderr\n"


def lines_of(script: str, folder: Path) -> list[dict[str, Any]]:
    """Return what stands in the log of a process that logs as the bot does, and then does what is told."""
    done = subprocess.run(
        [sys.executable, "-c", f"{WRITER}log_to_stderr(readable=False)\n{script}"],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def a_full_disk() -> dict[str, Any]:
    """Let a process write its log where no room is left."""
    return {"stderr": os.open("/dev/full", os.O_WRONLY)}


def a_pipe_nobody_reads() -> dict[str, Any]:
    """Let a process write its log to a program that has ended."""
    reading, writing = os.pipe()
    os.close(reading)
    return {"stderr": writing}


def nowhere() -> dict[str, Any]:
    """Let a process have no place for its log at all."""
    return {"preexec_fn": lambda: os.close(2)}


async def begun(workspace: Workspace, folder: Path, log: dict[str, Any], **more: str) -> asyncio.subprocess.Process:
    """Start the bot as a process of its own, over HTTP, or over Socket Mode when an app token is given."""
    environment = {
        "PATH": "",
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_SIGNING_SECRET": "demo-signing-secret",
        "SLACK_API_URL": workspace.api_url,
        "NPSBOT_WEBHOOK_SECRET": SECRET,
        **more,
    }
    words = (sys.executable, "-m", "bot", "run")
    return await asyncio.create_subprocess_exec(*words, cwd=folder, env=environment, **log)


async def is_ready(http: aiohttp.ClientSession, url: str) -> bool:
    """Return whether the bot says that it can do its work."""
    try:
        async with http.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def answered(http: aiohttp.ClientSession, url: str, body: dict[str, Any], secret: str = SECRET) -> int:
    """Return the status that one delivery is answered with."""
    headers = {"Authorization": f"Bearer {secret}"}
    async with http.post(f"{url}/webhooks/json", json=body, headers=headers) as answer:
        return answer.status


@pytest.mark.parametrize("log", [a_full_disk, a_pipe_nobody_reads, nowhere])
async def test_a_log_that_cannot_be_written(workspace, tmp_path, log: Callable[[], dict[str, Any]]):
    """What is refused is refused as ever, what is asked is done, and SIGTERM ends it cleanly."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    workspace.request_url = f"{url}/slack/events"
    given = log()
    process = await begun(workspace, tmp_path, given, NPSBOT_PORT=str(port))
    try:
        async with aiohttp.ClientSession() as http:
            await eventually(lambda: is_ready(http, url))
            assert await answered(http, url, {"score": 1}, secret="another") == 401
            assert await answered(http, url, {"score": 99}) == 422
            assert await answered(http, url, {"score": 1}) == 202
        await eventually(lambda: workspace.messages("nps"))
        ts = workspace.messages("nps")[0]["ts"]
        assert (await workspace.click("petra", "nps", ts, "claim_callback")).ok
        assert (await workspace.click("mikko", "nps", ts, "claim_callback")).ok
        await eventually(lambda: "claimed" in workspace.messages("nps")[0]["text"].lower())
    finally:
        process.terminate()
        code = await asyncio.wait_for(process.wait(), 20)
        if "stderr" in given:
            os.close(given["stderr"])
    assert code == 0


def test_it_is_written_again(tmp_path):
    """Once there is room again lines are written as before, each a whole one."""
    script = """
place = os.dup(2)
os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
for number in range(2000):
    structlog.get_logger("x").warning("unwritten", number=number)
    logging.getLogger("x").warning("unwritten")
os.dup2(place, 2)
structlog.get_logger("x").warning("ours")
logging.getLogger("x").warning("theirs")
"""
    assert [line["event"] for line in lines_of(script, tmp_path)][-2:] == ["ours", "theirs"]


def test_libraries_write_lines_as_ours(tmp_path):
    """What a library says, and a warning of Python's, is one object a line, with level, time and who said it."""
    script = """
logging.getLogger("aiohttp.server").warning("two\\nlines of %s", "text")
logging.getLogger("apscheduler.executors.default").error("a job")
warnings.warn("it is old")
structlog.get_logger("x").info("ours", number=1)
"""
    first, second, third, ours = lines_of(script, tmp_path)
    assert (first["logger"], first["level"], first["event"]) == ("aiohttp.server", "warning", "two\nlines of text")
    assert (second["logger"], second["level"]) == ("apscheduler.executors.default", "error")
    assert "it is old" in third["event"]
    assert (ours["event"], ours["number"]) == ("ours", 1)
    assert all(line["timestamp"].endswith("Z") for line in (first, second, third, ours))


def test_an_error_is_told_by_its_kind(tmp_path):
    """Of a library's error its kind and where it was raised are told; what it quotes is not, wherever it stands."""
    script = """
def connect():
    raise ValueError("url='wss://wss.example/link?ticket=hush' anna@example.com")

try:
    connect()
except ValueError as error:
    logging.getLogger("slack_bolt").exception(f"Failed to connect (error: {error}); Retrying...")
    logging.getLogger("slack_sdk").warning(f"Failed to send ({error})")
    logging.getLogger("aiohttp.server").error("Error handling %r", error)

async def forgotten():
    asyncio.get_running_loop().create_future().set_exception(ValueError("anna@example.com"))

asyncio.run(forgotten())
"""
    first, second, third, fourth = lines = lines_of(script, tmp_path)
    assert first["event"] == "Failed to connect (error: ValueError); Retrying..."
    assert "in connect" in first["exception"]
    assert first["exception"].endswith("ValueError")
    assert second["event"] == "Failed to send (ValueError)"
    assert third["event"] == "Error handling ValueError"
    assert fourth["event"].startswith("Future exception was never retrieved")
    assert [word for word in ("hush", "anna") if word in json.dumps(lines)] == []


def test_a_line_that_cannot_be_composed(tmp_path):
    """A library's line whose words do not fit is dropped, and those after it are written."""
    script = 'logging.getLogger("x").warning("%d", "text")\nlogging.getLogger("x").warning("next")'
    assert [line["event"] for line in lines_of(script, tmp_path)] == ["next"]


async def test_no_connection_is_told_in_lines(workspace, tmp_path):
    """While Slack takes no WebSocket every line of the log is one object, and no ticket stands in it."""
    workspace.faults.no_sockets = True
    process = await begun(
        workspace, tmp_path, {"stderr": asyncio.subprocess.PIPE}, NPSBOT_PORT="0", SLACK_APP_TOKEN="xapp-demo"
    )
    assert process.stderr is not None
    lines: list[dict[str, Any]] = []
    while not any(line.get("logger") == "slack_bolt" for line in lines):
        line = await asyncio.wait_for(process.stderr.readline(), 30)
        assert line, lines
        lines.append(json.loads(line))
    process.terminate()
    rest = await asyncio.wait_for(process.stderr.read(), 20)
    lines += [json.loads(line) for line in rest.splitlines()]
    assert await process.wait() == 0
    assert [word for word in ("ticket=", "xapp-demo", workspace.bot_token) if word in json.dumps(lines)] == []
