"""What a visitor of the demo's page sees, in a real browser against a real workspace."""

from __future__ import annotations

import aiohttp
import pytest
from browser import browser, visit
from desk import button, desk, row, words
from playwright.async_api import expect

from demo.page import SOCKETS

__all__ = ["browser", "desk"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

HOSTILE = '<img src=x onerror="document.title=1"> *bold* <@U0MIKKO> &lt;b&gt; :tada: https://evil.example'


async def test_a_message_appears_without_reloading(browser, desk):
    """What the app posts, changes and deletes is seen at once."""
    async with visit(browser, desk.address) as tab:
        await expect(tab.locator("h1")).to_contain_text("general")
        ts = await desk.post("Detractor 3, Anna Berg")
        await expect(tab.locator("[data-place=C0NPS] .unread")).to_contain_text("1")
        await tab.click("[data-place=C0NPS]")
        await expect(tab.get_by_role("log").get_by_text("Detractor 3, Anna Berg")).to_be_visible()
        await desk.client.chat_update(channel="C0NPS", ts=ts, text="Passive 7, Anna Berg")
        await expect(tab.get_by_text("Passive 7, Anna Berg")).to_be_visible()
        await desk.client.chat_delete(channel="C0NPS", ts=ts)
        await expect(tab.get_by_text("Passive 7, Anna Berg")).to_have_count(0)


async def test_a_customers_words_stay_words(browser, desk):
    """Markup, mentions, emoji and addresses in plain and rich text are shown as they were written."""
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": HOSTILE}]}
    blocks = [{"type": "rich_text", "elements": [quote]}, {"type": "section", "text": words(HOSTILE[:80])}]
    await desk.post("card", blocks=blocks)
    async with visit(browser, f"{desk.address}/?user=freja") as tab:
        shown = tab.get_by_role("log").locator("blockquote")
        await expect(shown).to_have_text(HOSTILE)
        assert await tab.get_by_role("log").locator("img, .mention, strong, a").count() == 0


async def test_mrkdwn_is_read_as_slack_reads_it(browser, desk):
    """Marks, links, mentions, quotes, code and dates become elements; dates in the reader's own zone."""
    text = (
        "*bold* _it_ ~gone~ `a*b*c` <https://a.example|link> <@U0MIKKO> <#C0NPS> 2*3*4 &lt;i&gt; :tada:"
        " <!date^1764576000^{date_num} {time}|then>\n&gt; quoted"
    )
    await desk.post(text)
    async with visit(browser, f"{desk.address}/?user=freja", timezone_id="Asia/Tokyo") as tab:
        shown = tab.get_by_role("log").locator(".message-text")
        await expect(shown).to_contain_text("bold it gone a*b*c link @Mikko Lehtonen #nps 2*3*4 <i> 🎉 2025-12-01 5:00")
        marks = {tag: await shown.locator(tag).inner_text() for tag in ("strong", "em", "s", "code", "a")}
        assert marks == {"strong": "bold", "em": "it", "s": "gone", "code": "a*b*c", "a": "link"}
        await expect(shown.locator("blockquote")).to_have_text("quoted")


async def test_who_reads_above_is_left_there(browser, desk):
    """A new message moves only a reader who is at the end; the others get a pill that takes them there."""
    for number in range(70):
        await desk.post(f"Message {number}")
    async with visit(browser, f"{desk.address}/?user=ingrid") as tab:
        scroller = tab.locator(".room .scroller")
        await expect(tab.get_by_text("Message 69", exact=True)).to_be_in_viewport()
        await expect(tab.get_by_text("Message 9", exact=True)).to_have_count(0)
        await scroller.evaluate("each => new Promise(done => { each.onscrollend = done; each.scrollTo(0, 200); })")
        await desk.post("The newest")
        pill = tab.get_by_role("button", name="1 new message")
        await expect(pill).to_be_visible()
        assert await scroller.evaluate("each => each.scrollTop") == 200
        await pill.click()
        await expect(tab.get_by_text("The newest", exact=True)).to_be_in_viewport()
        await expect(pill).to_be_hidden()
        await desk.post("One more")
        await expect(tab.get_by_text("One more")).to_be_in_viewport()
        begins = tab.locator(".intro").first
        await expect(begins).to_be_hidden()
        await tab.get_by_role("button", name="Show earlier messages").click()
        await expect(tab.get_by_text("Message 9", exact=True)).to_have_count(1)
        await expect(begins).to_be_visible()


async def test_a_thread_stands_beside_the_channel(browser, desk):
    """Replies are read and written at the side, live, and counted under the message."""
    ts = await desk.post("A card")
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await tab.get_by_role("article").hover()
        await tab.get_by_role("button", name="Reply in thread").click()
        thread = tab.get_by_role("region", name="Thread", exact=True)
        await desk.post("Ingrid reached her", thread_ts=ts)
        await expect(thread.get_by_text("Ingrid reached her")).to_be_visible()
        await thread.get_by_role("textbox", name="Reply").fill("Well done, @Ingrid Solberg <3")
        await tab.keyboard.press("Enter")
        await expect(thread.locator(".mention")).to_have_text("@Ingrid Solberg")
        await expect(tab.locator(".room .replies")).to_contain_text("2 replies")
        assert desk.workspace.messages("nps", ts)[-1]["text"] == "Well done, <@U0INGRID> &lt;3"
        await tab.keyboard.press("Escape")
        await expect(thread).to_be_hidden()


async def test_everybody_sees_what_is_theirs(browser, desk):
    """Being somebody else shows their channels: a guest's are those they are in; the text begun stays."""
    await desk.post("A card")
    async with visit(browser, f"{desk.address}/?user=ingrid") as tab:
        await expect(tab.locator("[data-place=C0NPSLEADERS]")).to_be_visible()
        await tab.get_by_role("button", name="You are Ingrid Solberg").click()
        await tab.get_by_role("menuitemradio", name="Petra Nováková").click()
        await expect(tab.get_by_role("button", name="You are Petra Nováková")).to_be_visible()
        await expect(tab.locator("nav [data-place^=C]")).to_have_text(["#nps"])
        await tab.reload()
        await expect(tab.get_by_role("button", name="You are Petra Nováková")).to_be_visible()


async def test_a_lost_connection_comes_back(browser, desk):
    """After a cut the page connects again by itself and catches up; what was being typed is still there."""
    await desk.post("Before")
    async with visit(browser, f"{desk.address}/?user=ingrid") as tab:
        await tab.get_by_role("textbox", name="Message").fill("half typed")
        for socket in [*desk.served[SOCKETS]]:
            await socket.close()
        await desk.post("Meanwhile")
        await expect(tab.get_by_text("Meanwhile")).to_be_visible()
        await expect(tab.get_by_text("Connection lost")).to_be_hidden()
        await expect(tab.get_by_role("textbox", name="Message")).to_have_value("half typed")


async def test_a_phone_shows_one_thing_at_a_time(browser, desk):
    """On a narrow screen channels are in a drawer, a thread covers the channel, and nothing sticks out."""
    await desk.post("A card")
    async with visit(browser, desk.address, viewport={"width": 375, "height": 700}, has_touch=True) as tab:
        await tab.get_by_role("button", name="Channels and settings").click()
        await tab.locator("[data-place=C0NPS]").click()
        await expect(tab.locator(".sidebar")).not_to_be_in_viewport()
        body = await tab.locator(".message-body").bounding_box()
        assert body["x"] + body["width"] > 340  # what can be done with a message takes no room from what it says
        await tab.get_by_role("button", name="Reply in thread").click()
        box = await tab.get_by_role("complementary").bounding_box()
        assert (box["x"], box["width"]) == (0, 375)
        assert await tab.evaluate("document.documentElement.scrollWidth") == 375


async def test_dark_and_light_are_a_choice(browser, desk):
    """The page takes the system's colours until the visitor chooses, and remembers the choice."""
    ground = "getComputedStyle(document.body).backgroundColor"
    async with visit(browser, desk.address, color_scheme="dark") as tab:
        dark = await tab.evaluate(ground)
        await tab.get_by_role("button", name="Use light colours").click()
        light = await tab.evaluate(ground)
        await tab.reload()
        await expect(tab.get_by_role("button", name="Use dark colours")).to_be_visible()
        assert await tab.evaluate(ground) == light != dark


async def test_the_page_answers_only_itself(desk):
    """Other sites can neither read the workspace nor act in it, and the page loads nothing from elsewhere."""
    async with aiohttp.ClientSession() as session:
        async with session.get(desk.address) as answer:
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        foreign = {"Origin": "https://evil.example"}
        async with session.get(f"{desk.address}/demo/live", headers=foreign) as answer:
            assert answer.status == 403
        async with session.post(f"{desk.address}/demo/response", json={"score": 1}, headers=foreign) as answer:
            assert answer.status == 403
    assert desk.delivered == []


async def test_what_is_said_in_both_places_shows_in_both(browser, desk):
    """A reply that is also sent to the channel stands in the thread and in the channel, once each."""
    ts = await desk.post("A card")
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await tab.get_by_role("article").hover()
        await tab.get_by_role("button", name="Reply in thread").click()
        await desk.post("Overdue!", thread_ts=ts, reply_broadcast=True)
        await expect(tab.locator(".room").get_by_text("Overdue!")).to_have_count(1)
        await expect(tab.locator(".panel-thread").get_by_text("Overdue!")).to_have_count(1)


async def test_a_channel_that_opens_appears(browser, desk):
    """Who is let into a channel sees it and what was said there, without reloading."""
    await desk.post("A card")
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        await expect(tab.locator("[data-place=C0NPS]")).to_be_visible()
        await expect(tab.locator("[data-place=C0NPSLEADERS]")).to_have_count(0)
        await desk.workspace.say("jonas", "nps-leaders", "Welcome, all")
        desk.workspace.join("mikko", "nps-leaders")
        await tab.click("[data-place=C0NPSLEADERS]")
        await expect(tab.get_by_text("Welcome, all")).to_be_visible()


async def test_a_message_has_an_address(browser, desk):
    """A permalink in a message leads to the message it names, and opens there in a tab of its own."""
    ts = await desk.post("The first of all")
    link = (await desk.client.chat_getPermalink(channel="C0NPS", message_ts=ts))["permalink"]
    for number in range(30):
        await desk.post(f"Message {number}")
    await desk.post(f"See <{link}|the first>")
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        first = tab.get_by_role("article").filter(has_text="The first of all")
        await expect(first).not_to_be_in_viewport()
        await tab.get_by_role("link", name="the first").click()
        await expect(first).to_be_in_viewport()
        await expect(first).to_be_focused()
        await tab.goto(link)
        await expect(first).to_be_in_viewport()


async def test_the_apps_direct_messages_stand_beside_its_home(browser, desk):
    """A first message to one person makes a tab, without reloading; nobody else sees it."""
    async with visit(browser, f"{desk.address}/?user=freja") as tab, visit(browser, desk.address) as other:
        await tab.click("[data-place=app]")
        await desk.client.chat_postMessage(channel="U0FREJA", text="Ingrid gave you a callback")
        await tab.get_by_role("button", name="Messages", exact=True).click()
        await expect(tab.get_by_role("log").get_by_text("Ingrid gave you a callback")).to_be_visible()
        await expect(tab.locator("h1")).to_have_text("npsbot")
        await other.click("[data-place=app]")
        await expect(other.get_by_role("button", name="Messages", exact=True)).to_have_count(0)


async def test_the_keyboard_gets_to_the_newest_card(browser, desk):
    """Two ways past all else stand at the beginning, and Tab goes into a long list at its end, and out again."""
    for number in range(30):
        said = {"type": "section", "text": words(f"Card {number}")}
        await desk.post(f"Card {number}", blocks=[said, row(button("Claim", "claim_callback"))])
    async with visit(browser, f"{desk.address}/?user=mikko") as tab:
        newest = tab.get_by_role("article").filter(has_text="Card 29")
        await expect(newest).to_be_in_viewport()
        await tab.keyboard.press("Tab")
        await expect(tab.get_by_role("button", name="To the newest message")).to_be_in_viewport()
        await tab.keyboard.press("Enter")
        await expect(newest).to_be_focused()
        await tab.keyboard.press("Shift+Tab")
        await expect(tab.locator(".room .scroller")).to_be_focused()
        await tab.keyboard.press("Tab")
        await expect(newest).to_be_focused()
        await tab.keyboard.press("Tab")
        await expect(newest.get_by_role("button", name="Claim")).to_be_focused()
        for number in range(9):
            await desk.post(f"Meanwhile {number}")
        await expect(tab.get_by_role("button", name="9 new messages")).to_be_visible()
        await expect(newest).to_be_in_viewport()
        await tab.get_by_role("button", name="To the message field").focus()
        await tab.keyboard.press("Enter")
        await expect(tab.get_by_role("textbox", name="Message")).to_be_focused()
