/** Puts the page together. */

import { setUpChannel } from "./channel.js";
import { channelName } from "./directory.js";
import { fill } from "./dom.js";
import { setUpGuide, toggleGuide } from "./guide.js";
import { setUpHome } from "./home.js";
import { connect } from "./live.js";
import { setUpLog, toggleLog } from "./log.js";
import { setUpModals } from "./modal.js";
import { openRespond, setUpRespond } from "./respond.js";
import { side } from "./side.js";
import { setUpSidebar, sidebar } from "./sidebar.js";
import { emit, go, on, state } from "./state.js";
import { setUpThread } from "./thread.js";
import { setUpTrouble } from "./trouble.js";

let connected = false;

on("snapshot", () => {
  const here = state.place.channel && state.channels.has(state.place.channel);
  if (here || (state.place.home && connected)) return;
  const rooms = [...state.channels.values()].filter(
    ({ is_im: direct, is_member: member }) => member && !direct,
  );
  const first =
    rooms.find(({ messages }) => messages.some(({ user }) => user === state.app.user_id)) ?? rooms[0];
  go(first ? { channel: first.id } : { home: true });
});
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
on("connection", (stands) => {
  connected ||= stands;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !state.place.channel) return;
  state.unread.delete(state.place.channel);
  emit("unread");
});
for (const topic of ["snapshot", "place", "unread"]) on(topic, nameTab);

/** The tab says where one is, and how much is unread elsewhere. */
function nameTab() {
  const unread = [...state.unread.values()].reduce((sum, each) => sum + each, 0);
  const { channel } = state.place;
  const place = channel ? channelName(channel) : state.app.name;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}${place ?? ""} · ${state.team.name}`;
}

connect(new URL(location.href).searchParams.get("user"));
