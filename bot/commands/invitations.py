"""npsbot invitations: how many were asked, so that a score can say how many of them answered. Imports wait."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.console import opened, settings, show
from bot.commands.past import show_taken_in, taken_in


@click.group("invitations")
def invitations_group() -> None:
    """How many were invited on which day: import them, list them."""


@invitations_group.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--survey", metavar="NAME", help="The survey, where the file has no column of it.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="Where the dates leave it open.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def import_invitations(file: Path, survey: str | None, dates: str | None, *, as_json: bool) -> None:
    """Take in a CSV, JSON or Excel file with the columns day, survey and invited; a second run changes nothing.

    The number of a day and survey that is known already is replaced.
    """
    from bot.past import invitations
    from bot.past.dates import Order

    chosen, order = settings(), Order(dates) if dates else None
    found = taken_in(
        chosen,
        "invitations_imported",
        lambda db: invitations.import_invitations(db, file, chosen.timezone, survey=survey, order=order),
    )
    for name in found.unheard:
        click.echo(f"Nobody has answered a survey called “{name}” yet; is that its name in the answers?", err=True)
    show_taken_in(file, found, as_json=as_json)


@invitations_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_invitations(*, as_json: bool) -> None:
    """List what is known, as CSV that can be imported again."""
    from bot.past import invitations
    from storage import invitations as stored

    with opened(settings()) as db:
        show(stored.listing(db), as_json=as_json, text=invitations.as_csv(db))
