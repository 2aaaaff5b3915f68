"""No other delivery passes for a tool's: secrets, signatures as others' code makes them, and their age."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from conftest import NOW, SECRET
from recorded import HUBSPOT, VECTORS, delivery_of, kind_of, recorded, signed, vectors

from handlers.sources import Delivery, Unauthorized, proofs
from handlers.sources.kinds import KINDS


@pytest.mark.parametrize(("kind", "sample"), recorded())
def test_secrets_are_needed(kind, sample):
    """A delivery whose secret or signature is another's is refused, and so is one with none."""
    delivery = delivery_of(sample)
    with pytest.raises(Unauthorized):
        KINDS[kind].verify(delivery, ("another secret", SECRET + "x"))
    if kind != "limesurvey" and "secret" not in sample:
        bare = {name: value for name, value in delivery.headers.items() if name == "content-type"}
        with pytest.raises(Unauthorized):
            KINDS[kind].verify(replace(delivery, headers=bare, query={}), (SECRET,))


@pytest.mark.parametrize("vector", vectors())
def test_published_signatures(vector):
    """What others' code has signed is authentic, with the old and the new secret alive."""
    tool = KINDS[kind_of(vector)]
    tool.verify(signed(vector), (vector["secret"],))
    tool.verify(signed(vector), ("whsec_bmV3", vector["secret"]))
    for secrets in ((), ("",), ("another secret",), (vector["secret"] + "x",)):
        with pytest.raises(Unauthorized):
            tool.verify(signed(vector), secrets)


@pytest.mark.parametrize("vector", vectors())
def test_tampered_deliveries(vector):
    """A signature is of its very body: one more space, one other figure, and it is none."""
    tool, body = KINDS[kind_of(vector)], vector["raw_body"]
    changed = [body.replace("1", "2", 1), body[:-1], body[1:]]
    if kind_of(vector) == "qualtrics":
        changed = [
            body.replace("Complete", "complete"),
            body.replace("HMAC=8", "HMAC=9"),
            body.replace("MSG", "MESSAGE"),
        ]
    else:
        changed += [body + "\n", "", "\ufeff" + body]
    for other in changed:
        assert other != body
        with pytest.raises(Unauthorized):
            tool.verify(signed(vector, body=other.encode()), (vector["secret"],))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("secret", [SECRET, "whsec_c3RhbmRhcmQtd2ViaG9va3MtdGVzdC1rZXktMDAwMDAx"])
def test_our_own_signatures(kind, secret):
    """What `sign` proves with one secret is authentic by it and by no other; a tool that signs bears no secret."""
    bare = Delivery(
        {"content-type": "application/json"}, b'{"score": 9}', NOW, url="https://bot.example.com/webhooks/x"
    )
    delivery = KINDS[kind].sign(bare, secret)
    KINDS[kind].verify(delivery, ("old", secret))
    for secrets in (("old",), (f"{secret}x",)):
        with pytest.raises(Unauthorized):
            KINDS[kind].verify(delivery, secrets)
    borne = any(secret in value for value in delivery.headers.values()) or secret.encode() in delivery.body
    standard = kind in ("json", "formbricks") and secret.startswith("whsec_")
    assert borne is not (standard or kind in SIGNING)


SIGNING = {"typeform", "surveymonkey", "hubspot", "tally", "delighted", "survicate", "wootric", "customerio"}
BESIDE_THE_PROOF = {
    "content-type",
    "user-agent",
    "sm-apikey",
    "token",
    "x-hubspot-signature",
    "x-hubspot-signature-version",
}


@pytest.mark.parametrize("odd", ["", " ", "sha256=", "v1,", "v1", "å\udc80", "0" * 128, "\x00", "v1,é", ",,,"])
@pytest.mark.parametrize("vector", vectors())
def test_hostile_headers(vector, odd):
    """Whatever stands where a signature or a time should be is no signature, and no fault."""
    delivery = signed(vector)
    for name in delivery.headers.keys() - BESIDE_THE_PROOF:
        with pytest.raises(Unauthorized):
            KINDS[kind_of(vector)].verify(
                replace(delivery, headers={**delivery.headers, name: odd}), (vector["secret"],)
            )


@pytest.mark.parametrize("vector", [v for v in vectors() if kind_of(v.values[0]) in ("formbricks", "json", "hubspot")])
def test_old_signatures(vector):
    """Where the time is signed too, a delivery is good for five minutes, before and after."""
    tool, delivery = KINDS[kind_of(vector)], signed(vector)
    for seconds in (-290, 290):
        tool.verify(replace(delivery, now=delivery.now + timedelta(seconds=seconds)), (vector["secret"],))
    for seconds in (-310, 310, 86_400):
        with pytest.raises(Unauthorized):
            tool.verify(replace(delivery, now=delivery.now + timedelta(seconds=seconds)), (vector["secret"],))


