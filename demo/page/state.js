/**
 * What this person sees of the workspace, kept level with it: a snapshot first, then the events, both in the shapes
 * that demo/workspace.py describes. Whoever shows a part of it listens for its topic.
 */

/**
 * @typedef {{channel?: string, home?: true}} Place  one of the two; neither before anything is shown
 * @typedef {{channel: string, threadTs: string|null, message: any, isNew: boolean}} MessageNews  what "message" tells
 */

export const state = {
  team: { name: "" },
  me: /** @type {any} */ (null),
  app: { name: "app", user_id: "", connected: false, shortcuts: { global: {}, message: {} } },
  users: new Map(),
  channels: new Map(),
  ephemerals: [],
  views: [],
  home: null,
  log: [],
  place: /** @type {Place} */ ({}),
  thread: /** @type {string|null} */ (null),
  unread: /** @type {Map<string, number>} */ (new Map()),
};

const bus = new EventTarget();

/** @param {string} topic @param {(detail: any) => void} listener */
export const on = (topic, listener) =>
  bus.addEventListener(topic, (event) => listener(/** @type {CustomEvent} */ (event).detail));

/** @param {string} topic @param {any} [detail] */
export const emit = (topic, detail) => bus.dispatchEvent(new CustomEvent(topic, { detail }));

/** Shows another channel or App Home. @param {Place} place @param {string|null} [thread] ts of the thread to open */
export function go(place, thread = null) {
  state.place = place;
  if (place.channel) state.unread.delete(place.channel);
  emit("place");
  openThread(thread);
}

/** Goes to a message, wherever it stands. @param {string} channel @param {string} ts */
export const visit = (channel, ts) => emit("visit", { channel, ts });

/** Opens the thread of a message of the present channel, or closes the one that is open. @param {string|null} ts */
export function openThread(ts) {
  state.thread = ts;
  emit("thread");
}

/** @param {any} snapshot */
export function begin(snapshot) {
  const stranger = state.me?.id !== snapshot.me.id;
  const { team, me, app, views, home, log, ephemerals } = snapshot;
  Object.assign(state, { team, me, app, views, home, log, ephemerals });
  state.users = new Map(snapshot.users.map((user) => [user.id, user]));
  state.channels = new Map(snapshot.channels.map((channel) => [channel.id, channel]));
  if (stranger) state.unread = new Map();
  if (!state.channels.has(state.place.channel) && !state.place.home) Object.assign(state, { place: {}, thread: null });
  emit("snapshot", { stranger });
}

/** @param {any} event */
export function take(event) {
  TAKERS[event.type]?.(event);
}

/** The messages of a channel with what only this person sees among them, oldest first. @param {string} channelId */
export function messagesOf(channelId) {
  return merged(state.channels.get(channelId)?.messages ?? [], channelId, null);
}

/** A thread's parent and its replies. @param {string} channelId @param {string} ts */
export function threadOf(channelId, ts) {
  const parent = state.channels.get(channelId)?.messages.find((message) => message.ts === ts);
  return parent ? [parent, ...merged(parent.replies ?? [], channelId, ts)] : [];
}

function merged(messages, channelId, threadTs) {
  const mine = state.ephemerals.filter(
    (each) => each.channel === channelId && (each.thread_ts ?? null) === threadTs,
  );
  return [...messages, ...mine.map(({ message }) => message)].sort(
    (one, other) => Number(one.ts) - Number(other.ts),
  );
}

function listOf(channelId, threadTs) {
  const channel = state.channels.get(channelId);
  if (!channel || !threadTs) return channel?.messages;
  const parent = channel.messages.find(({ ts }) => ts === threadTs);
  return parent && (parent.replies ??= []);
}

/** The lists that a message stands in: the channel's, a thread's, or, for what is said in both, each of them. */
function placesOf(threadTs, message) {
  if (!threadTs || threadTs === message.ts) return [null];
  return message.subtype === "thread_broadcast" ? [threadTs, null] : [threadTs];
}

function posted({ channel, thread_ts: threadTs = null, message }) {
  for (const place of placesOf(threadTs, message)) postedIn(channel, place, message);
}

function postedIn(channel, threadTs, message) {
  const list = listOf(channel, threadTs);
  if (!list || list.some(({ ts }) => ts === message.ts)) return;
  list.push(message);
  const away = state.place.channel !== channel || document.hidden;
  if (!threadTs && away && message.user !== state.me.id) {
    state.unread.set(channel, (state.unread.get(channel) ?? 0) + 1);
    emit("unread");
  }
  emit("message", { channel, threadTs, message, isNew: true });
}

function changed({ channel, thread_ts: threadTs = null, message }) {
  for (const place of placesOf(threadTs, message)) {
    const list = listOf(channel, place);
    const at = list?.findIndex(({ ts }) => ts === message.ts) ?? -1;
    if (at < 0) continue;
    list[at] = { ...message, replies: list[at].replies };
    emit("message", { channel, threadTs: place, message: list[at], isNew: false });
  }
}

function deleted({ channel, thread_ts: threadTs = null, ts }) {
  for (const place of threadTs ? [threadTs, null] : [null]) {
    const list = listOf(channel, place);
    const at = list?.findIndex((message) => message.ts === ts) ?? -1;
    if (at < 0) continue;
    list.splice(at, 1);
    emit("gone", { channel, threadTs: place, ts });
  }
}

function ephemeral({ type, channel, thread_ts: threadTs = null, message }) {
  const others = state.ephemerals.filter(
    (each) => each.message.ts !== message.ts || each.channel !== channel,
  );
  state.ephemerals = [...others, { channel, thread_ts: threadTs, message }];
  emit("message", { channel, threadTs, message, isNew: type === "ephemeral_posted" });
}

function ephemeralGone({ channel, ts }) {
  const gone = state.ephemerals.find((each) => each.message.ts === ts && each.channel === channel);
  state.ephemerals = state.ephemerals.filter((each) => each !== gone);
  emit("gone", { channel, threadTs: gone?.thread_ts ?? null, ts });
}

function viewUpdated({ view }) {
  state.views = state.views.map((each) => (each.id === view.id ? view : each));
  emit("views");
}

const TAKERS = {
  message_posted: posted,
  message_changed: changed,
  message_deleted: deleted,
  ephemeral_posted: ephemeral,
  ephemeral_changed: ephemeral,
  ephemeral_deleted: ephemeralGone,
  view_opened({ view }) {
    state.views = [...state.views.filter(({ id }) => id !== view.id), view];
    emit("views");
  },
  view_updated: viewUpdated,
  view_closed({ view_id: gone }) {
    state.views = state.views.filter(({ id }) => id !== gone);
    emit("views");
  },
  home_published({ view }) {
    state.home = view;
    emit("home");
  },
  app_changed({ app }) {
    state.app = app;
    emit("app");
  },
  log({ entry }) {
    state.log = [...state.log, entry].slice(-200);
    emit("log", entry);
  },
  user_error({ sentence }) {
    emit("trouble", sentence);
  },
};
