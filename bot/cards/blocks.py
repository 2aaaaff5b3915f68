"""Block Kit in small pieces; what customers wrote goes into `plain` and rich text alone, never into `mrkdwn`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.cards.ids import Event
    from bot.texts import Texts

Json = dict[str, Any]

RESPONSE = "response:"
"""What the block_id of a row of buttons starts with; the response's id follows."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
_VISIBLE = re.compile(
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\uffa0]"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A file with a picture; `alt` says what it shows."""

    name: str
    title: str
    alt: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as Slack takes it: `text` is the notification and what a screen reader says.

    `key` is the part of the metadata's payload by which the message is found again, where None stands for what the
    payload does not have; `more` is the rest of it. `richer` holds blocks that not every workspace takes. One with
    `pictures` is an upload: these, and the text beside them.
    """

    text: str
    blocks: list[Json]
    event: Event
    key: Json = field(default_factory=dict)
    more: Json = field(default_factory=dict)
    broadcast: bool = False
    richer: list[Json] | None = None
    pictures: tuple[Picture, ...] = ()

    @property
    def metadata(self) -> Json:
        """Return what other apps, and the bot itself, can read of the message."""
        payload = {name: value for name, value in {**self.key, **self.more}.items() if value is not None}
        return {"event_type": str(self.event), "event_payload": payload}


def clean(text: str) -> str:
    """Return a customer's words without what could disguise them: control and direction characters.

    Words of which nothing can be seen are none.
    """
    found = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return found if _VISIBLE.search(found) else ""


def one_line(text: str, most: int) -> str:
    """Return a customer's words on one line, cut at a word with … when longer than `most` characters."""
    return cut(" ".join(clean(text).split()), most)


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters, cut at a word, with … where something is left out."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    space = max(head.rfind(" "), head.rfind("\n"))
    return (head[:space] if space > most // 2 else head).rstrip().rstrip("…") + "…"


def parted(text: str, most: int) -> list[str]:
    """Return a whole text in parts of at most `most` characters, parted after a space or a line where there is one."""
    parts = []
    while len(text) > most:
        space = max(text.rfind(" ", 0, most), text.rfind("\n", 0, most))
        end = space + 1 if space >= most // 2 else most
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text] if text else parts


def escape(text: str) -> str:
    """Return words that are not ours as Slack's mrkdwn shows them literally."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str, most: int = 150) -> str:
    """Return words that are not ours for a fallback text: on one line and escaped, so that nothing pings or links."""
    return escape(one_line(text, most))


def inert(escaped: str) -> str:
    """Return words that are not ours for use within mrkdwn: a mark that would format is followed by a word joiner."""
    return re.sub(r"([*_~`:])", "\\1\u2060", escaped)


def mention(user: str) -> str:
    """Return a person of the workspace as Slack shows them."""
    return f"<@{user}>"


def when(moment: datetime, texts: Texts) -> str:
    """Return a time that every reader sees in their own zone; in figures where Slack has no words of the language."""
    day = "{date_short_pretty}" if texts.language == "en" else "{date_num}"
    return f"<!date^{int(moment.timestamp())}^{day} {{time}}|{escape(texts.time(moment))}>"


def plain(text: str, *, emoji: bool = True) -> Json:
    """Return a plain text object; without `emoji` not even :names: of emoji are read."""
    return {"type": "plain_text", "text": text, "emoji": emoji}


def mrkdwn(text: str) -> Json:
    """Return a text object of our own words; Slack makes nothing of it that we did not write."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def header(text: str) -> Json:
    """Return a headline."""
    return {"type": "header", "text": plain(cut(text, 150))}


def section(text: str, accessory: Json | None = None) -> Json:
    """Return a paragraph of our own words."""
    block: Json = {"type": "section", "text": mrkdwn(cut(text, 3000))}
    return block if accessory is None else {**block, "accessory": accessory}


def context(*texts: str | Json) -> Json:
    """Return small print: our own words as texts, those of others as text objects."""
    return {
        "type": "context",
        "elements": [mrkdwn(text) if isinstance(text, str) else text for text in texts],
    }


def fields(texts: Iterable[str]) -> Json:
    """Return short texts side by side, at most ten."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def rich(*elements: Json) -> Json:
    """Return rich text, in which nothing a customer wrote is read as formatting."""
    return {"type": "rich_text", "elements": list(elements)}


def words(text: str, **style: bool) -> Json:
    """Return literal text for rich text."""
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def line(*inline: Json) -> Json:
    """Return a line of rich text."""
    return {"type": "rich_text_section", "elements": list(inline)}


def size(block: Any) -> int:
    """Return how many characters of text blocks hold in all."""
    if isinstance(block, dict):
        return sum(len(v) if k == "text" and isinstance(v, str) else size(v) for k, v in block.items())
    return sum(map(size, block)) if isinstance(block, list) else 0


def dated(texts: Texts, key: str, moment: datetime) -> list[Json]:
    """Return a text of ours for rich text in which `{when}` is a time that every reader sees in their own zone."""
    before, _, after = texts(key, when="\0").partition("\0")
    date: Json = {
        "type": "date",
        "timestamp": int(moment.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": texts.time(moment),
    }
    return [*([words(before)] if before else []), date, *([words(after)] if after else [])]


def quote(text: str) -> Json:
    """Return a customer's words as a quotation."""
    return {"type": "rich_text_quote", "elements": [words(text)]}


def preformatted(text: str) -> Json:
    """Return our own words in letters of one width."""
    return {"type": "rich_text_preformatted", "elements": [words(text)]}


def button(text: str, action: str, value: str, *, label: str | None = None, style: str | None = None) -> Json:
    """Return a button; `label` is what a screen reader says instead of its text."""
    found: Json = {"type": "button", "text": plain(text), "action_id": action, "value": value}
    if label:
        found["accessibility_label"] = cut(label, 75)
    if style:
        found["style"] = style
    return found


def option(text: str, value: str) -> Json:
    """Return one choice."""
    return {"text": plain(cut(text, 75)), "value": value}


def actions(response: str, *elements: Json) -> Json:
    """Return buttons and menus in a row; the block's id names the response they act on."""
    return {"type": "actions", "block_id": f"{RESPONSE}{response}", "elements": list(elements)}


def field_input(block: str, label: str, element: Json, *, optional: bool = False, hint: str | None = None) -> Json:
    """Return an input of a modal; its element answers under the action_id `value`."""
    found: Json = {
        "type": "input",
        "block_id": block,
        "label": plain(label),
        "element": {**element, "action_id": "value"},
        "optional": optional,
    }
    return {**found, "hint": plain(hint)} if hint else found
