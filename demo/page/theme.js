/** Light or dark: as the system says, until the person says otherwise. */

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "npsbot-demo-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const root = document.documentElement;

/** @returns {HTMLElement} the button that turns one into the other */
export function themeButton() {
  const button = h("button", { type: "button", class: "btn btn-icon btn-quiet theme", on: { click: turn } });
  const show = () => {
    const next = isDark() ? "light" : "dark";
    fill(button, icon(isDark() ? "sun" : "moon"));
    button.setAttribute("aria-label", `Use ${next} colours`);
    button.title = `Use ${next} colours`;
  };
  function turn() {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem(KEY, root.dataset.theme);
    show();
  }
  const chosen = localStorage.getItem(KEY);
  if (chosen) root.dataset.theme = chosen;
  system.addEventListener("change", show);
  show();
  return button;
}

const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
