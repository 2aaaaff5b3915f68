/** Puts the page together. */

import { setUpChannel } from "./channel.js";
import { channelName, messageAt } from "./directory.js";
import { fill } from "./dom.js";
import { setUpGuide, toggleGuide } from "./guide.js";
import { setUpHome } from "./home.js";
import { connect } from "./live.js";
import { setUpLog, toggleLog } from "./log.js";
import { setUpModals } from "./modal.js";
import { openRespond, setUpRespond } from "./respond.js";
import { side } from "./side.js";
import { setUpSidebar, sidebar } from "./sidebar.js";
import { emit, go, on, state, visit } from "./state.js";
import { setUpThread } from "./thread.js";
import { setUpTrouble } from "./trouble.js";

setUpHome();
const middle = setUpChannel();
const guide = setUpGuide();
setUpThread();
setUpRespond();
setUpModals();
setUpTrouble();
setUpSidebar({ openRespond, openLog: toggleLog, openGuide: toggleGuide });
fill(document.querySelector(".main"), guide, middle, setUpLog());
document.querySelector(".app").prepend(sidebar);
document.querySelector(".app").append(side);
on("snapshot", () => state.place.channel || state.place.home || settle());
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !state.place.channel) return;
  state.unread.delete(state.place.channel);
  emit("unread");
});
for (const topic of ["snapshot", "place", "unread"]) on(topic, nameTab);

/** Shows the message that the address names, else the first channel in which the app has spoken. */
function settle() {
  const message = messageAt(location.href);
  if (message) return void visit(message.channel, message.ts);
  const all = [...state.channels.values()];
  const rooms = all.filter(({ is_im: direct, is_member: member }) => member && !direct);
  const first = rooms.find(({ messages }) => messages.some(({ user }) => user === state.app.user_id)) ?? rooms[0];
  go(first ? { channel: first.id } : { home: true });
}

/** The tab says where one is, and how much is unread elsewhere. */
function nameTab() {
  const unread = [...state.unread.values()].reduce((sum, each) => sum + each, 0);
  const { channel } = state.place;
  const place = channel ? channelName(channel) : state.app.name;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${place ?? ""} · ${state.team.name}`;
}

connect(new URL(location.href).searchParams.get("user"));
