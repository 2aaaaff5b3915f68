/** Block Kit's interactive elements. Each is told of its value by `read` and tells the surface of a new one. */

import { confirmed } from "./confirm.js";
import { fromWall, toWall, ZONE } from "./dates.js";
import { channelChoices, userChoices } from "./directory.js";
import { h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { menuOn } from "./popup.js";
import { select } from "./select.js";
import { plain, textObject } from "./text.js";

/**
 * Where blocks stand: a message, a modal or App Home.
 * @typedef {Object} Surface
 * @property {(blockId: string, actionId: string, value: any) => Promise<any>} act tells the app at once
 * @property {(blockId: string, actionId: string) => any} read what a field holds by now; undefined: never touched
 * @property {(blockId: string, actionId: string, value: any) => void} write keeps what a field holds
 * @property {string[]} [blocked] ids of blocks whose app is still being waited for
 *
 * @typedef {{blockId: string, surface: Surface, label: Object<string, string>, dispatch: boolean}} Place
 *   label: aria attributes that name the element; dispatch: a change is told to the app at once
 */

/** @param {any} element @param {Place} place @returns {HTMLElement} */
export function element(element, place) {
  const made = (MAKERS[element.type] ?? unknown)(element, place);
  made.dataset.key = `${place.blockId} ${element.action_id ?? ""}`;
  return made;
}

const MAKERS = {
  button,
  overflow,
  image: ({ image_url: src, alt_text: alt }) => h("img", { class: "thumb", src, alt, loading: "lazy" }),
  static_select: (spec, place) => oneOf(spec, place, staticChoices(spec), spec.initial_option?.value),
  users_select: (spec, place) => oneOf(spec, place, userChoices(), spec.initial_user),
  channels_select: (spec, place) => oneOf(spec, place, channelChoices(), spec.initial_channel),
  conversations_select: (spec, place) => oneOf(spec, place, channelChoices(), spec.initial_conversation),
  multi_static_select: (spec, place) =>
    manyOf(
      spec,
      place,
      staticChoices(spec),
      spec.initial_options?.map(({ value }) => value),
    ),
  multi_users_select: (spec, place) => manyOf(spec, place, userChoices(), spec.initial_users),
  multi_channels_select: (spec, place) => manyOf(spec, place, channelChoices(), spec.initial_channels),
  multi_conversations_select: (spec, place) =>
    manyOf(spec, place, channelChoices(), spec.initial_conversations),
  radio_buttons: radios,
  checkboxes,
  plain_text_input: textInput,
  number_input: (spec, place) => lineInput(spec, place, "number"),
  email_text_input: (spec, place) => lineInput(spec, place, "email"),
  url_text_input: (spec, place) => lineInput(spec, place, "url"),
  datepicker: (spec, place) => timeInput(spec, place, "date", spec.initial_date),
  timepicker: (spec, place) => timeInput(spec, place, "time", spec.initial_time),
  datetimepicker: dateTime,
};

function unknown({ type }) {
  return h("span", { class: "unknown" }, `This page does not show elements of the type ${type}.`);
}

/** Asks first where the element wants it, then tells the app. */
async function tell(spec, { blockId, surface }, value) {
  if (spec.confirm && !(await confirmed(spec.confirm))) return;
  await surface.act(blockId, spec.action_id, value);
}

/** What was put into a field, or else what the app put there to begin with. */
function held(spec, { blockId, surface }, initial = null) {
  const value = surface.read(blockId, spec.action_id);
  if (value !== undefined) return value;
  if (initial !== null) surface.write(blockId, spec.action_id, initial);
  return initial;
}

/** Keeps a new value, and tells the app where the element or its block asks for that. */
function changed(spec, place, value) {
  place.surface.write(place.blockId, spec.action_id, value);
  if (place.dispatch) tell(spec, place, value);
}

function button(spec, place) {
  const style = spec.style ? `btn btn-${spec.style}` : "btn";
  const shared = { class: style, "aria-label": spec.accessibility_label ?? null };
  const press = async (event) => {
    const pressed = event.currentTarget;
    if (pressed.getAttribute("aria-busy") === "true") return;
    if (spec.confirm && !(await confirmed(spec.confirm))) return;
    pressed.setAttribute("aria-busy", "true");
    await place.surface.act(place.blockId, spec.action_id, null);
    pressed.removeAttribute("aria-busy");
  };
  if (spec.url && /^(https?|mailto|tel):/i.test(spec.url)) {
    return h(
      "a",
      { ...shared, href: spec.url, target: "_blank", rel: "noopener noreferrer", on: { click: press } },
      textObject(spec.text),
    );
  }
  return h("button", { ...shared, type: "button", on: { click: press } }, textObject(spec.text));
}

function overflow(spec, place) {
  const made = h(
    "button",
    { type: "button", class: "btn btn-icon", "aria-label": "More actions" },
    icon("more"),
  );
  menuOn(made, () =>
    spec.options.map((option) => ({
      label: plain(option.text),
      description: plain(option.description),
      href: option.url,
      choose: () => tell(spec, place, option.value),
    })),
  );
  return made;
}

function staticChoices({ options, option_groups: groups }) {
  const choice = (option, group) => ({
    value: option.value,
    label: plain(option.text),
    note: plain(option.description) || undefined,
    group,
  });
  if (groups)
    return groups.flatMap(({ label, options: inside }) =>
      inside.map((option) => choice(option, plain(label))),
    );
  return (options ?? []).map((option) => choice(option));
}

function oneOf(spec, place, choices, initial) {
  const value = held(spec, place, initial);
  const chosen = value === null ? [] : [value];
  const onChange = ([now]) => changed(spec, place, now);
  return select({
    choices,
    chosen,
    placeholder: plain(spec.placeholder) || undefined,
    label: place.label,
    onChange,
  });
}

function manyOf(spec, place, choices, initial) {
  const chosen = held(spec, place, initial) ?? [];
  const onChange = (now) => changed(spec, place, now);
  const shared = {
    placeholder: plain(spec.placeholder) || undefined,
    label: place.label,
    most: spec.max_selected_items,
  };
  return select({ choices, chosen, multiple: true, onChange, ...shared });
}

function radios(spec, place) {
  const value = held(spec, place, spec.initial_option?.value);
  const pick = (option) => changed(spec, place, option.value);
  return choiceGroup(spec, place, "radio", (option) => option.value === value, pick);
}

function checkboxes(spec, place) {
  const ticked = new Set(
    held(
      spec,
      place,
      spec.initial_options?.map(({ value }) => value),
    ) ?? [],
  );
  const pick = (option, checked) => {
    ticked[checked ? "add" : "delete"](option.value);
    changed(
      spec,
      place,
      spec.options.map(({ value }) => value).filter((each) => ticked.has(each)),
    );
  };
  return choiceGroup(spec, place, "checkbox", (option) => ticked.has(option.value), pick);
}

function choiceGroup(spec, place, type, isChosen, pick) {
  const name = uniqueId("choice");
  const rows = spec.options.map((option) => {
    const on = { change: (event) => pick(option, event.currentTarget.checked) };
    const box = h("input", { type, name, value: option.value, checked: isChosen(option), on });
    const note = option.description && h("span", { class: "choice-note" }, textObject(option.description));
    return h("label", { class: "choice" }, box, h("span", {}, textObject(option.text), note));
  });
  return h(
    "div",
    { class: "choices", role: type === "radio" ? "radiogroup" : "group", ...place.label },
    rows,
  );
}

function textInput(spec, place) {
  if (!spec.multiline) return lineInput(spec, place, "text");
  const props = { class: "field-box", rows: 4, ...place.label, placeholder: plain(spec.placeholder) || null };
  const box = h("textarea", { ...props, value: held(spec, place, spec.initial_value) ?? "" });
  box.addEventListener("input", () => place.surface.write(place.blockId, spec.action_id, box.value || null));
  return box;
}

function lineInput(spec, place, type) {
  const props = { class: "field-box", type: type === "number" ? "text" : type, ...place.label };
  const box = h("input", {
    ...props,
    inputmode: type === "number" ? "decimal" : null,
    placeholder: plain(spec.placeholder) || null,
  });
  box.value = held(spec, place, spec.initial_value) ?? "";
  const told = spec.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  box.addEventListener("input", () => {
    place.surface.write(place.blockId, spec.action_id, box.value || null);
    if (place.dispatch && told.includes("on_character_entered")) tell(spec, place, box.value);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !place.dispatch || !told.includes("on_enter_pressed")) return;
    event.preventDefault();
    tell(spec, place, box.value);
  });
  return box;
}

function timeInput(spec, place, type, initial) {
  const box = h("input", {
    class: "field-box field-time",
    type,
    ...place.label,
    value: held(spec, place, initial) ?? "",
  });
  box.addEventListener("change", () => changed(spec, place, box.value || null));
  return box;
}

function dateTime(spec, place) {
  const value = held(spec, place, spec.initial_date_time);
  const props = {
    class: "field-box field-time",
    type: "datetime-local",
    ...place.label,
    title: `In the zone ${ZONE}`,
  };
  const box = h("input", { ...props, value: value === null ? "" : toWall(value) });
  box.addEventListener("change", () => changed(spec, place, box.value ? fromWall(box.value) : null));
  return box;
}
