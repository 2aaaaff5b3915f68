"""npsbot score: the score of some days, whole or told apart. Imports wait until they are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bot.commands.console import DAY, opened, settings, show
from bot.counted import counted

if TYPE_CHECKING:
    from datetime import date

    from bot.config import Settings
    from bot.groups import Groups
    from bot.model import Counts
    from bot.scores import Span

FIELDS = ("survey", "touchpoint", "company", "language", "source", "week", "month", "quarter", "property.NAME")

NAME_MOST = 80


def _group(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """Check what a score is told apart by."""
    from bot.segments import PROPERTY, is_group

    if given is None or given in FIELDS[:-1] or (given.startswith(PROPERTY) and is_group(given)):
        return given
    raise click.BadParameter(f"{given!r} is none of {', '.join(FIELDS)}.")


@click.command()
@click.option("--from", "first", type=DAY, help="The first day.")
@click.option("--to", "last", type=DAY, help="The last day, included.")
@click.option("--last", "span", metavar="90d", help="The last days up to and with today.")
@click.option("--period", "named", metavar="NAME", help='2026-Q1, "last quarter", or a name of [periods].')
@click.option("--survey", help="One survey only.")
@click.option("--by", callback=_group, metavar="|".join(FIELDS), help="A score for each.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def score(  # noqa: PLR0913  # what click reads
    first: datetime | None,
    last: datetime | None,
    span: str | None,
    named: str | None,
    survey: str | None,
    by: str | None,
    *,
    as_json: bool,
) -> None:
    """Tell the score of a span of days; of all there is when none is given."""
    from bot import crowds, periods, scores
    from bot.segments import Segment

    chosen = settings()
    asked, days = _days(chosen, first, last, span, named)
    with opened(chosen) as db:
        few = crowds.fewest(db, chosen)
        if by and by not in periods.KINDS and None not in days:
            told = scores.grouped(db, chosen.timezone, by, asked, chosen.score.minimum, Segment(survey), few=few)
            found = [(group.label, group.counts) for group in told.every]
        else:
            told, found = None, scores.scores_by(db, chosen.timezone, by, asked.period, survey, few=few)
        asks = [scores.invited(db, chosen.timezone, asked.period, Segment(survey), by, label) for label, _ in found]
    changes = {group.label: group for group in told.every} if told else {}
    results = []
    for (label, counts), invited in zip(found, asks, strict=True):
        result = _figures(counts, invited, *days)
        if by:
            result = {"group": label, **result}
        if group := changes.get(label):
            result |= _change(group.before, group.change, noise=group.more_than_noise)
        results.append(result)
    lines = [*map(_line, results), *(_remarks(told) if told else [])] or ["nobody answered"]
    show(results if by else results[0], as_json=as_json, text="\n".join(lines))


def _days(
    chosen: Settings, first: datetime | None, last: datetime | None, span: str | None, named: str | None
) -> tuple[Span, tuple[date | None, date | None]]:
    """Return the days that were asked for, and their ends as they were given."""
    from bot import periods, scores
    from bot.periods import EVER, Period

    words = [(name, word) for name, word in (("--last", span), ("--period", named)) if word is not None]
    if words and (first or last or len(words) > 1):
        raise click.UsageError(f"{words[0][0]} stands alone, without --from and --to")
    for option, word in words:
        found = scores.span(word, periods.local_day(datetime.now(UTC), chosen.timezone), chosen.periods)
        if found is None:
            known = "".join(f", {name}" for name in chosen.periods)
            raise click.UsageError(
                f"{option} {word}: give days such as 90d, or week, month, quarter, year, last quarter, 2026-Q1{known}"
            )
        return found, (found.period.first, found.period.last)
    start, end = (None if day is None else day.date() for day in (first, last))
    if start and end and start > end:
        raise click.UsageError("--from is after --to")
    period = Period(max(EVER.first, start or EVER.first), min(EVER.last, end or EVER.last))
    return scores.Span("", period, periods.just_before(period) if start and end else period), (start, end)


def _figures(counts: Counts, invited: int | None, start: Any, end: Any) -> dict[str, Any]:
    from bot.numbers import rate_json, score_json

    days = {"from": start and start.isoformat(), "to": end and end.isoformat()}
    return {**score_json(counts), **rate_json(counts, invited), **days}


def _change(before: Counts, change: int | None, *, noise: bool | None) -> dict[str, Any]:
    from bot.model import nps

    return {
        "nps_before": nps(before),
        "responses_before": before.responses,
        "change": change,
        "more_than_noise": noise,
    }


def _line(result: dict[str, Any]) -> str:
    label = f"{_name(result['group'])}: " if "group" in result else ""
    if result["nps"] is None:
        return f"{label}nobody answered"
    shares = ", ".join(counted(result[f"{who}s"], who) for who in ("promoter", "passive", "detractor"))
    answers = counted(result["responses"], "answer")
    line = f"{label}NPS {_signed(result['nps'])} ±{result['margin_of_error']:.0f}, {answers} ({shares})"
    if "response_rate" in result:
        line += f", {result['response_rate']:.0%} of {result['invited']} invited"
    if result.get("change") is None:
        return line
    verdict = "more than chance" if result["more_than_noise"] else "within noise"
    return f"{line}, {_signed(result['change'])} from the days before: {verdict}"


def _signed(value: int) -> str:
    return f"{value:+d}" if value else "0"


def _name(label: str) -> str:
    from bot.cards.blocks import one_line

    return one_line(label, NAME_MOST) or "not known"


def _remarks(told: Groups) -> list[str]:
    """Return which groups stand out, and a warning where the whole misleads."""
    found = [
        f"{word}: " + ", ".join(_name(group.label) for group in groups)
        for word, groups in (("best", told.best), ("worst", told.worst))
        if groups
    ]
    if told.apart is False:
        found.append("The gap between best and worst is within noise.")
    if told.mix_misleads:
        found.append("Careful: the score moved because other groups answered; within nearly all it did not move so.")
    return found
