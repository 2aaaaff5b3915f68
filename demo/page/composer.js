/** Where a person writes: messages, replies, and slash commands with their completions. */

import { userName } from "./directory.js";
import { fill, h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { act } from "./live.js";
import { openPopup } from "./popup.js";
import { state } from "./state.js";
import { explain, toast } from "./trouble.js";

/** What may follow /nps, with what it does. */
const COMMANDS = [
  ["/nps help", "what the commands do"],
  ["/nps score", "the score of the last 90 days"],
  ["/nps queue", "callbacks that nobody holds"],
  ["/nps mine", "callbacks that you hold"],
  ["/nps find ", "search comments, notes, names and companies", "TEXT"],
  ["/nps customer ", "everything one customer has answered", "EMAIL"],
  ["/nps digest", "the report of the last whole week"],
  ["/nps export", "all responses as a file (admins)"],
  ["/nps forget ", "erase a person (admins)", "EMAIL"],
];

export class Composer {
  /** @param {{label: string, target: () => {channel: string, threadTs: string|null}}} options */
  constructor({ label, target }) {
    this.target = target;
    this.drafts = new Map();
    this.listId = uniqueId("commands");
    this.box = h("textarea", {
      rows: 1,
      "aria-label": label,
      "aria-autocomplete": "list",
      on: {
        input: () => this.changed(),
        keydown: (event) => this.key(event),
        blur: () => this.closeList?.(),
      },
    });
    const button = h(
      "button",
      { type: "submit", class: "btn btn-icon btn-primary", "aria-label": "Send" },
      icon("send"),
    );
    this.form = h(
      "form",
      { class: "composer", on: { submit: (event) => this.send(event) } },
      this.box,
      button,
    );
    this.notice = h("p", { class: "composer-notice", role: "status" });
    this.node = h("div", { class: "composer-area" }, this.notice, this.form);
  }

  /** Shows the draft of the present channel or thread. @param {string} placeholder @param {string} [closed] why nobody can write here */
  show(placeholder, closed = "") {
    this.box.placeholder = placeholder;
    this.box.value = this.drafts.get(this.draftKey()) ?? "";
    this.form.hidden = Boolean(closed);
    this.notice.textContent = closed;
    this.fit();
  }

  /** Begins a message for the person. @param {string} text */
  suggest(text) {
    this.box.value = text;
    this.box.focus();
    this.changed();
  }

  draftKey() {
    const { channel, threadTs } = this.target();
    return `${channel} ${threadTs ?? ""}`;
  }

  changed() {
    this.drafts.set(this.draftKey(), this.box.value);
    this.notice.textContent = "";
    this.fit();
    this.complete();
  }

  fit() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, 200)}px`;
  }

  complete() {
    const text = this.box.value;
    const found =
      text.startsWith("/") && !this.target().threadTs
        ? [
            ...COMMANDS.filter(([command]) => command.startsWith(text) && command.trim() !== text.trim()),
            ...shortcuts(text.slice(1).toLowerCase()),
          ]
        : [];
    if (found.length === 0) return void this.closeList?.();
    const list = this.list?.isConnected
      ? this.list
      : h("div", { role: "listbox", id: this.listId, class: "listbox commands", "aria-label": "Commands" });
    fill(
      list,
      found.map((command) => this.row(command)),
    );
    if (list !== this.list) {
      this.list = list;
      list.addEventListener("pointerdown", (event) => event.preventDefault());
      this.closeList = openPopup(this.form, list, { onClose: () => this.listClosed() });
      this.box.setAttribute("aria-controls", list.id);
    }
    this.point(0);
  }

  listClosed() {
    this.box.removeAttribute("aria-activedescendant");
    this.box.removeAttribute("aria-controls");
  }

  row([command, note, argument, callbackId]) {
    const choose = { click: () => (callbackId ? this.use(callbackId) : this.suggest(command)) };
    return h(
      "div",
      { role: "option", id: uniqueId("command"), class: "option", on: choose, data: { command } },
      h("span", { class: "command" }, command, argument && h("em", {}, argument)),
      h("span", { class: "option-note" }, note),
    );
  }

  async use(callbackId) {
    this.box.value = "";
    this.changed();
    toast(explain(await act({ do: "shortcut", callback_id: callbackId })));
  }

  point(index) {
    const rows = [...this.list.children];
    this.at = (index + rows.length) % rows.length;
    rows.forEach((row, each) => {
      row.classList.toggle("is-pointed", each === this.at);
      row.setAttribute("aria-selected", String(each === this.at));
    });
    this.box.setAttribute("aria-activedescendant", rows[this.at].id);
    rows[this.at].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const open = this.list?.isConnected;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && move) this.point(this.at + move);
    else if (open && event.key === "Escape") {
      event.stopPropagation();
      this.closeList();
    } else if (open && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey)
      this.list.children[this.at].click();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.form.requestSubmit();
    else return;
    event.preventDefault();
  }

  async send(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    const { channel, threadTs } = this.target();
    if (text.startsWith("/") && threadTs) {
      this.notice.textContent = "Slash commands do not work in threads.";
      return;
    }
    this.box.value = "";
    this.changed();
    const ack = await act(
      text.startsWith("/")
        ? command(channel, text)
        : { do: "say", channel, thread_ts: threadTs, text: written(text) },
    );
    if (ack.ok) return;
    toast(explain(ack));
    if (ack.error !== "invalid_command" && !this.box.value) this.suggest(text);
  }
}

/** The app's shortcuts whose names begin as typed: Slack offers them beside the commands. */
function shortcuts(begun) {
  return Object.entries(state.app.shortcuts.global)
    .filter(([, name]) => name.toLowerCase().startsWith(begun))
    .map(([callbackId, name]) => [name, "shortcut", undefined, callbackId]);
}

function command(channel, text) {
  const [name] = text.split(/\s/, 1);
  return { do: "command", channel, command: name, text: text.slice(name.length).trim() };
}

/** What was typed as Slack keeps it: escaped, with @names as mentions. */
function written(text) {
  const escaped = text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
  const names = [...state.users.values()].flatMap(({ id, name }) => [
    [id, userName(id)],
    [id, name],
  ]);
  names.sort(([, one], [, other]) => other.length - one.length);
  return names.reduce((done, [id, name]) => done.replaceAll(`@${name}`, `<@${id}>`), escaped);
}
