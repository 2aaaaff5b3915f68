"""Two days in the demo: a customer experience agent's, from the first claim to a referral, and their lead's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import Locator, Page, expect
from walk import SLOWLY, answer

if TYPE_CHECKING:
    from walk import Shot

BACK_WITHIN = 120_000
"""Milliseconds in which the sample's callback comes back that was put aside until a minute after the start."""


async def an_agents_day(tab: Page, address: str, shot: Shot) -> None:
    """Mikko claims, calls in vain, puts aside, is told what is back, calls it, and passes on a referral."""
    await be(tab, address, "mikko")
    await tab.locator("[data-place=C0NPS]").click()
    late = "Bordet kom i dag, en vecka försenat och till fel adress."
    card = await answer(tab, 2, "Karin Wik", "Wik & Döttrar", late, "Detractor · 2 of 10")
    await card.get_by_role("button", name="Claim").click()
    await expect(card).to_contain_text("Claimed by @Mikko Lehtonen", timeout=SLOWLY)
    await in_vain(tab, card, shot)
    form = await choose_from_menu(tab, card, "Snooze…")
    await save(form)
    await expect(card).to_contain_text("Put aside until", timeout=SLOWLY)
    await thanks(tab, shot)
    await messages(tab)
    back = tab.get_by_role("log").get_by_role("article").filter(has_text="Søren Kjærgaard")
    await expect(back).to_contain_text("is back", timeout=BACK_WITHIN)
    await shot("reminder", tab)
    await tab.locator("[data-place=C0NPS]").click()
    card = tab.get_by_role("article").filter(has_text="brevkasse.example").filter(has_text="Søren Kjærgaard")
    form = await log_call(tab, card, "Reached", "Det nye ben er på vej.")
    await save(form)
    await expect(card).to_contain_text("Closed by @Mikko Lehtonen", timeout=SLOWLY)
    await sold(tab, address, shot)


async def in_vain(tab: Page, card: Locator, shot: Shot) -> None:
    """Log that nobody answered; the form proposes another time of day."""
    form = await log_call(tab, card, "No answer", "Ingen svarar. Jag provar på eftermiddagen.")
    await choose(tab, form, "What next?", "I will call again")
    await expect(form.get_by_label("When to call again")).not_to_have_value("", timeout=SLOWLY)
    await shot("no-answer", form)
    await save(form)
    await expect(card).to_contain_text("1 attempt without an answer", timeout=SLOWLY)
    await expect(card).to_contain_text("Next try", timeout=SLOWLY)


async def thanks(tab: Page, shot: Shot) -> None:
    """Call a promoter, who knows somebody."""
    card = await answer(tab, 10, "Erik Lund", "Studio Lumen", "Bästa soffan vi har haft.", "Promoter · 10 of 10")
    form = await log_call(tab, card, "Reached", "Tackade. Hans syster inreder ett hotell i Umeå.")
    await form.get_by_label("Who could we talk to?").fill("Sara Lund, Hotell Björken")
    await form.get_by_label("How do we reach them?").fill("sara@bjorken.example")
    await shot("thanks", form)
    await save(form)
    await expect(card).to_contain_text("Closed by @Mikko Lehtonen", timeout=SLOWLY)


async def sold(tab: Page, address: str, shot: Shot) -> None:
    """Take the referral as Jonas, who sells."""
    await be(tab, address, "jonas")
    await tab.locator("[data-place=C0SALES]").click()
    referral = tab.get_by_role("article").filter(has_text="Sara Lund, Hotell Björken")
    await referral.get_by_role("button", name="Take it").click()
    await expect(referral.get_by_role("button", name="Won")).to_be_visible(timeout=SLOWLY)
    await expect(referral).to_contain_text("@Jonas Thorvaldsen", timeout=SLOWLY)
    await tab.mouse.move(0, 0)
    await shot("referral", referral)


