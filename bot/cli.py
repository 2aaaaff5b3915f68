"""The commands; thin: each reads settings, calls what does the work, and prints. Imports wait until they are needed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from bot.commands.console import noted, opened, settings, show
from bot.commands.digest import digest
from bot.commands.invitations import invitations_group
from bot.commands.past import export_file, import_file, lessons_file
from bot.commands.privacy import forget_person, retention_nights, show_person
from bot.commands.score import score
from bot.commands.source import source_group
from bot.commands.team import COMMANDS
from bot.commands.themes import themes
from bot.counted import counted


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="npsbot")
def main() -> None:
    """Close the NPS loop in Slack: responses in, callbacks claimed and called, digests out."""


main.add_command(import_file)
main.add_command(export_file)
main.add_command(lessons_file)
main.add_command(source_group)
for team_command in COMMANDS:
    main.add_command(team_command)
main.add_command(forget_person)
main.add_command(retention_nights)
main.add_command(show_person)
main.add_command(score)
main.add_command(themes)
main.add_command(invitations_group)
main.add_command(digest)


@main.command()
def run() -> None:
    """Run the bot against a Slack workspace."""
    from bot.config import SettingError
    from bot.serve import serve
    from storage.db import StoreError

    try:
        serve(settings())
    except (SettingError, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="Where the page stands.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address it listens on.")
@click.option("--fresh", is_flag=True, help="Erase npsbot-demo.db first, and only that.")
def demo(port: int, host: str, fresh: bool) -> None:  # noqa: FBT001  # click gives flags by name
    """Show everything on this machine, with no account anywhere."""
    from bot.demo import show_demo
    from storage.db import StoreError

    try:
        show_demo(host, port, fresh=fresh)
    except (StoreError, OSError) as error:
        raise click.ClickException(str(error)) from None


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def outbox(context: click.Context, as_json: bool) -> None:  # noqa: FBT001  # flags by name
    """Messages that wait, or that could not be posted: list, retry, drop."""
    if context.invoked_subcommand is None:
        context.invoke(outbox_list, as_json=as_json)


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def outbox_list(as_json: bool = False) -> None:  # noqa: FBT001, FBT002  # flags by name
    """List what waits or failed, with the reason."""
    from storage import failures

    with opened(settings()) as db:
        rows = failures.listing(db)
    lines = [f"{r['id']}  {r['state']:8} {r['kind']:10} {r['channel']:16} {r['reason'] or ''}" for r in rows]
    show(rows, as_json=as_json, text="\n".join(lines) or "Nothing waits, nothing failed.")


@outbox.command("retry")
@click.argument("ids", nargs=-1, type=int)
def outbox_retry(ids: tuple[int, ...]) -> None:
    """Send again what failed, or the messages with these ids."""
    from storage import failures

    with opened(settings()) as db:
        changed = failures.retry(db, list(ids))
    _done(changed, ids, "queued again")


@outbox.command("drop")
@click.argument("ids", nargs=-1, type=int)
def outbox_drop(ids: tuple[int, ...]) -> None:
    """Give up what failed, or the messages with these ids."""
    from storage import failures

    with opened(settings()) as db:
        changed = failures.drop(db, list(ids))
    _done(changed, ids, "dropped")


def _done(changed: int, ids: tuple[int, ...], word: str) -> None:
    click.echo(f"{changed} {word}.", err=True)
    if ids and not changed:
        sys.exit(1)


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def quarantine(context: click.Context, as_json: bool) -> None:  # noqa: FBT001  # flags by name
    """Deliveries that could not be mapped: list, retry, drop."""
    if context.invoked_subcommand is None:
        context.invoke(quarantine_list, as_json=as_json)


@quarantine.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def quarantine_list(as_json: bool = False) -> None:  # noqa: FBT001, FBT002  # flags by name
    """List what was kept, with the reason."""
    from storage import quarantine as stored

    with opened(settings()) as db:
        rows = [{name: row[name] for name in ("id", "source", "received_at", "reason")} for row in stored.listing(db)]
    lines = [f"{r['id']}  {r['source']:14} {r['received_at']:%Y-%m-%d %H:%M}  {r['reason']}" for r in rows]
    show(rows, as_json=as_json, text="\n".join(lines) or "Nothing is in quarantine.")


@quarantine.command("retry")
@click.argument("ids", nargs=-1, type=int)
def quarantine_retry(ids: tuple[int, ...]) -> None:
    """Take in what can be mapped now."""
    from bot.intake import take_again
    from handlers.retry import read_again

    chosen = settings()
    with opened(chosen) as db:
        taken, left = take_again(db, chosen, ids, datetime.now(UTC), read_again)
    click.echo(f"{taken} taken in, {left} still in quarantine.", err=True)
    if left:
        sys.exit(1)


@quarantine.command("drop")
@click.argument("ids", nargs=-1, type=int, required=True)
def quarantine_drop(ids: tuple[int, ...]) -> None:
    """Let the deliveries with these ids go."""
    from storage import quarantine as stored

    with opened(settings()) as db:
        changed = sum(stored.drop(db, entry) for entry in ids)
    _done(changed, ids, "dropped")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True))
def backup(file: str) -> None:
    """Write a consistent copy of the store, also while the bot runs."""
    from pathlib import Path

    from storage.backup import copy
    from storage.db import StoreError

    chosen = settings()
    try:
        size = copy(chosen.database, Path(file))
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    noted(chosen, "backup", responses=size)
    click.echo(f"{file}: {counted(size, 'response')}, checked.", err=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:  # noqa: FBT001  # flags by name
    """Check configuration, token, scopes, channels and store, and say what to do about each fault."""
    import asyncio

    from bot.doctor import examine

    findings = asyncio.run(examine(settings))
    lines = [f"{'ok  ' if f.ok else 'FAIL'}  {f.subject}: {f.says}" for f in findings]
    show([f.as_json() for f in findings], as_json=as_json, text="\n".join(lines))
    if not all(f.ok for f in findings):
        sys.exit(1)
