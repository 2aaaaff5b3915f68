"""Why and where: the themes that move the score, and the groups that stand out, as sections of a digest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards import groups as groups_card
from bot.cards.charts import groups_table
from bot.cards.themes import figure_line, new_words_line, quoted

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.cards.digest import Digest
    from bot.model import Received
    from bot.texts import Texts
    from bot.themes.figures import ThemeFigure

THEMES_SHOWN = 4
QUOTES_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Our own words, as Slack's mrkdwn takes them, and customers' words below them."""

    words: str
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A headline and what stands below it; `richer` are blocks in its place that not every workspace takes."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    richer: tuple[Json, ...] = ()


def sections(digest: Digest, texts: Texts) -> list[Section]:
    """Return the sections that there is anything to tell in."""
    where = Section(texts("digest.where"), _where(digest, texts), _as_table(digest, texts))
    return [section for section in (Section(texts("digest.why"), _why(digest, texts)), where) if section.paragraphs]


def _why(digest: Digest, texts: Texts) -> tuple[Paragraph, ...]:
    """Return the themes that move the score most with the comments that stand for them, and what is new."""
    told = themes(digest)
    found = [Paragraph(texts("themes.few"))] if told and digest.themes_rolling else []
    for figure, comments in told:
        line = figure_line(figure, texts, digest.yardstick)
        found.append(Paragraph(line, tuple(map(quoted, comments))))
    if digest.new_words:
        found.append(Paragraph(new_words_line(digest.new_words, texts)))
    return tuple(found)


def themes(digest: Digest) -> list[tuple[ThemeFigure, list[Received]]]:
    """Return the themes with answers enough to act on, else all, each with comments; nobody is quoted twice."""
    told, found = digest.themes_rolling or digest.themes, []
    quoted_before: set[int] = set()
    for figure in [each for each in told if digest.yardstick.enough(each.counts)][:THEMES_SHOWN] or told[:THEMES_SHOWN]:
        new = [
            each for each in figure.comments if each.id not in quoted_before and b.clean(each.response.comment or "")
        ]
        found.append((figure, new[:QUOTES_SHOWN]))
        quoted_before.update(each.id for each in new[:QUOTES_SHOWN])
    return found


def _where(digest: Digest, texts: Texts) -> tuple[Paragraph, ...]:
    """Return the best and the worst of each field that tells the score apart, as far as they mean something."""
    found = []
    for groups in digest.where:
        ends = dict.fromkeys((*groups.best, *groups.worst))
        if ends:
            shown = replace(groups, every=tuple(ends))
            period = texts(f"period.{digest.kind}")
            found.append(Paragraph(groups_card.told_apart(period, shown, texts, digest.yardstick)))
    return tuple(found)


def _as_table(digest: Digest, texts: Texts) -> tuple[Json, ...]:
    """Return the same groups as one table, and what to beware of when reading it."""
    rows = [
        (f"{groups_card.group_name(groups.by, texts)}: {groups_card.label(groups.by, group, texts)}", group)
        for groups in digest.where
        for group in dict.fromkeys((*groups.best, *groups.worst))
    ]
    if not rows:
        return ()
    near = ", ".join(groups_card.group_name(groups.by, texts) for groups in digest.where if groups.apart is False)
    beware = [texts("groups.near", groups=near)] if near else []
    beware += [texts("groups.mix")] if any(groups.mix_misleads for groups in digest.where) else []
    table = groups_table(texts("digest.where"), rows, texts, digest.yardstick)
    return (table, *map(b.context, beware))


def blocks(section: Section, *, richer: bool = False) -> list[Json]:
    """Return a section as blocks, with those that not every workspace takes where asked for."""
    found: list[Json] = [{"type": "divider"}, b.header(section.title)]
    if richer and section.richer:
        return [*found, *section.richer]
    for paragraph in section.paragraphs:
        found.append(b.section(paragraph.words))
        if paragraph.quotes:
            found.append(b.rich(*map(b.quote, paragraph.quotes)))
    return found


def in_words(section: Section) -> list[str]:
    """Return a section for notifications, screen readers and terminals."""
    told = ["", section.title]
    for paragraph in section.paragraphs:
        told.append(paragraph.words.replace("*", "").replace("\u2060", ""))
        told += [f"- {b.escape(quote)}" for quote in paragraph.quotes]
    return told
