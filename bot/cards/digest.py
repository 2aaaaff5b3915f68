"""The digest of one period: where the score stands, whether a change means anything, whether the loop gets closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards import digest_parts as parts
from bot.cards import digest_sections as sections
from bot.cards.blocks import Json, Rendered
from bot.cards.charts import distribution_chart, trend_chart
from bot.cards.ids import Event
from bot.cards.scores import bar, by_score_line, histogram, score_line, shares, trend_line
from bot.closing import NO_RECOVERY, NO_TEAM, InTime, Recovery, Team
from bot.model import Counts, nps
from bot.segments import EVERYONE, Segment
from bot.settings.yardstick import STANDARD, Yardstick

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from bot.groups import Groups
    from bot.model import Received
    from bot.texts import Texts
    from bot.themes.figures import ThemeFigure
    from bot.themes.new_words import NewWord

TEXT_MOST = 3900
"""Characters of a message's text that may still be changed: Slack takes 4,000 then."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What became of the callbacks opened in a period, and what the team did then.

    Medians count those still waiting, see `bot.survival`; `in_time` goes by the clock on the wall, `in_business_time`
    by the team's working hours, and both are None where detractors are not called.
    """

    opened: int = 0
    claimed: int = 0
    called: int = 0
    closed: int = 0
    overdue: int = 0
    to_claim: timedelta | None = None
    to_call: timedelta | None = None
    dismissed: int = 0
    unreachable: int = 0
    in_time: InTime | None = None
    in_business_time: InTime | None = None
    team: Team = NO_TEAM
    recovery: Recovery = NO_RECOVERY
    referrals: int = 0
    lessons: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A detractor whom nobody has called yet; `link` leads to the card."""

    found: Received
    link: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """How one week of the trend was answered; `first` is its Monday."""

    first: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Digest:
    """All numbers of one period, `first` to `last` inclusive; `late_since` is set when it comes late.

    `year_before` is None where there is no such period, `by_score` counts the answers from 0 to 10, and `trend`
    holds the weeks up to and with the last, oldest first. `where` tells the score apart, by one field each.
    """

    kind: str
    first: date
    last: date
    counts: Counts
    before: Counts
    rolling: Counts
    loop: Loop
    waiting: tuple[Waiting, ...] = ()
    waiting_in_all: int = 0
    comments: tuple[Received, ...] = ()
    late_since: datetime | None = None
    name: str = ""
    language: str | None = None
    segment: Segment = EVERYONE
    yardstick: Yardstick = STANDARD
    year_before: Counts | None = None
    by_score: tuple[int, ...] = ()
    trend: tuple[Point, ...] = ()
    where: tuple[Groups, ...] = ()
    themes: tuple[ThemeFigure, ...] = ()
    new_words: tuple[NewWord, ...] = ()

    @property
    def key(self) -> Json:
        """Return what names the digest; one without a name of its own is none of those that have one."""
        return {
            "period": self.kind,
            "start": self.first.isoformat(),
            "end": self.last.isoformat(),
            "digest": self.name or None,
        }

    @property
    def figures(self) -> Json:
        """Return the numbers that others rely on; without `nps` when nobody answered."""
        score = nps(self.counts)
        found: Json = {"responses": self.counts.responses}
        return found if score is None else {"nps": score, **found}


def render(digest: Digest, texts: Texts) -> Rendered:
    """Render a digest; its `text` is the whole of it in words, for notifications, screen readers and terminals.

    The blocks hold charts in signs and words; where Slack takes its own charts, these stand in their place.
    """
    title, known = parts.title(digest, texts), parts.small_print(digest, texts)
    standing = parts.standing(digest, texts)
    rolling = texts("digest.rolling", score=score_line(digest.rolling, texts, digest.yardstick))
    trend, given = trend_line(digest.trend, texts), by_score_line(digest.by_score, texts)
    loop = parts.loop(digest.loop, texts)
    text = [title, *(words for words, _ in known), *standing, shares(digest.counts, texts), given, trend, rolling]
    text = [line for line in text if line]
    why = sections.sections(digest, texts)
    text += [line for section in why for line in sections.in_words(section)]
    text += ["", texts("digest.loop"), *loop, *parts.waiting_in_words(digest, texts)]
    text += parts.said_in_words(digest, texts)

    first: list[Json] = [b.header(f"📊 {title}"), *(block for _, block in known)]
    first.append(b.section("\n".join([f"*{standing[0]}*", *standing[1:]])))
    if digest.counts.responses:
        first.append(b.section(f"{bar(digest.counts)}\n{shares(digest.counts, texts)}"))
    small = [b.context(line) for line in (trend, rolling) if line]
    last: list[Json] = [{"type": "divider"}, b.header(texts("digest.loop")), b.section("\n".join(loop))]
    last += [*parts.waiting(digest, texts), *parts.said(digest, texts)]
    drawn = histogram(digest.by_score)
    columns = [b.rich(b.preformatted(drawn))] if drawn else []
    charts = [trend_chart(digest.trend, texts, digest.yardstick), distribution_chart(digest.by_score, texts)]
    shown = [chart for chart in charts if chart]
    plain = [block for section in why for block in sections.blocks(section)]
    richer = [block for section in why for block in sections.blocks(section, richer=True)]
    return Rendered(
        b.cut("\n".join(text), TEXT_MOST),
        [*first, *columns, *small, *plain, *last],
        Event.DIGEST,
        digest.key,
        digest.figures,
        richer=[*first, *shown, *small, *richer, *last] if shown or richer != plain else None,
    )
