"""npsbot source: a table for a survey tool, and a delivery to try it with. Imports wait until they are needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.console import settings, show

if TYPE_CHECKING:
    from bot.config import Settings, SourceSettings
    from handlers.sources import Delivery


NOWHERE = "https://your-host"


@click.group("source")
def source_group() -> None:
    """Survey tools: add one, try one."""


@source_group.command("add")
@click.argument("kind")
@click.option("--name", help="What the source is called; its kind when it is not given.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def add(kind: str, name: str | None, *, as_json: bool) -> None:
    """Write a source of this kind into npsbot.toml with a fresh secret, and say what to paste into the tool."""
    import secrets

    from bot.guides import GUIDES, Bears, steps
    from bot.settings.sources import NAME, PLACEHOLDER

    name = kind if name is None else name
    if kind not in GUIDES:
        raise click.BadParameter(f"{kind!r} is no kind of a source; there are {', '.join(sorted(GUIDES))}.")
    if not NAME.fullmatch(name):
        raise click.BadParameter(f"{name!r}: a source's name is letters, digits, - and _.")
    path = Path(os.environ.get("NPSBOT_CONFIG") or "npsbot.toml")
    current = settings() if path.exists() else None
    if name in (current.sources if current else {}):
        raise click.ClickException(f"There is a source called {name} already; give another name with --name.")
    guide = GUIDES[kind]
    secret = None if guide.bears is Bears.OWN else secrets.token_urlsafe(32)
    table: dict[str, str | int] = {"kind": kind, "secret": secret or f"{PLACEHOLDER}{guide.secret}"}
    _append(path, name, table | ({"wait": guide.wait} if guide.wait else {}))
    host = ((current and current.public_url) or os.environ.get("NPSBOT_PUBLIC_URL") or NOWHERE).rstrip("/")
    address = f"{host}/webhooks/{name}"
    told = [*steps(kind, address, secret), f"Start the bot again, then: npsbot source test {name}"]
    if host == NOWHERE:
        told.append(
            "your-host is where the internet reaches this bot; set NPSBOT_PUBLIC_URL to it, and it stands here."
        )
    text = "\n".join(told)
    show({"name": name, "kind": kind, "address": address, "secret": secret}, as_json=as_json, text=text)
    click.echo(f"{path} has a source {name} now.", err=True)


def _append(path: Path, name: str, table: dict[str, str | int]) -> None:
    """Write a table to the end of npsbot.toml and change nothing else in it; a new file is for its owner alone."""
    import json
    import tempfile

    target = path.resolve()
    old = target.read_bytes() if target.exists() else b""
    lines = [f"[sources.{name}]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())]
    apart = b"" if not old else b"\n" if old.endswith(b"\n") else b"\n\n"
    new = old + apart + "\n".join([*lines, ""]).encode()
    if _told(new, name) != table:
        told = "\n".join(lines)
        raise click.ClickException(f"No table can follow at the end of {path}; write it there yourself:\n{told}")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=".npsbot-")
    with os.fdopen(handle, "wb") as file:
        file.write(new)
        os.fchmod(handle, mode)
    Path(beside).replace(target)


def _told(content: bytes, name: str) -> Any:
    """Return what npsbot.toml would say of a source; None where it says nothing, or cannot be read."""
    import tomllib

    try:
        return tomllib.loads(content.decode())["sources"][name]
    except (ValueError, LookupError, TypeError):
        return None


@source_group.command("test")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def test(name: str, *, as_json: bool) -> None:
    """Play a recorded delivery of a source's tool against the running bot; it counts in no score."""
    import asyncio

    import aiohttp

    chosen = settings()
    source = chosen.sources.get(name)
    if source is None:
        known = ", ".join(chosen.sources) or "none"
        raise click.ClickException(f"No source is called {name}; there are {known}.")
    sample = _sample(chosen, source)
    try:
        status, answer = asyncio.run(_play(chosen, source, sample))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise click.ClickException(
            f"No bot answers at {chosen.host}:{chosen.port} ({type(error).__name__}); start it with npsbot run."
        ) from None
    show({"status": status, "answer": answer}, as_json=as_json, text=_said(status, answer, chosen.channel_of(name)))
    if not 200 <= status < 300:
        sys.exit(1)


def _said(status: int, answer: Any, channel: str) -> str:
    """Return an answer of the bot as a line for people."""
    told = answer if isinstance(answer, dict) else {}
    said = told.get("status") or told.get("error") or answer
    means = {
        "accepted": f": its card is on the way to {channel}, and it counts in no score.",
        "duplicate": f": it was played before, and its card is in {channel} already.",
    }
    return f"{status} {said}{means.get(str(said), '')}"


def _sample(chosen: Settings, source: SourceSettings) -> dict[str, Any]:
    """Return the recorded delivery of a source's kind, if it can be read and is known to be a test."""
    import json
    from importlib.resources import files

    from bot.intake import is_test
    from bot.model import Response
    from handlers.reading import read_delivery
    from handlers.sources import Unmappable

    samples = json.loads(files("handlers.sources").joinpath("samples.json").read_text(encoding="utf-8"))
    sample: dict[str, Any] | None = samples.get(source.kind)
    if sample is None:
        raise click.ClickException(f"{source.kind}'s events hold no answers to play; answer your own survey once.")
    try:
        (found,) = read_delivery(source, _delivery(sample))
    except Unmappable as fault:
        raise click.ClickException(
            f"The recorded delivery is of another survey than yours, whose questions fields names ({fault.field}); "
            "answer your own survey once."
        ) from None
    if not isinstance(found, Response) or not is_test(chosen, found):
        raise click.ClickException("The recorded delivery cannot be told from an answer that counts.")
    return sample


def _delivery(sample: dict[str, Any], url: str = "") -> Delivery:
    import json
    from datetime import UTC, datetime

    from handlers.sources import Delivery

    body = sample["body"] if isinstance(sample["body"], str) else json.dumps(sample["body"], ensure_ascii=False)
    return Delivery({"content-type": sample["content_type"]}, body.encode(), datetime.now(UTC), url=url)


async def _play(chosen: Settings, source: SourceSettings, sample: dict[str, Any]) -> tuple[int, Any]:
    """Post the delivery to the bot, proved as the tool proves it; a signed address is the public one."""
    import aiohttp

    from handlers.sources.kinds import KINDS

    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(chosen.host, chosen.host)  # noqa: S104  # it listens there
    here, path = f"http://{host}:{chosen.port}", f"/webhooks/{source.name}"
    delivery = _delivery(sample, f"{(chosen.public_url or here).rstrip('/')}{path}")
    signed = KINDS[source.kind].sign(delivery, source.secrets[0])
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http,
        http.post(f"{here}{path}", data=signed.body, headers=signed.headers) as answer,
    ):
        return answer.status, await answer.json(content_type=None)
