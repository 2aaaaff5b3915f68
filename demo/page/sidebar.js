/** The left of the page: channels, the app, who one is, and how the page looks. */

import { fill, h } from "./dom.js";
import { icon, mark } from "./icons.js";
import { connect } from "./live.js";
import { avatar } from "./message.js";
import { menuOn } from "./popup.js";
import { closeSide, NARROW } from "./side.js";
import { userName } from "./directory.js";
import { go, on, state } from "./state.js";
import { themeButton } from "./theme.js";

const team = h("p", { class: "team" });
const channels = h("ul", { class: "places" });
const apps = h("ul", { class: "places" });
const me = h("button", { type: "button", class: "me" });
const logCount = h("span", { class: "count" });

/** @type {HTMLElement} */
export const sidebar = h("div", { class: "sidebar", id: "sidebar" });
const shade = h("div", { class: "shade", hidden: true, on: { click: () => drawer(false) } });

/** @param {{openRespond: () => void, openLog: () => void, openGuide: () => void}} openers */
export function setUpSidebar({ openRespond, openLog, openGuide }) {
  const quiet = (name, label, press, ...more) =>
    h(
      "button",
      {
        type: "button",
        class: "btn btn-quiet",
        on: {
          click: () => {
            drawer(false);
            press();
          },
        },
      },
      icon(name),
      label,
      more,
    );
  menuOn(me, people);
  sidebar.append(
    h(
      "header",
      { class: "brand" },
      mark(),
      h("div", {}, team, h("p", { class: "brand-note" }, "Local demo, no account")),
    ),
    h(
      "button",
      {
        type: "button",
        class: "btn btn-primary btn-wide",
        on: {
          click: () => {
            drawer(false);
            openRespond();
          },
        },
      },
      icon("plus"),
      "Send a response yourself",
    ),
    h("nav", { "aria-label": "Workspace" }, h("h2", {}, "Channels"), channels, h("h2", {}, "Apps"), apps),
    h(
      "footer",
      { class: "sidebar-foot" },
      h(
        "div",
        { class: "sidebar-tools" },
        quiet("log", "Log", openLog, logCount),
        quiet("guide", "Guide", openGuide),
        themeButton(),
      ),
      h("p", { class: "me-label", id: "me-label" }, "You are"),
      me,
    ),
  );
  sidebar.addEventListener("keydown", (event) => event.key === "Escape" && drawer(false));
  document.body.append(shade);
  for (const topic of ["snapshot", "place", "unread", "app"]) on(topic, show);
  for (const topic of ["snapshot", "log"])
    on(topic, () => {
      logCount.textContent = state.log.length || "";
    });
  on("drawer", drawer);
  NARROW.addEventListener("change", () => drawer(false));
  drawer(false);
}

function show() {
  team.textContent = state.team.name;
  const focused = sidebar.contains(document.activeElement) && document.activeElement.dataset.place;
  const all = [...state.channels.values()];
  fill(channels, all.filter(({ is_im: direct }) => !direct).map(channelRow));
  const direct = all.find(({ is_im: im, user }) => im && user === state.app.user_id);
  const current = state.place.home || (direct && state.place.channel === direct.id);
  const unread = direct ? state.unread.get(direct.id) : 0;
  const status = h(
    "span",
    { class: state.app.connected ? "status status-on" : "status" },
    h("span", { class: "sr-only" }, state.app.connected ? "connected" : "not connected"),
  );
  fill(
    apps,
    row(
      "app",
      [avatar({ is_bot: true }), state.app.name, status],
      current,
      unread ? { channel: direct.id } : { home: true },
      unread,
    ),
  );
  fill(
    me,
    avatar(state.me),
    h(
      "span",
      { class: "me-words" },
      h("span", {}, userName(state.me.id)),
      h("span", { class: "me-title" }, titleOf(state.me)),
    ),
    icon("down"),
  );
  me.setAttribute("aria-label", `You are ${userName(state.me.id)}. Be somebody else`);
  if (focused) sidebar.querySelector(`[data-place="${CSS.escape(focused)}"]`)?.focus();
}

function channelRow({ id, name, is_archived: archived }) {
  const words = [
    h("span", { class: "hash", "aria-hidden": "true" }, "#"),
    name,
    archived && h("span", { class: "badge badge-quiet" }, "archived"),
  ];
  return row(id, words, state.place.channel === id, { channel: id }, state.unread.get(id) ?? 0);
}

function row(key, words, current, place, unread) {
  const count =
    unread > 0 && h("span", { class: "unread" }, unread, h("span", { class: "sr-only" }, " unread"));
  const visit = {
    click: () => {
      drawer(false);
      if (NARROW.matches) closeSide("respond");
      go(place);
    },
  };
  const props = {
    type: "button",
    class: unread > 0 ? "place is-unread" : "place",
    data: { place: key },
    on: visit,
  };
  return h("li", {}, h("button", { ...props, "aria-current": current ? "page" : null }, words, count));
}

function people() {
  return [...state.users.values()]
    .filter(({ is_bot: bot, deleted }) => !bot && !deleted)
    .map((user) => ({
      label: [avatar(user), userName(user.id)],
      description: titleOf(user),
      current: user.id === state.me.id,
      choose: () => become(user.id),
    }));
}

function titleOf({ is_restricted: guest, profile }) {
  const title = profile?.title ?? "";
  return guest && !/guest/i.test(title) ? ["Guest", title].filter(Boolean).join(", ") : title;
}

function become(id) {
  const address = new URL(location.href);
  address.searchParams.set("user", id);
  history.replaceState(null, "", address);
  connect(id);
}

function drawer(open) {
  const shown = open && NARROW.matches;
  sidebar.classList.toggle("is-open", shown);
  sidebar.inert = NARROW.matches && !shown;
  shade.hidden = !shown;
  if (shown) sidebar.querySelector(".place")?.focus();
  else if (NARROW.matches) document.querySelector(".only-narrow")?.focus({ preventScroll: true });
}
