"""The commands; thin: each reads settings, calls what does the work, and prints. Imports wait until they are needed."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from bot.console import DAY, opened, settings, show
from bot.past.commands import export_file, import_file
from bot.source_commands import source_group

if TYPE_CHECKING:
    from bot.periods import Period

GROUPS = ("survey", "touchpoint", "company", "language", "source", "week", "month")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="npsbot")
def main() -> None:
    """Close the NPS loop in Slack: responses in, callbacks claimed and called, digests out."""


main.add_command(import_file)
main.add_command(export_file)
main.add_command(source_group)


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


@main.command()
@click.option("--from", "first", type=DAY, help="The first day.")
@click.option("--to", "last", type=DAY, help="The last day, included.")
@click.option("--last", "span", metavar="90d", help="The last days up to and with today.")
@click.option("--survey", help="One survey only.")
@click.option("--by", type=click.Choice(GROUPS), help="A score for each.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def score(  # noqa: PLR0913  # what click reads
    first: datetime | None,
    last: datetime | None,
    span: str | None,
    survey: str | None,
    by: str | None,
    as_json: bool,  # noqa: FBT001  # click gives flags by name
) -> None:
    """Tell the score of a span of days; of all there is when none is given."""
    from bot import lookup, periods

    chosen = settings()
    period: Period | None = None
    if span is not None:
        if first or last:
            raise click.UsageError("--last stands alone, without --from and --to")
        period = lookup.span(span, periods.local_day(datetime.now(UTC), chosen.timezone))
        if period is None:
            raise click.UsageError(f"--last {span}: give days such as 90d, or week, month, quarter, year")
    start, end = (period.first, period.last) if period else (_day(first), _day(last))
    if start and end and start > end:
        raise click.UsageError("--from is after --to")
    with opened(chosen) as db:
        scores = lookup.scores_by(db, by, start, end, survey, chosen.timezone)
    results = [_score(counts, start, end, label if by else None) for label, counts in scores]
    show(results if by else results[0], as_json=as_json, text="\n".join(map(_score_text, results)))


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def _score(counts: Any, start: date | None, end: date | None, label: str | None) -> dict[str, Any]:
    from bot.model import margin_of_error, nps

    margin = margin_of_error(counts)
    found = {
        "nps": nps(counts),
        "responses": counts.responses,
        "promoters": counts.promoters,
        "passives": counts.passives,
        "detractors": counts.detractors,
        "margin_of_error": None if margin is None else round(margin, 3),
        "from": start and start.isoformat(),
        "to": end and end.isoformat(),
    }
    return {"group": label, **found} if label is not None else found


def _score_text(result: dict[str, Any]) -> str:
    label = f"{result['group']}: " if result.get("group") else ""
    if result["nps"] is None:
        return f"{label}nobody answered"
    shares = f"{result['promoters']} promoters, {result['passives']} passives, {result['detractors']} detractors"
    return f"{label}NPS {result['nps']:+d} ±{result['margin_of_error']:.0f}, {result['responses']} answers ({shares})"


@main.command()
@click.option("--period", "kind", type=click.Choice(["week", "month", "quarter"]), default="week", show_default=True)
@click.option("--ending", type=DAY, help="The period that holds this day, instead of the last whole one.")
@click.option("--post", is_flag=True, help="Have the bot post it, once.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def digest(kind: str, ending: datetime | None, post: bool, as_json: bool) -> None:  # noqa: FBT001  # flags by name
    """Show the digest of the last whole period."""
    from bot import digest as digests
    from bot import periods
    from bot.cards.digest import render
    from bot.texts import Texts

    chosen, now = settings(), datetime.now(UTC)
    current = periods.holding(kind, periods.local_day(now, chosen.timezone))
    period = periods.holding(kind, ending.date()) if ending else periods.before(kind, current)
    with opened(chosen) as db:
        numbers = digests.numbers(db, chosen, kind, period, now)
        posted = post and digests.queue(db, chosen, kind, period, now, now) is not None
    rendered = render(numbers, Texts(chosen.language, chosen.timezone))
    show({**numbers.key, **digests.as_json(numbers)}, as_json=as_json, text=rendered.text)
    if post:
        queued = "The bot posts it within seconds, or as soon as it runs."
        click.echo(queued if posted else "This digest was posted before; a period is posted once.", err=True)


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
    from storage import outbox as stored

    with opened(settings()) as db:
        rows = stored.listing(db)
    lines = [f"{r['id']}  {r['state']:8} {r['kind']:10} {r['channel']:16} {r['reason'] or ''}" for r in rows]
    show(rows, as_json=as_json, text="\n".join(lines) or "Nothing waits, nothing failed.")


@outbox.command("retry")
@click.argument("ids", nargs=-1, type=int)
def outbox_retry(ids: tuple[int, ...]) -> None:
    """Send again what failed, or the messages with these ids."""
    from storage import outbox as stored

    with opened(settings()) as db:
        changed = stored.retry(db, list(ids))
    _done(changed, ids, "queued again")


@outbox.command("drop")
@click.argument("ids", nargs=-1, type=int)
def outbox_drop(ids: tuple[int, ...]) -> None:
    """Give up what failed, or the messages with these ids."""
    from storage import outbox as stored

    with opened(settings()) as db:
        changed = stored.drop(db, list(ids))
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
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(email: str, yes: bool) -> None:  # noqa: FBT001  # flags by name
    """Erase a person: from the store, from cards, threads and digests. Their scores stay."""
    from bot.forget import emptied
    from bot.forget import forget as erase

    if not yes:
        click.confirm(
            f"Erase all that {email} answered and what was said about it? It cannot be undone", abort=True, err=True
        )
    chosen = settings()
    with opened(chosen) as db:
        erased = erase(db, email, None, datetime.now(UTC))
    if not erased.responses and not erased.kept:
        click.echo(f"Nobody with the address {email} has answered.", err=True)
        sys.exit(1)
    if not emptied(chosen.database):
        raise click.ClickException(
            "It is erased, but the bot has not emptied its write-ahead log yet; look again soon."
        )
    click.echo(f"Erased: {erased.responses} responses, {erased.kept} deliveries in quarantine.", err=True)
    if erased.messages:
        click.echo(f"{erased.messages} messages in Slack are put without them as soon as the bot runs.", err=True)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True))
def backup(file: str) -> None:
    """Write a consistent copy of the store, also while the bot runs."""
    from pathlib import Path

    from storage.backup import copy
    from storage.db import StoreError

    try:
        size = copy(settings().database, Path(file))
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: {size} responses, checked.", err=True)


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
