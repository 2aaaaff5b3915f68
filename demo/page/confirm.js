/** Asks before something happens: a button's or a menu's `confirm`. */

import { h } from "./dom.js";
import { textObject } from "./text.js";

/**
 * @param {{title: object, text: object, confirm: object, deny: object, style?: "primary"|"danger"}} asked Slack's object
 * @returns {Promise<boolean>} whether the person went ahead
 */
export function confirmed(asked) {
  const dialog = h(
    "dialog",
    { class: "dialog dialog-confirm", "aria-labelledby": "confirm-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "confirm-title" }, textObject(asked.title)),
      h("p", {}, textObject(asked.text)),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { value: "deny", class: "btn" }, textObject(asked.deny)),
        h(
          "button",
          { value: "confirm", class: `btn btn-${asked.style ?? "primary"}` },
          textObject(asked.confirm),
        ),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "confirm");
    });
  });
}
