/** The strip that says what there is to do here, and ticks off what has been done. */

import { composer } from "./channel.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { openRespond } from "./respond.js";
import { go, on, openThread, state, visit } from "./state.js";
import { toast } from "./trouble.js";

const KEY = "npsbot-demo-guide";
const CARD = "nps_response";
const CLAIM = "claim_callback";
const RELEASE = "release_callback";
const LOG = "log_call";
const DIGEST = "nps_digest";

const STEPS = [
  {
    name: "arrives",
    label: "A response arrives",
    hint: "Wait for one, or send one yourself.",
    show: openRespond,
  },
  {
    name: "claimed",
    label: "Claim it",
    hint: "Press Claim on a card: the callback is yours.",
    show: () => toCard(CLAIM),
  },
  {
    name: "logged",
    label: "Log the call",
    hint: "Say how the call went, from a card you hold.",
    show: () => toCard(LOG),
  },
  {
    name: "read",
    label: "Read the thread",
    hint: "What the customer said is in the card's thread.",
    show: toThread,
  },
  {
    name: "digest",
    label: "See the digest",
    hint: "Send /nps digest for the report that leaders get.",
    show: toDigest,
  },
];

const saved = JSON.parse(localStorage.getItem(KEY) ?? "{}");
const done = new Set(saved.done ?? []);
const tried = new Set(); // steps that the reader has tried: what the app then says tells whether they are done
const held = new Set(); // ts of the cards that the reader holds
const steps = h("ol", { class: "guide-steps" });
const hint = h("p", { class: "guide-hint" });
const hide = h(
  "button",
  {
    type: "button",
    class: "btn btn-icon btn-quiet",
    "aria-label": "Hide the guide",
    on: { click: () => hidden(true) },
  },
  icon("close"),
);
const node = h(
  "section",
  { class: "guide", "aria-label": "Guide", hidden: Boolean(saved.hidden) },
  steps,
  hint,
  hide,
);

/** @returns {HTMLElement} the strip */
export function setUpGuide() {
  on("message", heard);
  on("snapshot", begun);
  on("place", seeDigest);
  on("thread", readNow);
  on("acted", acted);
  show();
  return node;
}

/** Shows the strip again, or hides it. */
export const toggleGuide = () => hidden(!node.hidden);

function acted({ do: deed, action_id: button, view_id: view, text }) {
  if (button === CLAIM) tried.add("claimed");
  if (deed === "submit" && state.views.find(({ id }) => id === view)?.callback_id === LOG) tried.add("logged");
  if (deed === "command") tried[text.startsWith("digest") ? "add" : "delete"]("digest");
}

/** A step is done once the app says so: the card that one holds it, the thread how one's call went. */
function heard({ channel, threadTs, message, isNew }) {
  if (isCard(message)) {
    if (isNew) tick("arrives");
    hold(message);
  }
  if (!isNew) return;
  const told = threadTs && !message.is_ephemeral && message.user === state.app.user_id;
  if (told && namesMe(message) && tried.has("logged")) {
    tick("claimed");
    tick("logged");
  }
  if (message.is_ephemeral && tried.has("digest") && message.blocks?.some(({ type }) => type === "header"))
    tick("digest");
  if (threadTs && threadTs === state.thread && channel === state.place.channel) readNow();
  seeDigest();
}

/** After a break, what is there by now tells what was missed; somebody else has tried nothing yet. */
function begun({ stranger }) {
  if (stranger) [tried, held].forEach((each) => each.clear());
  cards().forEach(({ message }) => hold(message));
}

function hold(card) {
  const mine = isMine(card);
  if (mine && !held.has(card.ts) && tried.has("claimed")) tick("claimed");
  held[mine ? "add" : "delete"](card.ts);
}

function seeDigest() {
  const { messages = [] } = state.channels.get(state.place.channel) ?? {};
  if (messages.some(({ metadata }) => metadata?.event_type === DIGEST)) tick("digest");
}

function readNow() {
  const open = cards().find(({ message }) => message.ts === state.thread);
  if (open?.message.reply_count > 0 || open?.message.replies?.length > 0) tick("read");
}

function tick(name) {
  if (!name || done.has(name)) return;
  done.add(name);
  keep();
  show();
}

function hidden(now) {
  node.hidden = now;
  keep();
}

function keep() {
  localStorage.setItem(KEY, JSON.stringify({ done: [...done], hidden: node.hidden }));
}

function show() {
  const current = STEPS.find(({ name }) => !done.has(name));
  node.classList.toggle("is-complete", !current);
  hint.textContent = current?.hint ?? "That is the whole loop. Now be somebody else.";
  fill(
    steps,
    STEPS.map(({ name, label, show: open }, index) => {
      const ticked = done.has(name);
      const number = h("span", { class: "guide-number" }, ticked ? icon("check") : index + 1);
      const button = h(
        "button",
        { type: "button", on: { click: open } },
        number,
        label,
        ticked && h("span", { class: "sr-only" }, " (done)"),
      );
      const stage = ticked ? "is-done" : name === current?.name && "is-current";
      return h("li", { class: stage, "aria-current": name === current?.name ? "step" : null }, button);
    }),
  );
}

/** All cards that this person sees, oldest first. */
function cards() {
  const all = [...state.channels.values()].flatMap(({ id, messages }) =>
    messages.map((message) => ({ channel: id, message })),
  );
  return all.filter(({ message }) => isCard(message));
}

const isCard = ({ metadata }) => metadata?.event_type === CARD;

/** Whether a message has a button or menu with this action_id. */
function offers({ blocks = [] }, actionId) {
  return blocks.some(({ elements = [] }) => elements.some((each) => each.action_id === actionId));
}

/** Whether a card's callback is held by the reader. */
function isMine(message) {
  return offers(message, RELEASE) && namesMe(message);
}

/** Whether the app itself names the reader: customers' words are rich text, in which nobody is mentioned. */
function namesMe({ blocks = [] }) {
  return blocks.some(({ type, text }) => type === "section" && text?.text.includes(`<@${state.me.id}>`));
}

function toCard(actionId) {
  const found = cards().filter(({ message }) => offers(message, actionId));
  const mine = found.findLast(({ message }) => isMine(message));
  goTo(mine ?? found.at(-1), "No card is there for that yet. Send a response first.");
}

function toThread() {
  const found = cards().findLast(({ message }) => message.reply_count > 0);
  goTo(found, "No thread has been written yet. Log a call first.");
  if (found) openThread(found.message.ts);
}

function toDigest() {
  const channel = cards().at(-1)?.channel ?? state.place.channel ?? state.channels.keys().next().value;
  go({ channel });
  composer.suggest("/nps digest");
}

function goTo(card, otherwise) {
  if (card) visit(card.channel, card.message.ts);
  else toast(otherwise);
}
