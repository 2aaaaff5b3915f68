"""The digest of one period: where the score stands, whether a change means anything, whether the loop gets closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.card import SIGNS, who
from bot.cards.ids import Event
from bot.model import Category, Counts, margin_of_error, more_than_noise, nps

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from bot.model import Received
    from bot.texts import Texts

BAR = {Category.PROMOTER: "█", Category.PASSIVE: "▒", Category.DETRACTOR: "░"}
"""Signs that differ without colour, in the order in which they stand."""

TOO_FEW = 10
"""Answers below which a score is shown but marked as too few to act on."""


@dataclass(frozen=True, slots=True)
class Loop:
    """What became of the callbacks opened in a period; medians count those still waiting as longer than all."""

    opened: int = 0
    claimed: int = 0
    called: int = 0
    closed: int = 0
    overdue: int = 0
    to_claim: timedelta | None = None
    to_call: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A detractor whom nobody has called yet; `link` leads to the card."""

    found: Received
    link: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """All numbers of one period, `first` to `last` inclusive; `late_since` is set when it comes late."""

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

    @property
    def key(self) -> Json:
        """Return what names the digest."""
        return {"period": self.kind, "start": self.first.isoformat(), "end": self.last.isoformat()}

    @property
    def figures(self) -> Json:
        """Return the numbers that others rely on; without `nps` when nobody answered."""
        score = nps(self.counts)
        found: Json = {"responses": self.counts.responses}
        return found if score is None else {"nps": score, **found}


def render(digest: Digest, texts: Texts) -> Rendered:
    """Render a digest; its `text` is the whole of it in words, for notifications, screen readers and terminals."""
    title = texts("digest.title", period=texts(f"period.{digest.kind}"), days=_days(digest, texts))
    blocks: list[Json] = [b.header(f"📊 {title}")]
    if digest.late_since:
        blocks.append(b.context(texts("digest.late", when=b.when(digest.late_since, texts))))
    lines = [title, *([texts("digest.late", when=texts.time(digest.late_since))] if digest.late_since else [])]
    headline = score_line(digest.counts, texts)
    change = _change(digest, texts)
    shares = _shares(digest.counts, texts)
    rolling = texts("digest.rolling", score=score_line(digest.rolling, texts))
    blocks.append(b.section("\n".join(filter(None, (f"*{headline}*", change)))))
    if shares:
        blocks.append(b.section(f"{bar(digest.counts)}\n{shares}"))
    blocks.append(b.context(rolling))
    lines += [part for part in (headline, change, shares, rolling) if part]
    loop = _loop(digest.loop, texts)
    blocks += [{"type": "divider"}, b.section(f"*{texts('digest.loop')}*\n" + "\n".join(loop))]
    lines += ["", texts("digest.loop"), *loop]
    if digest.waiting:
        blocks += _waiting(digest, texts)
        lines += ["", texts("digest.waiting", n=digest.waiting_in_all)]
        lines += [f"- {b.literal(who(each.found, texts))}" for each in digest.waiting]
    if comments := [each for each in digest.comments if b.clean(each.response.comment or "")]:
        blocks += [b.section(f"*{texts('digest.comments')}*"), *(_comment(each, texts) for each in comments)]
        lines += ["", texts("digest.comments")]
        lines += [f"- {each.response.score}: {b.literal(each.response.comment or '', 300)}" for each in comments]
    return Rendered("\n".join(lines), blocks, Event.DIGEST, digest.key, digest.figures)


def _days(digest: Digest, texts: Texts) -> str:
    return f"{texts.day(digest.first)} – {texts.day(digest.last)}"


def score_line(counts: Counts, texts: Texts) -> str:
    """Return a score with its sign, margin and number of answers: 'NPS +32 ±15 (45 answers)'."""
    score, margin = nps(counts), margin_of_error(counts)
    if score is None or margin is None:
        return texts("score.nobody")
    line = texts("score.line", score=texts.signed(score), margin=texts.number(round(margin)), n=counts.responses)
    return f"{line} {texts('score.too_few')}" if counts.responses < TOO_FEW else line


def _change(digest: Digest, texts: Texts) -> str:
    """Return the change from the period before, and whether it is more than noise."""
    now, then = nps(digest.counts), nps(digest.before)
    if now is None:
        return ""
    if then is None:
        return texts("change.nothing_before", period=texts(f"period_before.{digest.kind}"))
    return change_line(
        digest.counts,
        digest.before,
        texts("change.from", period=texts(f"period_before.{digest.kind}")),
        texts,
    )


def change_line(counts: Counts, before: Counts, since: str, texts: Texts) -> str:
    """Return 'Up 6 points from the week before: within noise', or that there is no change."""
    difference = (nps(counts) or 0) - (nps(before) or 0)
    if difference == 0:
        return texts("change.none", since=since)
    key = "change.up" if difference > 0 else "change.down"
    verdict = "change.real" if more_than_noise(counts, before) else "change.noise"
    return f"{texts(key, n=abs(difference), since=since)}: {texts(verdict)}"


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


def _shares(counts: Counts, texts: Texts) -> str:
    n = counts.responses
    if n == 0:
        return ""
    shares = []
    for which, sign in BAR.items():
        share = texts(f"share.{which}", n=counts.of(which), share=texts.share(counts.of(which), n))
        shares.append(f"{sign} {share}")
    return "   ".join(shares)


def _loop(loop: Loop, texts: Texts) -> list[str]:
    if not loop.opened:
        return [texts("loop.none")]
    lines = [
        texts("loop.counts", n=loop.opened, claimed=loop.claimed, called=loop.called, closed=loop.closed),
        texts("loop.overdue", n=loop.overdue),
    ]
    for key, span in (("loop.to_claim", loop.to_claim), ("loop.to_call", loop.to_call)):
        lines.append(texts(key, span=texts("loop.not_half") if span is None else texts.span(span)))
    return lines


def _waiting(digest: Digest, texts: Texts) -> list[Json]:
    items = []
    for each in digest.waiting:
        name = b.one_line(who(each.found, texts), 150)
        link: Json = {"type": "link", "url": each.link, "text": name} if each.link else b.words(name)
        due = each.found.callback.due_at if each.found.callback else each.found.received_at
        inline = [b.words(f"{SIGNS[each.found.category]} {each.found.response.score} · "), link]
        items.append(b.line(*inline, b.words(" · "), *b.dated(texts, "digest.due", due)))
    title = b.section(f"*{texts('digest.waiting', n=digest.waiting_in_all)}*")
    return [title, b.rich({"type": "rich_text_list", "style": "bullet", "elements": items})]


def _comment(found: Received, texts: Texts) -> Json:
    said = b.one_line(found.response.comment or "", 400)
    name = b.one_line(who(found, texts), 120)
    return b.rich(
        b.quote(said),
        b.line(b.words(f"{SIGNS[found.category]} {found.response.score} · {name}", italic=True)),
    )
