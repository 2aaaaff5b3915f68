/** A list of messages that follows the newest while the reader is at the end, and lets the reader be elsewhere. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { MessageView } from "./message.js";

const NEAR = 48; // pixels from the end at which the reader still counts as being there
const PAGE = 60; // messages shown at first, and with each "earlier"

export class MessageList {
  /** @param {{label: string, inThread: boolean}} options */
  constructor({ label, inThread }) {
    this.inThread = inThread;
    this.views = new Map(); // ts → MessageView
    this.earlier = h(
      "button",
      { type: "button", class: "btn earlier", hidden: true, on: { click: () => this.showEarlier() } },
      "Show earlier messages",
    );
    this.intro = h("div", { class: "intro" });
    this.list = h("ol", { class: "message-list" });
    this.log = h("div", { role: "log", "aria-live": "polite", "aria-label": label }, this.list);
    this.content = h("div", { class: "scroll-content" }, this.intro, this.earlier, this.log);
    this.scroller = h(
      "div",
      { class: "scroller", tabIndex: 0, role: "region", "aria-label": `${label}, scrolling` },
      this.content,
    );
    this.pill = h(
      "button",
      { type: "button", class: "pill", hidden: true, on: { click: () => this.toEnd(true) } },
      icon("down"),
      h("span", {}),
    );
    this.node = h("div", { class: "messages" }, this.scroller, this.pill);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.scroller.addEventListener("keydown", (event) => this.walk(event));
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.content);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.scroller);
    this.show("", []);
  }

  /** Begins anew with these messages, at the end. @param {string} channel @param {any[]} messages */
  show(channel, messages) {
    this.channel = channel;
    this.views.clear();
    this.list.replaceChildren();
    this.held = messages.slice(0, Math.max(0, messages.length - PAGE));
    for (const message of messages.slice(this.held.length)) this.append(message);
    this.showStart(this.held.length === 0);
    this.missed = 0;
    this.following = true;
    this.markDays();
    this.toEnd();
    this.log.ariaLive = "off"; // a whole channel is no news
    requestAnimationFrame(() => {
      this.log.ariaLive = "polite";
    });
  }

  /** Makes an open list hold these messages, leaving alone what is as it was. @param {any[]} messages */
  sync(messages) {
    const present = new Set(messages.map(({ ts }) => ts));
    for (const ts of [...this.views.keys()]) if (!present.has(ts)) this.remove(ts);
    this.held = this.held.filter(({ ts }) => present.has(ts));
    for (const message of messages) this.put(message);
  }

  /** Adds a message, or changes the one with its ts. @param {any} message @param {{own?: boolean}} [options] */
  put(message, { own = false } = {}) {
    const known = this.views.get(message.ts);
    if (known) return void known.update(message);
    const heldAt = this.held.findIndex(({ ts }) => ts === message.ts);
    if (heldAt >= 0) return void (this.held[heldAt] = message);
    const view = this.append(message);
    view.article.classList.add("is-new");
    if (this.following && this.views.size > 3 * PAGE) this.shorten();
    this.markDays();
    if (this.list.querySelector(":focus-visible")) this.following = false; // the keyboard is in a message: it stays
    if (this.following || own || message.is_ephemeral) this.toEnd(); // whoever asked wants to read the answer
    else this.announce(this.missed + 1);
  }

  /** @param {string} ts */
  remove(ts) {
    this.views.get(ts)?.node.remove();
    this.views.delete(ts);
    this.held = this.held.filter((message) => message.ts !== ts);
    this.markDays();
  }

  /** Scrolls to a message and gives it the focus. @param {string} ts */
  reveal(ts) {
    while (!this.views.has(ts) && this.held.length > 0) this.showEarlier();
    const article = this.views.get(ts)?.article;
    article?.scrollIntoView({ block: "center" });
    article?.focus({ preventScroll: true });
  }

  /** Goes to the newest message, or to the list while there is none. */
  newest() {
    this.toEnd();
    (this.list.lastElementChild?.querySelector("article") ?? this.scroller).focus({ preventScroll: true });
  }

  /**
   * Arrow keys go from message to message, and up to the earlier ones. Tab goes into the list at its newest message,
   * and back out of it from a message itself, so that nobody has to pass the buttons of all the others.
   */
  walk(event) {
    const { key, shiftKey, target } = event;
    const articles = [...this.list.querySelectorAll("article")];
    const at = target === this.scroller ? articles.length : articles.indexOf(target);
    if (at < 0) return;
    const inside = at < articles.length;
    const next = {
      ArrowUp: articles[at - 1] ?? this.earlier,
      ArrowDown: articles[at + 1],
      Tab: inside ? shiftKey && this.scroller : !shiftKey && articles.at(-1),
    }[key];
    if (!next || next.hidden) return;
    event.preventDefault();
    next.focus();
  }

  append(message) {
    const view = new MessageView(this.channel, message, { inThread: this.inThread });
    this.views.set(message.ts, view);
    const later = [...this.list.children].findLast((row) => Number(row.dataset.ts) <= Number(message.ts));
    if (later) later.after(view.node);
    else this.list.prepend(view.node);
    return view;
  }

  showEarlier() {
    const { scrollHeight, scrollTop } = this.scroller;
    const rows = this.held.splice(Math.max(0, this.held.length - PAGE));
    this.following = false;
    for (const message of rows.reverse()) this.append(message);
    this.showStart(this.held.length === 0);
    this.markDays();
    this.scroller.scrollTop = scrollTop + this.scroller.scrollHeight - scrollHeight;
  }

  /** Shows where the channel begins, or the button to what came before. @param {boolean} whole */
  showStart(whole) {
    this.intro.hidden = !whole;
    this.earlier.hidden = whole;
  }

  /** Takes the oldest off the page of a list that has run long; they are there again with "earlier". */
  shorten() {
    for (const row of [...this.list.children].slice(0, -PAGE)) {
      this.held.push(this.views.get(row.dataset.ts).message);
      this.views.delete(row.dataset.ts);
      row.remove();
    }
    this.showStart(false);
  }

  markDays() {
    let before = null;
    for (const row of this.list.children) {
      row.classList.toggle("begins-day", row.dataset.day !== before);
      before = row.dataset.day;
    }
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.following) this.announce(0);
  }

  toEnd(smooth = false) {
    this.following = true;
    this.announce(0);
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "auto" : "instant" });
  }

  announce(missed) {
    this.missed = missed;
    this.pill.hidden = missed === 0;
    this.pill.querySelector("span").textContent = missed === 1 ? "1 new message" : `${missed} new messages`;
  }
}
