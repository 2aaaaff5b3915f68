"""Themes and new words as plain values, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.model import margin_of_error, nps

if TYPE_CHECKING:
    from bot.themes.figures import ThemeFigure
    from bot.themes.new_words import NewWord


def theme_json(figure: ThemeFigure) -> dict[str, object]:
    """Return a theme with its figures and the comments that stand for it."""
    margin = margin_of_error(figure.counts)
    before = figure.share_before
    return {
        "theme": figure.theme,
        "responses": figure.counts.responses,
        "promoters": figure.counts.promoters,
        "passives": figure.counts.passives,
        "detractors": figure.counts.detractors,
        "told": figure.told.responses,
        "share": round(figure.share, 4),
        "nps": figure.nps,
        "margin_of_error": None if margin is None else round(margin, 3),
        "impact": None if figure.impact is None else round(figure.impact, 3),
        "stands_out": figure.stands_out,
        "responses_before": figure.before.responses,
        "told_before": figure.told_before.responses,
        "share_before": None if before is None else round(before, 4),
        "share_changed": figure.share_changed,
        "nps_before": nps(figure.before),
        "nps_changed": figure.score_changed,
        "comments": [
            {"response_id": each.public_id, "score": each.response.score, "comment": each.response.comment}
            for each in figure.comments
        ],
    }


def word_json(word: NewWord) -> dict[str, object]:
    """Return a new word with how many comments hold it, and held it in the twelve weeks before."""
    return {
        "word": word.word,
        "comments": word.comments,
        "comments_before": word.before,
        "z": round(word.z, 3),
    }
