/** The middle of the page: the channel's name, its messages and where to write. */

import { Composer } from "./composer.js";
import { channelName, userName } from "./directory.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { homeView } from "./home.js";
import { avatar } from "./message.js";
import { MessageList } from "./messages.js";
import { emit, go, messagesOf, on, openThread, state } from "./state.js";

const list = new MessageList({ label: "Messages", inThread: false });
export const composer = new Composer({
  label: "Message",
  target: () => ({ channel: state.place.channel, threadTs: null }),
});
const title = h("h1", { tabIndex: -1 });
const topic = h("p", { class: "topic" });
const tabs = h("nav", { class: "tabs", "aria-label": "App", hidden: true });
const people = h("div", { class: "members" });
const menu = h(
  "button",
  {
    type: "button",
    class: "btn btn-icon btn-quiet only-narrow",
    "aria-label": "Channels and settings",
    on: { click: () => emit("drawer", true) },
  },
  icon("menu"),
);
const header = h(
  "header",
  { class: "channel-head" },
  menu,
  h("div", { class: "channel-name" }, title, topic),
  tabs,
  people,
);
const room = h("div", { class: "room" }, list.node, composer.node);
const skips = [
  skip("To the newest message", () => list.newest()),
  skip("To the message field", () => composer.box.focus()),
];
const skipToHome = skip("To App Home", () => homeView.querySelector(".home").focus());

let shown = null;

/** @returns {HTMLElement[]} what the middle of the page holds */
export function setUpChannel() {
  document.body.prepend(...skips, skipToHome);
  on("place", show);
  on("snapshot", ({ stranger }) => {
    const { channel } = state.place;
    if (stranger || channel !== shown) shown = null;
    else if (channel) list.sync(messagesOf(channel));
    show();
  });
  on("message", ({ channel, threadTs, message }) => {
    if (channel === shown && !threadTs) list.put(message, { own: message.user === state.me.id });
  });
  on("visit", visited);
  on("gone", ({ channel, threadTs, ts }) => channel === shown && !threadTs && list.remove(ts));
  return [header, homeView, room];
}

function visited({ channel, ts }) {
  const parent = state.channels
    .get(channel)
    ?.messages.find(({ replies = [] }) => replies.some((reply) => reply.ts === ts));
  if (state.place.channel !== channel) go({ channel });
  list.reveal(parent?.ts ?? ts);
  if (parent) openThread(parent.ts);
}

function show() {
  const { channel } = state.place;
  room.hidden = !channel;
  for (const each of skips) each.hidden = !channel;
  skipToHome.hidden = Boolean(channel);
  showHead();
  if (!channel || shown === channel) return void (shown = channel ?? null);
  shown = channel;
  list.show(channel, messagesOf(channel));
  showIntro();
  const { is_archived: archived, is_member: member, is_im: direct } = state.channels.get(channel);
  const closed = archived
    ? "This channel is archived."
    : !member && !direct && "You are not in this channel, so you can only read.";
  composer.show(`Message ${direct ? "" : "#"}${channelName(channel)}, or type / for commands`, closed || "");
}

function showHead() {
  const direct = [...state.channels.values()].find(({ is_im: im, user }) => im && user === state.app.user_id);
  const channel = state.channels.get(state.place.channel);
  const isApp = state.place.home || (direct && channel === direct);
  fill(
    title,
    isApp
      ? state.app.name
      : [
          !channel?.is_im && h("span", { class: "hash", "aria-hidden": "true" }, "#"),
          channelName(channel?.id) ?? "",
        ],
  );
  topic.textContent = isApp ? "" : (channel?.topic ?? "");
  tabs.hidden = !isApp || !direct;
  fill(tabs, !tabs.hidden && [tab("Home", { home: true }), tab("Messages", { channel: direct.id })]);
  const members = (channel?.is_im ? [] : (channel?.members ?? []))
    .map((id) => state.users.get(id))
    .filter(Boolean);
  people.title = members.map(({ id }) => userName(id)).join(", ");
  fill(
    people,
    members.length > 0 && [
      members.slice(0, 4).map(avatar),
      h("span", {}, members.length, h("span", { class: "sr-only" }, " members")),
    ],
  );
}

function tab(label, place) {
  const current = Boolean(place.home) === Boolean(state.place.home);
  return h(
    "button",
    { type: "button", class: "tab", "aria-current": current ? "page" : null, on: { click: () => go(place) } },
    label,
  );
}

/** A way past everything else, which shows while it has the focus. */
function skip(label, press) {
  return h("button", { type: "button", class: "skip", on: { click: press } }, label);
}

function showIntro() {
  const { is_im: direct, purpose } = state.channels.get(shown);
  const name = direct ? channelName(shown) : `#${channelName(shown)}`;
  fill(list.intro, h("h2", {}, name), h("p", {}, direct ? `What ${name} has to tell you alone.` : purpose || `This is where ${name} begins.`));
}
