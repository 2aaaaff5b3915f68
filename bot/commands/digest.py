"""npsbot digest: shown, written as a page, or posted. Imports wait until they are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.console import DAY, opened, settings, show

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.settings.schedules import Schedule

KINDS = ("week", "month", "quarter")


@click.command()
@click.option("--period", "kind", type=click.Choice(KINDS), help="A week unless told, or what --name is set to.")
@click.option("--ending", type=DAY, help="The period that holds this day, instead of the last whole one.")
@click.option("--name", metavar="NAME", help="One of the [[digests]] of npsbot.toml.")
@click.option("--post", is_flag=True, help="Have the bot post it, once.")
@click.option("--html", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write it as one page.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def digest(  # noqa: PLR0913  # what click reads
    kind: str | None,
    ending: datetime | None,
    name: str | None,
    post: bool,  # noqa: FBT001  # click gives flags by name
    file: Path | None,
    as_json: bool,  # noqa: FBT001  # click gives flags by name
) -> None:
    """Show the digest of the last whole period; tag first what is not tagged yet."""
    from bot import digest as digests
    from bot import periods
    from bot.cards.digest import in_words
    from bot.commands.themes import catch_up
    from bot.texts import Texts

    chosen, now = settings(), datetime.now(UTC)
    schedule = _schedule(chosen, name, kind)
    day = ending.date() if ending else None
    current = periods.holding(schedule.period, day or periods.local_day(now, chosen.timezone))
    period = current if day else periods.before(schedule.period, current)
    catch_up(chosen)
    with opened(chosen) as db:
        numbers = digests.of_schedule(db, chosen, schedule, period, now)
        posted = post and digests.queue(db, chosen, schedule.period, period, now, now, schedule=schedule) is not None
    texts = Texts(schedule.language or chosen.language, chosen.timezone)
    if file is not None:
        from bot.board import page

        _write(file, page(numbers, texts))
    if as_json or file is None:
        named = {key: value for key, value in numbers.key.items() if value is not None}
        show({**named, **digests.as_json(numbers)}, as_json=as_json, text=unescape(in_words(numbers, texts)))
    if post:
        queued = "The bot posts it within seconds, or as soon as it runs."
        click.echo(queued if posted else "This digest was posted before; a period is posted once.", err=True)


def _schedule(chosen: Settings, name: str | None, kind: str | None) -> Schedule:
    """Return the digest that is meant; a name that is not set is a wrong use."""
    from bot.digest import schedule_of

    if name is None:
        return schedule_of(chosen, "", kind or "week")
    found = [schedule for schedule in chosen.digests if schedule.name == name and kind in {None, schedule.period}]
    if not found:
        known = ", ".join(sorted({schedule.name for schedule in chosen.digests if schedule.name})) or "none"
        raise click.UsageError(f"--name {name}: no such digest is set; there are: {known}")
    return found[0]


def _write(file: Path, page: str) -> None:
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"{file}: the digest as a page.", err=True)
