/** One message: who, when, blocks or text, files, and the way into its thread. */

import { clearBlocks, putBlocks } from "./blocks.js";
import { dayKey, dayName, inFull, momentOf, timeOfDay } from "./dates.js";
import { person, userName } from "./directory.js";
import { fill, h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { act } from "./live.js";
import { mrkdwn } from "./mrkdwn.js";
import { menuOn } from "./popup.js";
import { openThread, state } from "./state.js";
import { explain, toast } from "./trouble.js";

/** A person's initials on their own tint, or the app's mark. @param {any} user */
export function avatar(user) {
  if (user?.is_bot) return h("span", { class: "avatar avatar-app", "aria-hidden": "true" }, mark());
  const words = (user?.real_name || user?.name || "?").split(/\s+/);
  const initials = (words[0][0] + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
  const tint = [...(user?.id ?? "")].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7) % 6;
  return h("span", { class: `avatar avatar-${tint}`, "aria-hidden": "true" }, initials);
}

export class MessageView {
  /** @param {string} channel @param {any} message @param {{inThread: boolean}} where */
  constructor(channel, message, where) {
    this.channel = channel;
    this.inThread = where.inThread;
    this.day = h("div", { class: "day", role: "separator" });
    this.head = h("div", { class: "message-head" });
    this.avatar = h("div", { class: "message-avatar" });
    this.text = h("div", { class: "message-text" });
    this.blocks = h("div", { class: "blocks" });
    this.files = h("div", { class: "files" });
    this.foot = h("div", { class: "message-foot" });
    this.tools = h("div", { class: "message-tools" });
    this.article = h(
      "article",
      { class: "message", tabIndex: -1 },
      this.avatar,
      h("div", { class: "message-body" }, this.head, this.text, this.blocks, this.files, this.foot),
      this.tools,
    );
    this.node = h("li", {}, this.day, this.article);
    this.update(message);
  }

  update(message) {
    this.message = message;
    this.node.dataset.ts = message.ts;
    const author = person(message.user);
    const date = momentOf(message.ts);
    this.node.dataset.day = dayKey(date);
    fill(this.day, h("span", {}, dayName(date)));
    const name = userName(message.user) ?? message.username ?? state.app.name;
    this.article.setAttribute("aria-label", `${name}, ${timeOfDay(date)}`);
    this.article.classList.toggle("is-ephemeral", Boolean(message.is_ephemeral));
    fill(this.avatar, avatar(author ?? { is_bot: true }));
    fill(
      this.head,
      h("span", { class: "message-author" }, name),
      (author?.is_bot || message.bot_id) && h("span", { class: "badge" }, "App"),
      author?.is_restricted && h("span", { class: "badge badge-quiet" }, "Guest"),
      h(
        "time",
        { class: "message-time", datetime: date.toISOString(), title: inFull(date) },
        timeOfDay(date),
      ),
      message.is_ephemeral && h("span", { class: "only-you" }, icon("eye"), "Only visible to you"),
    );
    this.showContent(message);
    this.showTools(message);
    this.showThread(message);
  }

  /** What everybody sees has a menu of what the app can do with it. */
  showTools(message) {
    if (message.is_ephemeral || this.tools.childElementCount > 0) return;
    if (!this.inThread) this.tools.append(this.replyButton());
    const label = { "aria-label": "Message shortcuts", title: "Message shortcuts" };
    const button = h("button", { type: "button", class: "btn btn-icon btn-quiet", ...label }, icon("more"));
    menuOn(button, () =>
      Object.entries(state.app.shortcuts.message).map(([callbackId, label]) => ({
        label,
        choose: async () => {
          const { channel, message } = this;
          toast(explain(await act({ do: "shortcut", channel, ts: message.ts, callback_id: callbackId })));
        },
      })),
    );
    this.tools.append(button);
  }

  replyButton() {
    const label = { "aria-label": "Reply in thread", title: "Reply in thread" };
    const open = { click: () => openThread(this.message.thread_ts ?? this.message.ts) };
    return h("button", { type: "button", class: "btn btn-icon btn-quiet", ...label, on: open }, icon("reply"));
  }

  showContent(message) {
    const blocks = message.blocks ?? [];
    if (blocks.length > 0) putBlocks(this.blocks, blocks, surfaceOf(this.channel, message.ts));
    else clearBlocks(this.blocks);
    const removed = message.subtype === "tombstone";
    const text = removed
      ? h("em", {}, "This message was deleted.")
      : blocks.length === 0 && mrkdwn(message.text ?? "");
    const edited = message.edited && blocks.length === 0 && h("span", { class: "edited" }, " (edited)");
    fill(this.text, text, edited);
    fill(this.files, (message.files ?? []).map(fileCard));
  }

  showThread(message) {
    if (this.inThread || message.is_ephemeral) return;
    const open = { click: () => openThread(message.thread_ts ?? message.ts) };
    const count = message.reply_count ?? 0;
    if (message.subtype === "thread_broadcast")
      return void fill(
        this.foot,
        h("button", { type: "button", class: "replies", on: open }, "Also said in a thread"),
      );
    if (count === 0) return void fill(this.foot);
    const words = count === 1 ? "1 reply" : `${count} replies`;
    const last = message.latest_reply && `last ${whenWas(momentOf(message.latest_reply))}`;
    const authors = [...new Set((message.replies ?? []).map(({ user }) => user))].slice(-3);
    const button = h(
      "button",
      { type: "button", class: "replies", on: open },
      h(
        "span",
        { class: "replies-who" },
        authors.map((id) => avatar(person(id) ?? { is_bot: true })),
      ),
      h("span", { class: "replies-count" }, words),
      last && h("span", { class: "replies-last" }, last),
    );
    const focused = this.foot.contains(document.activeElement);
    fill(this.foot, button);
    if (focused) button.focus();
  }
}

function whenWas(date) {
  const time = timeOfDay(date);
  return dayKey(date) === dayKey(new Date()) ? `today at ${time}` : `${dayName(date)} at ${time}`;
}

function surfaceOf(channel, ts) {
  return {
    act: async (blockId, actionId, value) => {
      toast(explain(await act({ do: "click", channel, ts, block_id: blockId, action_id: actionId, value })));
    },
    read: () => undefined,
    write: () => {},
  };
}

function fileCard({ title, name, mimetype, size, url_private: address }) {
  const kilobytes = `${Math.max(1, Math.round((size ?? 0) / 1024))} kB`;
  const words = h(
    "span",
    {},
    h("strong", {}, title || name),
    h("span", { class: "file-note" }, `${name} · ${kilobytes}`),
  );
  const path = local(address);
  if (path && /^image\/(png|jpeg|gif|webp)$/.test(mimetype ?? ""))
    return h(
      "a",
      { class: "file-image", href: path, target: "_blank" },
      h("img", { src: path, alt: title || name }),
    );
  return h("a", { class: "file", href: path, download: name }, icon("file"), words);
}

/** A file's address on the server of this page, whichever of its names the bot knows it by. */
const local = (address) => (address ? new URL(address, document.baseURI).pathname : null);
