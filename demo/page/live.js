/** The line to the workspace: events come in by themselves, what the person does goes out and is answered. */

import { begin, emit, take } from "./state.js";

const PATIENCE = [250, 500, 1000, 2000, 4000]; // milliseconds before each further try to connect

let socket = null;
let asked = 0;
let failures = 0;
const waiting = new Map(); // number of a question → what resolves it

/** Connects as a user, or as the workspace's first one; goes on for ever, whatever breaks. @param {string|null} user */
export function connect(user) {
  const previous = socket;
  socket = null;
  previous?.close();
  abandon();
  const address = new URL("/demo/live", location.origin);
  address.protocol = address.protocol.replace("http", "ws");
  if (user) address.searchParams.set("user", user);
  const mine = new WebSocket(address);
  socket = mine;
  mine.addEventListener("message", ({ data }) => socket === mine && receive(JSON.parse(data)));
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    abandon();
    emit("connection", false);
    setTimeout(() => socket === mine && connect(user), PATIENCE[Math.min(failures++, PATIENCE.length - 1)]);
  });
}

/**
 * Does something in the workspace as this person.
 * @param {{do: string}} action such as {do: "click", channel, ts, action_id, block_id, value}
 * @returns {Promise<{ok: boolean, error?: string, errors?: Object<string, string>}>} never rejects
 */
export function act(action) {
  if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve({ ok: false, error: "not_connected" });
  asked += 1;
  socket.send(JSON.stringify({ ...action, id: asked }));
  emit("acted", action);
  return new Promise((resolve) => waiting.set(asked, resolve));
}

function receive({ snapshot, event, reply, ack }) {
  if (snapshot) {
    failures = 0;
    begin(snapshot);
    emit("connection", true);
  } else if (event) take(event);
  else if (reply) {
    waiting.get(reply)?.(ack);
    waiting.delete(reply);
  }
}

function abandon() {
  for (const resolve of waiting.values()) resolve({ ok: false, error: "not_connected" });
  waiting.clear();
}
