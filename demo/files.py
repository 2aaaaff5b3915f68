"""Uploads: an address for the bytes, the bytes, and the message that shows the files."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Any

from aiohttp import web

from demo.chat import from_bot, open_to_bot, parent_ts
from demo.errors import SlackError
from demo.methods import TIER_4, Answer, Args, Method
from demo.stamps import new_id

if TYPE_CHECKING:
    from demo.state import State

ALT_TEXT_MOST = 1000
CHANNELS_MOST = 100

File = dict[str, Any]


class Files:
    """What was uploaded: a file object by id, and its bytes once they have come."""

    def __init__(self) -> None:
        self.known: dict[str, File] = {}
        self.bytes: dict[str, bytes] = {}

    async def receive(self, request: web.Request) -> web.Response:
        """Take the bytes that an address was given out for; their number must be as announced."""
        file_id = request.match_info["file_id"]
        if file_id not in self.known:
            return web.Response(status=404, text="no upload was asked for here")
        parts = await request.post() if request.content_type == "multipart/form-data" else None
        part = next(iter(parts.values())) if parts else None
        data = part.file.read() if isinstance(part, web.FileField) else await request.read()
        if len(data) != self.known[file_id]["size"]:
            return web.Response(status=400, text="the length is not the one announced")
        self.bytes[file_id] = data
        return web.Response(text=f"OK - {len(data)}")

    async def send(self, request: web.Request) -> web.Response:
        """Give a file's bytes."""
        file_id = request.match_info["file_id"]
        if file_id not in self.bytes:
            return web.Response(status=404)
        kind = self.known[file_id]["mimetype"]
        headers = {"Content-Disposition": "attachment"}
        return web.Response(body=self.bytes[file_id], content_type=kind, headers=headers)


def get_upload_url(state: State, args: Args) -> Answer:
    """Give out an address for the bytes of one file."""
    name, size = args.need("filename"), args.number("length", 0, 1 << 30)
    if len(args.text("alt_txt")) > ALT_TEXT_MOST:
        raise SlackError("alt_txt_too_large", f"alt_txt must have at most {ALT_TEXT_MOST} characters")
    file_id = new_id("F")
    state.files.known[file_id] = {
        "id": file_id,
        "name": name,
        "title": name,
        "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "filetype": name.rpartition(".")[2],
        "size": size,
        "user": state.bot.id,
        "alt_txt": args.text("alt_txt"),
        "url_private": f"{state.base_url}/files/{file_id}/{name}",
    }
    return {"file_id": file_id, "upload_url": f"{state.base_url}/upload/{file_id}"}


def complete_upload(state: State, args: Args) -> Answer:
    """Show uploaded files in the channels named, or keep them private."""
    shown = [_uploaded(state, each) for each in args.json("files") or ()]
    if not shown:
        raise SlackError("invalid_arguments", messages=["[ERROR] missing required field: files"])
    names = args.text("channels").split(",") if args.text("channels") else []
    names = [args.text("channel_id")] if args.text("channel_id") else names
    if len(names) > CHANNELS_MOST:
        raise SlackError("channels_limit_exceeded", f"at most {CHANNELS_MOST} channels")
    for name in names:
        channel = open_to_bot(state, name)
        message = from_bot(state) | {"text": args.text("initial_comment"), "files": shown, "upload": True}
        if args.text("thread_ts"):
            message["thread_ts"] = parent_ts(state, channel, args.text("thread_ts"))
        state.store.post(channel.id, message)
    return {"files": shown}


def file_info(state: State, args: Args) -> Answer:
    """Describe one file."""
    found = state.files.known.get(args.need("file"))
    if found is None:
        raise SlackError("file_not_found", f"there is no file {args['file']}")
    return {"file": found}


def _uploaded(state: State, wanted: Any) -> File:
    file_id = wanted.get("id") if isinstance(wanted, dict) else None
    if file_id not in state.files.bytes:
        raise SlackError("file_not_found", f"no bytes have come for the file {file_id}")
    whole = state.files.known[file_id] | {"title": wanted.get("title") or state.files.known[file_id]["title"]}
    state.files.known[file_id] = whole
    return whole


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, TIER_4, "files:write"),
    "files.completeUploadExternal": Method(complete_upload, TIER_4, "files:write"),
    "files.info": Method(file_info, TIER_4, "files:read"),
}
