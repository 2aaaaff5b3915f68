"""The form for a call: what it asks by category and by what was chosen so far; and what is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.ids import Block, View
from bot.cards.labels import theme_label
from bot.cards.modals import Mistakes, answered, choices, chosen, heading, modal, moment, select, typed
from bot.model import CALL_OUTCOMES, THEMES, Call, Category, Learned, NextStep, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.cards.blocks import Json
    from bot.model import Received
    from bot.texts import Texts

NOTES_MOST = 3000


@dataclass(frozen=True, slots=True)
class Shape:
    """How a form looks by what was chosen in it: which of its fields there are, and the next try that it proposes."""

    right_number: bool = False
    call_again_at: bool = True
    next_try: datetime | None = None


AT_FIRST = Shape()


def log_call(
    found: Received, texts: Texts, *, themes: tuple[str, ...], form: str = "", shape: Shape = AT_FIRST
) -> Json:
    """Return the form for a call, with a short guide for the category and what the customer wrote.

    `form` is its own name, under which it can be handed in once. Fields keep their ids in every shape, so that Slack
    keeps what was entered when the form changes its own.
    """
    blocks = [heading(found, texts)]
    if comment := b.clean(found.response.comment or ""):
        blocks.append(b.rich(b.quote(b.cut(comment, 400))))
    blocks.append(b.section(texts(f"guide.{found.category}")))
    outcomes = select(choices(CALL_OUTCOMES, "outcome", texts), texts)
    blocks.append(_telling(b.field_input(Block.OUTCOME, texts("field.outcome"), outcomes)))
    if shape.right_number:
        blocks.append(_line(Block.RIGHT_NUMBER, texts, most=40))
    blocks += [_notes(texts), theme_field(found, texts, themes), _lesson(texts), *_next(texts, shape)]
    wish = found.callback.preferred_time if found.callback else None
    blocks.append(_line(Block.PREFERRED_TIME, texts, most=200, hint=texts("hint.preferred_time"), initial=wish))
    if found.category is Category.PROMOTER:
        blocks += [_line(block, texts, most=200) for block in (Block.REFERRAL_NAME, Block.REFERRAL_CONTACT)]
    about = f"{found.public_id} {form}".strip()
    return modal(View.LOG_CALL, texts("modal.log_call"), blocks, texts, about=about, submit=texts("modal.save"))


def _telling(field: Json) -> Json:
    """Return a field that tells of each choice at once, so that the form can follow."""
    return {**field, "dispatch_action": True}


def _line(block: Block, texts: Texts, *, most: int, hint: str | None = None, initial: str | None = None) -> Json:
    element: Json = {"type": "plain_text_input", "max_length": most}
    if initial:
        element["initial_value"] = b.cut(initial, most)
    return b.field_input(block, texts(f"field.{block}"), element, optional=True, hint=hint)


def _notes(texts: Texts) -> Json:
    element = {"type": "plain_text_input", "multiline": True, "max_length": NOTES_MOST}
    return b.field_input(Block.NOTES, texts("field.notes"), element, optional=True, hint=texts("hint.notes"))


def theme_field(found: Received, texts: Texts, themes: tuple[str, ...]) -> Json:
    """Return the choice of what a response is about, with what it is tagged with chosen already."""
    options = [b.option(theme_label(theme, texts), theme) for theme in (*THEMES, *themes)[:100]]
    element: Json = {"type": "multi_static_select", "placeholder": b.plain(texts("field.choose")), "options": options}
    if tagged := [option for option in options if option["value"] in (found.themes or ())]:
        element["initial_options"] = tagged
    return b.field_input(Block.THEMES, texts("field.themes"), element, optional=True)


def _lesson(texts: Texts) -> Json:
    element = {"type": "checkboxes", "options": [b.option(texts("field.lesson_yes"), Block.LESSON)]}
    return b.field_input(Block.LESSON, texts("field.lesson"), element, optional=True)


def _next(texts: Texts, shape: Shape) -> list[Json]:
    step = select(choices(NextStep, "next_step", texts), texts, initial=NextStep.CLOSE)
    fields = [_telling(b.field_input(Block.NEXT_STEP, texts("field.next_step"), step))]
    if shape.call_again_at:
        picker: Json = {"type": "datetimepicker"}
        if shape.next_try is not None:
            picker["initial_date_time"] = int(shape.next_try.timestamp())
        hint, label = texts("hint.call_again_at"), texts("field.call_again_at")
        fields.append(b.field_input(Block.CALL_AGAIN_AT, label, picker, optional=True, hint=hint))
    return fields


def about(view: Mapping[str, Any]) -> tuple[str, str]:
    """Return which response a form is about, and its own name."""
    public_id, _, form = str(view["private_metadata"]).partition(" ")
    return public_id, form or str(view["id"])


def reshaped(view: Mapping[str, Any], next_try: datetime) -> Shape | None:
    """Return the shape that a form is to take after a choice in it; None where it has that shape already.

    The next try is proposed as soon as somebody will call again and has chosen no time of their own.
    """
    values = view["state"]["values"]
    wrong_number = chosen(values, Block.OUTCOME) == Outcome.WRONG_NUMBER
    again = chosen(values, Block.NEXT_STEP) == NextStep.CALL_AGAIN and moment(values, Block.CALL_AGAIN_AT) is None
    asks = any(block.get("block_id") == Block.RIGHT_NUMBER for block in view["blocks"])
    if wrong_number == asks and not again:
        return None
    return Shape(right_number=wrong_number, next_try=next_try if again else None)


def read_call(values: Mapping[str, Any], caller: str, now: datetime) -> Call:
    """Return the call that was entered; raise Mistakes where something is missing or cannot be."""
    outcome = chosen(values, Block.OUTCOME)
    step = chosen(values, Block.NEXT_STEP) or NextStep.CLOSE
    again = moment(values, Block.CALL_AGAIN_AT)
    mistakes: dict[str, str] = {}
    if outcome not in CALL_OUTCOMES:
        mistakes[Block.OUTCOME] = "mistake.outcome"
    if step == NextStep.CALL_AGAIN and (again is None or again <= now):
        mistakes[Block.CALL_AGAIN_AT] = "mistake.no_time" if again is None else "mistake.past"
    if mistakes:
        raise Mistakes(**mistakes)
    return Call(
        caller=caller,
        at=now,
        outcome=Outcome(str(outcome)),
        notes=typed(values, Block.NOTES) or "",
        themes=tuple(option["value"] for option in answered(values, Block.THEMES).get("selected_options") or ()),
        next_step=NextStep(step),
        call_again_at=again if step == NextStep.CALL_AGAIN else None,
        referral_name=typed(values, Block.REFERRAL_NAME),
        referral_contact=typed(values, Block.REFERRAL_CONTACT),
        lesson=bool(answered(values, Block.LESSON).get("selected_options")),
    )


def read_learned(view: Mapping[str, Any]) -> Learned:
    """Return what the call told besides: for the next one, and of the themes, where others are chosen than proposed."""
    values = view["state"]["values"]
    return Learned(typed(values, Block.PREFERRED_TIME), typed(values, Block.RIGHT_NUMBER), read_themes(view))


def read_themes(view: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the themes that were chosen; None where they are those that the form proposed."""
    chosen_now = answered(view["state"]["values"], Block.THEMES).get("selected_options")
    if chosen_now is None:
        return None
    field: Json = next((block for block in view.get("blocks", ()) if block.get("block_id") == Block.THEMES), {})
    proposed = field.get("element", {}).get("initial_options") or ()
    found = tuple(option["value"] for option in chosen_now)
    return None if set(found) == {option["value"] for option in proposed} else found
