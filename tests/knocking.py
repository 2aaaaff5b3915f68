"""What is sent to the bot's HTTP server, byte by byte where no honest client would, and what is stored then."""

from __future__ import annotations

import asyncio
import json

from conftest import SECRET

BEARER = {"Authorization": f"Bearer {SECRET}"}
JSON = {"Content-Type": "application/json"}
HEAD = (
    b"POST /webhooks/json HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + SECRET.encode() + b"\r\n"
)
FULL = {
    "id": "r-1001",
    "survey": "relationship",
    "touchpoint": "onboarding",
    "score": 3,
    "comment": "Leveransen kom två veckor för sent",
    "submitted_at": "2026-11-20T08:15:00Z",
    "respondent": {
        "id": "c-17",
        "name": "Anna Berg",
        "email": "anna@nordlys.example",
        "phone": "+46 70 174 06 05",
        "company": "Nordlys AB",
        "language": "sv",
    },
    "link": "https://crm.example/c-17",
    "properties": {"plan": "pro"},
}


async def send(running, body, headers=None, *, path="/webhooks/json", method="POST"):
    """Send raw bytes; return status, headers and JSON of the answer."""
    headers = {**BEARER, **JSON} if headers is None else headers
    async with running.http.request(method, running.url + path, data=body, headers=headers) as answer:
        text = await answer.text()
        return answer.status, answer.headers, json.loads(text) if text else None


async def raw(running, request: bytes) -> bytes:
    """Send bytes that no honest client would, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.bot.port)
    writer.write(request)
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


async def rows(running, sql="select * from responses order by id"):
    """Return what is in the store."""
    return await running.bot.store.read(lambda db: db.rows(sql))
