"""Modals: the call, assigning, snoozing, dismissing, the whole comment, the history; and what is read back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.card import SIGNS, who
from bot.cards.ids import VALUE, Block, View
from bot.model import THEMES, Call, Category, NextStep, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.cards.blocks import Json
    from bot.model import Received
    from bot.texts import Texts

NOTES_MOST = 3000
CHUNK = 2900
COMMENT_MOST = 30_000
"""Characters of a comment in its modal: Slack takes 250 kB of JSON; the export has the whole of any comment."""


def modal(  # noqa: PLR0913  # what a modal is made of
    view: View, title: str, blocks: list[Json], texts: Texts, *, about: str = "", submit: str = ""
) -> Json:
    """Return a modal; with `submit` it is a form, and `about` says of which response."""
    found: Json = {
        "type": "modal",
        "callback_id": view,
        "title": b.plain(title),
        "close": b.plain(texts("modal.cancel" if submit else "modal.close")),
        "private_metadata": about,
        "blocks": blocks,
    }
    return {**found, "submit": b.plain(submit)} if submit else found


def notice(text: str, texts: Texts) -> Json:
    """Return one sentence for one person, where there is no channel to tell it in."""
    return modal(View.NOTICE, texts("home.title"), [b.section(text)], texts)


def _about(found: Received, texts: Texts) -> Json:
    headline = f"{SIGNS[found.category]} {found.response.score} · "
    return b.rich(b.line(b.words(headline), b.words(b.one_line(who(found, texts), 200), bold=True)))


def log_call(found: Received, texts: Texts, *, themes: tuple[str, ...]) -> Json:
    """Return the form for a call, with a short guide for the category and what the customer wrote."""
    blocks = [_about(found, texts)]
    if comment := b.clean(found.response.comment or ""):
        blocks.append(b.rich(b.quote(b.cut(comment, 400))))
    blocks.append(b.section(texts(f"guide.{found.category}")))
    blocks += [
        b.field_input(Block.OUTCOME, texts("field.outcome"), _select(_options(Outcome, "outcome", texts), texts)),
        b.field_input(
            Block.NOTES,
            texts("field.notes"),
            {"type": "plain_text_input", "multiline": True, "max_length": NOTES_MOST},
            optional=True,
            hint=texts("hint.notes"),
        ),
        b.field_input(
            Block.THEMES,
            texts("field.themes"),
            {
                "type": "multi_static_select",
                "placeholder": b.plain(texts("field.choose")),
                "options": [b.option(theme_label(theme, texts), theme) for theme in (*THEMES, *themes)[:100]],
            },
            optional=True,
        ),
        b.field_input(
            Block.NEXT_STEP,
            texts("field.next_step"),
            _select(_options(NextStep, "next_step", texts), texts, initial=NextStep.CLOSE),
        ),
        b.field_input(
            Block.CALL_AGAIN_AT,
            texts("field.call_again_at"),
            {"type": "datetimepicker"},
            optional=True,
            hint=texts("hint.call_again_at"),
        ),
    ]
    if found.category is Category.PROMOTER:
        for block in (Block.REFERRAL_NAME, Block.REFERRAL_CONTACT):
            element = {"type": "plain_text_input", "max_length": 200}
            blocks.append(b.field_input(block, texts(f"field.{block}"), element, optional=True))
    return modal(
        View.LOG_CALL,
        texts("modal.log_call"),
        blocks,
        texts,
        about=found.public_id,
        submit=texts("modal.save"),
    )


def _tomorrow(now: datetime) -> int:
    """Return a whole hour a day from now, in Unix seconds: a time that is likely and never past."""
    return int((now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0).timestamp())


def _options(words: Any, prefix: str, texts: Texts) -> list[Json]:
    return [b.option(texts(f"{prefix}.{word}"), f"{word}") for word in words]


def _select(options: list[Json], texts: Texts, *, initial: str | None = None) -> Json:
    found: Json = {"type": "static_select", "placeholder": b.plain(texts("field.choose")), "options": options}
    if initial:
        found["initial_option"] = next(option for option in options if option["value"] == initial)
    return found


def theme_label(theme: str, texts: Texts) -> str:
    """Return a theme in the reader's language; one of the team's own stands as they wrote it."""
    return texts(f"theme.{theme}") if texts.has(f"theme.{theme}") else theme


class Mistakes(Exception):  # noqa: N818  # it is the person's mistake, told at the field
    """What was entered cannot be taken; `fields` maps each block to the key of its sentence."""

    def __init__(self, **fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def read_call(values: Mapping[str, Any], caller: str, now: datetime) -> Call:
    """Return the call that was entered; raise Mistakes where something is missing or cannot be."""
    outcome = _chosen(values, Block.OUTCOME)
    step = _chosen(values, Block.NEXT_STEP) or NextStep.CLOSE
    notes = (_typed(values, Block.NOTES) or "").strip()
    again = _moment(values, Block.CALL_AGAIN_AT)
    mistakes: dict[str, str] = {}
    if outcome not in list(Outcome):
        mistakes[Block.OUTCOME] = "mistake.outcome"
    if step == NextStep.CALL_AGAIN and (again is None or again <= now):
        mistakes[Block.CALL_AGAIN_AT] = "mistake.no_time" if again is None else "mistake.past"
    if mistakes:
        raise Mistakes(**mistakes)
    return Call(
        caller=caller,
        at=now,
        outcome=Outcome(str(outcome)),
        notes=notes,
        themes=tuple(option["value"] for option in _element(values, Block.THEMES).get("selected_options") or ()),
        next_step=NextStep(step),
        call_again_at=again if step == NextStep.CALL_AGAIN else None,
        referral_name=_typed(values, Block.REFERRAL_NAME),
        referral_contact=_typed(values, Block.REFERRAL_CONTACT),
    )


def _element(values: Mapping[str, Any], block: Block) -> Mapping[str, Any]:
    found: Mapping[str, Any] = values.get(block, {}).get(VALUE) or {}
    return found


def _typed(values: Mapping[str, Any], block: Block) -> str | None:
    return (_element(values, block).get("value") or "").strip() or None


def _chosen(values: Mapping[str, Any], block: Block) -> str | None:
    value: str | None = (_element(values, block).get("selected_option") or {}).get("value")
    return value


def _moment(values: Mapping[str, Any], block: Block) -> datetime | None:
    seconds = _element(values, block).get("selected_date_time")
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def assign(found: Received, texts: Texts) -> Json:
    """Return the form that asks which colleague takes the callback."""
    element = {"type": "users_select", "placeholder": b.plain(texts("field.choose"))}
    blocks = [_about(found, texts), b.field_input(Block.ASSIGNEE, texts("field.assignee"), element)]
    return modal(View.ASSIGN, texts("modal.assign"), blocks, texts, about=found.public_id, submit=texts("modal.save"))


def read_assignee(values: Mapping[str, Any]) -> str:
    """Return the colleague who was chosen."""
    user: str | None = _element(values, Block.ASSIGNEE).get("selected_user")
    if not user:
        raise Mistakes(**{Block.ASSIGNEE: "mistake.assignee"})
    return user


def snooze(found: Received, texts: Texts, *, now: datetime) -> Json:
    """Return the form that asks until when the callback is put aside."""
    element = {"type": "datetimepicker", "initial_date_time": _tomorrow(now)}
    blocks = [_about(found, texts), b.field_input(Block.UNTIL, texts("field.until"), element)]
    return modal(View.SNOOZE, texts("modal.snooze"), blocks, texts, about=found.public_id, submit=texts("modal.save"))


def read_until(values: Mapping[str, Any], now: datetime) -> datetime:
    """Return the time that was chosen, which is to come."""
    until = _moment(values, Block.UNTIL)
    if until is None or until <= now:
        raise Mistakes(**{Block.UNTIL: "mistake.no_time" if until is None else "mistake.past"})
    return until


def dismiss(found: Received, texts: Texts) -> Json:
    """Return the form that asks why there will be no call."""
    element = {"type": "plain_text_input", "max_length": 300}
    blocks = [
        _about(found, texts),
        b.field_input(Block.REASON, texts("field.reason"), element, hint=texts("hint.reason")),
    ]
    return modal(View.DISMISS, texts("modal.dismiss"), blocks, texts, about=found.public_id, submit=texts("modal.save"))


def read_reason(values: Mapping[str, Any]) -> str:
    """Return the reason that was given."""
    reason = _typed(values, Block.REASON)
    if reason is None:
        raise Mistakes(**{Block.REASON: "mistake.reason"})
    return reason


def full_comment(found: Received, texts: Texts) -> Json:
    """Return the whole comment, literally; one beyond all measure is cut and says so."""
    comment = b.clean(found.response.comment or "")
    shown = comment[:COMMENT_MOST]
    pieces = [shown[start : start + CHUNK] for start in range(0, len(shown), CHUNK)]
    blocks = [_about(found, texts), *(b.rich(b.quote(piece)) for piece in pieces)]
    if len(comment) > len(shown):
        blocks.append(b.context(texts("modal.comment_cut")))
    return modal(View.COMMENT, texts("modal.comment"), blocks, texts)
