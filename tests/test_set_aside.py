"""Deliveries that could not be mapped are kept whole, and taken in once they can be."""

from __future__ import annotations

from conftest import NOW, a_response

from bot.intake import set_aside, take_again
from storage import failures, quarantine, responses


def test_a_delivery_set_aside_is_kept_whole(db):
    """What could not be mapped is kept with body, headers and reason, but for headers that bear a secret."""
    headers = {"content-type": "application/json", "authorization": "Bearer hush"}
    set_aside(db, "shop", headers, b'{"a":\xff', "no score", NOW)
    (kept,) = quarantine.listing(db)
    assert (kept["source"], kept["body"], kept["reason"]) == ("shop", b'{"a":\xff', "no score")
    assert kept["headers"] == {"content-type": "application/json"}
    assert kept["received_at"] == NOW


def test_what_was_set_aside_is_taken_again(db, settings):
    """Once it can be read, a kept delivery is taken in and let go; one that still cannot be stays, with the reason."""
    kept = [set_aside(db, "json", {}, body, "no score", NOW) for body in (b"good", b"bad", b"other")]

    def read(_settings, delivery):
        return [a_response()] if delivery.body == b"good" else f"no score in {delivery.body.decode()}"

    assert take_again(db, settings, kept[:2], NOW, read) == (1, 1)
    stays = [(row["body"], row["reason"]) for row in quarantine.listing(db)]
    assert stays == [(b"bad", "no score in bad"), (b"other", "no score")]
    assert responses.by_source(db, "json", a_response().id) is not None
    assert [row["kind"] for row in failures.listing(db)] == ["card"]
    assert take_again(db, settings, [], NOW, read) == (0, 2)
