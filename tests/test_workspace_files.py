"""Uploads in the stand-in for Slack."""

from __future__ import annotations

import aiohttp
import pytest
from bolt_app import client_of, post
from slack_sdk.errors import SlackApiError


@pytest.fixture
def client(workspace):
    workspace.scopes |= {"files:write", "files:read"}
    return client_of(workspace)


async def test_files_are_uploaded_in_three_steps(workspace, client):
    """An uploaded file shows in its thread with its comment, and can be read again."""
    parent = await post(client)
    answer = await client.files_upload_v2(
        channel="C0NPS", filename="scores.csv", content="week,nps\n13,42", initial_comment="Here", thread_ts=parent
    )
    (shown,) = workspace.messages("nps", parent)
    assert (shown["text"], shown["files"][0]["mimetype"]) == ("Here", "text/csv")
    assert (await client.files_info(file=answer["files"][0]["id"]))["file"]["size"] == 14
    async with aiohttp.ClientSession() as http, http.get(shown["files"][0]["url_private"]) as read:
        assert await read.text() == "week,nps\n13,42"


async def test_a_file_without_a_channel_stays_private(workspace, client):
    """A file that is shown in no channel is known to the app alone."""
    answer = await client.files_upload_v2(filename="scores.csv", content="42", alt_txt="The scores")
    assert answer["files"][0]["alt_txt"] == "The scores"
    assert workspace.messages("nps") == []


async def test_bytes_must_be_announced_and_come(workspace, client):
    """Bytes that nobody asked to send, or of another length, are refused; without bytes there is no file."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.files_getUploadURLExternal(filename="x.csv", length=0)
    with pytest.raises(SlackApiError, match="alt_txt_too_large"):
        await client.files_getUploadURLExternal(filename="x.csv", length=3, alt_txt="x" * 1001)
    asked = await client.files_getUploadURLExternal(filename="x.csv", length=3)
    async with aiohttp.ClientSession() as http:
        statuses = []
        for address in (asked["upload_url"], f"{workspace.base_url}/upload/F0NOBODY"):
            async with http.post(address, data=b"four") as answer:
                statuses.append(answer.status)
        async with http.get(f"{workspace.base_url}/files/{asked['file_id']}/x.csv") as answer:
            statuses.append(answer.status)
        assert statuses == [400, 404, 404]
        for files, error in (([{"id": asked["file_id"]}], "file_not_found"), ([], "invalid_arguments")):
            with pytest.raises(SlackApiError, match=error):
                await client.files_completeUploadExternal(files=files, channel_id="C0NPS")
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_info(file="F0NOBODY")
        form = aiohttp.FormData()
        form.add_field("file", b"abc", filename="x.csv")
        async with http.post(asked["upload_url"], data=form) as answer:
            assert answer.status == 200
    many = ",".join(["C0NPS"] * 101)
    with pytest.raises(SlackApiError, match="channels_limit_exceeded"):
        await client.files_completeUploadExternal(files=[{"id": asked["file_id"]}], channels=many)
