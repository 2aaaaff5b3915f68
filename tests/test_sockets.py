"""Socket Mode: whatever becomes of the connection there is one again, and each click is handled once."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
from conftest import eventually
from structlog.testing import capture_logs

from bot import outbox, sockets

AT_WORK = {name: getattr(sockets, name) for name in ("CHECK_EVERY", "PING_EVERY", "STALE_AFTER", "CONNECT_WITHIN")}


@pytest.fixture(autouse=True)
def _quick(monkeypatch, workspace):
    """Every wait of the watchdog in its own proportion, far below what it is at work."""
    monkeypatch.setattr(sockets, "PING_EVERY", 0.3)
    monkeypatch.setattr(sockets, "STALE_AFTER", 0.9)
    monkeypatch.setattr(sockets, "CHECK_EVERY", 0.05)
    monkeypatch.setattr(sockets, "CONNECT_WITHIN", 1.0)
    monkeypatch.setattr(sockets, "LONGEST_WAIT", 0.3)
    monkeypatch.setattr(outbox, "POSTS", (200.0, 50.0))
    workspace.rates.on = False


class Wire:
    """A wire between a bot and its workspace that can go dead without anybody being told."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = ""
        self.dead: set[asyncio.StreamWriter] = set()
        self._sockets: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def laid(self):
        """Lay it, and take it away in the end."""
        server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield self
        server.close()

    def cut(self) -> None:
        """Let all WebSockets that go through it now go dead, in both directions."""
        self.dead |= self._sockets

    async def _joined(self, reader, writer) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        head = await reader.read(65_536)
        if head.startswith(b"GET /link"):
            self._sockets.add(writer)
        back.write(head)
        ways = (self._carry(reader, back, writer), self._carry(there, writer, writer))
        await asyncio.gather(*ways, return_exceptions=True)
        writer.close()
        back.close()

    async def _carry(self, reader, writer, near) -> None:
        while data := await reader.read(65_536):
            if near not in self.dead:
                writer.write(data)
        writer.close()


async def readiness(running):
    """Return status and reason of /readyz."""
    async with running.http.get(f"{running.url}/readyz") as answer:
        return answer.status, (await answer.json()).get("reason")


def well(running):
    """Wait until the bot says that it is ready."""

    async def look():
        return await readiness(running) == (200, None)

    return eventually(look)


def unwell(running, word):
    """Wait until the bot says why it is not ready."""

    async def look():
        status, reason = await readiness(running)
        return status == 503 and word in reason

    return eventually(look)


async def history(running):
    """Return what was done to callbacks."""
    return await running.bot.store.read(
        lambda db: [row["action"] for row in db.rows("select action from history order by id")]
    )


async def works_once(running, workspace, number=1):
    """Check that a click gets through, and is handled by one connection alone."""
    before = len(workspace.messages("#nps"))
    await running.deliver({"id": f"r-{number}", "score": 3})
    await eventually(lambda: len(workspace.messages("#nps")) > before)
    done = len(await history(running))
    ts = workspace.messages("#nps")[-1]["ts"]
    assert (await workspace.click("mikko", "#nps", ts, "claim_callback")).ok
    assert (await history(running))[done:] == ["claimed"]


async def test_a_connection_of_its_own(start, workspace):
    """The bot connects by itself, takes clicks, and leaves no connection when it stops."""
    async with start(socket=True) as running:
        await well(running)
        await works_once(running, workspace)
        assert len(workspace.sockets) == 1
    await eventually(lambda: len(workspace.sockets) == 0)


async def test_a_lost_connection(start, workspace):
    """A connection that is cut is built again, and again."""
    async with start(socket=True) as running:
        for number in range(3):
            await well(running)
            await works_once(running, workspace, number)
            workspace.sockets.lose()
            await eventually(lambda: len(workspace.sockets) == 0)
            await eventually(lambda: len(workspace.sockets) == 1)
        await well(running)
        await works_once(running, workspace, 9)


async def test_a_lost_connection_is_known_at_once(start, workspace, monkeypatch):
    """With the waits as they are at work, a cut is told by /readyz within seconds, and soon mended."""
    for name, seconds in AT_WORK.items():
        monkeypatch.setattr(sockets, name, seconds)
    async with start(socket=True) as running:
        await well(running)
        workspace.faults.no_sockets = True
        workspace.sockets.lose()
        began = time.monotonic()
        await unwell(running, "lost its connection")
        assert time.monotonic() - began < 4.0
        workspace.faults.clear()
        await well(running)
        await works_once(running, workspace)


