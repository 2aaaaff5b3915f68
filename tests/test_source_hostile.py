"""Whatever a tool's delivery holds, its parser gives what the web edge answers, and nothing else."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC

import pytest
from conftest import NOW, SECRET
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import recorded, shown

from bot.model import Thin
from handlers.sources import Delivery, Ignored, NotJson, Unauthorized, Unmappable, bodies
from handlers.sources.kinds import ASKED, KINDS

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["0", "10", 0, 10, 7.5, {}, []]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Yield the path of every value within a value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from places(part, (*path, name))


def changed(value, path, odd):
    """Return a value with another at a path."""
    if not path:
        return odd
    name, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[name] = changed(value[name], rest, odd)
    return copy


def whole(kind):
    """Return the fullest recorded bodies of a kind that are JSON."""
    bodies_of = [s.values[1]["body"] for s in recorded(kind) if isinstance(s.values[1]["body"], dict | list)]
    return sorted(bodies_of, key=lambda body: -len(json.dumps(body)))[:3]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_values(kind, data):
    """A body with anything in any of its places is read, ignored, or refused by name; a person is never quoted."""
    body = data.draw(st.sampled_from(whole(kind))) if whole(kind) else {}
    for _ in range(data.draw(st.integers(1, 3))):
        body = changed(body, data.draw(st.sampled_from(list(places(body)))), data.draw(anything))
    fields = data.draw(st.sampled_from([{}, {"score": "score", "id": "id"}, {"score": "nps", "submitted_at": "x"}]))
    raw = json.dumps(body).encode("utf-8", "surrogatepass")
    read(kind, Delivery({"content-type": "application/json"}, raw, NOW), fields)


@pytest.mark.parametrize("kind", [kind for kind, tool in KINDS.items() if tool.CONTENT_TYPES])
@settings(max_examples=150, deadline=None)
@given(
    raw=st.binary(max_size=200)
    | st.sampled_from([b"--x\r\n\r\n", b"a[b][c]=1&a[b]=2&a=3", b"MSG={&HMAC=", b"=%ff&&;"]),
    media=st.sampled_from([bodies.URLENCODED, bodies.MULTIPART, f"{bodies.MULTIPART}; boundary=x", "application/json"]),
)
def test_hostile_forms(kind, raw, media):
    """Bytes of any kind under any type are read, ignored, or refused by name."""
    read(kind, Delivery({"content-type": media}, raw, NOW), {})
    read(kind, Delivery({"content-type": media}, b"--x\r\n" + raw + b"\r\n--x--", NOW), {})


def read(kind, delivery, fields):
    """Verify and read a delivery as the web edge does; only what it answers may be raised."""
    with contextlib.suppress(Unauthorized):
        KINDS[kind].verify(delivery, (SECRET,))
    try:
        found = KINDS[kind].parse(delivery, fields)
    except (Unmappable, NotJson) as refused:
        said, found = str(refused), []
    else:
        said = str([each.reason for each in found if isinstance(each, Ignored)])
    assert "@" not in said
    wholesome(found)


@pytest.mark.parametrize("kind", ASKED)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_answers(kind, data):
    """What an API tells may have anything in any of its places too."""
    told = data.draw(st.sampled_from([s.values[1]["told"] for s in recorded(kind) if "told" in s.values[1]]))
    answers = list(told.values())
    for _ in range(data.draw(st.integers(1, 3))):
        answers = changed(answers, data.draw(st.sampled_from([p for p in places(answers) if p])), data.draw(anything))
    answers = bodies.tidy(json.loads(json.dumps(answers).encode("utf-8", "surrogatepass"), parse_constant=str))
    with contextlib.suppress(Unmappable):
        wholesome([ASKED[kind].complete(Thin("1", (), b""), answers, {}, UTC)])


def wholesome(found):
    """Hold responses to what the store takes."""
    for response in (each for each in found if not isinstance(each, Ignored | Thin)):
        assert shown(response)
        assert response.score is None or 0 <= response.score <= 10
        assert json.loads(json.dumps(response.properties)) == response.properties
