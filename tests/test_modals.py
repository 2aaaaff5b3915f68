"""What people enter into the forms is read as it was meant, or told at the field where it is wrong."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from cards_shown import SHOWN
from conftest import NOW

from bot.cards import call_form, modals
from bot.model import Call, NextStep, Outcome
from bot.texts import Texts

DAY = timedelta(days=1)


def chosen(value):
    return {"type": "static_select", "selected_option": value and {"value": value}}


def typed(value):
    return {"type": "plain_text_input", "value": value}


def moment(value):
    return {"type": "datetimepicker", "selected_date_time": value and int(value.timestamp())}


def several(*values):
    return {"type": "multi_static_select", "selected_options": [{"value": value} for value in values]}


def entered(**elements):
    """Return the state of a form as Slack sends it."""
    return {block: {"value": element} for block, element in elements.items()}


def a_form(**changes):
    """Return the state of a call's form; every field can be given, those that are None are missing."""
    full = {
        "outcome": chosen("reached"),
        "notes": typed("  They want it earlier. "),
        "themes": several("delivery"),
        "next_step": chosen("close"),
        "call_again_at": moment(None),
    }
    return entered(**{block: element for block, element in (full | changes).items() if element is not None})


def mistakes(read, *given):
    """Return where something is wrong, and the key of the sentence for it."""
    with pytest.raises(modals.Mistakes) as caught:
        read(*given)
    return {str(block): key for block, key in caught.value.fields.items()}


def test_a_call_is_read():
    """A form that was filled in is a call by whoever filled it in, now."""
    referral = {"referral_name": typed(" Bo Ek "), "referral_contact": typed("bo@nordlys.example")}
    again = {"next_step": chosen("call_again"), "call_again_at": moment(NOW + DAY)}
    call = call_form.read_call(a_form(**referral, **again), "U1", NOW)
    assert call == Call(
        caller="U1",
        at=NOW,
        outcome=Outcome.REACHED,
        notes="They want it earlier.",
        themes=("delivery",),
        next_step=NextStep.CALL_AGAIN,
        call_again_at=NOW + DAY,
        referral_name="Bo Ek",
        referral_contact="bo@nordlys.example",
    )


def test_only_how_it_went_must_be_said():
    """Where nobody was reached, nothing but the outcome is needed."""
    form = a_form(outcome=chosen("no_answer"), notes=typed(None), themes=None, next_step=None, call_again_at=None)
    assert call_form.read_call(form, "U1", NOW) == Call("U1", NOW, Outcome.NO_ANSWER, "", (), NextStep.CLOSE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"outcome": chosen(None)}, {"outcome": "mistake.outcome"}),
        ({"outcome": None}, {"outcome": "mistake.outcome"}),
        ({"outcome": chosen("shouted")}, {"outcome": "mistake.outcome"}),
        ({"next_step": chosen("call_again")}, {"call_again_at": "mistake.no_time"}),
        ({"next_step": chosen("call_again"), "call_again_at": moment(NOW)}, {"call_again_at": "mistake.past"}),
        (
            {"outcome": chosen(None), "next_step": chosen("call_again"), "call_again_at": moment(NOW - DAY)},
            {"outcome": "mistake.outcome", "call_again_at": "mistake.past"},
        ),
    ],
)
def test_a_mistake_is_told_at_its_field(changes, expected):
    """What is missing or cannot be is told where it was entered, all of it at once."""
    assert mistakes(call_form.read_call, a_form(**changes), "U1", NOW) == expected


def test_a_time_that_is_not_needed_is_not_asked():
    """A time to call again counts only with the step that needs it."""
    form = a_form(call_again_at=moment(NOW - DAY))
    assert call_form.read_call(form, "U1", NOW).next_step is NextStep.CLOSE


def test_the_other_forms_are_read():
    """A colleague, a time and a reason come out as they were entered."""
    assert modals.read_assignee(entered(assignee={"selected_user": "U2"})) == "U2"
    assert modals.read_until(entered(until=moment(NOW + DAY)), NOW) == NOW + DAY
    assert modals.read_reason(entered(reason=typed(" A test ")), ["Moved"]) == "A test"
    assert modals.read_comment(entered(comment=typed(" Away ")), required=True) == "Away"
    assert modals.read_comment(entered(comment=typed(None)), required=False) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (entered(reason_choice=chosen("1"), reason=typed(None)), "Moved"),
        (entered(reason_choice=chosen("1"), reason=typed(" to Oslo ")), "Moved: to Oslo"),
        (entered(reason=chosen("0")), "Talked"),
        (entered(reason_choice=chosen("7"), reason=typed("Gone")), "Gone"),
    ],
)
def test_a_reason_is_chosen_or_written_or_both(given, expected):
    """Whoever closes without a call may choose one of the team's reasons, write their own, or add to it."""
    assert modals.read_reason(given, ["Talked", "Moved"]) == expected


@pytest.mark.parametrize(
    ("read", "given", "expected"),
    [
        (modals.read_assignee, [entered(assignee={"selected_user": None})], {"assignee": "mistake.assignee"}),
        (modals.read_assignee, [{}], {"assignee": "mistake.assignee"}),
        (modals.read_until, [entered(until=moment(None)), NOW], {"until": "mistake.no_time"}),
        (modals.read_until, [entered(until=moment(NOW)), NOW], {"until": "mistake.past"}),
        (
            modals.read_reason,
            [entered(reason_choice=chosen(None), reason=typed(None)), ["Moved"]],
            {"reason": "mistake.reason"},
        ),
        (modals.read_comment, [entered(comment=typed(" "))], {"comment": "mistake.comment"}),
        (modals.read_reason, [entered(reason=typed(" ")), ["Moved"]], {"reason": "mistake.reason"}),
    ],
)
def test_a_mistake_in_the_other_forms(read, given, expected):
    """The other forms tell their mistakes at their one field."""
    assert mistakes(partial(read, required=True) if read is modals.read_comment else read, *given) == expected


@pytest.mark.parametrize("name", [name for name in SHOWN if name.startswith("modal_")])
def test_every_field_answers_under_its_name(name):
    """The blocks of a form bear the names that others rely on, and their elements answer as `value`."""
    view = SHOWN[name](Texts("en", ZoneInfo("UTC")))
    inputs = {block["block_id"]: block["element"]["action_id"] for block in view["blocks"] if block["type"] == "input"}
    call = {"outcome", "notes", "themes", "next_step", "call_again_at", "preferred_time", "lesson"}
    expected = {
        "modal_assign": {"assignee"},
        "modal_assign_held": {"assignee", "comment"},
        "modal_assign_own": {"assignee", "comment"},
        "modal_snooze": {"until"},
        "modal_themes": {"themes"},
        "modal_dismiss": {"reason_choice", "reason"},
        "modal_find": {"text"},
        "modal_find_found": {"text"},
        "modal_find_nobody": {"text"},
    }
    if name.startswith("modal_log_call"):
        more = {"referral_name", "referral_contact"} if "promoter" in name else set()
        expected[name] = call | ({"right_number"} if "wrong_number" in name else more)
    assert set(inputs) == expected.get(name, set())
    assert set(inputs.values()) <= {"value"}
