/** Select menus: a combobox that filters as one types, for one choice or several. */

import { fill, h, uniqueId } from "./dom.js";
import { icon } from "./icons.js";
import { openPopup } from "./popup.js";

const SHORT = 8; // a list this long needs no filter, so a phone need not bring up its keyboard

/**
 * @typedef {{value: string, label: string, note?: string, group?: string}} Choice
 * @param {{choices: Choice[], chosen: string[], multiple?: boolean, placeholder?: string, most?: number,
 *          label: Object<string, string>, onChange: (chosen: string[]) => void}} options
 *   label: the aria attributes that name it and tell what is wrong with it
 * @returns {HTMLElement}
 */
export function select(options) {
  return new Select(options).node;
}

class Select {
  constructor({
    choices,
    chosen,
    multiple = false,
    placeholder = "Select…",
    most = Infinity,
    label,
    onChange,
  }) {
    Object.assign(this, { choices, chosen: [...chosen], multiple, placeholder, most, onChange });
    this.listId = uniqueId("list");
    this.chips = h("span", { class: "chips" });
    this.input = h("input", {
      ...label,
      type: "text",
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      inputmode: choices.length <= SHORT ? "none" : null,
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      on: {
        click: () => this.open(),
        input: () => this.open(this.input.value),
        keydown: (event) => this.key(event),
        blur: () => this.close(),
      },
    });
    this.node = h("div", { class: "select" }, this.chips, this.input, icon("down"));
    this.node.addEventListener("pointerdown", (event) => {
      if (event.target === this.input || event.target.closest("button")) return;
      event.preventDefault();
      this.input.focus();
      this.open();
    });
    this.show();
  }

  get isOpen() {
    return Boolean(this.list?.isConnected);
  }

  /** Puts the present choice into the field. */
  show() {
    const named = this.chosen
      .map((value) => this.choices.find((choice) => choice.value === value))
      .filter(Boolean);
    this.input.value = this.multiple ? "" : (named[0]?.label ?? "");
    this.input.placeholder = this.multiple && named.length > 0 ? "" : this.placeholder;
    fill(this.chips, this.multiple && named.map((choice) => this.chip(choice)));
    this.node.classList.toggle("has-chips", this.multiple && named.length > 0);
  }

  chip({ value, label }) {
    const remove = { click: () => this.toggle(value) };
    const button = h(
      "button",
      { type: "button", "aria-label": `Remove ${label}`, on: remove },
      icon("close"),
    );
    return h("span", { class: "chip" }, label, button);
  }

  open(filter = "") {
    const wanted = filter.trim().toLowerCase();
    const found = this.choices.filter(({ label, note }) =>
      `${label} ${note ?? ""}`.toLowerCase().includes(wanted),
    );
    const wasOpen = this.isOpen;
    if (!wasOpen) {
      const names = { "aria-label": this.placeholder, "aria-multiselectable": String(this.multiple) };
      this.list = h("div", { role: "listbox", id: this.listId, class: "listbox", ...names });
      this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    }
    fill(
      this.list,
      found.length > 0 ? this.options(found) : h("div", { class: "listbox-empty" }, "Nothing matches"),
    );
    if (!wasOpen) {
      this.closePopup = openPopup(this.node, this.list, { onClose: () => this.closed() });
      this.input.setAttribute("aria-controls", this.listId);
      this.input.setAttribute("aria-expanded", "true");
    }
    const current = found.findIndex(({ value }) => this.chosen.includes(value));
    this.point(filter ? 0 : Math.max(current, 0));
  }

  options(found) {
    let group;
    return found.map((choice) => {
      const heading =
        choice.group &&
        choice.group !== group &&
        h("div", { class: "listbox-group", role: "presentation" }, choice.group);
      group = choice.group;
      return [heading, this.option(choice)];
    });
  }

  option({ value, label, note }) {
    const selected = this.chosen.includes(value);
    const props = {
      role: "option",
      id: uniqueId("option"),
      class: "option",
      "aria-selected": String(selected),
      data: { value },
    };
    const pick = { click: () => this.pick(value) };
    return h(
      "div",
      { ...props, on: pick },
      h("span", { class: "option-tick" }, selected && icon("check")),
      h("span", {}, label, note && h("span", { class: "option-note" }, note)),
    );
  }

  point(index) {
    const options = [...this.list.querySelectorAll(".option")];
    this.at = options.length > 0 ? (index + options.length) % options.length : -1;
    options.forEach((option, each) => option.classList.toggle("is-pointed", each === this.at));
    const pointed = options[this.at];
    this.input.setAttribute("aria-activedescendant", pointed?.id ?? "");
    pointed?.scrollIntoView({ block: "nearest" });
  }

  pick(value) {
    if (this.multiple) {
      this.toggle(value);
      this.open();
      this.point(
        [...this.list.querySelectorAll(".option")].findIndex((option) => option.dataset.value === value),
      );
      return;
    }
    this.chosen = [value];
    this.close();
    this.onChange(this.chosen);
  }

  toggle(value) {
    if (this.chosen.includes(value)) this.chosen = this.chosen.filter((each) => each !== value);
    else if (this.chosen.length < this.most) this.chosen = [...this.chosen, value];
    this.show();
    this.input.focus();
    this.onChange(this.chosen);
  }

  close() {
    if (this.isOpen) this.closePopup();
  }

  closed() {
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.input.removeAttribute("aria-controls");
    this.show();
  }

  key(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (!this.isOpen) this.open();
      else this.point(this.at + (key === "ArrowDown" ? 1 : -1));
    } else if (key === "Enter") {
      const pointed = this.isOpen && this.list.querySelector(".is-pointed");
      if (pointed) this.pick(pointed.dataset.value);
      else this.open();
    } else if (key === "Escape" && this.isOpen) {
      this.close();
      event.stopPropagation();
    } else if (key === "Backspace" && this.multiple && this.input.value === "" && this.chosen.length > 0) {
      this.toggle(this.chosen.at(-1));
    } else return;
    event.preventDefault();
  }
}
