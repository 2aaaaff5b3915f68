"""Bodies of deliveries as dictionaries: JSON, urlencoded and multipart; whatever they hold, tidied."""

from __future__ import annotations

import hashlib
import json
import re
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from handlers.sources import NotJson, Unmappable
from handlers.sources.values import DEEPEST, tidy, well_formed

if TYPE_CHECKING:
    from handlers.sources import Delivery

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MOST_PARTS = 2_000


def read_json(body: bytes, *, strict: bool = True) -> Any:
    """Return what a body says, tidied; NotJson for what is none: wrong encoding, NaN, too deep, absurd numbers.

    `strict=False` forgives line breaks within texts, which people's own templates let through.
    """
    try:
        return tidy(_DECODERS[strict].decode(body.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        raise NotJson from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_DECODERS = {strict: json.JSONDecoder(parse_constant=_no_constant, strict=strict) for strict in (True, False)}


def read_object(delivery: Delivery) -> dict[str, Any]:
    """Return the object that a delivery's JSON or form is."""
    if media_type(delivery) in {URLENCODED, MULTIPART}:
        return unfolded(read_form(delivery))
    found = read_json(delivery.body)
    if not isinstance(found, dict):
        raise Unmappable("body", "the body must be an object, not a list or a single value")
    return found


def read_template(delivery: Delivery) -> dict[str, Any]:
    """Return the object of a body that people wrote as a template, where a comment's quotes may break the JSON."""
    found = _template(delivery)
    if not isinstance(found, dict):
        raise Unmappable("body", 'the body must be an object such as {"score": 9}')
    return found


def read_templates(delivery: Delivery) -> list[dict[str, Any]]:
    """Return the objects of such a body, which may be several in a list."""
    found = _template(delivery)
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(each, dict) for each in listed):
        raise Unmappable("body", 'the body must be an object such as {"score": 9}, or a list of them')
    return listed


def _template(delivery: Delivery) -> Any:
    if media_type(delivery) in {URLENCODED, MULTIPART}:
        return unfolded(read_form(delivery))
    try:
        return read_json(delivery.body, strict=False)
    except NotJson:
        raise Unmappable(
            "body", "the body is not JSON; perhaps a comment has quotes in it: let the tool escape them, or send a form"
        ) from None


def media_type(delivery: Delivery) -> str:
    """Return the type of a body without its parameters, in lower case."""
    return delivery.headers.get("content-type", "").partition(";")[0].strip().lower()


def read_form(delivery: Delivery) -> dict[str, str]:
    """Return the fields of an urlencoded or multipart body, the first of each name; files are left out."""
    try:
        if media_type(delivery) == MULTIPART:
            pairs = _parts(delivery)
        else:
            listed = parse_qsl(delivery.body.decode(), keep_blank_values=True, max_num_fields=MOST_PARTS)
            pairs = [(name, value) for name, value in listed if name]
    except (ValueError, LookupError, TypeError):
        raise Unmappable("body", "the form in the body cannot be read") from None
    return {well_formed(name): well_formed(value) for name, value in reversed(pairs)}


def _parts(delivery: Delivery) -> list[tuple[str, str]]:
    head = f"Content-Type: {delivery.headers['content-type']}\r\n\r\n"
    message = BytesParser().parsebytes(head.encode() + delivery.body)
    if not message.is_multipart():
        raise ValueError("no boundary")
    found = []
    for part in message.walk():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes) and part.get_filename() is None:
            found.append((name, content.decode()))
    return found


def unfolded(flat: dict[str, str]) -> dict[str, Any]:
    """Return a form whose fields are called a[b], a__b or a.b as the objects that they stand for."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        *outer, last = [part for part in re.split(r"__|\.|\[|\]", name, maxsplit=DEEPEST) if part] or [name]
        place = found
        for part in outer:
            inner = place.setdefault(part, {})
            place = inner if isinstance(inner, dict) else {}
        place.setdefault(last, value)
    return found


def at(value: Any, path: str) -> Any:
    """Return what stands in nested objects at a dotted path; None where there is nothing."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; nothing for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, an empty one for anything else: PHP sends an empty object as a list."""
    return value if isinstance(value, dict) else {}


def plain_id(value: Any, where: str) -> str:
    """Return an id that may stand in an address: letters, digits, _ and - alone. Raises Unmappable."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | str)
        or not re.fullmatch(r"[\w-]{1,64}", f"{value}", re.ASCII)
    ):
        raise Unmappable(where, f"{where} must be the id by which the tool's API knows it")
    return str(value)


def fingerprint(value: Any) -> str:
    """Return an id made of a body's content, for senders that give none: the same content, the same id."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
    return f"h_{hashlib.sha256(canonical).hexdigest()[:32]}"
