/** Block Kit's blocks as elements, and the way to put new ones in the place of old ones without a flicker. */

import { chart } from "./chart.js";
import { h, uniqueId } from "./dom.js";
import { element } from "./elements.js";
import { inline, richText } from "./richtext.js";
import { plain, textObject } from "./text.js";

/** @typedef {import("./elements.js").Surface} Surface */

const shown = new WeakMap(); // container → [{key, json, node}]

/**
 * Makes the container show the blocks. A block that is as it was keeps its element, and with it focus, caret and
 * what is half typed; focus in a changed block goes to the same field of the new one.
 * @param {HTMLElement} container @param {any[]} blocks @param {Surface} surface
 */
export function putBlocks(container, blocks, surface) {
  const before = new Map((shown.get(container) ?? []).map((each) => [each.key, each]));
  const after = blocks.map((block, index) => {
    const key = block.block_id ?? `#${index}`;
    const json = JSON.stringify(block);
    const old = before.get(key);
    return old?.json === json ? old : { key, json, node: render(block, key, surface) };
  });
  shown.set(container, after);
  const focus = focusIn(container);
  const kept = new Set(after.map(({ node }) => node));
  for (const child of [...container.children]) if (!kept.has(child)) child.remove();
  after.forEach(({ node }, index) => {
    if (container.children[index] !== node) container.insertBefore(node, container.children[index] ?? null);
  });
  restore(container, focus);
}

/** Forgets what the container shows, so that the next blocks are all made anew. @param {HTMLElement} container */
export function clearBlocks(container) {
  shown.delete(container);
  container.replaceChildren();
}

function focusIn(container) {
  const focused = document.activeElement;
  if (!container.contains(focused)) return null;
  const { selectionStart: start, selectionEnd: end } = focused;
  return { focused, key: focused.closest("[data-key]")?.dataset.key, start, end };
}

function restore(container, focus) {
  if (!focus || container.contains(focus.focused)) return;
  const holder = focus.key && container.querySelector(`[data-key="${CSS.escape(focus.key)}"]`);
  const field = holder?.matches("input, textarea, button, a")
    ? holder
    : holder?.querySelector("input, textarea, button");
  if (!field) {
    container.closest("[tabindex]")?.focus({ preventScroll: true });
    return;
  }
  field.focus({ preventScroll: true });
  if (typeof focus.start === "number" && field.setSelectionRange)
    field.setSelectionRange(focus.start, focus.end);
}

function render(block, key, surface) {
  const node = (MAKERS[block.type] ?? unknown)(block, key, surface);
  node.classList.add("block");
  node.dataset.block = key;
  return node;
}

const MAKERS = {
  header: ({ text }) => h("h3", { class: "block-header" }, textObject(text)),
  divider: () => h("hr"),
  section,
  context: ({ elements }) => h("div", { class: "block-context" }, elements.map(contextElement)),
  actions: ({ elements }, key, surface) =>
    h(
      "div",
      { class: "block-actions" },
      elements.map((each) => element(each, placed(each, key, surface))),
    ),
  image,
  input,
  rich_text: (block) => h("div", { class: "block-rich" }, richText(block)),
  table,
  data_table: table,
  data_visualization: (block) => chart(block),
  alert: ({ text, level }) =>
    h("div", { class: `block-alert alert-${level ?? "default"}`, role: "note" }, textObject(text)),
};

function unknown({ type }) {
  return h("p", { class: "unknown" }, `This page does not show blocks of the type ${type}.`);
}

/** The place of an element that has no label of its own. */
function placed(spec, blockId, surface, name) {
  const label = { "aria-label": plain(spec.placeholder) || name || spec.type.replaceAll("_", " ") };
  return { blockId, surface, label, dispatch: true };
}

