/** Small panels that float above the page: lists of choices and menus. */

import { h, uniqueId } from "./dom.js";

const GAP = 4;
const EDGE = 8;

/**
 * Opens a panel under (or, without room, above) its anchor, above any dialog; it follows the anchor when that is
 * scrolled, and closes on a press elsewhere, on a change of size, and when the anchor leaves the window.
 * @param {HTMLElement} anchor @param {HTMLElement} panel @param {{onClose?: () => void, align?: "start"|"end"}} options
 * @returns {() => void} closes it; a second call does nothing
 */
export function openPopup(anchor, panel, { onClose = () => {}, align = "start" } = {}) {
  panel.id ||= uniqueId("popup");
  panel.setAttribute("popover", "manual");
  panel.classList.add("popup");
  (anchor.closest("dialog") ?? document.body).append(panel);
  panel.showPopover();
  place(anchor, panel, align);

  const outside = (event) => {
    if (!panel.contains(event.target) && !anchor.contains(event.target)) close();
  };
  const moved = (event) => {
    if (panel.contains(event.target)) return;
    const { top, bottom } = anchor.getBoundingClientRect();
    if (bottom > 0 && top < window.innerHeight) place(anchor, panel, align);
    else close();
  };
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("scroll", moved, true);
  window.addEventListener("resize", close);

  function close() {
    if (!panel.isConnected) return;
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("scroll", moved, true);
    window.removeEventListener("resize", close);
    panel.remove();
    onClose();
  }
  return close;
}

function place(anchor, panel, align) {
  const around = anchor.getBoundingClientRect();
  panel.style.maxHeight = "";
  panel.style.minWidth = `${Math.min(around.width, window.innerWidth - 2 * EDGE)}px`;
  const { width, height } = panel.getBoundingClientRect();
  const below = window.innerHeight - around.bottom - GAP - EDGE;
  const above = around.top - GAP - EDGE;
  const under = height <= below || below >= above;
  const left = align === "end" ? around.right - width : around.left;
  panel.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - width - EDGE))}px`;
  panel.style.maxHeight = `${under ? below : above}px`;
  panel.style.top = under ? `${around.bottom + GAP}px` : "auto";
  panel.style.bottom = under ? "auto" : `${window.innerHeight - around.top + GAP}px`;
}

/**
 * A menu on a button: opens on a click, Enter, Space or the down arrow; arrows, Home, End and first letters move,
 * Escape closes and goes back to the button.
 * @param {HTMLButtonElement} button
 * @param {() => {label: string|Node[], description?: string, href?: string, current?: boolean, choose: () => void}[]} items
 */
export function menuOn(button, items) {
  let close = null;
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");

  const open = (last = false) => {
    const menu = h("div", { role: "menu", class: "menu", "aria-label": button.getAttribute("aria-label") });
    menu.append(...items().map((item) => entry(item, () => leave())));
    menu.addEventListener("keydown", (event) => onKey(event, menu, leave));
    close = openPopup(button, menu, {
      align: "end",
      onClose: () => button.setAttribute("aria-expanded", "false"),
    });
    button.setAttribute("aria-expanded", "true");
    (last ? menu.lastElementChild : menu.firstElementChild)?.focus();
  };
  const leave = () => {
    close?.();
    button.focus();
  };

  button.addEventListener("click", () =>
    button.getAttribute("aria-expanded") === "true" ? leave() : open(),
  );
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    open(event.key === "ArrowUp");
  });
}

function entry({ label, description, href, current, choose }, leave) {
  const words = [
    h("span", { class: "menu-label" }, label),
    description && h("span", { class: "menu-note" }, description),
  ];
  const role = current === undefined ? "menuitem" : "menuitemradio";
  const shared = {
    role,
    tabIndex: -1,
    class: "menu-item",
    "aria-checked": current === undefined ? null : String(current),
  };
  const act = {
    click: () => {
      leave();
      choose();
    },
  };
  if (href) return h("a", { ...shared, href, target: "_blank", rel: "noopener noreferrer", on: act }, words);
  return h("button", { ...shared, type: "button", on: act }, words);
}

function onKey(event, menu, leave) {
  const entries = [...menu.children];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (to !== undefined) entries.at(to % entries.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") leave();
  else if (event.key.length === 1 && /\S/.test(event.key)) {
    const letter = event.key.toLowerCase();
    const turned = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
    turned.find((each) => each.textContent.trim().toLowerCase().startsWith(letter))?.focus();
    return;
  } else return;
  event.preventDefault();
  event.stopPropagation();
}
