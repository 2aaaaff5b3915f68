/** The stack of open modals: the topmost is shown in one dialog, with what was typed into each kept. */

import { clearBlocks, clearError, putBlocks, showErrors } from "./blocks.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { act } from "./live.js";
import { on, state } from "./state.js";
import { plain } from "./text.js";
import { explain } from "./trouble.js";

const typed = new Map(); // view id → Map of "block action" → value
const title = h("h2", { id: "modal-title", tabIndex: -1 });
const body = h("div", { class: "dialog-body blocks" });
const problem = h("p", { class: "form-error", role: "alert" });
const later = h("button", { type: "button", class: "btn", on: { click: () => leave(false) } });
const send = h("button", { type: "submit", class: "btn btn-primary" });
const dialog = h(
  "dialog",
  { class: "dialog dialog-modal", "aria-labelledby": "modal-title" },
  h(
    "form",
    { novalidate: true, on: { submit, keydown } },
    h(
      "header",
      { class: "dialog-head" },
      title,
      h(
        "button",
        {
          type: "button",
          class: "btn btn-icon btn-quiet",
          "aria-label": "Close",
          on: { click: () => leave(true) },
        },
        icon("close"),
      ),
    ),
    body,
    h("footer", { class: "dialog-foot" }, problem, later, send),
  ),
);

let showing = null;
let cameFrom = null; // the message whose button opened the first modal

/** Puts the dialog into the page and follows the stack. */
export function setUpModals() {
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    leave(false);
  });
  on("trouble", (sentence) => {
    problem.textContent = sentence;
  });
  on("views", show);
  on("snapshot", show);
}

function show() {
  const view = state.views.at(-1) ?? null;
  const open = new Set(state.views.map(({ id }) => id));
  for (const id of typed.keys()) if (!open.has(id)) typed.delete(id);
  if (!view) return void close();
  const another = showing?.id !== view.id;
  if (another) clearBlocks(body);
  if (another || showing.hash !== view.hash) problem.textContent = "";
  showing = view;
  fill(title, plain(view.title));
  later.textContent = plain(view.close) || "Cancel";
  send.textContent = plain(view.submit) || "Submit";
  send.hidden = !view.submit && !view.blocks.some(({ type }) => type === "input");
  send.removeAttribute("aria-busy");
  putBlocks(body, view.blocks, surfaceOf(view));
  if (!dialog.open) {
    cameFrom = document.activeElement?.closest("article, .home") ?? null;
    dialog.showModal();
  }
  if (another) focusFirst(view);
}

function close() {
  if (!dialog.open) return;
  dialog.close();
  showing = null;
  clearBlocks(body);
  if (document.activeElement === document.body) cameFrom?.focus({ preventScroll: true });
}

function focusFirst(view) {
  body.scrollTop = 0;
  const wanted = view.blocks.find((block) => block.element?.focus_on_load)?.block_id;
  const field = wanted && body.querySelector(`[data-block="${CSS.escape(wanted)}"] :is(input, textarea)`);
  (field || body.querySelector("input, textarea") || title).focus();
}

function surfaceOf(view) {
  const values = typed.get(view.id) ?? new Map();
  typed.set(view.id, values);
  return {
    read: (blockId, actionId) => values.get(`${blockId} ${actionId}`),
    write(blockId, actionId, value) {
      values.set(`${blockId} ${actionId}`, value);
      clearError(body, blockId);
    },
    act: async (blockId, actionId, value) => {
      const action = { do: "click_view", view_id: view.id, block_id: blockId, action_id: actionId, value };
      report(await act({ ...action, values: filled() }));
    },
  };
}

/** What the input blocks hold, by block_id. */
function filled() {
  const values = typed.get(showing.id);
  const inputs = showing.blocks.filter(({ type }) => type === "input");
  return Object.fromEntries(
    inputs.map(({ block_id: id, element }) => [id, values.get(`${id} ${element.action_id}`) ?? null]),
  );
}

async function submit(event) {
  event.preventDefault();
  if (send.hidden || send.getAttribute("aria-busy") === "true") return;
  send.setAttribute("aria-busy", "true");
  problem.textContent = "";
  showErrors(body, {});
  report(await act({ do: "submit", view_id: showing.id, values: filled() }));
  send.removeAttribute("aria-busy");
}

function report(ack) {
  if (!showing) return;
  showErrors(body, ack.errors ?? {});
  problem.textContent ||= explain(ack);
}

function leave(whole) {
  if (showing) act({ do: "close_view", view_id: showing.id, all_views: whole });
}

function keydown(event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) dialog.querySelector("form").requestSubmit();
}
