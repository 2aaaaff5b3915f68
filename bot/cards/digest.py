"""The digest of one period: where the score stands, whether a change means anything, whether the loop gets closed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards import digest_parts as parts
from bot.cards import digest_sections as sections
from bot.cards.blocks import Json, Rendered
from bot.cards.charts import charted, distribution_chart, trend_chart
from bot.cards.ids import Event
from bot.cards.scores import bar, by_score_line, histogram, shares, trend_line
from bot.closing import NO_RECOVERY, NO_TEAM, InTime, Recovery, Team
from bot.groups import NOBODY
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

BLOCKS_MOST = 11_000
"""Characters of all blocks together: Slack takes 12,000, and counts more as such than texts."""
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
    """A detractor whom nobody has called yet; `link` leads to the card, `overdue` tells that the time is up."""

    found: Received
    link: str | None
    overdue: bool = False

    @property
    def due(self) -> datetime:
        """Return when the call is due."""
        return self.found.callback.due_at if self.found.callback else self.found.received_at


@dataclass(frozen=True, slots=True)
class Point:
    """How one week of the trend was answered; `first` is its Monday."""

    first: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class Digest:
    """All numbers of one period, `first` to `last` inclusive; `late_since` is set when it comes late.

    `year_before` is None where there is no such period, `by_score` counts the answers from 0 to 10, and `trend`
    holds the weeks up to and with the last, oldest first. `where` tells the score apart, by one field each. `invited`
    is None where nobody knows how many were. `rolling_before` counts the 90 days that end where the period begins,
    `themes_rolling` are those of the 90 days up to the period's last, where none of its own has answers enough.
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
    invited: int | None = None
    rolling_before: Counts = NOBODY
    themes: tuple[ThemeFigure, ...] = ()
    themes_rolling: tuple[ThemeFigure, ...] = ()
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


def in_words(digest: Digest, texts: Texts) -> str:
    """Return the whole of a digest in words, escaped as Slack wants the text of a message."""
    known = [words for words, _ in parts.small_print(digest, texts)]
    told = [parts.title(digest, texts), *known, *parts.standing(digest, texts), shares(digest.counts, texts)]
    told += [by_score_line(digest.by_score, texts), trend_line(digest.trend, texts), parts.rolling(digest, texts)]
    told = [line for line in told if line]
    told += [line for section in sections.sections(digest, texts) for line in sections.in_words(section)]
    told += ["", texts("digest.loop"), *parts.loop(digest.loop, texts, digest.yardstick)]
    return "\n".join([*told, *parts.waiting_in_words(digest, texts), *parts.said_in_words(digest, texts)])


def render(digest: Digest, texts: Texts) -> Rendered:
    """Render a digest; its `text` is what `in_words` tells, for notifications and screen readers.

    The blocks hold charts in signs and words; where Slack takes its own charts, these stand in their place. Where they
    would be more than Slack takes of one message, the last fields of `where` are left out of them.
    """
    left_out = 0
    plain, richer = _blocks(digest, texts, left_out)
    while left_out < len(digest.where) and max(b.size(plain), b.size(richer)) > BLOCKS_MOST:
        left_out += 1
        plain, richer = _blocks(digest, texts, left_out)
    text = b.cut(in_words(digest, texts), TEXT_MOST)
    more = richer if richer != plain else None
    return Rendered(text, plain, Event.DIGEST, digest.key, digest.figures, richer=more)


def _blocks(digest: Digest, texts: Texts, left_out: int) -> tuple[list[Json], list[Json]]:
    """Return a digest as blocks that every workspace takes, and with charts; without the last fields of `where`."""
    title, known = parts.title(digest, texts), parts.small_print(digest, texts)
    standing = parts.standing(digest, texts)
    rolling = parts.rolling(digest, texts)
    loop = parts.loop(digest.loop, texts, digest.yardstick)
    why = sections.sections(replace(digest, where=digest.where[: len(digest.where) - left_out]), texts)
    first: list[Json] = [b.header(f"📊 {title}"), *(block for _, block in known)]
    first.append(b.section("\n".join([f"*{standing[0]}*", *standing[1:]])))
    if digest.counts.responses:
        first.append(b.section(f"{bar(digest.counts)}\n{shares(digest.counts, texts)}"))
    last: list[Json] = [b.context(texts("list.more", n=left_out))] if left_out else []
    last += [{"type": "divider"}, b.header(texts("digest.loop")), b.section("\n".join(loop))]
    last += [*parts.waiting(digest, texts), *parts.said(digest, texts)]
    drawn = histogram(digest.by_score)
    columns = [b.rich(b.preformatted(drawn))] if drawn else []
    charts = [trend_chart(digest.trend, texts, digest.yardstick), distribution_chart(digest.by_score, texts)]
    shown = [chart for chart in charts if chart] or columns
    small = [b.context(line) for line in (trend_line(digest.trend, texts), rolling) if line]
    beneath = [b.context(line) for line in (trend_line(charted(digest.trend), texts), rolling) if line]
    plain = [block for section in why for block in sections.blocks(section)]
    richer = [block for section in why for block in sections.blocks(section, richer=True)]
    return [*first, *columns, *small, *plain, *last], [*first, *shown, *beneath, *richer, *last]
