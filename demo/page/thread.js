/** The thread beside the channel: a message, its replies, and where to write one. */

import { Composer } from "./composer.js";
import { channelName } from "./directory.js";
import { h } from "./dom.js";
import { MessageList } from "./messages.js";
import { addPanel, closeSide, openSide } from "./side.js";
import { on, openThread, state, threadOf } from "./state.js";

const list = new MessageList({ label: "Thread", inThread: true });
const composer = new Composer({
  label: "Reply",
  target: () => ({ channel: state.place.channel, threadTs: state.thread }),
});
let note = null;

/** Puts the panel beside the messages and follows what is said in the open thread. */
export function setUpThread() {
  note = addPanel("thread", "Thread", [h("div", { class: "thread" }, list.node, composer.node)], () => {
    if (state.thread) openThread(null);
  });
  on("thread", show);
  on("snapshot", ({ stranger }) => {
    if (!state.thread) return;
    const messages = threadOf(state.place.channel, state.thread);
    if (messages.length === 0) openThread(null);
    else if (stranger) list.show(state.place.channel, messages);
    else list.sync(messages);
  });
  on("message", ({ channel, threadTs, message }) => {
    if (!state.thread || channel !== state.place.channel) return;
    if (threadTs === state.thread || message.ts === state.thread)
      list.put(message, { own: message.user === state.me.id });
  });
  on("gone", ({ threadTs, ts }) => {
    if (ts === state.thread) openThread(null);
    else if (threadTs === state.thread) list.remove(ts);
  });
}

function show() {
  if (!state.thread) {
    list.show("", []);
    return void closeSide("thread");
  }
  const channel = state.place.channel;
  note.textContent = `#${channelName(channel)}`;
  openSide("thread");
  list.show(channel, threadOf(channel, state.thread));
  composer.show("Reply …");
  composer.box.focus({ preventScroll: true });
}
