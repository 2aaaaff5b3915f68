"""The HTTP edge: webhooks of survey tools, what Slack sends, health and metrics."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from yarl import URL

from bot import intake, metrics
from bot.model import Thin
from handlers import owners
from handlers.reading import STUMBLES, read_delivery
from handlers.sources import Delivery, Ignored, NotJson, Unauthorized, Unmappable
from handlers.sources.kinds import KINDS
from storage import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncApp

    from bot.config import SourceSettings
    from handlers.desk import Desk

log = structlog.get_logger("web")

LARGEST_BODY = 256 * 1024
LARGEST_SLACK_BODY = 1024 * 1024
BODY_WITHIN = 10.0
SIGNED_WITHIN = 300
"""Seconds for which a signature of Slack's holds, before and after."""
WAITING_MOST = 5_000
"""Deliveries that wait for the disk before the next is asked to come back later."""
RETRY_AFTER = {"Retry-After": "5"}


def application(desk: Desk, bolt: AsyncApp | None, ready: Callable[[], Awaitable[str | None]]) -> web.Application:
    """Return the routes; `ready` says why the bot cannot work just now, None when it can."""
    app = web.Application(client_max_size=LARGEST_SLACK_BODY)

    async def webhook(request: web.Request) -> web.Response:
        name = request.match_info["source"]
        source = desk.settings.sources.get(name)
        if source is None:
            response = answer(404, error=f"there is no source called {name[:64]}")
            name = "unknown"
        elif request.method in {"GET", "HEAD"}:
            return answer(200, status="ready")
        else:
            response = await deliver(desk, source, request)
            desk.traffic.count(name, response.outcome, datetime.now(UTC), response.reason)
        desk.metrics.deliveries.labels(name, response.outcome).inc()
        return response

    async def slack_events(request: web.Request) -> web.StreamResponse:
        if bolt is None:
            return answer(404, error="this bot listens to Slack over Socket Mode")
        return await from_slack(desk, bolt, request)

    async def healthz(_request: web.Request) -> web.Response:
        return answer(200, status="ok")

    async def readyz(_request: web.Request) -> web.Response:
        reason = await ready()
        return answer(200, status="ready") if reason is None else answer(503, status="not ready", reason=reason)

    async def metrics_page(_request: web.Request) -> web.Response:
        page = desk.metrics.text(await desk.store.read(metrics.figures))
        return web.Response(body=page, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app.router.add_route("POST", "/webhooks/{source}", webhook)
    app.router.add_route("GET", "/webhooks/{source}", webhook)
    app.router.add_route("HEAD", "/webhooks/{source}", webhook)
    app.router.add_post("/slack/events", slack_events)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics_page)
    return app


class Answer(web.Response):
    """A JSON answer; `outcome` is its word in the metrics, `reason` says why it was not taken."""

    outcome: str = ""
    reason: str = ""


def answer(code: int, *, retry: bool = False, **body: Any) -> Answer:
    """Return a JSON answer; it never repeats a secret or what a person wrote."""
    headers = RETRY_AFTER if retry else None
    response = Answer(text=json.dumps(body), status=code, content_type="application/json", headers=headers)
    response.outcome = str(body.get("status", code))
    response.reason = str(body.get("reason") or body.get("error") or "")
    return response


async def deliver(desk: Desk, source: SourceSettings, request: web.Request) -> Answer:
    """Take one delivery: authentic, read, and on disk before it is answered."""
    if reason := not_taken(source, request):
        return answer(415, error=reason)
    if desk.store.waiting() > WAITING_MOST:
        return answer(429, retry=True, error="too many deliveries wait; try again in a few seconds")
    try:
        body = await read_body(request, LARGEST_BODY)
    except BodyRefused as refused:
        return answer(refused.status, error=str(refused))
    delivery = Delivery(
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        now=datetime.now(UTC),
        query=dict(request.query),
        method=request.method,
        url=public_url(desk.settings.public_url, request),
        zone=desk.settings.zone_of(source.name),
    )
    if not authentic(source, delivery):
        return answer(401, error="the signature or secret is missing, wrong or too old")
    try:
        return await take(desk, source, delivery)
    except Unavailable as fault:
        log.warning("delivery_not_stored", source=source.name, reason=str(fault))
        return answer(503, retry=True, error="it could not be stored just now; try again in a few seconds")


def not_taken(source: SourceSettings, request: web.Request) -> str | None:
    """Return why a body of this type is not read; None when it is of a type that the tool sends."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return "a content encoding is not taken; send the body as it is"
    taken = ("application/json", *KINDS[source.kind].CONTENT_TYPES)
    if request.content_type in taken or request.content_type.endswith("+json"):
        return None
    return f"send {' or '.join(taken)}"


def authentic(source: SourceSettings, delivery: Delivery) -> bool:
    """Tell whether a delivery is the tool's own; whatever a verifier stumbles over is not."""
    try:
        KINDS[source.kind].verify(delivery, source.secrets)
    except Unauthorized:
        reason = "unauthorized"
    except STUMBLES as error:
        reason = type(error).__name__
    else:
        return True
    log.info("delivery_refused", source=source.name, reason=reason)
    return False


