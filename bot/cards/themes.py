"""What moves the score, in words and quotes; and the form that corrects what a response is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.call_form import theme_field
from bot.cards.card import SIGNS
from bot.cards.ids import View
from bot.cards.labels import theme_label
from bot.cards.modals import heading, modal
from bot.cards.scores import score_line
from bot.settings.yardstick import STANDARD, Yardstick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.cards.blocks import Json
    from bot.model import Received
    from bot.texts import Texts
    from bot.themes.figures import ThemeFigure
    from bot.themes.new_words import NewWord

SHOWN = 6
"""Themes in one answer."""

QUOTE_MOST = 220
"""Characters of a comment that stands for a theme."""


def correct(found: Received, texts: Texts, *, themes: tuple[str, ...]) -> Json:
    """Return the form that says what a response is about; `themes` are the team's own."""
    blocks = [heading(found, texts)]
    if comment := b.clean(found.response.comment or ""):
        blocks.append(b.rich(b.quote(b.cut(comment, 2000))))
    blocks.append(theme_field(found, texts, themes))
    title, save = texts("modal.correct_themes"), texts("modal.save")
    return modal(View.THEMES, title, blocks, texts, about=found.public_id, submit=save)


def answer(
    title: str,
    figures: Sequence[ThemeFigure],
    words: Sequence[NewWord],
    texts: Texts,
    yardstick: Yardstick = STANDARD,
) -> list[Json]:
    """Return the themes that move the score most, each with the comments that stand for it, and what is new."""
    blocks: list[Json] = [b.section(texts("themes.title", period=title))]
    for figure in figures[:SHOWN]:
        blocks.append(b.section(figure_line(figure, texts, yardstick)))
        if figure.comments:
            blocks.append(b.rich(*(b.quote(quoted(each)) for each in figure.comments)))
    if not figures:
        blocks.append(b.section(texts("themes.none")))
    if words:
        blocks.append(b.section(new_words_line(words, texts)))
    return blocks


def quoted(found: Received) -> str:
    """Return a comment with the score that it came with."""
    comment = b.one_line(found.response.comment or "", QUOTE_MOST)
    return f"{SIGNS[found.category]} {found.response.score} · {comment}"


def in_words(
    title: str,
    figures: Sequence[ThemeFigure],
    words: Sequence[NewWord],
    texts: Texts,
    yardstick: Yardstick = STANDARD,
) -> str:
    """Return the same as notifications and screen readers tell it."""
    lines = [figure_line(figure, texts, yardstick) for figure in figures[:SHOWN]] or [texts("themes.none")]
    told = [texts("themes.title", period=title), *lines, *([new_words_line(words, texts)] if words else [])]
    return "\n".join(told).replace("*", "")


def figure_line(figure: ThemeFigure, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return a theme's share, its score, its pull on the score and what that is worth, and what of it has changed."""
    label = b.inert(b.escape(theme_label(figure.theme, texts)))
    share = texts.share(figure.counts.responses, figure.told.responses)
    score = score_line(figure.counts, texts, yardstick)
    parts = [texts("themes.line", theme=label, share=share, score=score)]
    points = 0 if figure.impact is None else round(abs(figure.impact))
    if figure.impact is not None and points:
        moves = texts("themes.drags" if figure.impact < 0 else "themes.lifts", n=points)
        parts.append(f"{moves} · {_verdict(figure, texts)}" if yardstick.enough(figure.counts) else moves)
    if figure.share_changed and figure.share_before is not None:
        was = texts.share(figure.before.responses, figure.told_before.responses)
        parts.append(texts("themes.more" if figure.share > figure.share_before else "themes.less", share=was))
    if figure.score_changed and yardstick.enough(figure.counts, figure.before):
        parts.append(texts("themes.scored", score=score_line(figure.before, texts, yardstick)))
    return "\n".join(parts)


def _verdict(figure: ThemeFigure, texts: Texts) -> str:
    """Return whether those who mention a theme score otherwise than those who tell of other things."""
    return texts("change.real" if figure.stands_out else "change.noise")


def new_words_line(words: Sequence[NewWord], texts: Texts) -> str:
    """Return the words that stand out, each with how many comments hold it and how many held it before."""
    told = (
        texts("themes.new_word", word=b.inert(b.escape(each.word)), n=each.comments, before=texts.number(each.before))
        for each in words
    )
    return texts("themes.new", words=" · ".join(told))
