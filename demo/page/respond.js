/** The panel in which a visitor is the customer: it delivers a response to the bot's webhook and shows the answer. */

import { fill, h } from "./dom.js";
import { addPanel, openSide } from "./side.js";
import { emit } from "./state.js";

const EXAMPLES = [
  [
    3,
    "The delivery came two weeks late and nobody told us. We had to send our fitters home.",
    "Anna Berg",
    "Nordlys AB",
  ],
  [
    9,
    "Support answered within minutes, on a Sunday. I have already told two colleagues.",
    "Tomás Ferreira",
    "Casa Verde",
  ],
  [7, "Solid product, but the invoices are hard to read.", "Mireille Laurent", "Atelier Laurent"],
  [0, "Charged twice in March, and still no refund.", "Jonas Weber", "Weber Holzbau"],
  [10, "Everyone on the team liked it from the first day.", "Aoife Byrne", "Harbour Books"],
];

const outcome = h("div", { class: "outcome", role: "status" });
const form = h("form", { class: "respond", on: { submit } });
let next = 0;

/** Puts the panel beside the messages. */
export function setUpRespond() {
  const field = (name, label, props = {}) => {
    const tag = props.rows ? "textarea" : "input";
    return h(
      "label",
      { class: "field" },
      h("span", {}, label),
      h(tag, { class: "field-box", name, autocomplete: "off", ...props }),
    );
  };
  form.append(
    h(
      "p",
      { class: "respond-intro" },
      "Be the customer for a moment. This goes to the bot's own webhook, just as a survey tool would send it.",
    ),
    h(
      "fieldset",
      { class: "scores" },
      h("legend", {}, "How likely are you to recommend us?"),
      h(
        "div",
        { class: "score-row" },
        Array.from({ length: 11 }, (_, score) =>
          h(
            "label",
            {},
            h("input", { type: "radio", name: "score", value: String(score), required: true }),
            h("span", {}, score),
          ),
        ),
      ),
      h(
        "div",
        { class: "score-ends", "aria-hidden": "true" },
        h("span", {}, "Not at all"),
        h("span", {}, "Extremely"),
      ),
    ),
    field("comment", "What is the main reason for your score?", { rows: 4 }),
    field("name", "Your name"),
    field("company", "Your company"),
    field("email", "Your email (optional)", { type: "email" }),
    h(
      "div",
      { class: "respond-foot" },
      h("button", { type: "submit", class: "btn btn-primary" }, "Send response"),
      h("button", { type: "button", class: "btn btn-quiet", on: { click: fillIn } }, "Fill in an example"),
    ),
    outcome,
  );
  addPanel("respond", "Send a response yourself", [form], () => {});
}

/** Shows the panel and goes to the scores. */
export function openRespond() {
  openSide("respond");
  form.querySelector("[name=score]:checked, [name=score]").focus();
}

function fillIn() {
  const [score, comment, name, company] = EXAMPLES[next++ % EXAMPLES.length];
  form.elements.score.value = String(score);
  form.elements.comment.value = comment;
  form.elements.name.value = name;
  form.elements.company.value = company;
  form.elements.email.value = "";
}

async function submit(event) {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  const given = Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value),
  );
  try {
    const answer = await fetch("/demo/response", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...given, score: Number(given.score) }),
    });
    show(await answer.json());
  } catch (problem) {
    fill(outcome, h("p", { class: "outcome-bad" }, `The demo cannot be reached: ${problem.message}`));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** @param {{status: number, body: any}} answer what the webhook said */
function show({ status, body }) {
  const taken = status >= 200 && status < 300;
  const words = taken
    ? "The bot has stored it. Its card is on the way to the channel."
    : "The webhook did not take it.";
  fill(
    outcome,
    h("p", { class: taken ? "outcome-good" : "outcome-bad" }, h("strong", {}, `${status} `), words),
    h("pre", {}, h("code", {}, JSON.stringify(body, null, 2))),
  );
  if (!taken) return;
  form.reset();
  emit("sent");
}
