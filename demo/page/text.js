/** Slack's text objects: mrkdwn is read, plain_text is taken as it stands but for its :emoji: names. */

import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** @param {{type: string, text: string, emoji?: boolean, verbatim?: boolean}|undefined} object @returns {Node[]} */
export function textObject(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, object.verbatim);
  return [document.createTextNode(plain(object))];
}

/** The same as a string, for attributes and for what cannot hold elements. */
export function plain(object) {
  if (!object) return "";
  return object.emoji === false ? object.text : withEmoji(object.text);
}
