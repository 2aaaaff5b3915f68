"""Proofs that a delivery is the tool's: a secret that it bears, or a signature made with it; in constant time."""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from handlers.sources import Unauthorized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from handlers.sources import Delivery

    Verify = Callable[[Delivery, Sequence[str]], None]
    Sign = Callable[[Delivery, str], Delivery]

HEADERS = ("x-bot-token", "x-webhook-token", "x-webhook-secret", "x-npsbot-secret")
"""Where people put a secret in tools that let them name a header of their own."""


def by_secret(*headers: str) -> tuple[Verify, Sign]:
    """Return `verify` and `sign` for a tool that bears the secret, in one of its headers or as `bears_secret` says."""

    def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
        require_secret(delivery, secrets, *headers)

    def sign(delivery: Delivery, secret: str) -> Delivery:
        return with_headers(delivery, **{headers[0]: secret}) if headers else with_bearer(delivery, secret)

    return verify, sign


def by_signature(header: str, signature: Callable[[str, bytes], str], *others: str) -> tuple[Verify, Sign]:
    """Return `verify` and `sign` for a tool that signs the body: its header says `signature(secret, body)`.

    A tool sends no signature while none is set up in it; the secret itself will then do, as in `by_secret`.
    """

    def verify(delivery: Delivery, secrets: Sequence[str]) -> None:
        given = delivery.headers.get(header)
        if given is None:
            require_secret(delivery, secrets, *others)
        elif not one_of(given, [signature(secret, delivery.body) for secret in secrets]):
            raise Unauthorized

    def sign(delivery: Delivery, secret: str) -> Delivery:
        return with_headers(delivery, **{header: signature(secret, delivery.body)})

    return verify, sign


def with_headers(delivery: Delivery, **headers: str) -> Delivery:
    """Return a delivery with more headers."""
    return replace(delivery, headers={**delivery.headers, **headers})


def with_bearer(delivery: Delivery, secret: str) -> Delivery:
    """Return a delivery that bears a secret in its Authorization header."""
    return with_headers(delivery, authorization=f"Bearer {secret}")


def require_secret(delivery: Delivery, secrets: Sequence[str], *headers: str) -> None:
    """Raise Unauthorized when the delivery bears none of the secrets."""
    if not bears_secret(delivery, secrets, *headers):
        raise Unauthorized


def bears_secret(delivery: Delivery, secrets: Sequence[str], *headers: str) -> bool:
    """Tell whether one of the secrets came in one of these or the usual headers, or as ?secret= in the address."""
    named = any(one_of(delivery.headers.get(header, ""), secrets) for header in (*headers, *HEADERS))
    return named or bearer(delivery, secrets) or one_of(delivery.query.get("secret", ""), secrets)


def bearer(delivery: Delivery, secrets: Sequence[str]) -> bool:
    """Tell whether the Authorization header bears one of the secrets."""
    scheme, _, token = delivery.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and one_of(token.strip(), secrets)


def one_of(given: str, rights: Iterable[str]) -> bool:
    """Tell whether a text is one of several, each compared in full: the time tells nothing."""
    return sum(equal(given, right) for right in rights) > 0


def equal(one: str, other: str) -> bool:
    """Compare secrets in constant time; texts of any characters."""
    return hmac.compare_digest(one.encode(errors="surrogatepass"), other.encode(errors="surrogatepass"))


def hex_hmac(secret: str, content: bytes, digest: str) -> str:
    """Return an HMAC in lower-case hexadecimals."""
    return hmac.digest(secret.encode(), content, digest).hex()


def base64_hmac(secret: str, content: bytes, digest: str) -> str:
    """Return an HMAC in base 64."""
    return base64.b64encode(hmac.digest(secret.encode(), content, digest)).decode()
