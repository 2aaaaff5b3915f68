"""A score told apart by groups, as an answer to whoever asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks as b
from bot.cards.scores import score_line
from bot.groups import TOGETHER
from bot.settings.yardstick import STANDARD, Yardstick

if TYPE_CHECKING:
    from bot.groups import Group, Groups
    from bot.texts import Texts

SHOWN = 15
"""Groups in one answer; a section holds 3,000 characters."""
NAME = 80


def told_apart(title: str, groups: Groups, texts: Texts, yardstick: Yardstick = STANDARD) -> str:
    """Return each group's score and change, which are best and worst, and whether the whole misleads."""
    if not groups.every:
        return texts("score.title", period=title, line=texts("score.nobody"))
    by = texts("score.by", period=title, group=group_name(groups.by, texts))
    lines = [by, *(f"• {_line(groups.by, group, texts, yardstick)}" for group in groups.every[:SHOWN])]
    if len(groups.every) > SHOWN:
        lines.append(texts("list.more", n=len(groups.every) - SHOWN))
    lines += standing_out(groups, texts)
    return "\n".join(lines)


def standing_out(groups: Groups, texts: Texts) -> list[str]:
    """Return which groups are best and worst, whether that is chance, and a warning where the whole misleads."""
    found = [
        texts(key, names=", ".join(_name(groups.by, group, texts) for group in some))
        for key, some in (("groups.best", groups.best), ("groups.worst", groups.worst))
        if some
    ]
    found += [texts("groups.near", groups=group_name(groups.by, texts))] if groups.apart is False else []
    return [*found, texts("groups.mix")] if groups.mix_misleads else found


def group_name(by: str, texts: Texts) -> str:
    """Return what a score is told apart by, in words; a property by its own name."""
    return texts(f"groups.{by}") if texts.has(f"groups.{by}") else b.literal(by.removeprefix("property."), NAME)


def label(by: str, group: Group, texts: Texts) -> str:
    """Return what a group is called; a language as readers call it."""
    return texts.tongue(group.label) if by == "language" else group.label


def _line(by: str, group: Group, texts: Texts, yardstick: Yardstick) -> str:
    line = f"{_name(by, group, texts)}: {score_line(group.counts, texts, yardstick)}"
    if group.change is None or not yardstick.enough(group.counts, group.before):
        return line
    verdict = texts("change.real" if group.more_than_noise else "change.noise")
    return f"{line} · {texts.signed(group.change)}, {verdict}"


def _name(by: str, group: Group, texts: Texts) -> str:
    if group.label == TOGETHER:
        return texts("groups.together")
    return b.literal(label(by, group, texts), NAME) if group.label else texts("groups.unnamed")