function section({ text, fields, accessory }, key, surface) {
  return h(
    "div",
    { class: "block-section" },
    h(
      "div",
      { class: "section-main" },
      text && h("div", { class: "section-text" }, textObject(text)),
      fields &&
        h(
          "div",
          { class: "section-fields" },
          fields.map((field) => h("div", {}, textObject(field))),
        ),
    ),
    accessory &&
      h(
        "div",
        { class: "section-accessory" },
        element(accessory, placed(accessory, key, surface, plain(text))),
      ),
  );
}

function contextElement(each) {
  if (each.type === "image") return h("img", { src: each.image_url, alt: each.alt_text });
  return h("span", {}, textObject(each));
}

function image({ image_url: address, slack_file: file, alt_text: alt, title }) {
  const figure = h("figure", { class: "block-image" });
  const picture = h("img", { src: address ?? file?.url, alt, loading: "lazy" });
  picture.addEventListener("error", () => picture.replaceWith(h("p", { class: "image-missing" }, alt)));
  figure.append(picture);
  if (title) figure.prepend(h("figcaption", {}, textObject(title)));
  return figure;
}

function input({ label, element: spec, hint, optional, dispatch_action: dispatch }, key, surface) {
  const [id, labelId, hintId, errorId] = ["field", "label", "hint", "error"].map(uniqueId);
  const names = { id, "aria-labelledby": labelId, "aria-describedby": `${hintId} ${errorId}` };
  if (!optional) names["aria-required"] = "true";
  const made = element(spec, { blockId: key, surface, label: names, dispatch: Boolean(dispatch) });
  return h(
    "div",
    { class: "block-input" },
    h(
      "label",
      { id: labelId, for: id },
      textObject(label),
      optional && h("span", { class: "optional" }, " (optional)"),
    ),
    made,
    h("p", { class: "hint", id: hintId }, textObject(hint)),
    h("p", { class: "field-error", id: errorId, role: "alert" }),
  );
}

/**
 * Shows sentences at their fields, takes away those of before, and goes to the first.
 * @param {HTMLElement} container @param {Object<string, string>} errors sentences by block_id
 */
export function showErrors(container, errors) {
  let first = null;
  for (const field of container.querySelectorAll(".block-input")) {
    const sentence = errors[field.dataset.block];
    mark(field, sentence ?? "");
    if (sentence) first ??= field;
  }
  first?.querySelector("input, textarea")?.focus();
  first?.scrollIntoView({ block: "center" });
}

/** Takes the sentence at one field away, now that something else is in it. */
export function clearError(container, blockId) {
  const field = container.querySelector(`.block-input.has-error[data-block="${CSS.escape(blockId)}"]`);
  if (field) mark(field, "");
}

function mark(field, sentence) {
  field.querySelector(".field-error").textContent = sentence;
  field.classList.toggle("has-error", Boolean(sentence));
  field.querySelector("input, textarea")?.setAttribute("aria-invalid", String(Boolean(sentence)));
}

function table({ rows, column_settings: columns = [], caption, row_header_column_index: named }) {
  const align = (index) => ({
    class: `align-${columns[index]?.align ?? "left"}${columns[index]?.is_wrapped ? " is-wrapped" : ""}`,
  });
  const [head, ...body] = rows;
  const cell = (each, index) =>
    index === named
      ? h("th", { scope: "row", ...align(index) }, cellContent(each))
      : h("td", align(index), cellContent(each));
  return h(
    "div",
    { class: "block-table", tabIndex: 0, role: "region", "aria-label": caption ?? "Table" },
    h(
      "table",
      {},
      caption && h("caption", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((each, index) => h("th", { scope: "col", ...align(index) }, cellContent(each))),
        ),
      ),
      h(
        "tbody",
        {},
        body.map((row) => h("tr", {}, row.map(cell))),
      ),
    ),
  );
}

function cellContent(cell) {
  if (cell.type !== "rich_text") return cell.text ?? String(cell.value ?? "");
  return cell.elements.flatMap((part) => inline(part.elements));
}