def without(delivery, *names):
    """Return a delivery without some headers."""
    return replace(delivery, headers={name: value for name, value in delivery.headers.items() if name not in names})


def test_hubspot_signs_the_address():
    """All three of its signatures count, the newest first, and those over the address only at that address."""
    tool, secrets = KINDS["hubspot"], (HUBSPOT["secret"],)
    whole = signed(HUBSPOT)
    second = without(whole, "x-hubspot-signature-v3")
    tool.verify(second, secrets)
    for delivery in (whole, second):
        for change in ({"url": "https://other.example/webhooks/hubspot"}, {"method": "PUT"}):
            with pytest.raises(Unauthorized):
                tool.verify(replace(delivery, **change), secrets)
    stale = replace(whole, now=whole.now + timedelta(days=1))
    with pytest.raises(Unauthorized):
        tool.verify(stale, secrets)
    first = proofs_of_version_1(whole)
    tool.verify(first, secrets)
    with pytest.raises(Unauthorized):
        tool.verify(replace(first, body=b"{}"), secrets)


def proofs_of_version_1(delivery):
    """Return a delivery signed as HubSpot signs events of private apps."""
    signature = sha256(HUBSPOT["secret"].encode() + delivery.body).hexdigest()
    return replace(delivery, headers={"x-hubspot-signature": signature, "x-hubspot-signature-version": "v1"})


@pytest.mark.parametrize("over", ["?to=%40nps&x=a%2Fb%20c", "?to=@nps&x=a/b%20c"])
def test_hubspot_undoes_some_escapes(over):
    """A signature over the address is right with twelve escapes undone, as documented, or with none, as its SDKs do."""
    whole, secret = signed(HUBSPOT), HUBSPOT["secret"]
    stamp = whole.headers["x-hubspot-request-timestamp"].encode()
    content = f"POST{whole.url}{over}".encode() + whole.body + stamp
    headers = {**whole.headers, "x-hubspot-signature-v3": proofs.base64_hmac(secret, content, "sha256")}
    delivery = replace(whole, headers=headers, url=f"{whole.url}?to=%40nps&x=a%2Fb%20c")
    KINDS["hubspot"].verify(delivery, (secret,))
    with pytest.raises(Unauthorized):
        KINDS["hubspot"].verify(replace(delivery, url=f"{whole.url}?to=%40nps&x=a%2Fb+c"), (secret,))


def test_customerio_signs_the_time():
    """Its signature covers version, time and body; a week is not too old, as it retries for a week."""
    body, stamp = b'{"score": 9}', str(int(NOW.timestamp()))
    signature = proofs.hex_hmac(SECRET, f"v0:{stamp}:".encode() + body, "sha256")
    delivery = Delivery({"x-cio-signature": signature, "x-cio-timestamp": stamp}, body, NOW)
    verify = KINDS["customerio"].verify
    verify(delivery, ("old", SECRET))
    verify(replace(delivery, now=NOW + timedelta(days=7)), (SECRET,))
    for change in (
        {"body": b'{"score": 0}'},
        {"now": NOW + timedelta(days=9)},
        {"headers": {**delivery.headers, "x-cio-timestamp": str(int(stamp) + 1)}},
        {"headers": {"x-cio-signature": signature}},
    ):
        with pytest.raises(Unauthorized):
            verify(replace(delivery, **change), (SECRET,))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "json"])
@pytest.mark.parametrize("way", ["bearer", "query", "header"])
def test_a_secret_where_there_is_no_signature(kind, way):
    """Every tool may bear its secret as a token, in the address or in a header of one's own, while it signs nothing."""
    headers = {"bearer": {"authorization": f"bearer {SECRET}"}, "header": {"x-bot-token": SECRET}}.get(way, {})
    delivery = Delivery(headers, b"{}", NOW, query={"secret": SECRET} if way == "query" else {})
    KINDS[kind].verify(delivery, ("other", SECRET))
    with pytest.raises(Unauthorized):
        KINDS[kind].verify(delivery, ("other",))


def test_a_signature_that_is_wrong_is_not_mended_by_a_secret():
    """Who signs must sign right, whatever else the delivery bears."""
    for vector in VECTORS:
        delivery = signed(vector, query={"secret": vector["secret"]}, body=b"HMAC=0&MSG={}")
        with pytest.raises(Unauthorized):
            KINDS[kind_of(vector)].verify(delivery, (vector["secret"],))
