/** The place beside the messages: one panel at a time, over everything where the window is narrow. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

export const NARROW = window.matchMedia("(max-width: 760px)");

const panels = new Map(); // name → {node, onClose}
let open = null;
let cameFrom = null;

/** @type {HTMLElement} */
export const side = h("aside", { class: "side", hidden: true });
side.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) closeSide(open);
});
NARROW.addEventListener("change", cover);

/**
 * @param {string} name @param {string} heading @param {HTMLElement[]} content @param {() => void} onClose
 * @returns {HTMLElement} the heading's second line, for the caller to fill
 */
export function addPanel(name, heading, content, onClose) {
  const note = h("span", { class: "side-note" });
  const close = h(
    "button",
    {
      type: "button",
      class: "btn btn-icon btn-quiet",
      "aria-label": `Close ${heading.toLowerCase()}`,
      on: { click: () => closeSide(name) },
    },
    icon("close"),
  );
  const title = h("h2", { tabIndex: -1 }, heading);
  const node = h(
    "section",
    { class: `panel panel-${name}`, "aria-label": heading, hidden: true },
    h("header", { class: "side-head" }, h("div", {}, title, note), close),
    content,
  );
  panels.set(name, { node, onClose, title });
  side.append(node);
  return note;
}

/** Shows a panel in the place of the one before. @param {string} name */
export function openSide(name) {
  if (open === name) return;
  if (open) putAway(open);
  else cameFrom = document.activeElement;
  open = name;
  panels.get(name).node.hidden = false;
  side.hidden = false;
  document.body.classList.add("has-side");
  cover();
}

/** Hides a panel, if it is the one shown, and goes back to where the person was. @param {string} name */
export function closeSide(name) {
  if (open !== name || !name) return;
  open = null;
  side.hidden = true;
  document.body.classList.remove("has-side");
  putAway(name);
  cover();
  if (cameFrom?.isConnected) cameFrom.focus({ preventScroll: true });
}

export const isOpen = (name) => open === name;

function putAway(name) {
  const { node, onClose } = panels.get(name);
  node.hidden = true;
  onClose();
}

/** What a panel covers cannot be reached by keyboard either. */
function cover() {
  for (const each of document.querySelectorAll(".main, .sidebar"))
    each.inert = Boolean(open) && NARROW.matches;
}
