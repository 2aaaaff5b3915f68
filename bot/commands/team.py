"""npsbot owners, route, audit and moves: who looks after whom, what goes where, who did what. Imports wait."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.commands.console import noted, opened, settings, show
from bot.commands.past import show_taken_in, taken_in

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.model import Response

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("owners")
def owners_group() -> None:
    """Who looks after which company: import them, list them."""


@owners_group.command("import")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def import_owners(file: Path, *, as_json: bool) -> None:
    """Take in a CSV file with the columns company and owner (a Slack id); a second run changes nothing."""
    from bot.past import owners

    found = taken_in(settings(), "owners_imported", lambda db: owners.import_owners(db, file))
    show_taken_in(file, found, as_json=as_json)


@owners_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_owners(*, as_json: bool) -> None:
    """List every company with whoever looks after it."""
    from storage import owners

    with opened(settings()) as db:
        rows = owners.listing(db)
    lines = [f"{row['owner']:12} {row['company']}" for row in rows]
    show(rows, as_json=as_json, text="\n".join(lines) or "No company has an owner; npsbot owners import FILE.csv")


@click.command("route")
@click.argument("file", type=FILE)
@click.option("--source", default="json", show_default=True, help="The source that the response would come from.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def route(file: Path, source: str, *, as_json: bool) -> None:
    """Show which rule a response would take: FILE holds a body as the source `json` takes it."""
    from bot import routing
    from bot.settings import routes

    chosen = settings()
    for response in _responses(chosen, source, file):
        rule = routes.chosen(chosen.routes, source, response)
        with opened(chosen) as db:
            owner = routing.owner_of(db, chosen, response)
        result: dict[str, Any] = {
            "rule": rule.number if rule else None,
            "says": str(rule) if rule else None,
            "channel": routing.channel(chosen, source, response),
            "owner": owner,
        }
        told = f"rule {rule.number}, {rule}" if rule else "no rule fits"
        told += "; its survey names nobody and opens no callback" if chosen.nameless(response.survey) else ""
        looks_after = f"{owner} looks after the customer" if owner else "nobody is known to look after the customer"
        show(result, as_json=as_json, text=f"{told}.\nThe card goes to {result['channel']}; {looks_after}.")


def _responses(chosen: Settings, name: str, file: Path) -> list[Response]:
    """Return the responses that a body holds, read as its source would be."""
    from bot.model import Response
    from bot.settings.sources import SourceSettings
    from handlers.reading import read_delivery
    from handlers.sources import Delivery, NotJson, Unmappable

    if name not in chosen.sources and name != "json":
        known = ", ".join(chosen.sources) or "none"
        raise click.ClickException(f"No source is called {name}; there are {known}.")
    source = chosen.sources.get(name) or SourceSettings("json", "json", ())
    try:
        body = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from None
    try:
        found = read_delivery(source, Delivery({"content-type": "application/json"}, body, datetime.now(UTC)))
    except NotJson:
        raise click.ClickException(f"{file} is not JSON.") from None
    except Unmappable as fault:
        raise click.ClickException(f"{file} cannot be read as a response: {fault}.") from None
    return [each for each in found if isinstance(each, Response)]


@click.command("audit")
@click.argument("file", type=FILE)
def audit(file: Path) -> None:
    """Write the audit trail to FILE: .csv or .jsonl; who did what, to which response, when."""
    from bot.past.tables import Trouble
    from bot.past.trail import export
    from storage.db import StoreError

    chosen = settings()
    noted(chosen, "audit_exported")
    try:
        number = export(chosen.database, file)
    except (Trouble, StoreError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: {number:,} entries.", err=True)


@click.command("moves")
def moves() -> None:
    """Print the states and moves of a callback, as the README draws them."""
    from bot.moves import diagram

    click.echo(diagram())


COMMANDS = (owners_group, route, audit, moves)
