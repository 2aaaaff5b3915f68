"""A score in words: its margin, its band and target, what a change is worth, and who gave what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.invited import rate
from bot.model import Category, Counts, margin_of_error, more_than_noise, nps
from bot.settings.yardstick import STANDARD, Yardstick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.cards.digest import Point
    from bot.texts import Texts

BAR = {Category.PROMOTER: "█", Category.PASSIVE: "▒", Category.DETRACTOR: "░"}
"""Signs that differ without colour, in the order in which they stand."""


def score_line(counts: Counts, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return a score with its sign, margin and number of answers: 'NPS +32 ±15 (45 answers)'."""
    score, margin = nps(counts), margin_of_error(counts)
    if score is None or margin is None:
        return texts("score.nobody")
    line = texts("score.line", score=texts.signed(score), margin=texts.number(round(margin)), n=counts.responses)
    return line if yardstick.enough(counts) else f"{line} {texts('score.too_few')}"


def rate_line(counts: Counts, invited: int | None, texts: Texts) -> str:
    """Return '41 of 180 invited answered (23%)'; nothing where nobody knows how many were invited."""
    answered = counts.responses
    if invited is None or rate(answered, invited) is None:
        return ""
    return texts("score.rate", answered=answered, n=invited, share=texts.share(answered, invited))


def glance(counts: Counts, invited: int | None, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return a score, its band and target, and how many of those invited answered, a line each."""
    lines = (score_line(counts, texts, yardstick), verdict(counts, texts, yardstick), rate_line(counts, invited, texts))
    return "\n".join(filter(None, lines))


def verdict(counts: Counts, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return the band and the target beside the score; of too few answers only the target, nothing of nobody's."""
    score, target = nps(counts), yardstick.target
    if score is None:
        return ""
    band = yardstick.band(counts)
    parts = [band_name(band, texts)] if band else []
    if target is not None and band is None:
        parts.append(texts("target.is", target=texts.signed(target)))
    elif target is not None:
        key = "target.met" if score >= target else "target.missed"
        parts.append(texts(key, target=texts.signed(target), n=abs(target - score)))
    return " · ".join(parts)


def band_name(band: str, texts: Texts) -> str:
    """Return a band as people call it; one of the team's own by its own name."""
    return texts(f"band.{band}") if texts.has(f"band.{band}") else band


def change_line(counts: Counts, before: Counts, since: str, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return 'Up 6 points from the week before: within noise', or that there is no change.

    Where either has too few answers to act on, the change is told without a verdict.
    """
    difference = (nps(counts) or 0) - (nps(before) or 0)
    if difference == 0:
        return texts("change.none", since=since)
    line = texts("change.up" if difference > 0 else "change.down", n=abs(difference), since=since)
    if not yardstick.enough(counts, before):
        return line
    return f"{line}: {texts('change.real' if more_than_noise(counts, before) else 'change.noise')}"


def bar(counts: Counts, width: int = 20) -> str:
    """Return the shares of promoters, passives and detractors as a bar of `width` signs, exact to one sign."""
    n = counts.responses
    if n == 0:
        return ""
    ends, so_far = [], 0
    for which in BAR:
        so_far += counts.of(which)
        ends.append((2 * so_far * width + n) // (2 * n))
    starts = [0, *ends[:-1]]
    return "".join(sign * (end - start) for sign, start, end in zip(BAR.values(), starts, ends, strict=True))


def shares(counts: Counts, texts: Texts) -> str:
    """Return how many promoters, passives and detractors there are, and their shares; nothing of nobody."""
    n = counts.responses
    if n == 0:
        return ""
    told = [
        f"{sign}\N{NO-BREAK SPACE}{texts(f'share.{which}', n=counts.of(which), share=texts.share(counts.of(which), n))}"
        for which, sign in BAR.items()
    ]
    return "   ".join(told)


def histogram(by_score: Sequence[int], width: int = 16) -> str:
    """Return who gave each score as lines of signs and numbers, 10 first, the most frequent `width` signs long."""
    most = max(by_score, default=0)
    if most == 0:
        return ""
    lines = []
    for score, n in reversed(list(enumerate(by_score))):
        signs = "█" * max(1, round(width * n / most)) if n else ""
        lines.append(f"{score:>2} {signs} {n}")
    return "\n".join(lines)


def by_score_line(by_score: Sequence[int], texts: Texts) -> str:
    """Return who gave each score in one line: '10: 31 · 9: 18 · … · 0: 2'; nothing when nobody did."""
    if not any(by_score):
        return ""
    told = " · ".join(f"{score}: {texts.number(n)}" for score, n in reversed(list(enumerate(by_score))))
    return texts("distribution.line", scores=told)


def trend_line(trend: Sequence[Point], texts: Texts) -> str:
    """Return where the score came from and has gone to, its lowest and its highest week, the newest of several alike.

    Nothing of one week.
    """
    scored = [(score, point) for point in trend if (score := nps(point.counts)) is not None]
    if len(scored) < 2:
        return ""
    (first, _), (last, _) = scored[0], scored[-1]
    low, lowest = min(reversed(scored), key=lambda pair: pair[0])
    high, highest = max(reversed(scored), key=lambda pair: pair[0])
    return texts(
        "trend.line",
        n=len(trend),
        first=texts.signed(first),
        last=texts.signed(last),
        low=texts.signed(low),
        low_week=str(lowest.first.isocalendar().week),
        high=texts.signed(high),
        high_week=str(highest.first.isocalendar().week),
    )


def week_by_week(trend: Sequence[Point], texts: Texts) -> str:
    """Return each week's score, margin and answers as a line, the score as signs too: one for ten points above −100."""
    lines = []
    for point in trend:
        score, margin = nps(point.counts), margin_of_error(point.counts)
        week = texts("chart.week", week=f"{point.first.isocalendar().week:02}")
        if score is None or margin is None:
            lines.append(f"{week}  {texts('score.nobody')}")
        else:
            signs = "█" * ((score + 100) // 10)
            told = f"{texts.signed(score):>4} ±{texts.number(round(margin)):<3}"
            lines.append(f"{week} {told} {signs:<20} {texts.number(point.counts.responses)}")
    return "\n".join(lines)
