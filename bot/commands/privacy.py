"""npsbot forget, retention and show: what they are asked, and what they say. Imports wait until they are needed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bot.commands.console import opened, settings, show
from bot.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cards.privacy import Concerned
    from bot.config import Settings
    from bot.model import Subject
    from storage.erasures import Erasure


def _about(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be asked about a person: by e-mail, or by the id that a source knows them by."""
    for add in (
        click.option("--source", metavar="NAME", help="The source whose id it is."),
        click.option("--id", "source_id", metavar="ID", help="Instead of EMAIL: the respondent's id at a source."),
        click.argument("email", required=False),
    ):
        command = add(command)
    return command


def _subject(email: str | None, source_id: str | None, source: str | None) -> Subject:
    from bot.model import Subject

    if (email is None) == (source_id is None) or (source_id is None) != (source is None):
        raise click.UsageError("give EMAIL, or --id ID together with --source NAME")
    return Subject(email, source, source_id)


def _named(subject: Subject) -> str:
    return f"the address {subject.email}" if subject.email else f"the id {subject.id} at {subject.source}"


@click.command("forget")
@_about
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_person(email: str | None, source_id: str | None, source: str | None, *, yes: bool) -> None:
    """Erase a person: from the store, from cards, threads and digests. Their scores stay."""
    from bot import forget, trail

    subject, chosen = _subject(email, source_id, source), settings()
    with opened(chosen) as db:
        concerned = forget.concerned(db, subject)
        traces = [each for each in forget.under_way(db) if each.scrubbed_at is None]
    if concerned.nothing:
        if traces:
            _settle(chosen, traces[-1])
        click.echo(f"Nobody with {_named(subject)} has answered.", err=True)
        sys.exit(1)
    if not yes:
        click.confirm(f"Erase {_figures(concerned)} of {_named(subject)}? It cannot be undone", abort=True, err=True)
    with opened(chosen) as db:
        now = datetime.now(UTC)
        erasure = forget.forget(db, subject, None, now)
        trail.note(db, trail.at_the_console(), "forget", now, responses=erasure.responses)
    _wait(chosen, erasure, concerned)


def _figures(concerned: Concerned) -> str:
    return (
        f"{counted(concerned.responses, 'response')}, {counted(concerned.calls, 'call')}, "
        f"{counted(concerned.messages, 'message')} in Slack and "
        f"{counted(concerned.bodies, 'delivery', 'deliveries')} kept as they came"
    )


def _wait(chosen: Settings, erasure: Erasure, concerned: Concerned) -> None:
    """Tell what was erased, that no trace of it is left, and what is left to do by hand."""
    from bot import forget

    click.echo(f"Erased: {_figures(concerned)}.", err=True)
    settled = _settle(chosen, erasure)
    if settled.messages:
        click.echo(_in_slack(settled.messages, forget.put(chosen.database, settled)), err=True)
    places = settled.threads if settled.replies is None else settled.replies
    if not places:
        return
    with opened(chosen) as db:
        links = forget.links(db, places)
    what = "Look whether colleagues wrote" if settled.replies is None else "Colleagues wrote"
    click.echo(
        f"{what} into their threads themselves; only they, or an admin of the workspace, can delete it:", err=True
    )
    for link in links:
        click.echo(link)


def _in_slack(messages: int, left: int | None) -> str:
    """Say what became of the messages that showed somebody; `left` are still to be put, None where no bot runs."""
    if left is None:
        return f"In Slack {counted(messages, 'message')} will be put without them as soon as the bot runs."
    if left:
        return f"In Slack {counted(left, 'message')} still to be put without them: the bot is at it, see npsbot outbox."
    return f"In Slack {counted(messages, 'message')} put without them."


def _settle(chosen: Settings, erasure: Erasure) -> Erasure:
    """Wait until no trace is left of an erasure, and of any before it; end the command where that does not come."""
    from bot import forget

    try:
        return forget.settled(chosen.database, erasure.id)
    except forget.NotScrubbed as why:
        raise click.ClickException(
            f"The rows are gone, but traces of them may be left in the store's file: {why}. "
            "A bot goes on trying, and says in its log what is in the way; without one, run this command again."
        ) from None


@click.command("retention")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def retention_nights(*, as_json: bool) -> None:
    """Show what each night's retention erased, and the replies of colleagues that are left to delete by hand."""
    from bot import forget, retention

    with opened(settings()) as db:
        nights: list[dict[str, Any]] = [
            {
                "day": str(night.day),
                "answers": night.responses,
                "deliveries": night.bodies,
                "messages": night.messages,
                "replies": None if night.replies is None else forget.links(db, night.replies),
            }
            for night in retention.nights(db)
        ]
    lines = []
    for night in nights:
        bodies = counted(night["deliveries"], "delivery", "deliveries")
        lines.append(
            f"{night['day']}: the persons of {counted(night['answers'], 'answer')}, {bodies} kept as they came"
        )
        lines += [f"  {link}" for link in night["replies"] or ()]
    if any(night["replies"] for night in nights):
        why = "Colleagues wrote these replies themselves; only they, or an admin of the workspace, can delete them."
        click.echo(why, err=True)
    show(nights, as_json=as_json, text="\n".join(lines) or "Nothing has gone in the last nights.")


@click.command("show")
@_about
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show_person(email: str | None, source_id: str | None, source: str | None, *, as_json: bool) -> None:
    """Show everything that is held about a person, as they may ask for it."""
    from bot.past.person import held, told

    subject, chosen = _subject(email, source_id, source), settings()
    with opened(chosen) as db:
        found: dict[str, Any] = held(db, subject)
    if not any(found[name] for name in ("responses", "deliveries", "referrals")):
        click.echo(f"Nothing is held about {_named(subject)}.", err=True)
        sys.exit(1)
    show(found, as_json=as_json, text=told(found))
