"""Modals: assigning, snoozing, dismissing, the whole comment, the history; and what is read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot import moves
from bot.cards import blocks as b
from bot.cards.card import SIGNS, who
from bot.cards.ids import VALUE, Block, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.cards.blocks import Json
    from bot.model import Received
    from bot.texts import Texts

CHUNK = 2900
DISMISSALS = ("talked", "mistake", "test", "no_way", "unwanted")
COMMENT_ASSIGNED = 500
"""Characters that may be said with a hand-over."""
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


def heading(found: Received, texts: Texts) -> Json:
    """Return of which response a form is."""
    headline = f"{SIGNS[found.category]} {found.response.score} · "
    return b.rich(b.line(b.words(headline), b.words(b.one_line(who(found, texts), 200), bold=True)))


def choices(words: Any, prefix: str, texts: Texts) -> list[Json]:
    """Return the choices that a list of words makes."""
    return [b.option(texts(f"{prefix}.{word}"), f"{word}") for word in words]


def select(options: list[Json], texts: Texts, *, initial: str | None = None) -> Json:
    """Return a choice of one."""
    found: Json = {"type": "static_select", "placeholder": b.plain(texts("field.choose")), "options": options}
    if initial:
        found["initial_option"] = next(option for option in options if option["value"] == initial)
    return found


class Mistakes(Exception):  # noqa: N818  # it is the person's mistake, told at the field
    """What was entered cannot be taken; `fields` maps each block to the key of its sentence."""

    def __init__(self, **fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def answered(values: Mapping[str, Any], block: Block) -> Mapping[str, Any]:
    """Return what a block's element answers."""
    found: Mapping[str, Any] = values.get(block, {}).get(VALUE) or {}
    return found


def typed(values: Mapping[str, Any], block: Block) -> str | None:
    """Return what was typed, None for nothing."""
    return (answered(values, block).get("value") or "").strip() or None


def chosen(values: Mapping[str, Any], block: Block) -> str | None:
    """Return what was chosen."""
    value: str | None = (answered(values, block).get("selected_option") or {}).get("value")
    return value


def moment(values: Mapping[str, Any], block: Block) -> datetime | None:
    """Return the time that was chosen."""
    seconds = answered(values, block).get("selected_date_time")
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def _form(view: View, title: str, found: Received, blocks: list[Json], texts: Texts) -> Json:
    """Return a form about a callback, which remembers how the callback was when it was opened."""
    seen = moves.as_seen(found.callback) if found.callback else ""
    about = f"{found.public_id} {seen}".strip()
    return modal(view, title, [heading(found, texts), *blocks], texts, about=about, submit=texts("modal.save"))


def assign(found: Received, texts: Texts, *, user: str) -> Json:
    """Return the form that asks which colleague takes the callback, and why where somebody holds it."""
    element = {"type": "users_select", "placeholder": b.plain(texts("field.choose"))}
    blocks = [b.field_input(Block.ASSIGNEE, texts("field.assignee"), element)]
    holder = found.callback.holder if found.callback else None
    if holder is not None:
        said = {"type": "plain_text_input", "multiline": True, "max_length": COMMENT_ASSIGNED}
        blocks.append(b.field_input(Block.COMMENT, texts("field.comment"), said, optional=holder == user))
    return _form(View.ASSIGN, texts("modal.assign"), found, blocks, texts)


def read_assignee(values: Mapping[str, Any]) -> str:
    """Return the colleague who was chosen."""
    user: str | None = answered(values, Block.ASSIGNEE).get("selected_user")
    if not user:
        raise Mistakes(**{Block.ASSIGNEE: "mistake.assignee"})
    return user


def read_comment(values: Mapping[str, Any], *, required: bool) -> str | None:
    """Return what is said with a hand-over, which may be asked for."""
    comment = typed(values, Block.COMMENT)
    if required and comment is None and Block.COMMENT in values:
        raise Mistakes(**{Block.COMMENT: "mistake.comment"})
    return comment


def snooze(found: Received, texts: Texts, *, until: datetime) -> Json:
    """Return the form that asks until when the callback is put aside, with a time that is likely."""
    element = {"type": "datetimepicker", "initial_date_time": int(until.timestamp())}
    blocks = [b.field_input(Block.UNTIL, texts("field.until"), element)]
    return _form(View.SNOOZE, texts("modal.snooze"), found, blocks, texts)


def read_until(values: Mapping[str, Any], now: datetime) -> datetime:
    """Return the time that was chosen, which is to come."""
    until = moment(values, Block.UNTIL)
    if until is None or until <= now:
        raise Mistakes(**{Block.UNTIL: "mistake.no_time" if until is None else "mistake.past"})
    return until


def dismissals(texts: Texts, own: Sequence[str]) -> Sequence[str]:
    """Return the reasons to choose from: the team's own, else those that are common, in the team's language."""
    return own or [texts(f"dismissal.{reason}") for reason in DISMISSALS]


def dismiss(found: Received, texts: Texts, *, reasons: Sequence[str]) -> Json:
    """Return the form that asks why there will be no call: one of the team's reasons, own words, or both."""
    listed = select([b.option(reason, str(number)) for number, reason in enumerate(reasons)], texts)
    words = {"type": "plain_text_input", "max_length": 300}
    blocks = [
        b.field_input(Block.REASON_CHOICE, texts("field.reason"), listed, optional=True),
        b.field_input(Block.REASON, texts("field.own_words"), words, optional=True, hint=texts("hint.reason")),
    ]
    return _form(View.DISMISS, texts("modal.dismiss"), found, blocks, texts)


def read_reason(values: Mapping[str, Any], reasons: Sequence[str]) -> str:
    """Return the reason that was given, chosen or written, or both in this order."""
    given = (chosen(values, Block.REASON_CHOICE), chosen(values, Block.REASON))
    listed = [reasons[int(each)] for each in given if each and each.isdigit() and int(each) < len(reasons)]
    reason = ": ".join(filter(None, (*listed, typed(values, Block.REASON))))
    if not reason:
        raise Mistakes(**{Block.REASON: "mistake.reason"})
    return reason


def full_comment(found: Received, texts: Texts) -> Json:
    """Return the whole comment, literally; one beyond all measure is cut and says so."""
    comment = b.clean(found.response.comment or "")
    shown = b.cut(comment, COMMENT_MOST)
    blocks = [heading(found, texts), *(b.rich(b.quote(part)) for part in b.parted(shown, CHUNK))]
    if len(comment) > COMMENT_MOST:
        blocks.append(b.context(texts("modal.comment_cut")))
    return modal(View.COMMENT, texts("modal.comment"), blocks, texts)
