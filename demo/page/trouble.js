/** What went wrong, said in a sentence where the person is looking. */

import { h } from "./dom.js";
import { on } from "./state.js";

const SECONDS = 7;
const SENTENCES = {
  not_connected: "The page has lost the workspace. It is trying again by itself.",
  gone: "This has changed in the meantime.",
};

/** What the page itself knows to say of an act that failed; the rest the workspace tells, as a user_error. */
export const explain = (ack) => SENTENCES[ack.error] ?? "";

const shelf = h("div", { class: "toasts", role: "status", "aria-live": "assertive" });

/** Shows a sentence for a moment, if there is one. @param {string} sentence */
export function toast(sentence) {
  if (!sentence) return;
  const note = h("div", { class: "toast" }, sentence);
  shelf.append(note);
  setTimeout(() => note.remove(), SECONDS * 1000);
}

/** Shows what Slack would show a person for a moment, and whether the line to the workspace stands. */
export function setUpTrouble() {
  const banner = h("p", { class: "banner", role: "status", hidden: true }, "Connection lost. Trying again …");
  document.body.append(shelf, banner);
  on("trouble", (sentence) => document.querySelector("dialog[open]") || toast(sentence));
  on("connection", (stands) => {
    banner.hidden = stands;
  });
}