async def test_a_connection_asks_once(start, workspace, monkeypatch):
    """Each connection costs one call to Slack: what says that the token is good is where to connect, too."""
    given: list[str] = []
    ticket = workspace.sockets.ticket

    def counted() -> str:
        given.append(ticket())
        return given[-1]

    monkeypatch.setattr(workspace.sockets, "ticket", counted)
    async with start(socket=True) as running:
        await well(running)
        await works_once(running, workspace)
    assert len(given) == 1


async def test_slack_asks_for_another_connection(start, workspace):
    """When Slack asks to connect anew there is one new connection, and not the old one beside it."""
    async with start(socket=True) as running:
        for number in range(2):
            await well(running)
            old = set(workspace.sockets._open)
            await workspace.sockets.disconnect()
            await eventually(lambda old=old: workspace.sockets._open and not old & set(workspace.sockets._open))
            await eventually(lambda: len(workspace.sockets) == 1)
            await works_once(running, workspace, number)


async def test_sockets_are_refused(start, workspace):
    """As long as Slack takes no connection the reason is said; then there is one."""
    workspace.faults.no_sockets = True
    async with start(socket=True) as running:
        await unwell(running, "Socket Mode is not connected: TimeoutError")
        workspace.faults.clear()
        await well(running)
        await works_once(running, workspace)
        await eventually(lambda: len(workspace.sockets) == 1)


async def test_slack_is_away(start, workspace):
    """A Slack that is not there when the bot starts, and goes away later, is waited for."""
    workspace.faults.down = True
    async with start(socket=True) as running:
        await unwell(running, "Socket Mode")
        workspace.faults.clear()
        await well(running)
        workspace.faults.down = True
        workspace.sockets.lose()
        await unwell(running, "Socket Mode")
        workspace.faults.clear()
        await well(running)
        await works_once(running, workspace)


async def test_a_wrong_app_token(start, workspace):
    """A wrong app token is named; webhooks are taken and cards posted meanwhile."""
    workspace.app_token = "xapp-another"
    async with start(socket=True) as running:
        await unwell(running, "invalid_auth")
        await running.deliver({"id": "r-1", "score": 3})
        await eventually(lambda: workspace.messages("#nps"))
        workspace.app_token = "xapp-demo"
        await well(running)
        await works_once(running, workspace, 2)


async def test_a_long_outage(start, workspace, monkeypatch):
    """However often Slack has refused, it is asked again."""
    monkeypatch.setattr(sockets, "LONGEST_WAIT", 0.0)
    workspace.app_token = "xapp-another"
    with capture_logs() as lines:
        async with start(socket=True) as running:
            await eventually(lambda: [line["event"] for line in lines].count("socket_down") > 1100)
            workspace.app_token = "xapp-demo"
            await well(running)


async def test_a_connection_that_only_seems_to_live(start, workspace):
    """A connection over which nothing comes any more is thrown away and built anew, and none stays beside it."""
    port = int(workspace.base_url.rpartition(":")[2])
    async with Wire(port).laid() as wire:
        workspace.base_url = wire.address
        async with start(socket=True) as running:
            for number in range(2):
                await well(running)
                old = set(workspace.sockets._open)
                wire.cut()
                await eventually(lambda old=old: workspace.sockets._open and not old & set(workspace.sockets._open))
                await well(running)
                await works_once(running, workspace, number)
        wire.dead.clear()


@pytest.mark.parametrize("trouble", ["none", "dead", "refused", "down"])
async def test_a_stop_is_quick(start, workspace, trouble):
    """Whatever the connection is doing, the bot stops within seconds and leaves nothing behind."""
    port = int(workspace.base_url.rpartition(":")[2])
    async with Wire(port).laid() as wire:
        workspace.base_url = wire.address
        workspace.faults.no_sockets = trouble == "refused"
        async with start(socket=True) as running:
            if trouble == "refused":
                await unwell(running, "Socket Mode")
            else:
                await well(running)
            if trouble == "dead":
                wire.cut()
            workspace.faults.down = trouble == "down"
            began = time.monotonic()
        assert time.monotonic() - began < 8
        left = [task.get_coro().__qualname__ for task in asyncio.all_tasks()]
        assert [name for name in left if "SocketModeClient" in name] == []
