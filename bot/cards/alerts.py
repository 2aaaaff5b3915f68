"""An alert: what is wrong, since when, how sure that is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.blocks import Json, Rendered
from bot.cards.ids import Action, Event
from bot.cards.labels import theme_label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.texts import Texts


VALUE = "alert:"
"""What the value of an alert's button starts with; its id follows."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong; put to rest by `rested_by` until a time, or for good where there is none."""

    id: int
    kind: str
    about: str
    since: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    over_at: datetime | None = None
    rested_by: str | None = None
    rests_until: datetime | None = None


def render(alert: Alert, texts: Texts) -> Rendered:
    """Render an alert; one that is over, or at rest, says so."""
    told = _figures(alert, texts)
    what, sure, do = (texts(f"alert.{alert.kind}.{part}", **told[part]) for part in ("what", "sure", "do"))
    since = texts("alert.since", when=texts.day(alert.since.astimezone(texts.zone).date()))
    blocks: list[Json] = [b.section(f"{'✅' if alert.over_at else '🔔'} *{what}*"), b.context(f"{since} · {sure}")]
    text = f"{what}. {since}. {sure} {do}"
    if alert.over_at:
        over = texts("alert.over", when=b.when(alert.over_at, texts))
        return Rendered(f"{text} {over}", [*blocks, b.context(over)], Event.NOTE)
    blocks.append(b.section(do))
    if alert.rested_by:
        key = "alert.snoozed" if alert.rests_until else "alert.muted"
        until = b.when(alert.rests_until, texts) if alert.rests_until else ""
        blocks.append(b.context(texts(key, user=b.mention(alert.rested_by), until=until)))
    names = [Action.WAKE_ALERT] if alert.rested_by else [Action.SNOOZE_ALERT, Action.MUTE_ALERT]
    buttons = [b.button(texts(f"button.{name}"), name, f"{VALUE}{alert.id}") for name in names]
    return Rendered(text, [*blocks, {"type": "actions", "elements": buttons}], Event.NOTE)


def _figures(alert: Alert, texts: Texts) -> dict[str, dict[str, Any]]:
    """Return the values of each of an alert's sentences."""
    known = alert.details
    if alert.kind == "score":
        what = {"days": known["days"], "edge": texts.signed(known["edge"]), "score": texts.signed(known["score"])}
        margin = texts.number(round(known["margin"]))
        verdict = texts("change.real")
        return {"what": what, "sure": {"n": known["n"], "margin": margin, "verdict": verdict}, "do": {}}
    if alert.kind == "silence":
        what = {"n": known["days"], "source": _words(alert.about)}
        return {"what": what, "sure": {"n": known["usual"], "usual": known["usual"]}, "do": {}}
    if alert.kind == "backlog":
        return {"what": {"n": known["n"]}, "sure": {"n": known["before"], "before": known["before"]}, "do": {}}
    if alert.kind == "theme":
        what = {"n": known["n"], "theme": _words(theme_label(alert.about, texts))}
        return {"what": what, "sure": {"usual": known["usual"]}, "do": {}}
    return {"what": {"company": _words(alert.about), "score": known["score"]}, "sure": {}, "do": {}}


def _words(text: str) -> str:
    return b.inert(b.literal(text, 150))