async def take(desk: Desk, source: SourceSettings, delivery: Delivery) -> Answer:
    """Read an authentic delivery and store what it says."""
    strict = source.kind == "json"
    try:
        found = read_delivery(source, delivery)
    except NotJson:
        return answer(400, error="the body is not JSON")
    except Unmappable as fault:
        log.info("delivery_not_mapped", source=source.name, field=fault.field)
        if strict:
            return answer(422, error=str(fault), field=fault.field)
        kept = {name: text for name, text in delivery.headers.items() if not any(s in text for s in source.secrets)}
        await desk.store.run(intake.set_aside, source.name, kept, delivery.body, str(fault), delivery.now)
        response = answer(202, status="quarantined")
        response.reason = str(fault)
        return response
    ignored = [each.reason for each in found if isinstance(each, Ignored)]
    for reason in ignored:
        log.info("delivery_ignored", source=source.name, reason=reason)
    told = [each for each in found if not isinstance(each, Ignored)]
    if not told:
        return answer(200, status="ignored", reason=next(iter(ignored), "nothing is in it"))
    receipts = await desk.take_in(intake.Arrival(source.name, told, delivery.now))
    receipt = min(receipts, key=lambda receipt: list(intake.Status).index(receipt.status))
    if any(isinstance(each, Thin) for each in told):
        desk.fetching.wake()
    if desk.settings.routes:
        desk.errand(owners.settle(desk, [each.response_id for each in receipts if each.response_id]))
    code = 202 if receipt.status is intake.Status.ACCEPTED else 200
    if receipt.response_id is None:
        return answer(code, status=receipt.status)
    return answer(code, status=receipt.status, response_id=receipt.response_id)


class BodyRefused(Exception):  # noqa: N818  # an answer, not a fault
    """A body that is too large or does not come."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(request: web.Request, most: int) -> bytes:
    """Return the body when it is whole within ten seconds and not too large."""
    too_large = BodyRefused(413, f"the body is larger than {most // 1024} KiB")
    if (request.content_length or 0) > most:
        raise too_large
    try:
        if request.content.is_eof():  # most are whole already
            body = await request.read()
        else:
            async with asyncio.timeout(BODY_WITHIN):
                body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise too_large from None
    except TimeoutError:
        raise BodyRefused(408, "the body did not come within ten seconds") from None
    if len(body) > most:
        raise too_large
    return body


def public_url(configured: str | None, request: web.Request) -> str:
    """Return the address that the sender used, as some tools sign it."""
    if configured:
        return configured.rstrip("/") + request.raw_path
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    host = request.headers.get("X-Forwarded-Host", request.host)
    return f"{scheme}://{host}{request.raw_path}"


async def from_slack(desk: Desk, bolt: AsyncApp, request: web.Request) -> web.StreamResponse:
    """Check Slack's signature over the raw body, then let Bolt route it."""
    try:
        body = await read_body(request, LARGEST_SLACK_BODY)
    except BodyRefused as refused:
        return answer(refused.status, error=str(refused))
    if not signed_by_slack(desk.settings.signing_secret or "", request.headers, body):
        log.warning("slack_signature_refused")
        return answer(401, error="the signature is missing, wrong or too old")
    try:
        bolt_request = AsyncBoltRequest(body=read_form(body.decode()), mode="socket_mode")  # verified and read already
        response = await bolt.async_dispatch(bolt_request)
    except STUMBLES as error:
        log.warning("slack_request_not_read", error=type(error).__name__)
        return answer(400, error="the body cannot be read")
    return await to_aiohttp_response(response)


def read_form(body: str) -> dict[str, Any]:
    """Return what Slack sends, however it came; ValueError or TypeError for what is neither a form nor an object.

    Bolt takes every form that has the word payload in it for one that holds JSON, also a command with that word.
    yarl reads a form in a third of the time that urllib takes, which is milliseconds for a large modal; this call of
    its keeps nothing of what it reads.
    """
    found: Any = None
    if not body.startswith("{"):
        form = dict(URL().update_query(body).query)
        found, body = form, form.get("payload", "")
    if body:
        found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("no JSON object")
    return found


def signed_by_slack(secret: str, headers: Any, body: bytes) -> bool:
    """Tell whether Slack signed this body within the last five minutes."""
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    if not re.fullmatch(r"\d{10}", stamp, re.ASCII) or not re.fullmatch(r"v0=[0-9a-f]{64}", signature, re.ASCII):
        return False
    if abs(time() - int(stamp)) > SIGNED_WITHIN:
        return False
    right = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={right}", signature)
