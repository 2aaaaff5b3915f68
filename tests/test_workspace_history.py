"""Messages of the stand-in for Slack: history, threads, pages, metadata, changes and what is deleted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from bolt_app import client_of, post
from slack_sdk.errors import SlackApiError

METADATA = {"event_type": "nps_response", "event_payload": {"response_id": "r-1"}}
DIVIDER = {"type": "divider"}


@pytest.fixture
def client(workspace):
    workspace.rates.on = False
    return client_of(workspace)


def texts(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


async def test_history_is_newest_first_and_without_threads(client):
    """Timestamps rise; history lists no replies, replies list the parent first and then the rest in order."""
    stamps = [await post(client, f"Card {number}") for number in range(3)]
    await post(client, "Called her", thread_ts=stamps[1])
    await post(client, "All is well", thread_ts=stamps[1])
    assert stamps == sorted(set(stamps))
    history = await client.conversations_history(channel="C0NPS")
    assert texts(history) == ["Card 2", "Card 1", "Card 0"]
    assert (history["has_more"], history["messages"][1]["reply_count"]) == (False, 2)
    thread = await client.conversations_replies(channel="C0NPS", ts=stamps[1])
    assert texts(thread) == ["Card 1", "Called her", "All is well"]
    alone = await client.conversations_replies(channel="C0NPS", ts=thread["messages"][2]["ts"])
    assert texts(alone) == ["All is well"]


@pytest.mark.parametrize(
    ("inclusive", "expected"), [(False, ["Card 3", "Card 2"]), (True, ["Card 4", "Card 3", "Card 2", "Card 1"])]
)
async def test_history_keeps_to_the_time_asked_for(client, inclusive, expected):
    """The bounds themselves belong to it only when asked for; a ts may come with fewer digits."""
    stamps = [await post(client, f"Card {number}") for number in range(6)]
    found = await client.conversations_history(
        channel="C0NPS", oldest=stamps[1], latest=stamps[4].rstrip("0"), inclusive=inclusive
    )
    assert texts(found) == expected
    assert texts(await client.conversations_history(channel="C0NPS", oldest=str(int(time.time()) + 60))) == []


async def test_pages_follow_each_other_to_the_end(client):
    """A cursor leads to the next page, of history and of a thread, and nothing is missing or doubled."""
    parent = await post(client, "Parent")
    for number in range(5):
        await post(client, f"Card {number}")
        await post(client, f"Reply {number}", thread_ts=parent)
    first = await client.conversations_history(channel="C0NPS", limit=2, inclusive=True, oldest=parent)
    read = [text async for page in first for text in texts(page)]
    assert read == [*(f"Card {number}" for number in (4, 3, 2, 1, 0)), "Parent"]
    first = await client.conversations_replies(channel="C0NPS", ts=parent, limit=2)
    read = [text async for page in first for text in texts(page)]
    assert read == ["Parent", *(f"Reply {number}" for number in range(5))]


async def test_metadata_is_given_only_when_asked_for(client):
    """History shows metadata with include_all_metadata; an update keeps it, {} removes it."""
    ts = await post(client, metadata=METADATA)
    plain = await client.conversations_history(channel="C0NPS")
    assert "metadata" not in plain["messages"][0]
    await client.chat_update(channel="C0NPS", ts=ts, text="Changed")
    whole = await client.conversations_history(channel="C0NPS", include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == METADATA
    await client.chat_update(channel="C0NPS", ts=ts, text="Changed", metadata={})
    whole = await client.conversations_history(channel="C0NPS", include_all_metadata=True)
    assert "metadata" not in whole["messages"][0]


async def test_an_update_without_blocks_removes_them(client, workspace):
    """Text alone takes the blocks away; who holds the message as it was, keeps it."""
    ts = await post(client, blocks=[DIVIDER])
    before = workspace.messages("nps")[0]
    await client.chat_update(channel="C0NPS", ts=ts, text="Changed")
    after = workspace.messages("nps")[0]
    assert "blocks" not in after
    assert before["blocks"][0]["type"] == "divider"
    assert (after["edited"]["user"], after["ts"]) == ("U0NPSBOT00", ts)


async def test_a_deleted_parent_leaves_a_tombstone(client, workspace):
    """A message without replies goes; one with replies stays as a tombstone, and takes further replies."""
    alone, parent = await post(client, "Alone"), await post(client, "Parent")
    reply = await post(client, "Reply", thread_ts=parent)
    await client.chat_delete(channel="C0NPS", ts=parent)
    workspace.delete("nps", alone)
    with pytest.raises(SlackApiError, match="message_not_found"):
        await client.chat_update(channel="C0NPS", ts=alone, text="Changed")
    assert [message["subtype"] for message in workspace.messages("nps")] == ["tombstone"]
    await post(client, "Another", thread_ts=parent)
    await client.chat_delete(channel="C0NPS", ts=reply)
    assert [message["text"] for message in workspace.messages("nps", parent)] == ["Another"]
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await post(client, thread_ts=alone)


async def test_what_one_person_is_shown_stays_in_its_thread(client, workspace):
    """An ephemeral message may belong to a thread, and is in nobody's history."""
    parent = await post(client)
    await client.chat_postEphemeral(channel="C0NPS", user="U0MIKKO", text="Psst", thread_ts=parent)
    assert workspace.ephemerals("mikko")[0]["thread_ts"] == parent
    assert texts(await client.conversations_replies(channel="C0NPS", ts=parent)) == ["Words"]


async def test_a_reply_may_be_told_to_the_channel_too(workspace, client):
    """A broadcast reply stands in the thread and in the channel, in history too; deleted, it is gone from both."""
    parent = await post(client)
    reply = await post(client, "Solved", thread_ts=parent, reply_broadcast=True)
    assert [message["text"] for message in workspace.messages("nps")] == ["Words", "Solved"]
    assert [message["text"] for message in workspace.messages("nps", parent)] == ["Solved"]
    await client.chat_delete(channel="C0NPS", ts=reply)
    assert (len(workspace.messages("nps")), workspace.messages("nps", parent)) == (1, [])
