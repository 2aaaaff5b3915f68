"""npsbot import and npsbot export, and how any file is taken in: what is asked, what is said. Imports wait."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.commands.console import DAY, noted, opened, settings, show
from bot.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Settings
    from bot.past.importing import Outcome, Prepared
    from bot.past.tables import Imported
    from storage.db import Db
    from storage.past import Answer

Taken = TypeVar("Taken", bound="Imported")

SHOWN = 60
"""Characters of a cell in a preview."""

FILE = click.Path(dir_okay=False, path_type=Path)


def _pairs(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return COLUMN=FIELD as pairs; a field that there is not is a wrong use."""
    from bot.past.columns import FIELDS, PROPERTY

    pairs = []
    for text in given:
        column, _, field = (part.strip() for part in text.rpartition("="))
        if not column or not (field in FIELDS or (field.startswith(PROPERTY) and field != PROPERTY)):
            raise click.BadParameter(f"{text!r}: give COLUMN=FIELD, with a field of {', '.join(FIELDS)}, property.NAME")
        pairs.append((column, field))
    return tuple(pairs)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--survey", metavar="NAME", help="The survey that these answers belong to.")
@click.option("--source", metavar="NAME", help="The source whose ids these are; without it they are a source `import`.")
@click.option("--map", "mapping", metavar="COLUMN=FIELD", multiple=True, callback=_pairs, help="What a column is.")
@click.option("--dates", type=click.Choice(["day-first", "month-first"]), help="Where the dates leave it open.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken in and refused, and store nothing.")
@click.option("--post", is_flag=True, help="Post a card for each new answer.")
@click.option("--callbacks", is_flag=True, help="Open the callbacks that the new answers ask for.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def import_file(file: Path, *, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Take in past answers from CSV, JSON, JSON lines or an Excel workbook; a second run adds nothing.

    Rows that are refused are named, and written to FILE.refused.csv to be mended and imported.
    """
    from bot.past.dates import Order
    from bot.past.importing import Wanted, prepare, preview, take_in
    from bot.past.tables import Trouble
    from storage.db import StoreError

    chosen = settings()
    order = Order(asked.pop("dates")) if asked["dates"] else asked.pop("dates")
    try:
        prepared = prepare(file, Wanted(order=order, **asked), chosen)
        if dry_run:
            outcome, first = preview(prepared)
            show(_mapping(prepared, outcome, first), as_json=as_json, text=_previewed(prepared, outcome, first))
            return
        _warn(prepared)
        outcome = take_in(prepared, chosen, lambda: datetime.now(UTC))
    except (Trouble, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from None
    _tell_refused(outcome)
    show(_result(prepared, outcome), as_json=as_json, text=_text(prepared, outcome))
    if outcome.refused:
        sys.exit(1)


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--from", "first", type=DAY, help="The first day.")
@click.option("--to", "last", type=DAY, help="The last day, included.")
@click.option("--survey", metavar="NAME", help="One survey only.")
def export_file(file: Path, first: datetime | None, last: datetime | None, survey: str | None) -> None:
    """Write responses to FILE: .csv, .jsonl with callbacks and calls, or .xlsx."""
    from bot.past.exporting import Choice, export
    from bot.past.tables import Trouble
    from storage.db import StoreError

    if first and last and first > last:
        raise click.UsageError("--from is after --to")
    chosen = settings()
    choice = Choice(chosen.timezone, first and first.date(), last and last.date(), survey)
    try:
        number = export(chosen.database, file, choice)
    except (Trouble, StoreError) as error:
        raise click.ClickException(str(error)) from None
    noted(chosen, "export", responses=number)
    click.echo(f"{file}: {counted(number, 'response')}.", err=True)


@click.command("lessons")
@click.argument("file", type=FILE)
def lessons_file(file: Path) -> None:
    """Write the notes that are lessons for product to FILE, .csv or .jsonl, and count them by theme."""
    from bot.past.lessons import write
    from bot.past.tables import Trouble
    from storage.db import StoreError

    try:
        number, themes = write(settings().database, file)
    except (Trouble, StoreError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: {counted(number, 'lesson')}.", err=True)
    for theme, count in themes:
        click.echo(f"  {theme}: {count:,}", err=True)


def _warn(prepared: Prepared) -> None:
    columns = prepared.columns
    taken = ", ".join(f"{field} from “{columns.name(field)}”" for field in columns.index)
    click.echo(f"Taking {taken}.", err=True)
    if "submitted_at" not in columns.index:
        click.echo(
            'No column says when: these answers count as given now. Say which with --map "COLUMN=submitted_at".',
            err=True,
        )


def _tell_refused(outcome: Outcome) -> None:
    for reason in outcome.reasons:
        click.echo(f"refused: {reason}", err=True)
    if (more := outcome.refused - len(outcome.reasons)) > 0:
        click.echo(f"… and {more:,} more.", err=True)
    if outcome.refused_file:
        click.echo(f"Mend them in {outcome.refused_file} and import that with the same options.", err=True)


def _result(prepared: Prepared, outcome: Outcome) -> dict[str, Any]:
    return {
        "rows": prepared.rows,
        "new": outcome.new,
        "filled": outcome.filled,
        "known": outcome.known,
        "refused": outcome.refused,
        "refused_file": outcome.refused_file and str(outcome.refused_file),
    }


def _text(prepared: Prepared, outcome: Outcome) -> str:
    parts = [f"{outcome.new:,} new", f"{outcome.known:,} known already", f"{outcome.refused:,} refused"]
    if outcome.filled:
        parts.insert(1, f"{outcome.filled:,} known and completed")
    return f"{prepared.path}: {counted(prepared.rows, 'row')}: {', '.join(parts)}."


def _mapping(prepared: Prepared, outcome: Outcome, first: list[Answer]) -> dict[str, Any]:
    columns = prepared.columns
    return {
        "rows": prepared.rows,
        "mapping": {field: columns.name(field) for field in columns.index},
        "not_taken": columns.left,
        "first": [answer._asdict() for answer in first],
        "would_take": outcome.new,
        "would_refuse": outcome.refused,
        "reasons": outcome.reasons,
    }


def _previewed(prepared: Prepared, outcome: Outcome, first: list[Answer]) -> str:
    columns, clock = prepared.columns, prepared.clock
    said = {"source": prepared.source, "survey": prepared.survey}
    lines = [f"{prepared.path}: {counted(prepared.rows, 'row')}. Nothing is stored.", ""]
    lines += [f"  {field:14} from “{columns.name(field)}”" for field in columns.index]
    lines += [f"  {field:14} is {value}" for field, value in said.items() if value and field not in columns.index]
    if columns.left:
        lines.append(f'  not taken: {", ".join(columns.left)} (take one with --map "COLUMN=property.NAME")')
    if "submitted_at" in columns.index:
        lines.append(f"  times without an offset are of {clock.zone}; dates in numbers are {clock.order}")
    lines += ["", *(f"  {_line(answer)}" for answer in first), ""]
    lines.append(f"{counted(outcome.new, 'row')} would be taken, {outcome.refused:,} refused.")
    return "\n".join([*lines, *(f"  {reason}" for reason in outcome.reasons)])


def _line(answer: Answer) -> str:
    """Return what an answer says on one line; its source is told above."""
    told = answer._replace(source="", source_id="", properties=answer.properties.strip("{}"), test=0)._asdict()
    shown = {
        name: " ".join(str(value).split())[:SHOWN]
        for name, value in told.items()
        if name != "test" and value is not None
    }
    return ", ".join(f"{name} {value}" for name, value in shown.items() if value)


def taken_in(chosen: Settings, action: str, take: Callable[[Db], Taken]) -> Taken:
    """Take a file in as one transaction, into the audit trail as well, and tell what of it was refused."""
    from bot.past.tables import Trouble

    with opened(chosen) as db:
        try:
            found = take(db)
        except Trouble as trouble:
            raise click.ClickException(str(trouble)) from None
    noted(chosen, action, new=found.new, refused=len(found.refused))
    for reason in found.refused:
        click.echo(f"refused: {reason}", err=True)
    return found


def show_taken_in(file: Path, found: Imported, *, as_json: bool) -> None:
    """Print what became of a file's rows; the command fails when any was refused."""
    result = {"new": found.new, "known": found.known, "refused": len(found.refused)}
    text = f"{file}: {found.new} new or changed, {found.known} known already, {len(found.refused)} refused."
    show(result, as_json=as_json, text=text)
    if found.refused:
        sys.exit(1)