async def a_leads_day(tab: Page, address: str, shot: Shot) -> None:
    """Ingrid sees what is overdue, gives it to Freja, and takes another over for Signe; both are told."""
    await be(tab, address, "ingrid")
    await tab.locator("[data-place=C0NPS]").click()
    await expect(tab.get_by_role("article").filter(has_text="Linnea Åkesson")).to_be_visible(timeout=SLOWLY)
    await queue(tab, shot)
    await tab.locator("[data-place=app]").click()
    home = tab.locator(".home")
    await expect(home).to_contain_text("overdue", timeout=SLOWLY)
    await shot("home", tab)
    await assign_overdue(tab, home)
    await take_over(tab)
    await be(tab, address, "freja")
    await messages(tab)
    told = tab.get_by_role("log").get_by_role("article").filter(has_text="Linnea Åkesson")
    await expect(told).to_contain_text("@Ingrid Solberg", timeout=SLOWLY)
    await tab.get_by_role("button", name="Home", exact=True).click()
    await expect(tab.locator(".home")).to_contain_text("Linnea Åkesson", timeout=SLOWLY)
    await shot("home-sv", tab)


async def queue(tab: Page, shot: Shot) -> None:
    """Ask for what nobody holds, and turn a page of it."""
    box = tab.get_by_role("textbox")
    await box.fill("/nps queue")
    await box.press("Enter")
    listed = tab.get_by_role("article").filter(has_text="Only visible to you").last
    await expect(listed).to_contain_text("Overdue", timeout=SLOWLY)
    await listed.evaluate("each => each.scrollIntoView()")
    await shot("queue", tab)
    await listed.get_by_role("button", name="Next").click()
    await expect(listed.get_by_role("button", name="Previous")).to_be_visible(timeout=SLOWLY)


async def assign_overdue(tab: Page, home: Locator) -> None:
    """Give to Freja, from App Home, what has waited too long."""
    row = home.locator(".block-actions").filter(has=tab.get_by_role("button", name="Claim: Linnea Åkesson"))
    form = await choose_from_menu(tab, row, "Assign to…")
    await choose(tab, form, "Who takes it?", "Freja Lindqvist")
    await save(form)
    await expect(row).to_be_hidden(timeout=SLOWLY)


async def take_over(tab: Page) -> None:
    """Give Mikko's callback to Signe, which asks for a reason."""
    await tab.locator("[data-place=C0NPS]").click()
    card = tab.get_by_role("article").filter(has_text="Tuomas Salonen").filter(has_text="Claimed by @Mikko")
    form = await choose_from_menu(tab, card, "Assign to…")
    await choose(tab, form, "Who takes it?", "Signe Holm")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("Please complete this required field.", timeout=SLOWLY)
    await form.get_by_label("Why?").fill("Mikko is on a train all afternoon.")
    await save(form)
    taken = tab.get_by_role("article").filter(has_text="Tuomas Salonen").filter(has_text="Claimed by @Signe Holm")
    await expect(taken).to_be_visible(timeout=SLOWLY)


async def be(tab: Page, address: str, who: str) -> None:
    """Look at the workspace as somebody else."""
    tab.set_default_timeout(SLOWLY)
    await tab.goto(f"{address}/?user={who}")
    await expect(tab.locator("[data-place=app]")).to_contain_text("connected", timeout=SLOWLY)


async def messages(tab: Page) -> None:
    """Open the app's direct messages, once there are any."""
    await tab.locator("[data-place=app]").click()
    await tab.get_by_role("button", name="Messages", exact=True).click(timeout=BACK_WITHIN)


async def log_call(tab: Page, card: Locator, outcome: str, notes: str) -> Locator:
    """Open the form for a call on a card and fill in the most of it."""
    await card.get_by_role("button", name="Log call").click()
    form = tab.get_by_role("dialog")
    await choose(tab, form, "How did it go?", outcome)
    await form.get_by_label("What did the customer say?").fill(notes)
    return form


async def choose_from_menu(tab: Page, card: Locator, label: str) -> Locator:
    """Open what a card's menu offers."""
    await card.get_by_role("button", name="More actions").click()
    await tab.get_by_role("menuitem", name=label).click()
    return tab.get_by_role("dialog")


async def choose(tab: Page, form: Locator, label: str, option: str) -> None:
    """Choose one of a field's options."""
    await form.get_by_label(label).click()
    await tab.get_by_role("option", name=option).click()


async def save(form: Locator) -> None:
    """Hand a form in, and see that it is taken."""
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden(timeout=SLOWLY)
