"""Servers in processes of their own: the bot as it really runs, and what it is held against."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

ROOT = Path(__file__).parents[2]
SECRET = "whsec_bnBzYm90LWJlbmNobWFyay1zZWNyZXQtb2YtMzItYnl0ZXM="
SIGNING_SECRET = "demo-signing-secret"
NOWHERE = "http://127.0.0.1:9/api/"
"""A Slack that refuses every connection."""
START_WITHIN = 30.0
RESTS = 0.03
"""Seconds of a processor, all servers together, in half a second of rest."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process and the port where it listens."""

    pid: int
    port: int

    @property
    def api_url(self) -> str:
        """Return the address of the Web API, where it has one."""
        return f"http://127.0.0.1:{self.port}/api/"

    def memory(self) -> float:
        """Return the memory it holds now, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def worked(self) -> float:
        """Return the seconds that it has had of a processor so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def environment(store: Path, slack: str = NOWHERE) -> dict[str, str]:
    """Return the settings of a bot for this store and this Slack, and nothing else that could set one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "NPSBOT_"))}
    return kept | {
        "SLACK_BOT_TOKEN": "xoxb-demo",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack,
        "NPSBOT_DATABASE": str(store),
        "NPSBOT_CONFIG": os.devnull,
        "NPSBOT_PORT": "0",
        "NPSBOT_WEBHOOK_SECRET": SECRET,
    }


async def at_rest(servers: Collection[Server]) -> None:
    """Return once no server works: what one does after its own round does not slow down the next."""
    for _ in range(120):
        before = sum(server.worked() for server in servers)
        await asyncio.sleep(0.5)
        if sum(server.worked() for server in servers) - before < RESTS:
            return
    raise RuntimeError("a server works although nobody asks it for anything")


@asynccontextmanager
async def serving(store: Path, *command: str, slack: str = NOWHERE) -> AsyncIterator[Server]:
    """Run `python -m command…` until the block ends; on stderr it says where it listens, as the bot does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=ROOT, env=environment(store, slack), stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_read(process.stderr, port))
    try:
        yield Server(process.pid, await asyncio.wait_for(port, START_WITHIN))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def _read(stderr: asyncio.StreamReader, port: asyncio.Future[int]) -> None:
    """Read what a server says to its end, and find its port in it."""
    said = ""
    while line := (await stderr.readline()).decode():
        if port.done():
            continue
        said += line
        if line.startswith("{") and (event := json.loads(line))["event"] == "listening":
            port.set_result(event["port"])
    if not port.done():
        port.set_exception(RuntimeError(f"the server did not start:\n{said}"))
