"""npsbot themes: what moves the score, and what is new. Imports wait until they are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bot.commands.console import opened, settings, show

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.periods import Period
    from bot.themes.told import Told


@click.command()
@click.option("--last", "span", metavar="90d", default="90d", show_default=True, help="The days that are told of.")
@click.option("--survey", help="One survey only.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def themes(span: str, survey: str | None, *, as_json: bool) -> None:
    """Tell which themes move the score, how that changed, and which words are new; tag what is not tagged yet."""
    from bot import crowds, periods, scores
    from bot.segments import Segment
    from bot.themes.told import told

    chosen = settings()
    asked = scores.span(span, periods.local_day(datetime.now(UTC), chosen.timezone), chosen.periods)
    if asked is None:
        raise click.UsageError(f"--last {span}: give days such as 90d, or week, month, quarter, year, last quarter")
    catch_up(chosen)
    with opened(chosen) as db:
        few = crowds.fewest(db, chosen)
        found = told(db, chosen.timezone, asked.period, asked.before, Segment(survey), few=few)
    show(_as_json(found, asked.period), as_json=as_json, text=_text(found, chosen, asked.period))


def catch_up(chosen: Settings) -> None:
    """Tag what nobody has looked at yet, as many at once as a running bot beside us can wait for."""
    from bot.past.progress import progress
    from bot.themes import tagged
    from storage import themes as stored

    with opened(chosen) as db:
        done = tagged.sweep(db, chosen)
        waiting = stored.waiting(db)
    if not waiting:
        return
    with progress("reading comments", done + waiting) as advance:
        while done:
            advance(done)
            with opened(chosen) as db:
                done = tagged.sweep(db, chosen)


def _as_json(found: Told, period: Period) -> dict[str, Any]:
    from bot.themes.plain import theme_json, word_json

    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "themes": [theme_json(figure) for figure in found.figures],
        "new_words": [word_json(word) for word in found.words],
    }


def _text(found: Told, chosen: Settings, period: Period) -> str:
    from bot.cards.themes import figure_line, new_words_line
    from bot.texts import Texts

    texts = Texts(chosen.language, chosen.timezone)
    lines = [texts.days(period.first, period.last)]
    for figure in found.figures:
        lines += ["", figure_line(figure, texts, chosen.score)]
        lines += [
            f"  {each.response.score}: {' '.join((each.response.comment or '').split())}" for each in figure.comments
        ]
    if not found.figures:
        lines += ["", texts("themes.none")]
    if found.words:
        lines += ["", new_words_line(found.words, texts)]
    return "\n".join(lines).replace("*", "")
