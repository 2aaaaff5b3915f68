/** Who and what the ids in messages stand for. */

import { go, state } from "./state.js";

/** @param {string} id */
export const person = (id) => state.users.get(id);

/** The name that others see, or undefined for an unknown id. @param {string} id */
export function userName(id) {
  const found = person(id);
  return found && (found.real_name || found.name);
}

/** @param {string} id */
export function channelName(id) {
  const found = state.channels.get(id);
  return found && (found.is_im ? userName(found.user) : found.name);
}

/** Shows a channel, if this person can see it. @param {string} id */
export function openChannel(id) {
  if (state.channels.has(id)) go({ channel: id });
}

/**
 * The message that an address names, if it is one of a channel that this person sees.
 * @param {string} address such as http://127.0.0.1:3000/archives/C0NPS/p1764576000000100
 */
export function messageAt(address) {
  const path = new URL(address, location.origin).pathname;
  const [, channel, seconds, parts] = path.match(/^\/archives\/(\w+)\/p(\d{10})(\d{6})$/) ?? [];
  return state.channels.has(channel) ? { path, channel, ts: `${seconds}.${parts}` } : null;
}

/** @returns {import("./select.js").Choice[]} */
export function userChoices() {
  return [...state.users.values()]
    .filter(({ deleted }) => !deleted)
    .map(({ id, profile }) => ({ value: id, label: userName(id), note: profile?.title || undefined }));
}

/** @returns {import("./select.js").Choice[]} */
export function channelChoices() {
  return [...state.channels.values()]
    .filter(({ is_im: direct, is_archived: archived }) => !direct && !archived)
    .map(({ id, name }) => ({ value: id, label: `#${name}` }));
}
