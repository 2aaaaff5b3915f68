/** The app's Home tab. */

import { clearBlocks, putBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { act } from "./live.js";
import { on, state } from "./state.js";
import { explain, toast } from "./trouble.js";

const content = h("div", { class: "blocks home", tabIndex: -1 });
const heading = h("h2", { class: "sr-only" }, "Home");
const empty = h("p", { class: "home-empty" });

/** @type {HTMLElement} */
export const homeView = h("div", { class: "home-view", hidden: true }, heading, empty, content);

/** Follows what the app publishes, and tells the app whenever the tab is opened. */
export function setUpHome() {
  on("place", open);
  on("home", show);
  on("snapshot", ({ stranger }) => (stranger ? open() : show()));
}

function open() {
  homeView.hidden = !state.place.home;
  if (state.place.home) act({ do: "open_home" });
  show();
}

function show() {
  if (homeView.hidden) return;
  empty.hidden = Boolean(state.home);
  empty.textContent = `${state.app.name} has published nothing here for you.`;
  if (state.home) putBlocks(content, state.home.blocks, surface);
  else clearBlocks(content);
}

const values = new Map();

const surface = {
  read: (blockId, actionId) => values.get(`${blockId} ${actionId}`),
  write: (blockId, actionId, value) => values.set(`${blockId} ${actionId}`, value),
  act: async (blockId, actionId, value) => {
    const ack = await act({
      do: "click_view",
      view_id: "home",
      block_id: blockId,
      action_id: actionId,
      value,
    });
    toast(explain(ack));
  },
};
