/** The drawer with what the workspace refused: it is as strict as Slack, and says here what it did not like. */

import { fill, h } from "./dom.js";
import { formatDate, inFull } from "./dates.js";
import { icon } from "./icons.js";
import { on, state } from "./state.js";

const rows = h("ol", { class: "log-rows", tabIndex: 0, "aria-label": "Entries" });
const node = h(
  "section",
  { class: "log", "aria-label": "Workspace log", hidden: true },
  h(
    "header",
    {},
    h("h2", { tabIndex: -1 }, "Workspace log"),
    h("p", {}, "What Slack would have refused, and what came too late."),
    h(
      "button",
      {
        type: "button",
        class: "btn btn-icon btn-quiet",
        "aria-label": "Close workspace log",
        on: { click: () => toggleLog() },
      },
      icon("close"),
    ),
  ),
  rows,
);
let cameFrom = null;

/** @returns {HTMLElement} the drawer, closed */
export function setUpLog() {
  node.addEventListener("keydown", (event) => event.key === "Escape" && toggleLog());
  for (const topic of ["snapshot", "log"]) on(topic, () => node.hidden || show());
  return node;
}

/** Opens or closes the drawer. */
export function toggleLog() {
  node.hidden = !node.hidden;
  if (node.hidden) return void cameFrom?.focus();
  cameFrom = document.activeElement;
  show();
  node.querySelector("h2").focus();
}

function show() {
  if (state.log.length === 0)
    return void fill(
      rows,
      h("li", { class: "log-empty" }, "Nothing so far: every call was one that Slack would take."),
    );
  fill(
    rows,
    state.log.toReversed().map(({ time, kind, sentence }) => {
      const at = new Date(time * 1000);
      return h(
        "li",
        {},
        h("time", { datetime: at.toISOString(), title: inFull(at) }, formatDate(time, "{time_secs}")),
        h("code", {}, kind),
        h("span", {}, sentence),
      );
    }),
  );
}
