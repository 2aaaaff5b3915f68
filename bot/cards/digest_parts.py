"""The parts of a digest, in words and in blocks: what it is about, where the score stands, who waits, what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.card import SIGNS, who
from bot.cards.scores import change_line, glance, score_line
from bot.model import nps
from bot.segments import GROUPS, PROPERTY
from bot.settings.yardstick import STANDARD, Yardstick

if TYPE_CHECKING:
    from bot.cards.blocks import Json
    from bot.cards.digest import Digest, Loop, Waiting
    from bot.closing import Recovery
    from bot.model import Counts, Received
    from bot.segments import Segment
    from bot.texts import Texts


def title(digest: Digest, texts: Texts) -> str:
    """Return which digest of which days it is; a week is told by its number too."""
    days = texts.days(digest.first, digest.last)
    if digest.kind == "week":
        days = texts("digest.week", week=str(digest.first.isocalendar().week), days=days)
    whole = texts("digest.title", period=texts(f"period.{digest.kind}"), days=days)
    return f"{digest.name} · {whole}" if digest.name else whole


def small_print(digest: Digest, texts: Texts) -> list[tuple[str, Json]]:
    """Return what to know of it beforehand, in words and as a block: that it is late, whom it is about."""
    told = []
    if digest.late_since:
        late = texts("digest.late", when=texts.time(digest.late_since))
        told.append((late, b.context(texts("digest.late", when=b.when(digest.late_since, texts)))))
    if about := about_line(digest.segment, texts):
        told.append((b.escape(about), b.context(b.plain(b.cut(about, 300)))))
    return told


def about_line(segment: Segment, texts: Texts) -> str:
    """Return whose answers a segment holds; nothing when it holds all."""
    parts = []
    if segment.survey is not None:
        parts.append(texts("segment.survey", value=segment.survey))
    if segment.group in GROUPS:
        value = texts.tongue(segment.value or "") if segment.group == "language" else segment.value
        parts.append(texts(f"segment.{segment.group}", value=value))
    elif segment.group is not None:
        parts.append(f"{segment.group.removeprefix(PROPERTY)} {segment.value}")
    return texts("segment.only", what=", ".join(parts)) if parts else ""


def standing(digest: Digest, texts: Texts) -> list[str]:
    """Return the score, its band and target, who answered, and how it differs from the periods it is held against.

    The 90 days before have answers enough to show what goes on for weeks, of which no two differ by more than noise.
    """
    lines = glance(digest.counts, digest.invited, texts, digest.yardstick).split("\n")
    lines.append(_change(digest, digest.before, texts(f"period_before.{digest.kind}"), texts))
    if digest.kind != "quarter" and digest.rolling_before.responses:
        lines.append(_change(digest, digest.rolling_before, texts("period_before.rolling"), texts))
    if digest.year_before is not None:
        lines.append(_change(digest, digest.year_before, texts(f"period_year.{digest.kind}"), texts))
    return [line for line in lines if line]


def rolling(digest: Digest, texts: Texts) -> str:
    """Return the score of the last 90 days of the period."""
    return texts("digest.rolling", score=score_line(digest.rolling, texts, digest.yardstick))


def _change(digest: Digest, before: Counts, period: str, texts: Texts) -> str:
    """Return the change since a period, and whether it is more than noise; nothing when nobody answered now."""
    if nps(digest.counts) is None:
        return ""
    if nps(before) is None:
        return texts("change.nothing_before", period=period)
    since = texts("change.from", period=period)
    return change_line(digest.counts, before, since, texts, digest.yardstick)


def loop(told: Loop, texts: Texts, yardstick: Yardstick = STANDARD) -> list[str]:
    """Return what became of the callbacks that were opened."""
    if not told.opened:
        return [texts("loop.none")]
    lines = [
        texts("loop.counts", n=told.opened, claimed=told.claimed, called=told.called, closed=told.closed),
        texts("loop.overdue", n=told.overdue),
    ]
    for key, span in (("loop.to_claim", told.to_claim), ("loop.to_call", told.to_call)):
        lines.append(texts(key, span=texts("loop.not_half") if span is None else texts.span(span)))
    return [*lines, *_in_time(told, texts), *_besides(told, texts, yardstick)]


def _in_time(told: Loop, texts: Texts) -> list[str]:
    """Return how many of the detractors were spoken to within the target, on both clocks."""
    found = []
    for key, clock in (("loop.in_time", told.in_time), ("loop.in_business_time", told.in_business_time)):
        if clock is not None and clock.of:
            share = texts.share(clock.reached, clock.of)
            line = texts(key, n=clock.of, reached=clock.reached, share=share, hours=clock.hours)
            left = texts("loop.undecided", n=clock.undecided) if clock.undecided else ""
            found.append(", ".join(filter(None, (line, left))))
    return found


def _besides(told: Loop, texts: Texts, yardstick: Yardstick) -> list[str]:
    """Return what else came of it: who was not called or not reached, what was learnt, who was won back, thanks."""
    counted = {
        "dismissed": told.dismissed,
        "unreachable": told.unreachable,
        "referrals": told.referrals,
        "lessons": told.lessons,
    }
    found = [texts(f"loop.{name}", n=n) for name, n in counted.items() if n]
    found += _recovery(told.recovery, texts, yardstick)
    if told.team.calls:
        calls, spoken = texts("loop.calls", n=told.team.calls), texts("loop.customers", n=told.team.conversations)
        found.append(texts("loop.thanks", n=told.team.colleagues, calls=calls, spoken=spoken))
    return found


def _recovery(recovery: Recovery, texts: Texts, yardstick: Yardstick) -> list[str]:
    """Return how detractors answered the next time, without a side of too few, and what to make of a difference."""
    sides = {"called": recovery.called, "not_called": recovery.not_called}
    told = {side: score_line(counts, texts) for side, counts in sides.items() if yardstick.enough(counts)}
    if len(told) < 2:
        return [texts(f"loop.recovery_{side}", score=score) for side, score in told.items()]
    both = texts("loop.recovery", called=told["called"], others=told["not_called"])
    return [both, texts("loop.recovery_few" if recovery.few else "loop.recovery_caution")]


def waiting(digest: Digest, texts: Texts) -> list[Json]:
    """Return the detractors whom nobody has called, each with the way to their card."""
    if not digest.waiting:
        return []
    items = []
    for each in digest.waiting:
        name = b.one_line(who(each.found, texts), 150)
        link: Json = {"type": "link", "url": each.link, "text": name} if each.link else b.words(name)
        due = "digest.overdue" if each.overdue else "digest.due"
        inline = [b.words(f"{SIGNS[each.found.category]} {each.found.response.score} · "), link]
        items.append(b.line(*inline, b.words(" · "), *b.dated(texts, due, each.due)))
    if left := digest.waiting_in_all - len(items):
        items.append(b.line(b.words(texts("list.more", n=left))))
    title = b.section(f"*{texts('digest.waiting', n=digest.waiting_in_all)}*")
    return [title, b.rich({"type": "rich_text_list", "style": "bullet", "elements": items})]


def waiting_in_words(digest: Digest, texts: Texts) -> list[str]:
    """Return the same for notifications, screen readers and terminals."""
    if not digest.waiting:
        return []
    named = [f"- {b.literal(who(each.found, texts))}{late(each, texts)}" for each in digest.waiting]
    left = digest.waiting_in_all - len(named)
    more = [texts("list.more", n=left)] if left else []
    return ["", texts("digest.waiting", n=digest.waiting_in_all), *named, *more]


def late(each: Waiting, texts: Texts) -> str:
    """Return what to add to somebody whose call is overdue; nothing for others."""
    return f" · {texts('digest.overdue', when=texts.time(each.due))}" if each.overdue else ""


def said(digest: Digest, texts: Texts) -> list[Json]:
    """Return the comments that are worth reading."""
    comments = with_words(digest)
    if not comments:
        return []
    return [b.section(f"*{texts('digest.comments')}*"), *(_comment(each, texts) for each in comments)]


def said_in_words(digest: Digest, texts: Texts) -> list[str]:
    """Return the same for notifications, screen readers and terminals."""
    comments = with_words(digest)
    if not comments:
        return []
    told = [f"- {each.response.score}: {b.literal(each.response.comment or '', 300)}" for each in comments]
    return ["", texts("digest.comments"), *told]


def with_words(digest: Digest) -> list[Received]:
    """Return the responses whose comments hold any words."""
    return [each for each in digest.comments if b.clean(each.response.comment or "")]


def _comment(found: Received, texts: Texts) -> Json:
    said = b.one_line(found.response.comment or "", 400)
    name = b.one_line(who(found, texts), 120)
    return b.rich(
        b.quote(said),
        b.line(b.words(f"{SIGNS[found.category]} {found.response.score} · {name}", italic=True)),
    )
