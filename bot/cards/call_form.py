"""The form for a call: what it asks by category and by what was chosen so far; and what is read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.cards import blocks as b
from bot.cards.ids import Block, View
from bot.cards.labels import theme_label
from bot.cards.modals import Mistakes, answered, choices, chosen, heading, modal, moment, select, typed
from bot.model import CALL_OUTCOMES, THEMES, UNANSWERED, Call, Category, Learned, NextStep, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.cards.blocks import Json
    from bot.model import Received
    from bot.texts import Texts

NOTES_MOST = 3000


@dataclass(frozen=True, slots=True)
class Shape:
    """How a form looks by what was chosen in it: which fields it has, and what it proposes as the next step and try.

    Without a `next_step`, or without `call_again_at`, that field is not there.
    """

    right_number: bool = False
    next_step: NextStep | None = NextStep.CLOSE
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
    fields = []
    if shape.next_step is not None:
        step = select(choices(NextStep, "next_step", texts), texts, initial=shape.next_step)
        fields.append(_telling(b.field_input(Block.NEXT_STEP, texts("field.next_step"), step)))
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


def reshaped(view: Mapping[str, Any], changed: str, next_try: datetime) -> list[Shape]:
    """Return the shapes that a form is to take, one after the other, after a choice in a block; none where it has it.

    Whom nobody reached is to be called again, until somebody chooses otherwise; the next try is proposed as soon as
    somebody will call again and has chosen no time of their own. Slack shows what is proposed in a field only where
    there was none of that id just before: it goes, and comes anew.
    """
    values = view["state"]["values"]
    outcome, step = chosen(values, Block.OUTCOME), chosen(values, Block.NEXT_STEP) or NextStep.CLOSE
    wrong_number = outcome == Outcome.WRONG_NUMBER
    try_again = changed == Block.OUTCOME and outcome in UNANSWERED and step == NextStep.CLOSE
    wanted = NextStep.CALL_AGAIN if try_again else NextStep(step)
    untimed = wanted is NextStep.CALL_AGAIN and moment(values, Block.CALL_AGAIN_AT) is None
    asks = any(block.get("block_id") == Block.RIGHT_NUMBER for block in view["blocks"])
    last = Shape(right_number=wrong_number, next_step=wanted, next_try=next_try if untimed else None)
    if try_again or untimed:
        first = replace(last, next_step=None if try_again else wanted, call_again_at=not untimed, next_try=None)
        return [first, last]
    return [] if wrong_number == asks else [last]


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
